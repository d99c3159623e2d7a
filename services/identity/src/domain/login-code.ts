/** How long a code can be used, and how often it may be mistyped. */
export const CODE_LIFE_MS = 10 * 60_000;
export const CODE_TRIES = 5;

const digits = 8;

/** What is stored of a code that was mailed: never the code itself. */
export interface StoredCode {
  codeHash: string;
  /** Tries begun, the present one included. */
  tries: number;
  expiresAt: Date;
}

export type CodeOutcome = "right" | "wrong" | "expired" | "worn_out";

/** A new code. Eight digits: with the bounds on tries and mails, guessing one address for a year has odds below one in a hundred. */
export function makeCode(randomBelow: (bound: number) => number): string {
  return String(randomBelow(10 ** digits)).padStart(digits, "0");
}

/** What a person typed, as a code: people copy spaces and hyphens along. */
export function readCode(typed: string): string {
  return typed.replace(/[\s\p{Dash}]/gu, "").slice(0, 20);
}

/** The outcome of one try. `matches` compares the hash in constant time. */
export function judgeCode(
  stored: StoredCode | undefined,
  matches: (codeHash: string) => boolean,
  now: Date,
): CodeOutcome {
  if (stored === undefined || stored.expiresAt <= now) return "expired";
  if (stored.tries > CODE_TRIES) return "worn_out";
  return matches(stored.codeHash) ? "right" : "wrong";
}
