import { createHash, randomInt, timingSafeEqual } from "node:crypto";
import { failure } from "@partake/failure";
import { CODE_LIFE_MS, CODE_TRIES, judgeCode, makeCode, readCode } from "../domain/login-code.ts";
import type { LoginLimits } from "../domain/login-limits.ts";
import type { Documents, LoginAttempt } from "../store/documents.ts";
import type { LoginCounters } from "../store/login-counters.ts";
import type { Sealing } from "../store/sealing.ts";

export interface LoginCodesParts {
  documents: Documents;
  sealing: Sealing;
  counters: LoginCounters;
  limits: LoginLimits;
  clock: { now(): Date };
  /** Hands a code over to be mailed; rejects when that is not possible now. */
  mail(of: { email: string; code: string; expiresAt: Date }): Promise<void>;
}

export interface SendCode {
  uid: string;
  email: string;
  ip: string;
  outside?: NonNullable<LoginAttempt["outside"]>;
}

export interface LoginCodes {
  /** Keeps the address of a log-in whose person may go to an outside provider instead. No code fits it. */
  remember(of: { uid: string; email: string; ip: string }): Promise<void>;
  /** Mails a new code; one that was sent before for this log-in counts no more. The same for known and unknown addresses. */
  send(of: SendCode): Promise<void>;
  /** The log-in under way, or undefined. */
  find(uid: string): Promise<LoginAttempt | undefined>;
  /** Tries a code. The right one gives the log-in and is used up; a wrong one gives undefined. */
  redeem(of: { uid: string; code: string; ip: string }): Promise<LoginAttempt | undefined>;
}

const purpose = "login code";

export function loginCodes(parts: LoginCodesParts): LoginCodes {
  const { documents, sealing, limits, clock } = parts;
  const { count, forget } = parts.counters;
  const hashOf = (uid: string, code: string) => sealing.mac(`${uid}:${code}`, purpose);
  return {
    async remember({ uid, email, ip }) {
      await count(limits.beginIp, ip);
      const expiresAt = new Date(clock.now().getTime() + CODE_LIFE_MS);
      const attempt = { email, codeHash: "", tries: CODE_TRIES + 1, expiresAt };
      await documents.attempts.replaceOne({ _id: attemptId(uid) }, attempt, { upsert: true });
    },
    async send({ uid, email, ip, outside }) {
      await count(limits.mailIp, ip);
      // Before those of the address alone: what one client is refused counts against nobody else.
      await count(limits.mailClient, clientAndAddress(ip, email));
      await count(limits.mailClientDay, clientAndAddress(ip, email));
      await count(limits.mailAddress, email);
      await count(limits.mailAddressDay, email);
      const code = makeCode((bound) => randomInt(bound));
      const expiresAt = new Date(clock.now().getTime() + CODE_LIFE_MS);
      const attempt = { email, codeHash: hashOf(uid, code), tries: 0, expiresAt, ...(outside && { outside }) };
      await documents.attempts.replaceOne({ _id: attemptId(uid) }, attempt, { upsert: true });
      await parts.mail({ email, code, expiresAt });
    },
    async find(uid) {
      const attempt = await documents.attempts.findOne({ _id: attemptId(uid) });
      return attempt !== null && attempt.expiresAt > clock.now() ? attempt : undefined;
    },
    async redeem({ uid, code, ip }) {
      await count(limits.tryIp, ip);
      const _id = attemptId(uid);
      // Counting comes first and is atomic: many tries at once are as many tries.
      const attempt = await documents.attempts.findOneAndUpdate(
        { _id, tries: { $lte: CODE_TRIES } },
        { $inc: { tries: 1 } },
        { returnDocument: "after" },
      );
      const given = hashOf(uid, readCode(code));
      const outcome = judgeCode(attempt ?? undefined, (stored) => isSame(stored, given), clock.now());
      switch (outcome) {
        case "wrong":
          return undefined;
        case "expired":
        case "worn_out":
          throw failure("gone", "code_expired");
        case "right": {
          const { deletedCount } = await documents.attempts.deleteOne({ _id, codeHash: given });
          if (deletedCount !== 1 || attempt === null) throw failure("gone", "code_expired");
          for (const limit of [limits.mailClient, limits.mailClientDay])
            await forget(limit, clientAndAddress(ip, attempt.email));
          return attempt;
        }
        default:
          return outcome satisfies never;
      }
    },
  };
}

function clientAndAddress(ip: string, email: string): string {
  return `${ip} ${email}`;
}

function attemptId(uid: string): string {
  return createHash("sha256").update(`attempt:${uid}`).digest("base64url");
}

function isSame(stored: string, given: string): boolean {
  const [a, b] = [Buffer.from(stored), Buffer.from(given)];
  return a.length === b.length && timingSafeEqual(a, b);
}
