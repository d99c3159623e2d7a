/** What a mail server said of an attempt. */
export type Answer =
  | { kind: "accepted" }
  /** Not now, or nobody knows: it is tried again. */
  | { kind: "later"; reason: string }
  /** Never: the server refuses this mail or its address for good (RFC 5321, 4.2.1: 5yz). */
  | { kind: "never"; reason: string };

export type NextStep =
  | { state: "sent" }
  | { state: "failed"; reason: string }
  | { state: "expired" }
  | { state: "queued"; nextAttemptAt: Date; reason: string };

const FIRST_DELAY_MS = 5_000;
const LONGEST_DELAY_MS = 3_600_000;
/** The last one is some seven hours after the first. */
export const ATTEMPTS_MAXIMUM = 12;

/** What becomes of a mail after an attempt: later attempts lie further apart, and none comes after the mail's expiry. */
export function afterAttempt(
  answer: Answer,
  mail: { attempts: number; expiresAt?: Date | undefined; now: Date },
): NextStep {
  const { attempts, expiresAt, now } = mail;
  switch (answer.kind) {
    case "accepted":
      return { state: "sent" };
    case "never":
      return { state: "failed", reason: answer.reason };
    case "later": {
      if (attempts >= ATTEMPTS_MAXIMUM) return { state: "failed", reason: answer.reason };
      const delayMs = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 4 ** (attempts - 1));
      const nextAttemptAt = new Date(now.getTime() + delayMs);
      if (expiresAt && expiresAt <= nextAttemptAt) return { state: "expired" };
      return { state: "queued", nextAttemptAt, reason: answer.reason };
    }
    default:
      return answer satisfies never;
  }
}

/** Commands at which a 5yz is about this mail; elsewhere it is about our log-in or the connection, and that is mended. */
const ABOUT_THE_MAIL: readonly string[] = ["MAIL FROM", "RCPT TO", "DATA", "API"];

/** Reads what the mail program threw. A reason never holds the server's words: they repeat addresses. */
export function answerOf(thrown: unknown): Answer {
  const { responseCode, command = "", code = "" } = fieldsOf(thrown);
  const reason = responseCode === undefined ? `unreachable ${code}`.trim() : `smtp_${responseCode}`;
  const isFinal = responseCode !== undefined && responseCode >= 500 && responseCode < 600;
  return isFinal && ABOUT_THE_MAIL.includes(command) ? { kind: "never", reason } : { kind: "later", reason };
}

function fieldsOf(thrown: unknown): { responseCode?: number; command?: string; code?: string } {
  if (typeof thrown !== "object" || thrown === null) return {};
  const { responseCode, command, code } = thrown as Record<string, unknown>;
  return {
    ...(typeof responseCode === "number" && { responseCode }),
    ...(typeof command === "string" && { command }),
    ...(typeof code === "string" && /^[A-Z_]{1,30}$/.test(code) && { code }),
  };
}
