import { createPrivateKey, type KeyObject } from "node:crypto";
import { type CryptoKey, compactVerify, importJWK, importPKCS8, type JWK, SignJWT } from "jose";
import { readClaims, readTokenHeader, tokenInvalid } from "./token-header.ts";

/** The public keys of the services, by service name. A service whose key is being changed has two. */
export type ServiceKeys = ReadonlyMap<string, readonly CryptoKey[]>;

const form = { alg: "EdDSA", typ: ["service+jwt"] };
const audience = "partake-services";
const lifeSeconds = 60;
/** A new one is made while the old one still has this long to go, so that no call arrives with an expired one. */
const marginMs = 20_000;
const skewMs = 5_000;

/** Reads the JWKS of all services' public Ed25519 keys; kid = service name. */
export async function readServiceKeys(document: unknown): Promise<ServiceKeys> {
  const listed = (document as { keys?: unknown } | null)?.keys;
  if (!Array.isArray(listed)) throw new Error("not a key set");
  const keys = new Map<string, CryptoKey[]>();
  for (const jwk of listed as JWK[]) {
    if (jwk.kty !== "OKP" || jwk.crv !== "Ed25519" || typeof jwk.kid !== "string" || typeof jwk.x !== "string") {
      throw new Error("a service's key is an Ed25519 key with the service's name as its kid");
    }
    if (jwk.d !== undefined) throw new Error("the services' public keys hold a private one");
    const key = await importJWK({ kty: "OKP", crv: "Ed25519", x: jwk.x }, form.alg);
    if (!(key instanceof Uint8Array)) keys.set(jwk.kid, [...(keys.get(jwk.kid) ?? []), key]);
  }
  return keys;
}

export interface ServiceClaims {
  service: string;
  expiresAtMs: number;
}

/** Verifies a service's token: by its own key, for our services, and for a minute at most. Throws `unauthenticated`. */
export async function verifyServiceToken(token: string, keys: ServiceKeys, nowMs: number): Promise<ServiceClaims> {
  const { kid } = readTokenHeader(token, form);
  const claims = await verifyWithAny(token, keys.get(kid) ?? []);
  if (claims["iss"] !== kid || claims["sub"] !== kid || claims["aud"] !== audience) throw tokenInvalid();
  const [exp, iat] = [claims["exp"], claims["iat"]];
  if (typeof exp !== "number" || typeof iat !== "number") throw tokenInvalid();
  if (exp <= iat || exp - iat > lifeSeconds || iat * 1000 > nowMs + skewMs || exp * 1000 <= nowMs) throw tokenInvalid();
  return { service: kid, expiresAtMs: exp * 1000 };
}

async function verifyWithAny(token: string, keys: readonly CryptoKey[]): Promise<Record<string, unknown>> {
  let cause: unknown;
  for (const key of keys) {
    try {
      return readClaims((await compactVerify(token, key, { algorithms: [form.alg] })).payload);
    } catch (error) {
      cause = error;
    }
  }
  throw tokenInvalid(cause);
}

/** Gives the own service's token; made anew when it is about to expire. */
export type MintServiceToken = () => string | Promise<string>;

export interface MintOptions {
  service: string;
  /** The own Ed25519 key, PKCS8 PEM. */
  privateKey: string;
  nowMs?: () => number;
}

export function mintServiceTokens({ service, privateKey, nowMs = Date.now }: MintOptions): MintServiceToken {
  requireEd25519(createPrivateKey(privateKey));
  const key = importPKCS8(privateKey, form.alg);
  let held = { token: "", freshUntilMs: Number.NEGATIVE_INFINITY };
  let minting: Promise<string> | undefined;
  const mint = async () => {
    const issuedAt = Math.floor(nowMs() / 1000);
    const token = await new SignJWT({
      iss: service,
      sub: service,
      aud: audience,
      iat: issuedAt,
      exp: issuedAt + lifeSeconds,
    })
      .setProtectedHeader({ alg: form.alg, typ: "service+jwt", kid: service })
      .sign(await key);
    held = { token, freshUntilMs: (issuedAt + lifeSeconds) * 1000 - marginMs };
    return token;
  };
  return () => {
    if (nowMs() < held.freshUntilMs) return held.token;
    minting ??= mint().finally(() => {
      minting = undefined;
    });
    return minting;
  };
}

function requireEd25519(key: KeyObject): void {
  if (key.asymmetricKeyType !== "ed25519") throw new Error("a service signs with an Ed25519 key");
}
