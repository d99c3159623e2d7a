import { failure } from "@partake/failure";
import { FailedAttempt, type Outcome, type Request, UnknownOutcome } from "./attempt.ts";
import { databaseFailure, isServerMissing } from "./database-errors.ts";
import type { Written } from "./types.ts";

/** A write whose caller waits for its end. */
export type Unsettled = Request & { resolve(written: Written): void; reject(error: unknown): void };

export function finish(one: Unsettled, outcome: Outcome | undefined): void {
  if (outcome && "written" in outcome) one.resolve(outcome.written);
  else one.reject(databaseFailure(outcome && "refused" in outcome ? outcome.refused : undefined));
}

/** What no further attempt would change in time: the end is not known, or no server was found for seconds. */
export function finalFailure(error: unknown): unknown {
  if (error instanceof UnknownOutcome) return failure("unavailable", "outcome_unknown", { cause: error });
  return error instanceof FailedAttempt && isServerMissing(error.cause) ? databaseFailure(error.cause) : undefined;
}
