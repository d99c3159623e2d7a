import { createHash, createPublicKey, type JsonWebKey, type KeyObject } from "node:crypto";
import { failure } from "@partake/failure";

const smallestRsaBits = 2048;

/** A public key as a client's registration holds it. */
export interface ClientKey {
  jwk: JsonWebKey;
  thumbprint: string;
}

/** Reads a client's public key (JWK or PEM). A private one is refused: whoever sent it has to make another. */
export function readClientKey(text: string, kid: string): ClientKey {
  const key = parsePublic(text.trim());
  const jwk = key?.export({ format: "jwk" });
  const alg = key === undefined || jwk === undefined ? undefined : algorithmOf(key, jwk);
  if (jwk === undefined || alg === undefined) throw invalidKey();
  const parts = jwk.kty === "RSA" ? { e: jwk.e, kty: jwk.kty, n: jwk.n } : pointOf(jwk);
  const thumbprint = createHash("sha256").update(JSON.stringify(parts)).digest("base64url");
  return { jwk: { ...jwk, kid, alg, use: "sig" }, thumbprint };
}

/** The members of RFC 7638, in its order. */
function pointOf({ crv, kty, x, y }: JsonWebKey): object {
  return kty === "EC" ? { crv, kty, x, y } : { crv, kty, x };
}

function parsePublic(text: string): KeyObject | undefined {
  try {
    if (text.startsWith("-----BEGIN PUBLIC KEY-----")) return createPublicKey(text);
    const jwk = JSON.parse(text) as JsonWebKey;
    return jwk.d === undefined && jwk.k === undefined ? createPublicKey({ key: jwk, format: "jwk" }) : undefined;
  } catch {
    // Whatever is wrong with it, it is not a key that can be used: the answer names the field.
    return undefined;
  }
}

function algorithmOf(key: KeyObject, { kty, crv }: JsonWebKey): string | undefined {
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (kty === "RSA" && key.asymmetricKeyType === "rsa") return bits >= smallestRsaBits ? "RS256" : undefined;
  if (kty === "EC") return crv === "P-256" ? "ES256" : undefined;
  return kty === "OKP" && crv === "Ed25519" ? "EdDSA" : undefined;
}

function invalidKey() {
  const errors = [{ pointer: "/publicKey", code: "not_allowed", message: "is not a public key that can be used" }];
  return failure("invalid", "public_key_invalid", { errors });
}
