import { setTimeout as sleep } from "node:timers/promises";
import { eachDue, type Parts, type Running } from "@partake/service";
import type { Cause, Transaction } from "@partake/store";
import { goWith } from "./domain/enrolment.ts";
import { contactScopeChanged, participationChanged } from "./outcomes.ts";
import { contacts } from "./store/contacts.ts";
import { type ParticipationRecord, participations } from "./store/participations.ts";
import { type ProjectRemovalRecord, projectRemovals } from "./store/project-removals.ts";

const atOnce = 50;
const removalsAtOnce = 10;
const pauseMs = 2_000;
const leaseMs = 60_000;
const cause: Cause = { actorId: "service:contacts", traceparent: undefined };

type RemovalParts = Pick<Parts, "store" | "clock" | "log">;

/**
 * Takes everybody out of projects that were removed for good: participations end, the enrolment's worker undoes what belongs to
 * them, and contacts no longer name the project. Each piece is a transaction that finds what is left, so after a crash the next
 * one goes on. Nobody comes in meanwhile: for thirty days the project was deleted for everybody who asked. (P6)
 */
export function removals(parts: RemovalParts): Running {
  const { store } = parts;
  const oldest = { limit: removalsAtOnce, sort: { removedAt: 1 } } as const;
  return store.lead(
    "project-removals",
    async (signal) => {
      while (!signal.aborted) {
        await eachDue(parts, {
          name: "project-removals",
          find: (_id) => store.find(projectRemovals, { pending: true, _id }, oldest),
          work: (removal) => empty(parts, removal, signal),
          signal,
        });
        await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
      }
    },
    { leaseMs },
  );
}

async function empty({ store, log }: RemovalParts, removal: ProjectRemovalRecord, signal: AbortSignal): Promise<void> {
  const { _id: projectId, organisationId } = removal;
  for (const piece of [endPiece, forgetPiece]) {
    for (let found = atOnce; found === atOnce; ) {
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

async function endPiece(tx: Transaction, { organisationId, projectId }: Of): Promise<number> {
  const open = await tx.find(participations, { organisationId, projectId, open: true }, { limit: atOnce });
  for (const participation of open) {
    const changes: Partial<ParticipationRecord> = goWith(participation, "project_removed");
    const changed = await tx.update(participations, participation, {
      ...{ ...changes, pending: true, nextAttemptAt: tx.now },
    });
    tx.emit(participationChanged(changed));
    const ended = { organisationId, subjectId: participation._id, scope: projectId } as const;
    tx.audit({ action: "participation.ended", ...ended, cause: "project_removed" });
  }
  return open.length;
}

async function forgetPiece(tx: Transaction, { organisationId, projectId }: Of): Promise<number> {
  const naming = { organisationId, contactProjectIds: projectId };
  const found = await tx.find(contacts, naming, { limit: atOnce });
  for (const contact of found) {
    const contactProjectIds = contact.contactProjectIds.filter((id) => id !== projectId);
    tx.emit(contactScopeChanged(await tx.update(contacts, contact, { contactProjectIds })));
  }
  return found.length;
}
