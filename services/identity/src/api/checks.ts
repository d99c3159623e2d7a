import { failure } from "@partake/failure";
import type { Call } from "@partake/rpc";
import type { Cause, Transaction } from "@partake/store";
import { holds, type PowersQuestion, powers } from "../store/powers.ts";

// What is asked again inside the transaction of a change: the answer from before it may be old by then.

/** Throws unless the caller still holds the permission. */
export async function checkStill(tx: Transaction, question: PowersQuestion): Promise<void> {
  if (!(await holds(tx, question))) throw failure("forbidden", "no_role");
}

/**
 * Throws unless the caller may give a role that ends at that time, or never: whose own power ends by itself gives nothing that
 * outlasts it, or they would keep through another what they were to lose.
 */
export async function checkMayGive(tx: Transaction, question: PowersQuestion, expiresAt?: Date): Promise<void> {
  const held = await powers(tx, question, expiresAt);
  if (!held.now) throw failure("forbidden", "no_role");
  if (!held.lasting) throw failure("forbidden", "beyond_own_powers");
}

/**
 * Throws unless the person proved by themselves who they are. An organisation's own provider speaks for that organisation alone: with
 * its word nobody opens another way into the account, nor closes one. (ADR 8)
 */
export function checkOwnLogIn({ caller }: Call): void {
  const methods = caller.kind === "user" ? caller.methods : undefined;
  if (methods === undefined || methods.includes("fed")) throw failure("forbidden", "outside_log_in");
}

/** Throws what somebody is told of a record that is not there, or not for them. */
export function notThere(call: Call): never {
  call.decide(undefined);
  throw failure("not_found", "not_found");
}

/** The time at which a role is to end, from a request; throws where it is not ahead. */
export function endFrom(text: string | undefined, of: { now: Date; field: string }): Date | undefined {
  if (text === undefined || text === "") return undefined;
  const end = new Date(text);
  if (end > of.now) return end;
  const errors = [{ pointer: `/${of.field}`, code: "too_early", message: "is not in the future" }];
  throw failure("invalid", "expiry_in_past", { errors });
}

/** A call as the cause of a write whose If-Match is not the store's to compare. */
export function causeOf(call: Call): Cause {
  const { actorId, traceparent, requestId, idempotencyKey, requestHash, operation, ifMatch } = call;
  const cause = { actorId, traceparent, requestId, idempotencyKey, requestHash, operation, ifMatch };
  return {
    ...cause,
    grantsKnown: (organisationId) => call.grantsKnown(organisationId),
    wrote: (records) => call.wrote(records),
  };
}
