import { Failure, failure } from "@partake/failure";
import { attempt, FailedAttempt, type Parts, UnknownOutcome } from "./attempt.ts";
import { queryTimeoutMs } from "./connection.ts";
import { databaseFailure, isDuplicateId, isTransient, query, withoutValues } from "./database-errors.ts";
import { type Guard, repeatedWrite, requestMark } from "./guards.ts";
import { journalName } from "./journal.ts";
import { requestField } from "./models.ts";
import { pause } from "./outbox.ts";
import { collectionOf } from "./sending.ts";
import { finish, type Unsettled } from "./settling.ts";
import { RefusedStep, type Step } from "./steps.ts";
import type { Written } from "./types.ts";

/** Writes that are tried again at the same time; the others wait for their turn, so that they do not crowd out new ones. */
const retriesAtOnce = 4;
const longestBackOffMs = 250;

export interface Solitary {
  /** Returns after one attempt. Where that met a conflict that may pass, further ones follow by themselves, until the deadline. */
  settle(one: Unsettled): Promise<void>;
}

/** Does writes one by one, sending each step by itself, so that it can tell exactly why one is refused. */
export function openSolitary(parts: Parts): Solitary {
  const turns: (() => void)[] = [];
  let retrying = 0;

  /** False when it is to be tried again. */
  async function settled(one: Unsettled): Promise<boolean> {
    if (parts.monotonicMs() > one.deadline) {
      one.reject(failure("unavailable", "write_too_slow"));
      return true;
    }
    try {
      const [outcome] = await attempt(parts, [one], { singly: true });
      finish(one, outcome);
    } catch (error) {
      const passing = error instanceof FailedAttempt && isTransient(error.cause);
      if (passing && parts.monotonicMs() + longestBackOffMs < one.deadline) return false;
      await conclude(parts, one, error);
    }
    return true;
  }

  async function tryAgain(one: Unsettled): Promise<void> {
    for (let attempts = 1; ; attempts += 1) {
      await pause(Math.random() * Math.min(5 * 2 ** attempts, longestBackOffMs));
      if (retrying >= retriesAtOnce) await new Promise<void>((resolve) => turns.push(resolve));
      retrying += 1;
      const done = await settled(one);
      retrying -= 1;
      turns.shift()?.();
      if (done) return;
    }
  }

  return {
    async settle(one) {
      if (!(await settled(one))) void tryAgain(one);
    },
  };
}

/** Tells why a write alone could not be done, or that an earlier one did it. */
async function conclude(parts: Parts, one: Unsettled, error: unknown): Promise<void> {
  try {
    if (error instanceof UnknownOutcome) throw failure("unavailable", "outcome_unknown", { cause: error });
    if (!(error instanceof FailedAttempt)) throw error;
    const { cause, failedIn, ids } = error;
    if (cause instanceof RefusedStep && cause.step)
      one.resolve(await refusedStep(parts, { one, refused: cause, step: cause.step, id: ids[0] }));
    else if (isTransient(cause)) throw contention(one.guard, failedIn, cause);
    else throw databaseFailure(cause);
  } catch (final) {
    one.reject(final);
  }
}

function contention(guard: Guard | undefined, failedIn: string | undefined, error: unknown): Failure {
  const cause = databaseFailure(error);
  if (cause instanceof Failure) return cause;
  if (failedIn === journalName && guard?.kind === "idempotency")
    return failure("conflict", "idempotency_in_progress", { cause });
  // Whoever holds the record may be a process that was killed: the database lets go of it in a while.
  return failure("unavailable", "contention", { cause, retryAfterMs: 1000 });
}

interface Refusal {
  one: Unsettled;
  refused: RefusedStep;
  step: Step;
  id: string | undefined;
}

async function refusedStep(parts: Parts, { one, refused, step, id }: Refusal): Promise<Written> {
  const { cause, guard } = one;
  const earlier = guard && (await find(parts, journalName, guard.id));
  if (guard && earlier)
    return repeatedWrite(guard, { hash: String(earlier["hash"]), result: String(earlier["result"]) });
  if (step.kind !== "insert") {
    if (cause.ifMatch === step.version) throw failure("precondition_failed", "version_mismatch");
    throw failure("conflict", "concurrent_change");
  }
  if (!isDuplicateId(refused.cause)) throw failure("conflict", "already_exists", { cause: withoutValues(refused) });
  const mark = requestMark(cause);
  const made = mark && (await find(parts, step.collection, step.id));
  if (made && made[requestField] === mark) return { id: id ?? step.id, repeated: true };
  throw failure("conflict", "id_taken", { cause: withoutValues(refused) });
}

function find(parts: Parts, collection: string, id: string): Promise<Record<string, unknown> | null> {
  return query(collectionOf(parts.connection, collection).findOne({ _id: id }, { maxTimeMS: queryTimeoutMs }));
}
