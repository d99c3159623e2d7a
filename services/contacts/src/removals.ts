import { setTimeout as sleep } from "node:timers/promises";
import { eachDue, type Parts, type Running } from "@partake/service";
import type { Cause, Transaction } from "@partake/store";
import { endPiece, PIECE } from "./ending.ts";
import { contactScopeChanged } from "./outcomes.ts";
import { type ContactRemovalRecord, contactRemovals } from "./store/contact-removals.ts";
import { contacts } from "./store/contacts.ts";
import { type ProjectRemovalRecord, projectRemovals } from "./store/project-removals.ts";

const removalsAtOnce = 10;
const pauseMs = 2_000;
const leaseMs = 60_000;
const cause: Cause = { actorId: "service:contacts", traceparent: undefined };

type RemovalParts = Pick<Parts, "store" | "clock" | "log">;

/**
 * Ends what deleted contacts still take part in, and takes everybody out of projects that were removed for good: participations end,
 * the enrolment's worker undoes what belongs to them, and contacts no longer name the project. Each piece is a transaction that finds
 * what is left, so after a crash the next one goes on. Nobody comes in meanwhile: for thirty days the project was deleted for everybody
 * who asked, and an enrolment of a contact that is gone is refused. (P6)
 */
export function removals(parts: RemovalParts): Running {
  const { store } = parts;
  const oldest = { limit: removalsAtOnce, sort: { removedAt: 1 } } as const;
  return store.lead(
    "removals",
    async (signal) => {
      while (!signal.aborted) {
        await eachDue(parts, {
          name: "project-removals",
          find: (_id) => store.find(projectRemovals, { pending: true, _id }, oldest),
          work: (removal) => empty(parts, removal, signal),
          signal,
        });
        await eachDue(parts, {
          name: "contact-removals",
          find: (_id) => store.find(contactRemovals, { _id }, oldest),
          work: (removal) => endAll(parts, removal, signal),
          signal,
        });
        await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
      }
    },
    { leaseMs },
  );
}

async function endAll({ store }: RemovalParts, removal: ContactRemovalRecord, signal: AbortSignal): Promise<void> {
  const { _id: contactId } = removal;
  for (let found = PIECE; found === PIECE; ) {
    if (signal.aborted) return;
    await store.write(cause, async (tx) => {
      found = (await endPiece(tx, { contactId }, "contact_deleted")).length;
      const current = await tx.get(contactRemovals, contactId);
      if (current && found < PIECE) await tx.remove(contactRemovals, current);
      return contactId;
    });
  }
}

async function empty({ store, log }: RemovalParts, removal: ProjectRemovalRecord, signal: AbortSignal): Promise<void> {
  const { _id: projectId, organisationId } = removal;
  const end = async (tx: Transaction, of: Of) => (await endPiece(tx, of, "project_removed")).length;
  for (const piece of [end, forgetPiece]) {
    for (let found = PIECE; found === PIECE; ) {
      if (signal.aborted) return;
      await store.write(cause, async (tx) => {
        found = await piece(tx, { organisationId, projectId });
        return projectId;
      });
    }
  }
  await store.write(cause, async (tx) => {
    const current = await tx.get(projectRemovals, projectId);
    if (current?.pending) await tx.update(projectRemovals, current, { pending: false });
    return projectId;
  });
  log.info({ projectId }, "nobody takes part in a removed project any more");
}

interface Of {
  organisationId: string;
  projectId: string;
}

async function forgetPiece(tx: Transaction, { organisationId, projectId }: Of): Promise<number> {
  const naming = { organisationId, contactProjectIds: projectId };
  const found = await tx.find(contacts, naming, { limit: PIECE });
  for (const contact of found) {
    const contactProjectIds = contact.contactProjectIds.filter((id) => id !== projectId);
    tx.emit(contactScopeChanged(await tx.update(contacts, contact, { contactProjectIds })));
  }
  return found.length;
}
