import { failure } from "@partake/failure";
import { attempt, FailedAttempt, type Parts, type Request } from "./attempt.ts";
import { writeTimeoutMs } from "./connection.ts";
import type { Guard } from "./guards.ts";
import { finalFailure, finish, type Unsettled } from "./settling.ts";
import { openSolitary } from "./solitary.ts";
import { openTurns } from "./turns.ts";
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
 * that finds no other starts at once. A write that lost a race for a record goes on by taking turns at it; whatever else does
 * not go well together is done again in halves, and at last one by one.
 */
export function openWriter(parts: Parts): Writer {
  const waiting: Waiting[] = [];
  const underWay = new Map<string, Promise<Written>>();
  const alone = openSolitary(parts);
  const turns = openTurns(parts, settleInHalves);
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
    const racing = await raced(group);
    if (racing.length > 0 && racing.length < group.length) return settle(racing);
    if (racing.length > 0) await settleInHalves(racing);
  }

  /** Tries the group together. Who lost a race, or would join one, takes turns; returns those who have to be done again. */
  async function raced(group: readonly Unsettled[]): Promise<readonly Unsettled[]> {
    try {
      const outcomes = await attempt(parts, group, { singly: false, takesTurns: turns.includes });
      for (const [place, one] of group.entries()) {
        const outcome = outcomes[place];
        if (outcome && "waitsFor" in outcome) turns.join(one, outcome.waitsFor);
        else finish(one, outcome);
      }
      return [];
    } catch (error) {
      const final = finalFailure(error);
      if (final) for (const one of group) one.reject(final);
      if (final || !(error instanceof FailedAttempt)) return final ? [] : group;
      for (const [place, record] of error.lost) {
        const loser = group[place];
        if (loser) turns.join(loser, record);
      }
      return group.filter((_, place) => !error.lost.has(place));
    }
  }

  async function settleInHalves(group: readonly Unsettled[]): Promise<void> {
    const [first] = group;
    if (first && group.length === 1) return alone.settle(first);
    const half = Math.ceil(group.length / 2);
    for (const part of [group.slice(0, half), group.slice(half)])
      if (!(await settledTogether(parts, part))) await settleInHalves(part);
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
    const outcomes = await attempt(parts, group, { singly: false });
    for (const [place, one] of group.entries()) finish(one, outcomes[place]);
    return true;
  } catch (error) {
    const final = finalFailure(error);
    if (!final) return false;
    for (const one of group) one.reject(final);
    return true;
  }
}
