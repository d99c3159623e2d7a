import { timingSafeEqual } from "node:crypto";
import { asFailure } from "@partake/failure";
import type { Store } from "@partake/store";
import { compactVerify, decodeProtectedHeader, importJWK, type JWK } from "jose";
import type { AdapterPayload, KoaContextWithOIDC, default as Provider } from "oidc-provider";
import { isLive } from "../domain/service-account.ts";
import {
  credentialUses,
  type ServiceAccountRecord,
  type StoredCredential,
  secretHash,
  serviceAccounts,
} from "../store/service-accounts.ts";

/** A service account, and which of its credentials a request was proved with. */
export interface Proved {
  account: ServiceAccountRecord;
  credential: StoredCredential;
}

/** Service accounts as clients of the OpenID Provider. They are read for each request: what was revoked counts no more. (R22) */
export interface ServiceAccountClients {
  /** The account as a client's registration, or undefined where there is none that counts now. */
  registration(clientId: string): Promise<AdapterPayload | undefined>;
  /** The account of a client, if it counts now. */
  account(clientId: string): Promise<ServiceAccountRecord | undefined>;
  /** Who asks for a token, by a credential that still counts. The request was verified before. */
  proved(ctx: KoaContextWithOIDC): Promise<Proved | undefined>;
  /** Notes that the credential of this request got a token. */
  noteUse(ctx: KoaContextWithOIDC): Promise<void>;
}

const clientIdForm = /^usr_[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** A use within so long of the last one is not worth a write. */
const noteEveryMs = 60_000;

export function serviceAccountClients(parts: { store: Store; clock: { now(): Date } }): ServiceAccountClients {
  const { store, clock } = parts;
  const account = async (clientId: string) => {
    const found = clientIdForm.test(clientId) ? await store.get(serviceAccounts, clientId) : undefined;
    const counts = found?.enabled === true && !found.revoked && isLive(found, clock.now());
    return counts ? found : undefined;
  };
  const proved = async (ctx: KoaContextWithOIDC): Promise<Proved | undefined> => {
    const found = await account(ctx.oidc.client?.clientId ?? "");
    // Tokens live for whole seconds: what ends within one makes none.
    const until = new Date(clock.now().getTime() + 1_000);
    const live = found?.credentials.filter((credential) => isLive(credential, until)) ?? [];
    const credential = await credentialOf(ctx, live);
    return found === undefined || credential === undefined ? undefined : { account: found, credential };
  };
  return {
    account,
    proved,
    async registration(clientId) {
      const found = await account(clientId);
      return found === undefined ? undefined : registrationOf(found, clock.now());
    },
    async noteUse(ctx) {
      const found = await proved(ctx);
      if (found === undefined) return;
      const { account: user, credential: used } = found;
      const known = await store.get(credentialUses, used.id);
      if (known !== undefined && clock.now().getTime() - known.usedAt.getTime() < noteEveryMs) return;
      await store
        .write({ actorId: user._id, traceparent: undefined }, async (tx) => {
          const current = await tx.get(credentialUses, used.id);
          const usedAt = clock.now();
          if (current === undefined)
            await tx.insert(credentialUses, { _id: used.id, serviceAccountId: user._id, usedAt });
          else await tx.update(credentialUses, current, { usedAt });
          return used.id;
        })
        .catch((error: unknown) => {
          // Another request noted it at the same moment.
          if (asFailure(error).code !== "conflict") throw error;
        });
    },
  };
}

function registrationOf(account: ServiceAccountRecord, now: Date): AdapterPayload | undefined {
  const live = account.credentials.filter((credential) => isLive(credential, now));
  if (live.length === 0) return undefined;
  const common = {
    client_id: account._id,
    client_name: account.name,
    grant_types: ["client_credentials"],
    redirect_uris: [],
    response_types: [],
  };
  if (account.method === "private_key_jwt") {
    const keys = live.map(({ publicKey = "{}" }) => withBothNames(JSON.parse(publicKey) as JWK));
    return { ...common, token_endpoint_auth_method: "private_key_jwt", jwks: { keys } } as AdapterPayload;
  }
  // What the provider keeps as the secret are the hashes of those that count; `compareBySecretHash` knows how to read them.
  const hashes = live.map(({ secretHash: hash = "" }) => hash).join(" ");
  return { ...common, token_endpoint_auth_method: "client_secret_basic", client_secret: hashes } as AdapterPayload;
}

/** An Ed25519 key signs under both names of its one algorithm, EdDSA (RFC 8037) and Ed25519 (RFC 9864): its curve says all. */
function withBothNames({ alg, ...key }: JWK): JWK {
  return key.kty === "OKP" ? key : { ...key, ...(alg !== undefined && { alg }) };
}

/** Lets the provider compare a secret with the hashes of those that a client has, each in constant time. */
export function compareBySecretHash(provider: Provider): void {
  Object.defineProperty(provider.Client.prototype, "compareClientSecret", {
    configurable: true,
    value(this: { clientSecret?: string }, given: string) {
      const hash = Buffer.from(secretHash(given));
      const known = (this.clientSecret ?? "").split(" ").map((text) => Buffer.from(text));
      return known.filter((one) => one.length === hash.length && timingSafeEqual(one, hash)).length > 0;
    },
  });
}

/** Which of these credentials a request was proved with. */
async function credentialOf(
  { oidc, headers }: KoaContextWithOIDC,
  credentials: readonly StoredCredential[],
): Promise<StoredCredential | undefined> {
  const assertion = oidc.params?.["client_assertion"];
  if (typeof assertion === "string") return signerOf(assertion, credentials);
  const posted = oidc.params?.["client_secret"];
  const hash = secretHash(typeof posted === "string" ? posted : basicSecret(headers.authorization ?? ""));
  return credentials.find((credential) => credential.secretHash === hash);
}

/** By the key that an assertion names, else by whichever it was made with: a guess would let its tokens outlive it. */
async function signerOf(
  assertion: string,
  credentials: readonly StoredCredential[],
): Promise<StoredCredential | undefined> {
  const { kid, alg } = decodeProtectedHeader(assertion);
  if (kid !== undefined) return credentials.find(({ id }) => id === kid);
  for (const credential of credentials) if (await isSignedBy(assertion, credential, alg)) return credential;
  return undefined;
}

async function isSignedBy(assertion: string, { publicKey = "{}" }: StoredCredential, alg?: string): Promise<boolean> {
  const verified = importJWK(JSON.parse(publicKey) as JWK, alg).then((key) => compactVerify(assertion, key));
  return verified.then(
    () => true,
    () => false,
  );
}

function basicSecret(authorization: string): string {
  const pair = Buffer.from(authorization.slice(authorization.indexOf(" ") + 1), "base64").toString("utf8");
  return decodeURIComponent(pair.slice(pair.indexOf(":") + 1));
}
