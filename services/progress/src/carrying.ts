import { setTimeout as sleep } from "node:timers/promises";
import { eachDue, type Parts, type Running } from "@partake/service";
import { type Cause, type Transaction, trusted } from "@partake/store";
import { eachBatch, eachEntry } from "./batches.ts";
import { type ContactScope, scopeTold, type ToldScope } from "./contacts.ts";
import { type ContactScopeRecord, contactScopes } from "./store/contact-scopes.ts";
import { entries } from "./store/entries.ts";
import { files, fileUploads } from "./store/files.ts";
import { type ParticipationRecord, participations } from "./store/participations.ts";

// What decides access is copied to every entry, so that reading is one filter. A change is carried to all of them in its own
// transaction. An entry that was being written at that moment saw the old scope and is not seen yet; so every change is carried
// once more when no write of that time can be under way any longer.

/** Longer than any write of the store lasts, its commit included. */
const SETTLE_AFTER_MS = 20_000;
const LOOK_EVERY_MS = 5_000;
const BATCH = 100;
const cause: Cause = { actorId: "service:progress", traceparent: undefined };

/** Takes what contacts tells into our copy and carries it to everything about the contact. An older telling changes nothing. */
export async function takeScope(tx: Transaction, told: ToldScope): Promise<void> {
  const held = await tx.get(contactScopes, told.contactId);
  if (held && (held.deleted || held.sourceVersion >= told.version)) return;
  const scope = scopeTold(told);
  const isOther = !held || held.deleted !== scope.deleted || !sameScope(held, scope);
  const settling = isOther ? { settleAt: settleTime(tx) } : {};
  if (!held) await tx.insert(contactScopes, { _id: told.contactId, ...scope, ...settling });
  else await tx.update(contactScopes, held, { ...withoutUser, ...scope, ...settling });
  if (isOther) await carryContact(tx, scope);
}

/** `undefined` takes a field away, which the record's type does not say. */
const withoutUser = { contactUserId: undefined } as unknown as Partial<ContactScopeRecord>;

export function settleTime(tx: Transaction): Date {
  return new Date(tx.now.getTime() + SETTLE_AFTER_MS);
}

function sameScope(one: ContactScope, other: ContactScope): boolean {
  const ids = (scope: ContactScope) => [...scope.contactProjectIds].sort().join();
  return one.contactUserId === other.contactUserId && ids(one) === ids(other);
}

async function carryContact(tx: Transaction, scope: ContactScope): Promise<void> {
  const { contactId, contactProjectIds, contactUserId } = scope;
  if (scope.deleted) return forget(tx, contactId);
  const changes = { contactProjectIds, contactUserId } as { contactProjectIds: string[]; contactUserId: string };
  const behind = { contactId, $nor: [{ contactProjectIds, contactUserId: contactUserId ?? null }] };
  for (const each of await tx.find(participations, trusted({ ...behind })))
    await tx.update(participations, each, changes);
  await eachEntry(tx, trusted({ ...behind }), (entry) => tx.update(entries, entry, changes));
}

/** Of a deleted contact nothing that was said by it or about it stays. */
async function forget(tx: Transaction, contactId: string): Promise<void> {
  await eachBatch(tx, { collection: participations, filter: { contactId } }, async (found) => {
    for (const each of found) await tx.remove(participations, each);
  });
  await eachEntry(tx, { contactId }, (entry) => tx.remove(entries, entry));
  await eachEntry(tx, { kind: "comment", postContactId: contactId }, (entry) => tx.remove(entries, entry));
  await eachBatch(tx, { collection: files, filter: { contactId } }, (found) => fileUploads.remove(tx, found));
}

/** Everything of the participation follows at once, but for what staff said to the person alone. (G6) */
export async function carryPeerReview(
  tx: Transaction,
  { _id, peerReview }: Pick<ParticipationRecord, "_id" | "peerReview">,
): Promise<void> {
  const staffs = { kind: "comment", part: "staff" };
  const behind = trusted({ participationId: _id, peerReview: !peerReview, $nor: [staffs] });
  await eachEntry(tx, behind, (entry) => tx.update(entries, entry, { peerReview }));
}

/** Carries changes once more, on one replica at a time. */
export function settling(parts: Pick<Parts, "store" | "clock" | "log">): Running {
  const { store, clock, log } = parts;

  async function settleContact({ _id }: ContactScopeRecord): Promise<void> {
    await store.write(cause, async (tx) => {
      const scope = await tx.get(contactScopes, _id);
      if (!scope?.settleAt || scope.settleAt > tx.now) return _id;
      await carryContact(tx, scope);
      return (await tx.update(contactScopes, scope, { settleAt: undefined }))._id;
    });
  }

  async function settleParticipation({ _id }: ParticipationRecord): Promise<void> {
    await store.write(cause, async (tx) => {
      const participation = await tx.get(participations, _id);
      if (!participation?.settleAt || participation.settleAt > tx.now) return _id;
      await carryPeerReview(tx, participation);
      return (await tx.update(participations, participation, { settleAt: undefined }))._id;
    });
  }

  async function settleDue(): Promise<void> {
    const due = { settleAt: trusted({ $lte: clock.now(), $exists: true }) };
    const options = { sort: { settleAt: 1 }, limit: BATCH } as const;
    await eachDue(parts, {
      name: "settling-contacts",
      find: (_id) => store.find(contactScopes, { ...due, _id }, options),
      work: settleContact,
    });
    await eachDue(parts, {
      name: "settling-participations",
      find: (_id) => store.find(participations, { ...due, _id }, options),
      work: settleParticipation,
    });
  }

  return store.lead("progress-settling", async (signal) => {
    while (!signal.aborted) {
      await settleDue().catch((error: unknown) => log.warn({ err: error }, "what changed is carried on later"));
      await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  });
}
