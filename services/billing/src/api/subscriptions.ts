import { failure } from "@partake/failure";
import type { Call, Implementation } from "@partake/rpc";
import type { Parts } from "@partake/service";
import type { Cause } from "@partake/store";
import { movements } from "../domain/ledger.ts";
import { beginningOf, dayIn, monthStart, paidUntil } from "../domain/months.ts";
import { creditUsed } from "../outcomes.ts";
import { post } from "../posting.ts";
import { organisations } from "../store/places.ts";
import { subscriptions } from "../store/subscriptions.ts";

type Subscriptions = Pick<Implementation<"Billing">, "holdCredit" | "releaseCredit" | "useCredit">;

/** The steps that an enrolment asks for, each done once for a participation whatever is repeated. (B1) */
export function subscriptionsApi({ store, newId }: Parts): Subscriptions {
  return {
    async holdCredit({ participationId, organisationId, projectId, pseudonym }, call) {
      await store.write(causeOf(call), async (tx) => {
        const subscription = await tx.get(subscriptions, participationId);
        // The release overtook the hold: the enrolment was undone meanwhile.
        if (subscription?.state === "ended") throw failure("unprocessable", "participation_ended");
        if (subscription) return participationId;
        const entryId = newId("ent");
        const about = { participationId, projectId };
        const chargeKey = `${participationId} hold`;
        const wallet = await post(tx, { entryId, organisationId, movement: movements.hold(), chargeKey, about });
        const held = { _id: participationId, organisationId, projectId, pseudonym, paidMonths: 0 };
        await tx.insert(subscriptions, { ...held, state: "held" });
        const { available, version } = wallet;
        const recordedAt = tx.now.toISOString();
        const data = { organisationId, entryId, projectId, pseudonym, available, recordedAt, version };
        tx.emit({ type: "org.partake.billing.credit-held.v1", data });
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
        const { organisationId, projectId, pseudonym } = subscription;
        await tx.update(subscriptions, subscription, { state: "ended" });
        // A credit that was used stays used: its month is paid.
        if (subscription.state === "running" || !organisationId || !projectId || !pseudonym) return participationId;
        const entryId = newId("ent");
        const about = { participationId, projectId };
        const chargeKey = `${participationId} release`;
        const wallet = await post(tx, { entryId, organisationId, movement: movements.release(), chargeKey, about });
        const { available, version } = wallet;
        const recordedAt = tx.now.toISOString();
        const data = { organisationId, entryId, projectId, pseudonym, available, recordedAt, version };
        tx.emit({ type: "org.partake.billing.credit-released.v1", data });
        return participationId;
      });
      return {};
    },

    async useCredit({ participationId }, call) {
      await store.write(causeOf(call), async (tx) => {
        const subscription = await tx.get(subscriptions, participationId);
        if (subscription?.state === "running") return participationId;
        const { organisationId, projectId, pseudonym } = subscription ?? {};
        if (subscription?.state !== "held" || !organisationId || !projectId || !pseudonym)
          throw failure("unprocessable", "no_credit");
        const organisation = await tx.get(organisations, organisationId);
        // The organisation's time zone comes by event; without it no day can be told, so the caller tries again.
        if (!organisation) throw failure("unavailable", "organisation_unknown");
        const { timeZone } = organisation;
        const startedOn = dayIn(timeZone, tx.now);
        const entryId = newId("ent");
        const about = { participationId, projectId, month: 1 };
        const chargeKey = `${participationId} month 1`;
        const wallet = await post(tx, { entryId, organisationId, movement: movements.useHeld(), chargeKey, about });
        const dueAt = beginningOf(monthStart(startedOn, 2), timeZone);
        await tx.update(subscriptions, subscription, { state: "running", startedOn, timeZone, paidMonths: 1, dueAt });
        tx.emit(creditUsed({ organisationId, entryId, projectId, pseudonym, month: 1, wallet, now: tx.now }));
        return participationId;
      });
      const running = await store.get(subscriptions, participationId);
      if (!running?.startedOn) throw failure("unprocessable", "no_credit");
      return { startedOn: running.startedOn, paidUntil: paidUntil(running.startedOn, running.paidMonths) };
    },
  };
}

function causeOf({ actorId, traceparent }: Call): Cause {
  return { actorId, traceparent };
}
