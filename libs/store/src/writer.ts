import { type Failure, failure } from "@partake/failure";
import { attempt, FailedAttempt, type Outcome, type Parts, type Request, UnknownOutcome } from "./attempt.ts";
import { queryTimeoutMs, writeTimeoutMs } from "./connection.ts";
import { databaseFailure, isDuplicateId, isTransient, query } from "./database-errors.ts";
import { type Guard, repeatedWrite, requestMark } from "./guards.ts";
import { requestField } from "./models.ts";
import { pause } from "./outbox.ts";
import { collectionOf } from "./sending.ts";
import { RefusedStep, type Step } from "./steps.ts";
import type { Cause, Transaction, Written } from "./types.ts";

/** Transactions under way at a time. */
const lanes = 4;
/** While one is under way writes wait this long to go together in the next; a second one beside it is for when it is slow. */
const patienceMs = 8;
const mostInGroup = 32;
/** Beyond this the process sheds: who waits longer than a write may take gets no answer anyway. */
const mostWaiting = 2000;
const attemptsTogether = 2;
const attemptsAlone = 12;

export interface Writer {
  write(cause: Cause, guard: Guard | undefined, work: (tx: Transaction) => Promise<string>): Promise<Written>;
  /** Refuses further writes and waits for those under way. */
  close(): Promise<void>;
}

type Waiting = Request & { since: number; resolve(written: Written): void; reject(error: unknown): void };

/**
 * Group commit: a commit waits for disks, so writes that come at the same time share one. Nothing waits for company: a write
 * that finds a lane free starts at once. What does not go well together is done again one by one.
 */
export function openWriter(parts: Parts): Writer {
  const waiting: Waiting[] = [];
  const underWay = new Map<string, Promise<Written>>();
  let busy = 0;
  let closed = false;
  let idle: (() => void) | undefined;
  let timer: NodeJS.Timeout | undefined;

  function start(): void {
    while (waiting.length > 0 && busy < lanes && isDue()) {
      busy += 1;
      void runLane(waiting.splice(0, mostInGroup));
    }
    if (waiting.length > 0 && busy < lanes && !timer) timer = setTimeout(wakeUp, patienceMs);
  }

  function isDue(): boolean {
    const [oldest] = waiting;
    return (
      busy === 0 ||
      waiting.length >= mostInGroup ||
      (oldest !== undefined && parts.monotonicMs() - oldest.since >= patienceMs)
    );
  }

  function wakeUp(): void {
    timer = undefined;
    start();
  }

  async function runLane(group: readonly Waiting[]): Promise<void> {
    await settle(parts, group);
    busy -= 1;
    if (waiting.length > 0) start();
    else if (busy === 0) idle?.();
  }

  function enqueue(request: Request): Promise<Written> {
    if (closed) return Promise.reject(failure("unavailable", "shutting_down"));
    if (waiting.length >= mostWaiting)
      return Promise.reject(failure("unavailable", "overloaded", { retryAfterMs: 1000 }));
    return new Promise((resolve, reject) => {
      waiting.push({ ...request, since: parts.monotonicMs(), resolve, reject });
      start();
    });
  }

  /** The same key twice at once in this process: the second waits for the first. Across processes the database decides. */
  async function once(guard: Guard, request: Request): Promise<Written> {
    for (let first = underWay.get(guard.id); first; first = underWay.get(guard.id)) {
      if (parts.monotonicMs() > request.deadline) throw failure("conflict", "idempotency_in_progress");
      await first.catch(() => undefined);
    }
    const running = enqueue(request).finally(() => underWay.delete(guard.id));
    underWay.set(guard.id, running);
    return running;
  }

  return {
    async write(cause, guard, work) {
      const request = { cause, guard, work, deadline: parts.monotonicMs() + writeTimeoutMs };
      return guard ? once(guard, request) : enqueue(request);
    },
    async close() {
      closed = true;
      if (busy === 0) return;
      await new Promise<void>((resolve) => {
        idle = resolve;
      });
    },
  };
}

async function settle(parts: Parts, group: readonly Waiting[]): Promise<void> {
  if (await settledTogether(parts, group)) return;
  for (const one of group) await settleAlone(parts, one);
}

/** False when the group does not go together. */
async function settledTogether(parts: Parts, group: readonly Waiting[]): Promise<boolean> {
  for (let attempts = 1; ; attempts += 1) {
    try {
      finish(group, await attempt(parts, group, { singly: false }));
      return true;
    } catch (error) {
      if (error instanceof UnknownOutcome) {
        refuse(group, failure("unavailable", "outcome_unknown", { cause: error }));
        return true;
      }
      if (attempts >= attemptsTogether || !(error instanceof FailedAttempt) || !isTransient(error.cause)) return false;
      await pause(Math.random() * 5);
    }
  }
}

async function settleAlone(parts: Parts, one: Waiting): Promise<void> {
  if (parts.monotonicMs() > one.deadline) {
    one.reject(failure("unavailable", "write_too_slow"));
    return;
  }
  for (let attempts = 1; ; attempts += 1) {
    try {
      finish([one], await attempt(parts, [one], { singly: true }));
      return;
    } catch (error) {
      const again = error instanceof FailedAttempt && isTransient(error.cause);
      if (!again || attempts >= attemptsAlone || parts.monotonicMs() > one.deadline) {
        await conclude(parts, one, error);
        return;
      }
      await pause(Math.random() * Math.min(5 * 2 ** attempts, 250));
    }
  }
}

/** Tells why a write alone could not be done, or that an earlier one did it. */
async function conclude(parts: Parts, one: Waiting, error: unknown): Promise<void> {
  try {
    if (error instanceof UnknownOutcome) throw failure("unavailable", "outcome_unknown", { cause: error });
    if (!(error instanceof FailedAttempt)) throw error;
    const { cause, failedIn, ids } = error;
    if (cause instanceof RefusedStep && cause.step)
      one.resolve(await refusedStep(parts, { one, refused: cause, step: cause.step, id: ids[0] }));
    else if (isTransient(cause)) throw contention(failedIn, cause);
    else throw databaseFailure(cause);
  } catch (final) {
    one.reject(final);
  }
}

function contention(failedIn: string | undefined, cause: unknown): Failure | unknown {
  const failed = databaseFailure(cause);
  if (failed !== cause) return failed;
  return failure("conflict", failedIn === "idempotency" ? "idempotency_in_progress" : "concurrent_change", { cause });
}

interface Refusal {
  one: Waiting;
  refused: RefusedStep;
  step: Step;
  id: string | undefined;
}

async function refusedStep(parts: Parts, { one, refused, step, id }: Refusal): Promise<Written> {
  const { cause, guard } = one;
  const earlier = guard && (await find(parts, guard.collection, guard.id));
  if (guard && earlier)
    return repeatedWrite(guard, { hash: String(earlier["hash"]), result: String(earlier["result"]) });
  if (step.kind !== "insert") {
    if (cause.ifMatch === step.version) throw failure("precondition_failed", "version_mismatch");
    throw failure("conflict", "concurrent_change");
  }
  if (!isDuplicateId(refused.cause)) throw failure("conflict", "already_exists", { cause: refused.cause });
  const mark = requestMark(cause);
  const made = mark && (await find(parts, step.collection, step.id));
  if (made && made[requestField] === mark) return { id: id ?? step.id, repeated: true };
  throw failure("conflict", "id_taken", { cause: refused.cause });
}

function find(parts: Parts, collection: string, id: string): Promise<Record<string, unknown> | null> {
  return query(collectionOf(parts.connection, collection).findOne({ _id: id }, { maxTimeMS: queryTimeoutMs }));
}

function finish(group: readonly Waiting[], outcomes: readonly Outcome[]): void {
  for (const [place, one] of group.entries()) {
    const outcome = outcomes[place];
    if (outcome && "written" in outcome) one.resolve(outcome.written);
    else one.reject(outcome?.refused);
  }
}

function refuse(group: readonly Waiting[], error: unknown): void {
  for (const one of group) one.reject(error);
}
