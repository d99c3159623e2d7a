import { failure } from "@partake/failure";
import type { Call, Implementation } from "@partake/rpc";
import type { Parts } from "@partake/service";
import { type Cause, type Transaction, trusted } from "@partake/store";
import { movements, NO_BALANCES } from "../domain/ledger.ts";
import { beginningOf, dayIn, monthStart, paidUntil } from "../domain/months.ts";
import { type PaidDays, remaining } from "../domain/paid-days.ts";
import { creditHeld, creditReleased, creditUsed } from "../outcomes.ts";
import { post } from "../posting.ts";
import { wallets } from "../store/ledger.ts";
import { organisations, projects } from "../store/places.ts";
import { type SubscriptionRecord, subscriptions } from "../store/subscriptions.ts";

type Subscriptions = Pick<Implementation<"Billing">, "readCreditNeed" | "holdCredit" | "releaseCredit" | "useCredit">;

/** A person comes and goes in one project only so often. */
const EARLIER_MAXIMUM = 50;
/** What several people left. Whatever is beyond it is counted as a credit too many, never as one too few. */
const EARLIER_READ_MAXIMUM = 10_000;

/** The steps that an enrolment asks for, each done once for a participation whatever is repeated. (B1) */
export function subscriptionsApi({ store, clock, newId }: Parts): Subscriptions {
  return {
    async readCreditNeed({ organisationId, projectId, pseudonyms, newcomers }) {
      const found =
        pseudonyms.length === 0
          ? []
          : await store.find(subscriptions, earlierOf({ projectId, pseudonyms }), { limit: EARLIER_READ_MAXIMUM });
      const byPerson = Map.groupBy(found, ({ pseudonym }) => pseudonym);
      const charged = pseudonyms.filter((pseudonym) => !remaining(byPerson.get(pseudonym) ?? [], clock.now()));
      const needed = charged.length + newcomers;
      const { available } = (await store.get(wallets, organisationId)) ?? NO_BALANCES;
      return { needed, suffices: needed <= available };
    },

    async holdCredit({ participationId, organisationId, projectId, pseudonym }, call) {
      await store.write(causeOf(call), async (tx) => {
        const subscription = await tx.get(subscriptions, participationId);
        // The release overtook the hold: the enrolment was undone meanwhile.
        if (subscription?.state === "ended") throw failure("unprocessable", "participation_ended");
        if (subscription) return participationId;
        // Nobody is enrolled in what rests; the enrolment waits until it is resumed, or gives up. (X7)
        if ((await tx.get(organisations, organisationId))?.rests) throw failure("unavailable", "organisation_rests");
        const held = { _id: participationId, organisationId, projectId, pseudonym, state: "held" } as const;
        const left = await daysLeft(tx, { pseudonym, projectId });
        if (left) {
          await tx.insert(subscriptions, { ...held, ...left, carried: true });
          return participationId;
        }
        const entryId = newId("ent");
        const about = { participationId, projectId };
        const chargeKey = `${participationId} hold`;
        const wallet = await post(tx, { entryId, organisationId, movement: movements.hold(), chargeKey, about });
        await tx.insert(subscriptions, { ...held, paidMonths: 0 });
        tx.emit(creditHeld({ organisationId, entryId, projectId, pseudonym, wallet, now: tx.now }));
        return participationId;
      });
      return {};
    },

    async releaseCredit({ participationId }, call) {
      await store.write(causeOf(call), async (tx) => {
        const subscription = await tx.get(subscriptions, participationId);
        if (!subscription) {
          await tx.insert(subscriptions, { _id: participationId, state: "ended", paidMonths: 0 });
          return participationId;
        }
        if (subscription.state === "ended") return participationId;
        const { organisationId, projectId, pseudonym, state, carried } = subscription;
        await tx.update(subscriptions, subscription, { state: "ended" });
        // A credit that was used stays used: its month is paid.
        if (state === "running" || carried || !organisationId || !projectId || !pseudonym) return participationId;
        const entryId = newId("ent");
        const about = { participationId, projectId };
        const chargeKey = `${participationId} release`;
        const wallet = await post(tx, { entryId, organisationId, movement: movements.release(), chargeKey, about });
        tx.emit(creditReleased({ organisationId, entryId, projectId, pseudonym, wallet, now: tx.now }));
        return participationId;
      });
      return {};
    },

    async useCredit({ participationId }, call) {
      await store.write(causeOf(call), async (tx) => {
        const subscription = await tx.get(subscriptions, participationId);
        if (subscription?.state === "running") return participationId;
        if (subscription?.state !== "held") throw failure("unprocessable", "no_credit");
        if (subscription.carried && remaining([subscription], tx.now)) {
          await tx.update(subscriptions, subscription, { state: "running" });
        } else {
          await startMonthOne(tx, subscription, newId("ent"));
        }
        return participationId;
      });
      const running = await store.get(subscriptions, participationId);
      if (!running?.startedOn) throw failure("unprocessable", "no_credit");
      return { startedOn: running.startedOn, paidUntil: paidUntil(running.startedOn, running.paidMonths) };
    },
  };
}

function earlierOf({ projectId, pseudonyms }: { projectId: string; pseudonyms: readonly string[] }) {
  return { pseudonym: trusted({ $in: [...pseudonyms] }), projectId, state: "ended" };
}

async function daysLeft(tx: Transaction, of: { pseudonym: string; projectId: string }): Promise<PaidDays | undefined> {
  const earlier = await tx.find(
    subscriptions,
    { ...of, state: "ended" },
    { limit: EARLIER_MAXIMUM, sort: { dueAt: -1 } },
  );
  return remaining(earlier, tx.now);
}

/** Uses the credit that was held; who was to come back for free, but came too late, needs one that is available. */
async function startMonthOne(tx: Transaction, subscription: SubscriptionRecord, entryId: string): Promise<void> {
  const { _id: participationId, organisationId, projectId, pseudonym, carried } = subscription;
  if (!organisationId || !projectId || !pseudonym) throw failure("unprocessable", "no_credit");
  const organisation = await tx.get(organisations, organisationId);
  // The organisation's time zone comes by event; without it no day can be told, so the caller tries again.
  if (!organisation) throw failure("unavailable", "organisation_unknown");
  const { timeZone, rests } = organisation;
  // Somebody accepted just before everything stopped: the month starts when it goes on, or not at all.
  if (rests) throw failure("unavailable", "organisation_rests");
  if ((await tx.get(projects, projectId))?.status === "deleted") throw failure("unavailable", "project_deleted");
  const startedOn = dayIn(timeZone, tx.now);
  const movement = carried ? movements.useAvailable() : movements.useHeld();
  const about = { participationId, projectId, month: 1 };
  const wallet = await post(tx, { entryId, organisationId, movement, chargeKey: `${participationId} month 1`, about });
  const dueAt = beginningOf(monthStart(startedOn, 2), timeZone);
  const begun = { state: "running", startedOn, timeZone, paidMonths: 1, dueAt, carried: false } as const;
  await tx.update(subscriptions, subscription, begun);
  tx.emit(creditUsed({ organisationId, entryId, projectId, pseudonym, month: 1, wallet, now: tx.now }));
}

function causeOf({ actorId, traceparent }: Call): Cause {
  return { actorId, traceparent };
}
