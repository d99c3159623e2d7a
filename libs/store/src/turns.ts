import { failure } from "@partake/failure";
import { attempt, FailedAttempt, type Parts } from "./attempt.ts";
import { pause } from "./outbox.ts";
import { finalFailure, finish, type Unsettled } from "./settling.ts";

const mostInTurn = 32;
/** What the first rest is measured by. */
const usualTurnMs = 10;
/** So often a race may be lost by chance; who loses more of them waits longer: the other one may be a process that was killed. */
const lossesByChance = 4;
const longestRestMs = 100;
/** So long after a race for a record was lost, writes to it take turns. */
const contestedMs = 1000;

export interface Turns {
  /** Whether writes to that record take turns now. */
  includes(record: string): boolean;
  /** The write goes on by itself, until its deadline. */
  join(one: Unsettled, record: string): void;
}

type Taking = Unsettled & { record: string };

/** A record for which several writes raced, in milliseconds of the monotonic clock. */
interface Contested {
  until: number;
  /** Another process writes to it as well, or did a moment ago. */
  rivalUntil: number;
  /** Nobody here tries to change it before. */
  restsUntil: number;
  /** Races lost in a row. */
  losses: number;
  /** How long the last turn took; a lost race ends sooner. */
  turnMs: number;
}

/**
 * Writes to records that others write to at the same time. The database lets the first of two transactions go on and ends the
 * other one at once, so those that race only keep each other from their end, and who comes last may win. Here they stand in one
 * line: of this process one transaction is under way, with all that wait, in the order in which they came. Between processes
 * chance decides: after a race that was lost, and where there are rivals also after a turn, a process leaves the record alone
 * for about as long as a turn takes, so that the winner does not go on to win.
 */
export function openTurns(parts: Parts, settleOtherwise: (group: readonly Unsettled[]) => Promise<void>): Turns {
  const contested = new Map<string, Contested>();
  let waiting: Taking[] = [];
  let isRunning = false;

  function includes(record: string): boolean {
    const at = contested.get(record);
    return at !== undefined && parts.monotonicMs() < at.until;
  }

  async function takeTurns(): Promise<void> {
    isRunning = true;
    while (waiting.length > 0) {
      const group = due();
      if (group.length > 0) await takeTurn(group);
      else await pause(untilNextMs());
    }
    isRunning = false;
  }

  /** Takes out of the line whoever may go on now, and ends those whose time is over. */
  function due(): Taking[] {
    const now = parts.monotonicMs();
    const group: Taking[] = [];
    const others: Taking[] = [];
    for (const one of waiting) {
      if (now > one.deadline) one.reject(failure("unavailable", "contention", { retryAfterMs: 1000 }));
      else if (group.length < mostInTurn && restsUntil(one) <= now) group.push(one);
      else others.push(one);
    }
    waiting = others;
    return group;
  }

  function restsUntil({ record }: Taking): number {
    return contested.get(record)?.restsUntil ?? 0;
  }

  function untilNextMs(): number {
    const next = Math.min(...waiting.map(restsUntil));
    return Math.max(1, next - parts.monotonicMs());
  }

  async function takeTurn(group: readonly Taking[]): Promise<void> {
    const begun = parts.monotonicMs();
    try {
      const outcomes = await attempt(parts, group, { singly: false });
      for (const [place, one] of group.entries()) finish(one, outcomes[place]);
      for (const record of new Set(group.map((one) => one.record))) win(record, parts.monotonicMs() - begun);
    } catch (error) {
      const final = finalFailure(error);
      if (final) for (const one of group) one.reject(final);
      else if (error instanceof FailedAttempt && error.lost.size > 0) lose(group, error.lost);
      else await settleOtherwise(group);
    }
  }

  /** Those who met the other transaction wait for a while; the others go on at once. */
  function lose(group: readonly Taking[], lost: ReadonlyMap<number, string>): void {
    waiting.unshift(...group.map((one, place) => ({ ...one, record: lost.get(place) ?? one.record })));
    for (const record of new Set(lost.values())) {
      const at = contest(record);
      at.rivalUntil = at.until;
      at.losses += 1;
      rest(at, at.turnMs * 2 ** Math.max(0, at.losses - lossesByChance));
    }
  }

  function win(record: string, turnMs: number): void {
    const at = contested.get(record);
    if (at === undefined) return;
    Object.assign(at, { losses: 0, turnMs });
    if (parts.monotonicMs() < at.rivalUntil) rest(at, 2 * turnMs);
  }

  function contest(record: string): Contested {
    const now = parts.monotonicMs();
    for (const [known, { until }] of contested) if (until < now) contested.delete(known);
    const at = contested.get(record) ?? { until: 0, rivalUntil: 0, restsUntil: 0, losses: 0, turnMs: usualTurnMs };
    at.until = now + contestedMs;
    contested.set(record, at);
    return at;
  }

  function rest(at: Contested, mostMs: number): void {
    at.restsUntil = parts.monotonicMs() + Math.random() * Math.min(mostMs, longestRestMs);
  }

  return {
    includes,
    join(one, record) {
      contest(record);
      waiting.push({ ...one, record });
      if (!isRunning) void takeTurns();
    },
  };
}
