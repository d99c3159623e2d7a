// When a call is tried again, and after how long.
import { Problem } from "./problem.ts";

const firstDelayMs = 200;
const maxDelayMs = 30_000;

export interface Attempt {
  /** From 0. */
  count: number;
  retries: number;
  isRepeatable: boolean;
  random: () => number;
}

/**
 * How long to wait before the next attempt, or undefined if there should be none. A refusal with 429 or 503 says that nothing
 * was done; after a broken connection nobody knows, so both are repeated only where doing it twice does no more than once.
 */
export function delayBeforeRetry(thrown: unknown, attempt: Attempt): number | undefined {
  if (!attempt.isRepeatable || attempt.count >= attempt.retries) return undefined;
  if (thrown instanceof Problem) {
    if (thrown.status !== 429 && thrown.status !== 503) return undefined;
    if (thrown.retryAfterMs !== undefined) {
      return thrown.retryAfterMs > maxDelayMs ? undefined : Math.max(thrown.retryAfterMs, backOff(attempt) / 2);
    }
    return backOff(attempt);
  }
  // What fetch throws when there was no answer; an abort is a DOMException.
  return thrown instanceof TypeError ? backOff(attempt) : undefined;
}

/** Doubles, and spreads over its whole length so that many clients do not come back together. */
function backOff({ count, random }: Attempt): number {
  return Math.min(maxDelayMs, firstDelayMs * 2 ** count) * (0.5 + random() / 2);
}

/** Waits; rejects with the signal's reason as soon as it aborts. */
export function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    const abort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", abort);
      resolve();
    }, ms);
    signal.addEventListener("abort", abort, { once: true });
  });
}
