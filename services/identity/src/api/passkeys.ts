import { failure } from "@partake/failure";
import type { Call, Implementation } from "@partake/rpc";
import type { Parts } from "@partake/service";
import type { Store, Transaction } from "@partake/store";
import { labelOr, MOST_PASSKEYS } from "../domain/passkey.ts";
import { passkeyCeremonies } from "../passkeys.ts";
import { dropPasskey, keepPasskey, type PasskeyRecord, passkeys, passkeysOf } from "../store/passkeys.ts";
import { sealing } from "../store/sealing.ts";
import { notice } from "../store/security-notices.ts";
import { type UserRecord, users } from "../store/users.ts";
import { checkOwnLogIn } from "./checks.ts";

type Own = Pick<
  Implementation<"Identity">,
  "listPasskeys" | "beginPasskey" | "addPasskey" | "renamePasskey" | "removePasskey"
>;
type Creation = Awaited<ReturnType<Own["beginPasskey"]>>;
type Passkey = Awaited<ReturnType<Own["addPasskey"]>>;

/** One's own passkeys. (R24) */
export function passkeysApi({ store, clock, config, newId }: Parts): Own {
  const ceremonies = passkeyCeremonies({ origin: config.origin, sealing: sealing(config.encryptionKeys), clock });
  return {
    async listPasskeys(_request, { actorId }) {
      return { items: (await passkeysOf(store, actorId)).map(passkeyMessage) };
    },

    async beginPasskey(_request, call) {
      checkOwnLogIn(call);
      const userId = call.actorId;
      const user = present(await store.get(users, userId));
      const known = await passkeysOf(store, userId);
      if (known.length >= MOST_PASSKEYS) throw failure("unprocessable", "too_many_passkeys");
      const name = nameOf(user);
      const about = { boundTo: userId, userId, name, displayName: user.name || name, known };
      return creationMessage(await ceremonies.beginRegistration(about));
    },

    async addPasskey({ id, label, credentialId, clientData, attestationObject, transports }, call) {
      checkOwnLogIn(call);
      const userId = call.actorId;
      const answer = { credentialId, clientData, attestationObject, transports };
      // Of a repeat the challenge may have ended: whether it is one, the store knows.
      const isThere = (await store.get(passkeys, id)) !== undefined;
      const made = isThere ? undefined : await ceremonies.verifyRegistration({ boundTo: userId, answer });
      const noticeId = newId("eml");
      const written = await store.write(call, async (tx) => {
        if (made === undefined) throw failure("conflict", "id_taken");
        const user = await enabledUser(tx, userId);
        await keepPasskey(tx, { id, userId, label, made });
        await notice(tx, { id: noticeId, user, template: "passkey_added" });
        return id;
      });
      return passkeyMessage(await ownPasskey(store, call, written.id));
    },

    async renamePasskey({ passkeyId, label }, call) {
      await store.write(call, async (tx) => {
        const passkey = await ownPasskey(tx, call, passkeyId);
        await tx.update(passkeys, passkey, { label: labelOr(label, passkey.device) });
        return passkeyId;
      });
      return passkeyMessage(await ownPasskey(store, call, passkeyId));
    },

    async removePasskey({ passkeyId }, call) {
      checkOwnLogIn(call);
      const userId = call.actorId;
      const noticeId = newId("eml");
      await store.write(call, async (tx) => {
        const passkey = await ownPasskey(tx, call, passkeyId);
        const user = await enabledUser(tx, userId);
        await dropPasskey(tx, { passkey, mayBeLast: Boolean(user.email) });
        await notice(tx, { id: noticeId, user, template: "passkey_removed" });
        tx.audit({ action: "passkey.removed", organisationId: "platform", subjectId: userId, scope: passkeyId });
        return passkeyId;
      });
      return {};
    },
  };
}

async function ownPasskey(from: Pick<Store, "get"> | Transaction, call: Call, id: string): Promise<PasskeyRecord> {
  const passkey = await from.get(passkeys, id);
  if (passkey === undefined || passkey.userId !== call.actorId) throw failure("not_found", "not_found");
  return passkey;
}

async function enabledUser(tx: Transaction, userId: string): Promise<UserRecord> {
  const user = present(await tx.get(users, userId));
  if (!user.enabled) throw failure("forbidden", "account_disabled");
  return user;
}

function present(user: UserRecord | undefined): UserRecord {
  if (user === undefined) throw failure("not_found", "not_found");
  return user;
}

/** What the device shows, so that a person with two accounts can tell their passkeys apart. */
function nameOf({ email, name }: UserRecord): string {
  return email || name || "Partake";
}

function passkeyMessage(passkey: PasskeyRecord): Passkey {
  const { _id: id, label, device, backedUp, createdAt, lastUsedAt, version } = passkey;
  return {
    ...{ id, label, device, backedUp, version, createdAt: createdAt.toISOString() },
    ...(lastUsedAt !== undefined && { lastUsedAt: lastUsedAt.toISOString() }),
  };
}

type Options = Awaited<ReturnType<ReturnType<typeof passkeyCeremonies>["beginRegistration"]>>;

function creationMessage({ challenge, rp, user, timeout = 0, ...options }: Options): Creation {
  const type = "public-key" as const;
  return {
    ...{ challenge, user, timeout },
    rp: { id: rp.id ?? "", name: rp.name },
    pubKeyCredParams: options.pubKeyCredParams.map(({ alg }) => ({ type, alg })),
    excludeCredentials: (options.excludeCredentials ?? []).map(({ id, transports = [] }) => ({ type, id, transports })),
    authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "required" },
    attestation: "none",
  };
}
