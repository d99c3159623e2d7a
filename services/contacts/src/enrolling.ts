import { setTimeout as sleep } from "node:timers/promises";
import { asFailure, type Failure } from "@partake/failure";
import { eachDue, type Parts, type Running } from "@partake/service";
import { type Cause, type Transaction, trusted } from "@partake/store";
import { type Next, next, type Refusal, refuse } from "./domain/enrolment.ts";
import { contactScopeChanged, participationChanged } from "./outcomes.ts";
import { take, undo } from "./steps.ts";
import { contacts } from "./store/contacts.ts";
import { type ParticipationRecord, participations } from "./store/participations.ts";

/** More steps than any enrolment has, with room for a few lost races. */
const STEPS_MAXIMUM = 24;
const RETRY_MAXIMUM_MS = 5 * 60_000;
const GIVE_UP_AFTER_MS = 7 * 24 * 3_600_000;
const WORKER_PAUSE_MS = 5_000;
const WORKER_BATCH = 50;
/** Each waits for other services most of the time, and their records share commits. */
const WORKER_AT_ONCE = 10;

/** After this long without a recorded step the worker takes an enrolment over: its process is gone or stuck. */
export const TAKE_OVER_AFTER_MS = 15_000;

const TRANSIENT = new Set(["unavailable", "deadline_exceeded", "cancelled", "internal", "rate_limited", "conflict"]);
const REFUSALS: readonly Refusal[] = [
  "no_credit",
  "no_email",
  "contact_deleted",
  "project_archived",
  "board_not_found",
];

export interface Enrolling {
  /** Carries a participation on as far as it goes now; what cannot be done yet is tried again by the worker. */
  advance(participationId: string, cause: Cause): Promise<ParticipationRecord | undefined>;
  /** Takes up, on one replica at a time, what a crash or an absent service left undone. */
  work(): Running;
}

/** Carries enrolments out, step by step: a remote call, then its record. */
export function enrolling(parts: Parts): Enrolling {
  const { store, clock } = parts;

  async function advance(participationId: string, cause: Cause): Promise<ParticipationRecord | undefined> {
    for (let step = 0; step < STEPS_MAXIMUM; step++) {
      const participation = await store.get(participations, participationId);
      if (!participation) return undefined;
      const due = next(participation);
      if (due.kind === "rest" || !(await carryOut(parts, { participation, due, cause }))) break;
    }
    return store.get(participations, participationId);
  }

  async function takeUp(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const done = await eachDue(parts, {
        name: "enrolments",
        find: (_id) => {
          const filter = { pending: true, nextAttemptAt: trusted({ $lte: clock.now() }), _id };
          return store.find(participations, filter, { limit: WORKER_BATCH, sort: { nextAttemptAt: 1 } });
        },
        work: ({ _id }) => advance(_id, { actorId: "service:contacts", traceparent: undefined }),
        atOnce: WORKER_AT_ONCE,
        signal,
      });
      if (done < WORKER_BATCH) await sleep(WORKER_PAUSE_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  return { advance, work: () => store.lead("enrolments", takeUp) };
}

interface Turn {
  participation: ParticipationRecord;
  due: Next;
  cause: Cause;
}

/** Whether it went on; else the time of the next attempt is recorded. */
async function carryOut(parts: Parts, turn: Turn): Promise<boolean> {
  const { participation, due } = turn;
  try {
    if (due.kind === "do") await take(parts, participation, due.step);
    if (due.kind === "undo") await undo(parts, participation, due.step);
  } catch (thrown) {
    return hinder(parts, turn, asFailure(thrown));
  }
  await change(parts, turn, outcome(participation, due, parts.clock.now()));
  return true;
}

async function hinder(parts: Parts, turn: Turn, hindrance: Failure): Promise<boolean> {
  const { participation } = turn;
  const now = parts.clock.now().getTime();
  const enrollingTooLong =
    participation.state === "enrolling" && now - participation.createdAt.getTime() > GIVE_UP_AFTER_MS;
  if (participation.open && (enrollingTooLong || !TRANSIENT.has(hindrance.code))) {
    const refusal = REFUSALS.find((each) => each === hindrance.reason) ?? "gave_up";
    parts.log.warn({ reason: hindrance.reason, refusal }, "an enrolment was refused");
    await change(parts, turn, refuse(participation, refusal));
    return true;
  }
  const delayMs = Math.min(RETRY_MAXIMUM_MS, 1_000 * 2 ** Math.min(participation.attempts, 9));
  parts.log.warn({ code: hindrance.code, reason: hindrance.reason, delayMs }, "a step will be tried again");
  await change(parts, turn, { nextAttemptAt: new Date(now + delayMs), attempts: participation.attempts + 1 });
  return false;
}

function outcome(participation: ParticipationRecord, due: Next, now: Date): Partial<ParticipationRecord> {
  switch (due.kind) {
    case "do":
      return due.step === "role"
        ? { roleRevision: participation.revision }
        : { done: [...participation.done, due.step] };
    case "undo":
      return { undone: [...participation.undone, due.step] };
    case "become":
      return due.state === "active" ? activation(participation, now) : { state: due.state };
    case "rest":
      return {};
    default:
      return due satisfies never;
  }
}

function activation(participation: ParticipationRecord, acceptedAt: Date): Partial<ParticipationRecord> {
  const userId = participation.acceptingUserId;
  return {
    state: "active",
    acceptedAt,
    revision: participation.revision + 1,
    ...(userId && { contactUserId: userId }),
  };
}

/** Stores a change, unless somebody else was faster; then the next turn starts from what they stored. */
async function change(parts: Parts, turn: Turn, changes: Partial<ParticipationRecord>): Promise<void> {
  const { participation, cause } = turn;
  const takeOverAt = new Date(parts.clock.now().getTime() + TAKE_OVER_AFTER_MS);
  const pending = next({ ...participation, ...changes }).kind !== "rest";
  const work = async (tx: Transaction) => {
    const changed = await tx.update(participations, participation, {
      attempts: 0,
      nextAttemptAt: takeOverAt,
      ...changes,
      pending,
    });
    if (changed.state === participation.state) return changed._id;
    tx.emit(participationChanged(changed));
    if (changed.state === "active") {
      const { organisationId, projectId, contactUserId } = changed;
      const contact = await tx.get(contacts, changed.contactId);
      if (contact && contactUserId) tx.emit(contactScopeChanged(await tx.update(contacts, contact, { contactUserId })));
      tx.audit({ action: "participation.accepted", organisationId, subjectId: changed._id, scope: projectId });
    }
    return changed._id;
  };
  try {
    await parts.store.write(cause, work);
  } catch (thrown) {
    if (asFailure(thrown).reason !== "concurrent_change") throw thrown;
  }
}
