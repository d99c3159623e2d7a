import { createHash, generateKeyPair } from "node:crypto";
import { promisify } from "node:util";
import { asFailure } from "@partake/failure";
import type { Store, Transaction } from "@partake/store";
import { createLocalJWKSet, type JWK } from "jose";
import { planRotation, signingOrder } from "../domain/key-rotation.ts";
import type { Sealing } from "../store/sealing.ts";
import { signingKeys as collection, type SigningKeyRecord } from "../store/signing-keys.ts";

/** The keys of a moment: private, the signing one first. */
export interface KeyRing {
  keys: readonly JWK[];
  publicKeys: readonly JWK[];
  /** Differs whenever another key signs, appears or goes. */
  mark: string;
  /** For verifying our own tokens. */
  verification: ReturnType<typeof createLocalJWKSet>;
}

export interface SigningKeys {
  /** The ring as the database has it now. Makes the very first key. */
  load(): Promise<KeyRing>;
  /** Makes the next key and destroys retired ones, as far as it is time. On one replica at a time. */
  rotate(): Promise<void>;
}

export interface SigningKeysParts {
  store: Store;
  sealing: Sealing;
  clock: { now(): Date };
}

const purpose = "signing key";
const cause = { actorId: "service:identity", traceparent: undefined };
const mostKeys = 50;
const makeKeyPair = promisify(generateKeyPair);

/** The provider's RSA keys. They live in the database, encrypted, so that every replica signs with the same one. */
export function signingKeys(parts: SigningKeysParts): SigningKeys {
  const { store, sealing, clock } = parts;
  return {
    async load() {
      const stored = await store.find(collection, {}, { limit: mostKeys });
      if (stored.length > 0) return ringOf(stored, sealing, clock.now());
      await create(parts, { generation: 1, activeFrom: clock.now() });
      return ringOf(await store.find(collection, {}, { limit: mostKeys }), sealing, clock.now());
    },
    async rotate() {
      const stored = await store.find(collection, {}, { limit: mostKeys });
      const plan = planRotation(stored.map(timesOf), clock.now());
      if (plan.create !== undefined) {
        await create(parts, { generation: nextGeneration(stored), activeFrom: plan.create });
      }
      for (const kid of plan.retire) await store.write(cause, (tx) => retire(tx, kid));
    },
  };
}

function nextGeneration(stored: readonly SigningKeyRecord[]): number {
  return Math.max(0, ...stored.map((key) => key.generation)) + 1;
}

async function create(
  { store, sealing }: SigningKeysParts,
  of: { generation: number; activeFrom: Date },
): Promise<void> {
  const { privateKey } = await makeKeyPair("rsa", { modulusLength: 2048 });
  const jwk = privateKey.export({ format: "jwk" });
  const kid = createHash("sha256").update(`${jwk.kty}.${jwk.e}.${jwk.n}`).digest("base64url");
  const sealed = sealing.seal(JSON.stringify(jwk), purpose);
  await store
    .write(cause, async (tx) => {
      await tx.insert(collection, { _id: kid, ...of, sealed, createdAt: tx.now });
      tx.audit({ action: "signing_key.created", organisationId: "platform", subjectId: kid });
      return kid;
    })
    .catch((error: unknown) => {
      // Another replica made this generation first: its key is as good.
      if (asFailure(error).reason !== "already_exists") throw error;
    });
}

async function retire(tx: Transaction, kid: string): Promise<string> {
  const key = await tx.get(collection, kid);
  if (key === undefined) return kid;
  await tx.remove(collection, key);
  tx.audit({ action: "signing_key.retired", organisationId: "platform", subjectId: kid });
  return kid;
}

function ringOf(stored: readonly SigningKeyRecord[], sealing: Sealing, now: Date): KeyRing {
  const ordered = signingOrder(
    stored.map((record) => ({ ...timesOf(record), sealed: record.sealed })),
    now,
  );
  const keys = ordered.map(({ kid, sealed }) => {
    const jwk = JSON.parse(sealing.open(sealed, purpose)) as JWK;
    return { ...jwk, kid, use: "sig", alg: "RS256" };
  });
  const publicKeys = keys.map(publicPart);
  return {
    keys,
    publicKeys,
    mark: keys.map(({ kid }) => kid).join(" "),
    verification: createLocalJWKSet({ keys: publicKeys }),
  };
}

function publicPart({ kty, n, e, kid, alg, use }: JWK): JWK {
  return JSON.parse(JSON.stringify({ kty, n, e, kid, alg, use })) as JWK;
}

function timesOf({ _id, activeFrom }: SigningKeyRecord) {
  return { kid: _id, activeFrom };
}
