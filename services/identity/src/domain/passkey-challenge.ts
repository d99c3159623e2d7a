/** How long a person has for their device's question. */
export const CHALLENGE_LIFE_MS = 5 * 60_000;

/** What a challenge is for: making a passkey or logging in with one, by one person or in one log-in. It is good for nothing else. */
export interface ChallengeUse {
  purpose: "registration" | "log_in";
  /** The id of the person, or of the log-in under way. */
  boundTo: string;
}

export type ChallengeVerdict = { kind: "good"; expiresAt: Date } | { kind: "expired" } | { kind: "foreign" };

/** Keyed hashes of a text, base64url: the first is made with the present key. */
type Macs = (text: string) => readonly string[];

const timeBytes = 6;
const nonceBytes = 16;
const macBytes = 32;

// A challenge proves by itself who made it, for what and until when. So asking for one stores nothing, however often that is
// done; what is stored, until it ends, is that one was used.

export function makeChallenge(use: ChallengeUse, of: { now: Date; nonce: Uint8Array; macs: Macs }): Uint8Array {
  const time = Buffer.alloc(timeBytes);
  time.writeUIntBE(of.now.getTime() + CHALLENGE_LIFE_MS, 0, timeBytes);
  const head = Buffer.concat([time, of.nonce.subarray(0, nonceBytes)]);
  return Buffer.concat([head, Buffer.from(of.macs(textOf(use, head))[0] ?? "", "base64url")]);
}

export function judgeChallenge(
  challenge: Uint8Array,
  use: ChallengeUse,
  of: { now: Date; macs: Macs; isSame(a: Buffer, b: Buffer): boolean },
): ChallengeVerdict {
  const bytes = Buffer.from(challenge);
  if (bytes.length !== timeBytes + nonceBytes + macBytes) return { kind: "foreign" };
  const [head, mac] = [bytes.subarray(0, timeBytes + nonceBytes), bytes.subarray(timeBytes + nonceBytes)];
  const fitting = of.macs(textOf(use, head)).some((known) => of.isSame(Buffer.from(known, "base64url"), mac));
  if (!fitting) return { kind: "foreign" };
  const expiresAt = new Date(head.readUIntBE(0, timeBytes));
  return expiresAt > of.now ? { kind: "good", expiresAt } : { kind: "expired" };
}

function textOf({ purpose, boundTo }: ChallengeUse, head: Buffer): string {
  return `${purpose}:${boundTo}:${head.toString("base64url")}`;
}
