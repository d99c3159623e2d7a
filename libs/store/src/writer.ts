import { failure } from "@partake/failure";
import { attempt, FailedAttempt, type Parts, type Request, UnknownOutcome } from "./attempt.ts";
import { writeTimeoutMs } from "./connection.ts";
import { databaseFailure, isServerMissing } from "./database-errors.ts";
import type { Guard } from "./guards.ts";
import { finish, openSolitary, type Unsettled } from "./solitary.ts";
import type { Cause, Transaction, Written } from "./types.ts";

/** Transactions under way at a time. */
const lanes = 4;
/** While one is under way writes wait this long to go together in the next; a second one beside it is for when it is slow. */
const patienceMs = 8;
const mostInGroup = 32;
/** Beyond this the process sheds: who waits longer than a write may take gets no answer anyway. */
const mostUnsettled = 2000;

export interface Writer {
  write(cause: Cause, guard: Guard | undefined, work: (tx: Transaction) => Promise<string>): Promise<Written>;
  /** Refuses further writes and waits for those under way. */
  close(): Promise<void>;
}

type Waiting = Unsettled & { since: number };

/**
 * Group commit: a commit waits for disks, so writes that come at the same time share one. Nothing waits for company: a write
 * that finds no other starts at once. What does not go well together is done again in halves, and at last one by one.
 */
export function openWriter(parts: Parts): Writer {
  const waiting: Waiting[] = [];
  const underWay = new Map<string, Promise<Written>>();
  const alone = openSolitary(parts);
  let busy = 0;
  let unsettled = 0;
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
    await settle(group);
    busy -= 1;
    start();
  }

  async function settle(group: readonly Unsettled[]): Promise<void> {
    if (await settledTogether(parts, group)) return;
    const [first] = group;
    if (first && group.length === 1) return alone.settle(first);
    const half = Math.ceil(group.length / 2);
    await settle(group.slice(0, half));
    await settle(group.slice(half));
  }

  function enqueue(request: Request): Promise<Written> {
    if (closed) return Promise.reject(failure("unavailable", "shutting_down"));
    if (unsettled >= mostUnsettled) return Promise.reject(failure("unavailable", "overloaded", { retryAfterMs: 1000 }));
    unsettled += 1;
    const written = new Promise<Written>((resolve, reject) => {
      waiting.push({ ...request, since: parts.monotonicMs(), resolve, reject });
      start();
    });
    return written.finally(() => {
      unsettled -= 1;
      if (unsettled === 0) idle?.();
    });
  }

  /** The same key twice at once in this process: the second waits for the first. Across processes the database decides. */
  async function once(guard: Guard, request: Request): Promise<Written> {
    const mayRepeat = underWay.has(guard.id);
    for (let first = underWay.get(guard.id); first; first = underWay.get(guard.id)) {
      if (parts.monotonicMs() > request.deadline) throw failure("conflict", "idempotency_in_progress");
      await first.catch(() => undefined);
    }
    const running = enqueue({ ...request, mayRepeat }).finally(() => underWay.delete(guard.id));
    underWay.set(guard.id, running);
    return running;
  }

  return {
    async write(cause, guard, work) {
      const request = { cause, guard, work, deadline: parts.monotonicMs() + writeTimeoutMs, mayRepeat: false };
      return guard ? once(guard, request) : enqueue(request);
    },
    async close() {
      closed = true;
      if (unsettled === 0) return;
      await new Promise<void>((resolve) => {
        idle = resolve;
      });
    },
  };
}

/** False when the group does not go together. */
async function settledTogether(parts: Parts, group: readonly Unsettled[]): Promise<boolean> {
  try {
    finish(group, await attempt(parts, group, { singly: false }));
    return true;
  } catch (error) {
    const final = finalFailure(error);
    if (!final) return false;
    for (const one of group) one.reject(final);
    return true;
  }
}

/** What no further attempt would change in time: the end is not known, or no server was found for seconds. */
function finalFailure(error: unknown): unknown {
  if (error instanceof UnknownOutcome) return failure("unavailable", "outcome_unknown", { cause: error });
  return error instanceof FailedAttempt && isServerMissing(error.cause) ? databaseFailure(error.cause) : undefined;
}
