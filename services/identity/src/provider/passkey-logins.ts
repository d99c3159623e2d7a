import { asFailure, failure } from "@partake/failure";
import type { Log, Store } from "@partake/store";
import type { PublicKeyCredentialRequestOptionsJSON } from "@simplewebauthn/server";
import type { LoginLimits } from "../domain/login-limits.ts";
import { methodsOf } from "../domain/passkey.ts";
import type { LogInAnswer, Passkeys } from "../passkeys.ts";
import type { Accounts } from "../store/accounts.ts";
import type { CountLogin } from "../store/login-counters.ts";
import { byCredentialId, noteUse, passkeysOf } from "../store/passkeys.ts";
import type { UserRecord } from "../store/users.ts";
import type { LoginRefusals } from "./login-refusals.ts";

export interface PasskeyLoginsParts {
  store: Store;
  accounts: Accounts;
  passkeys: Passkeys;
  count: CountLogin;
  limits: LoginLimits;
  refusals: LoginRefusals;
  log: Log;
}

/** A log-in under way. Of somebody who is logged in and proves it anew, it is known who they are. */
export interface PasskeyLogin {
  uid: string;
  knownUserId?: string | undefined;
}

/** Logging in with a passkey. (R24) */
export interface PasskeyLogins {
  /** Whether there may be one to log in with: somebody who is known and has none is not asked. */
  canBegin(of: PasskeyLogin): Promise<boolean>;
  begin(of: PasskeyLogin): Promise<PublicKeyCredentialRequestOptionsJSON>;
  /** The person, or undefined: for a passkey that nobody has as for one that proves nothing. Throws where the account is disabled. */
  finish(
    of: PasskeyLogin & { answer: LogInAnswer; ip: string },
  ): Promise<{ user: UserRecord; amr: string[] } | undefined>;
}

/** What is wrong with the proof itself; all else is thrown on. */
const ofProof = ["passkey_refused", "passkey_copied", "challenge_ended", "id_taken"];

export function passkeyLogins(parts: PasskeyLoginsParts): PasskeyLogins {
  const { store, accounts, passkeys, count, limits, refusals, log } = parts;
  const known = async ({ knownUserId }: PasskeyLogin) =>
    knownUserId === undefined ? [] : await passkeysOf(store, knownUserId);
  return {
    async canBegin(of) {
      return of.knownUserId === undefined || (await known(of)).length > 0;
    },
    async begin(of) {
      const own = await known(of);
      if (of.knownUserId !== undefined && own.length === 0) throw failure("not_found", "not_found");
      return passkeys.beginLogIn({ boundTo: of.uid, known: own });
    },
    async finish({ uid, knownUserId, answer, ip }) {
      await count(limits.tryIp, ip);
      const passkey = await byCredentialId(store, answer.credentialId);
      if (passkey === undefined || (knownUserId !== undefined && passkey.userId !== knownUserId)) return undefined;
      try {
        const use = await passkeys.verifyLogIn({ boundTo: uid, answer, passkey });
        await store.write(by(passkey.userId), async (tx) => {
          await noteUse(tx, use);
          return passkey._id;
        });
      } catch (error) {
        const { reason } = asFailure(error);
        if (!ofProof.includes(reason)) throw error;
        refusals.note({ userId: passkey.userId, cause: reason });
        // Its person cannot see that somebody has a copy of the key; whoever runs the platform should.
        if (reason === "passkey_copied") log.warn({ passkeyId: passkey._id }, "a passkey counted backwards");
        return undefined;
      }
      const user = await accounts.enter(passkey.userId).catch((error: unknown) => {
        refusals.note({ userId: passkey.userId, cause: asFailure(error).reason });
        throw error;
      });
      return { user, amr: methodsOf(passkey.device) };
    },
  };
}

function by(actorId: string) {
  return { actorId, traceparent: undefined };
}
