import { createHash } from "node:crypto";
import { asFailure } from "@partake/failure";
import type { PublicKeyCredentialCreationOptionsJSON } from "@simplewebauthn/server";
import type { LoginLimits } from "../domain/login-limits.ts";
import { methodsOf } from "../domain/passkey.ts";
import type { Passkeys, RegistrationAnswer } from "../passkeys.ts";
import type { Opening, Redeeming } from "../redeeming.ts";
import type { Documents } from "../store/documents.ts";
import type { CountLogin } from "../store/login-counters.ts";

export interface PrintedCodeLoginsParts {
  documents: Documents;
  redeeming: Redeeming;
  passkeys: Passkeys;
  count: CountLogin;
  limits: LoginLimits;
  clock: { now(): Date };
}

/** How it ended: with an account, or with why there is none. */
export type RedeemedLogin =
  | { kind: "in"; userId: string; amr: string[] }
  /** The device's answer proves nothing; the code is as good as before. */
  | { kind: "passkey_refused" }
  | { kind: "ended" }
  /** The contact's account is another one, which its person logs in with and then accepts. */
  | { kind: "has_account" };

/** Logging in with a printed code: it is taken on one page, and used up by the passkey that the next one makes. (R24) */
export interface PrintedCodeLogins {
  /** Whether what was typed opens something; then the log-in goes on with it. Whatever is wrong with it, it looks the same. */
  take(of: { uid: string; typed: string; ip: string }): Promise<boolean>;
  /** What the log-in goes on with, as long as that holds. */
  opening(uid: string): Promise<Opening | undefined>;
  options(uid: string, opening: Opening): Promise<PublicKeyCredentialCreationOptionsJSON>;
  finish(of: {
    uid: string;
    answer: RegistrationAnswer;
    browserId: string | undefined;
    ip: string;
  }): Promise<RedeemedLogin>;
}

/** How long somebody may take from typing the code to having a passkey. */
const patienceMs = 30 * 60_000;
const passkeyReasons = ["passkey_refused", "passkey_known", "challenge_ended"];

export function printedCodeLogins(parts: PrintedCodeLoginsParts): PrintedCodeLogins {
  const { documents, redeeming, passkeys, count, limits, clock } = parts;

  async function opening(uid: string): Promise<Opening | undefined> {
    const taken = await documents.redemptions.findOne({ _id: redemptionId(uid) });
    return taken !== null && taken.expiresAt > clock.now() ? redeeming.reopen(taken) : undefined;
  }

  return {
    async take({ uid, typed, ip }) {
      await count(limits.printedIp, ip);
      await count(limits.printedAll, "all");
      const opened = await redeeming.open(typed);
      if (opened === undefined) return false;
      const { participationId, printId } = opened;
      const taken = { participationId, printId, expiresAt: new Date(clock.now().getTime() + patienceMs) };
      await documents.redemptions.replaceOne({ _id: redemptionId(uid) }, taken, { upsert: true });
      return true;
    },
    opening,
    options(uid, { userId, personName, organisationName }) {
      const name = personName === "" ? organisationName : personName;
      return passkeys.beginRegistration({ boundTo: uid, userId, name, displayName: name, known: [] });
    },
    async finish({ uid, answer, browserId, ip }) {
      await count(limits.tryIp, ip);
      const opened = await opening(uid);
      if (opened === undefined) return { kind: "ended" };
      try {
        const made = await passkeys.verifyRegistration({ boundTo: uid, answer });
        await redeeming.redeem(opened, { made, browserId });
        return { kind: "in", userId: opened.userId, amr: methodsOf(made.device) };
      } catch (error) {
        const { code, reason } = asFailure(error);
        if (passkeyReasons.includes(reason)) return { kind: "passkey_refused" };
        if (reason === "contact_linked") return { kind: "has_account" };
        if (code === "gone" || code === "not_found" || reason === "invitation_used") return { kind: "ended" };
        throw error;
      }
    },
  };
}

function redemptionId(uid: string): string {
  return createHash("sha256").update(`redemption:${uid}`).digest("base64url");
}
