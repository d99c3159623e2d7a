import { setTimeout as sleep } from "node:timers/promises";
import type { Attempted, Fate, Outbound } from "./outbound.ts";
import { isSafeToRepeat } from "./safety.ts";

/** Makes calls, and some of them again. */
export interface Retries {
  attempt(outbound: Outbound, once: (outbound: Outbound) => Promise<Attempted>): Promise<Attempted>;
}

const maxAttempts = 3;
const firstWaitMs = 50;
const waitFactor = 3;
const maxWaitMs = 500;
/** While more is refused than succeeds, nothing is tried again. (gRFC A6, retry throttling) */
const maxTokens = 20;
const tokensForSuccess = 0.2;

/**
 * Tries again, thrice at most in all, what was answered as unavailable: calls that are safe to repeat, those with a key whose
 * answer was lost, and any call of which it is known that it did not reach its server. The one rule for both transports.
 */
export function createRetries(): Retries {
  let tokens = maxTokens;
  return {
    async attempt(outbound, once) {
      // A server that says so is not asked even more; that a connection broke tells nothing of how busy the others are.
      // What came with a key is done once under it, however often it comes.
      const isKeyed = outbound.idempotencyKey !== undefined;
      const isSafe = isSafeToRepeat(outbound.operation);
      const mayRepeat = (fate: Fate) =>
        fate === "unsent" || (fate === "lost" ? isSafe || isKeyed : isSafe && tokens > maxTokens / 2);
      for (let count = 1; ; count += 1) {
        const attempted = await once(outbound);
        if (!("failed" in attempted)) {
          tokens = Math.min(maxTokens, tokens + tokensForSuccess);
          return attempted;
        }
        if (attempted.failed.code !== "unavailable") return attempted;
        if (attempted.fate === "answered") tokens = Math.max(0, tokens - 1);
        if (!mayRepeat(attempted.fate) || count === maxAttempts) return attempted;
        const waitMs = waitBefore(count);
        if (Date.now() + waitMs >= outbound.deadlineMs) return attempted;
        await pause(waitMs, outbound.signals);
        if (outbound.signals.some(({ aborted }) => aborted)) return attempted;
      }
    },
  };
}

/** At least half of what is due, so that a replica that is being replaced has a moment. */
function waitBefore(count: number): number {
  const dueMs = Math.min(maxWaitMs, firstWaitMs * waitFactor ** (count - 1));
  return dueMs * (0.5 + Math.random() / 2);
}

async function pause(waitMs: number, signals: readonly AbortSignal[]): Promise<void> {
  await sleep(waitMs, undefined, { signal: AbortSignal.any([...signals]) }).catch(() => undefined);
}
