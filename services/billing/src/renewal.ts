import { setTimeout as sleep } from "node:timers/promises";
import { eachDue, type Parts, type Running } from "@partake/service";
import { trusted } from "@partake/store";
import { movements, NO_BALANCES } from "./domain/ledger.ts";
import { beginningOf, dayIn, monthOf, monthStart } from "./domain/months.ts";
import { creditUsed } from "./outcomes.ts";
import { post } from "./posting.ts";
import { wallets } from "./store/ledger.ts";
import { organisations, projects } from "./store/places.ts";
import { type SubscriptionRecord, subscriptions } from "./store/subscriptions.ts";

const BATCH = 100;
const PAUSE_MS = 60_000;
const LEASE_MS = 60_000;
/** A month that cannot be charged now is looked at again after this long. */
const POSTPONE_MS = 3_600_000;

/** Charges months as they become due, on one replica at a time; one that is late is charged late, once. (B1) */
export function renewal(parts: Parts): Running {
  return parts.store.lead(
    "renewal",
    async (signal) => {
      while (!signal.aborted) {
        const charged = await chargeDue(parts, signal);
        if (charged < BATCH) await sleep(PAUSE_MS, undefined, { signal }).catch(() => undefined);
      }
    },
    { leaseMs: LEASE_MS },
  );
}

/** Charges the months that are due now, at most a batch; gives how many went well. */
export function chargeDue(parts: Parts, signal: AbortSignal): Promise<number> {
  const { store, clock } = parts;
  return eachDue(parts, {
    name: "renewals",
    find: (_id) => {
      const due = { state: "running", dueAt: trusted({ $lte: clock.now() }), _id };
      return store.find(subscriptions, due, { limit: BATCH, sort: { dueAt: 1 } });
    },
    work: (subscription) => charge(parts, subscription),
    signal,
  });
}

async function charge({ store, newId }: Parts, { _id }: SubscriptionRecord): Promise<void> {
  await store.write({ actorId: "service:billing", traceparent: undefined }, async (tx) => {
    const subscription = await tx.get(subscriptions, _id);
    if (subscription?.state !== "running") return _id;
    const { organisationId, projectId, pseudonym, startedOn, timeZone, dueAt, paidMonths } = subscription;
    if (!organisationId || !projectId || !pseudonym || !startedOn || !timeZone || !dueAt || dueAt > tx.now) return _id;
    const later = new Date(tx.now.getTime() + POSTPONE_MS);
    const project = await tx.get(projects, projectId);
    const { available } = (await tx.get(wallets, organisationId)) ?? NO_BALANCES;
    const organisation = await tx.get(organisations, organisationId);
    if (organisation?.closed) {
      await tx.update(subscriptions, subscription, { state: "ended" });
      return _id;
    }
    const rests = project?.status !== "published" || organisation?.rests === true;
    if (rests || available < 1) {
      const idle = subscription.idle || rests;
      await tx.update(subscriptions, subscription, { dueAt: later, idle });
      return _id;
    }
    // Months in which the project or its organisation rested were never started; those that only the job missed are charged one after the other.
    const month = subscription.idle ? monthOf(startedOn, dayIn(timeZone, tx.now)) : paidMonths + 1;
    const entryId = newId("ent");
    const about = { participationId: _id, projectId, month };
    const chargeKey = `${_id} month ${month}`;
    const wallet = await post(tx, { entryId, organisationId, movement: movements.useAvailable(), chargeKey, about });
    const next = beginningOf(monthStart(startedOn, month + 1), timeZone);
    await tx.update(subscriptions, subscription, { paidMonths: month, dueAt: next, idle: false });
    tx.emit(creditUsed({ organisationId, entryId, projectId, pseudonym, month, wallet, now: tx.now }));
    return _id;
  });
}
