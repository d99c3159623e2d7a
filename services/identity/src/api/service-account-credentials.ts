import { failure } from "@partake/failure";
import type { Implementation } from "@partake/rpc";
import type { Parts } from "@partake/service";
import { isLive, MOST_CREDENTIALS } from "../domain/service-account.ts";
import { readClientKey } from "../provider/client-keys.ts";
import { endCredentialSession } from "../store/login-sessions.ts";
import { sealing as openSealing } from "../store/sealing.ts";
import { type StoredCredential, secretHash, serviceAccounts } from "../store/service-accounts.ts";
import { endFrom } from "./checks.ts";
import { credentialMessage } from "./service-account-messages.ts";
import { accountIn, checkAdmin, ownAccount } from "./service-accounts.ts";

type Credentials = Pick<Implementation<"Identity">, "addServiceAccountCredential" | "removeServiceAccountCredential">;

/** What service accounts prove themselves with. A secret is made here and stored as its hash alone. (R22) */
export function serviceAccountCredentialsApi({ store, clock, config }: Parts): Credentials {
  const sealing = openSealing(config.encryptionKeys);
  // Made from the credential's id, so that the same request again gives the same answer without the secret being kept.
  const secretOf = (account: string, id: string) => sealing.mac(`${account} ${id}`, "service account secret");
  return {
    async addServiceAccountCredential({ serviceAccountId, id, publicKey, expiresAt: end }, call) {
      const known = await ownAccount(store, call, serviceAccountId);
      const expiresAt = endFrom(end, { now: clock.now(), field: "expiresAt" });
      const secret = known.method === "client_secret" ? secretOf(serviceAccountId, id) : undefined;
      const proof = secret === undefined ? keyProof(publicKey, id) : secretProof(secret, publicKey);
      const written = await store.write(call, async (tx) => {
        await checkAdmin(tx, call, "service_account.edit");
        const account = await accountIn(tx, call, serviceAccountId);
        const live = account.credentials.filter((credential) => isLive(credential, tx.now));
        if (live.some((credential) => credential.id === id)) throw failure("conflict", "already_exists");
        if (live.length >= MOST_CREDENTIALS) throw failure("unprocessable", "too_many_credentials");
        const added = { id, ...proof, createdAt: tx.now, ...(expiresAt !== undefined && { expiresAt }) };
        await tx.update(serviceAccounts, account, { credentials: [...live, added] });
        const { organisationId } = call;
        tx.audit({
          action: "service_account.key_changed",
          organisationId,
          subjectId: serviceAccountId,
          scope: id,
        });
        return id;
      });
      const credential = (await ownAccount(store, call, serviceAccountId)).credentials.find(
        (one) => one.id === written.id,
      );
      if (credential === undefined) throw failure("not_found", "not_found");
      const shownSecret = secret === undefined ? {} : { clientSecret: secretOf(serviceAccountId, credential.id) };
      return { credential: credentialMessage(credential, []), ...shownSecret };
    },

    async removeServiceAccountCredential({ serviceAccountId, credentialId }, call) {
      await store.write(call, async (tx) => {
        await checkAdmin(tx, call, "service_account.edit");
        const account = await accountIn(tx, call, serviceAccountId);
        const removed = account.credentials.find(({ id }) => id === credentialId);
        if (removed === undefined) throw failure("not_found", "not_found");
        await tx.update(serviceAccounts, account, {
          credentials: account.credentials.filter((credential) => credential !== removed),
        });
        await endCredentialSession(tx, { userId: serviceAccountId, credential: removed });
        const { organisationId } = call;
        const about = { organisationId, subjectId: serviceAccountId, scope: credentialId };
        tx.audit({ action: "service_account.key_changed", ...about });
        return credentialId;
      });
      return {};
    },
  };
}

type Proof = Pick<StoredCredential, "secretHash" | "publicKey" | "thumbprint">;

function secretProof(secret: string, publicKey: string | undefined): Proof {
  if (publicKey === undefined) return { secretHash: secretHash(secret) };
  const errors = [{ pointer: "/publicKey", code: "not_allowed", message: "belongs to accounts with private_key_jwt" }];
  throw failure("invalid", "public_key_invalid", { errors });
}

function keyProof(publicKey: string | undefined, kid: string): Proof {
  if (publicKey === undefined) {
    const errors = [{ pointer: "/publicKey", code: "required", message: "is required" }];
    throw failure("invalid", "public_key_missing", { errors });
  }
  const { jwk, thumbprint } = readClientKey(publicKey, kid);
  return { publicKey: JSON.stringify(jwk), thumbprint };
}
