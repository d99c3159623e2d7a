import { type Failure, failure } from "@partake/failure";

/** What stands in the protected header of a token that is worth checking. */
export interface TokenHeader {
  kid: string;
}

export interface TokenForm {
  alg: string;
  /** The accepted values of typ, in lower case. */
  typ: readonly string[];
}

/**
 * A token of the greatest possible size (100 roles) has about 9 KiB. What is larger is refused unread.
 */
export const maxTokenLength = 12_288;

const compactForm = /^[A-Za-z0-9_-]{2,2000}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{20,2000}$/;
/** Parameters by which a token would choose its own key or its own rules (RFC 8725, 3.1, 3.10; RFC 7515, 4.1.11). */
const refusedParameters = ["jku", "jwk", "x5u", "x5c", "x5t", "x5t#S256", "crit", "b64", "zip", "enc"];

export function tokenInvalid(cause?: unknown): Failure {
  return failure("unauthenticated", "token_invalid", { cause });
}

/** Reads the header before any key is looked for, so that only a token of the one right form costs anything. */
export function readTokenHeader(token: string, form: TokenForm): TokenHeader {
  if (token.length > maxTokenLength || !compactForm.test(token)) throw tokenInvalid();
  if (!isCanonical(token.slice(token.lastIndexOf(".") + 1))) throw tokenInvalid();
  const header = readPart(token.slice(0, token.indexOf(".")));
  if (header["alg"] !== form.alg) throw tokenInvalid();
  const typ = header["typ"];
  if (typeof typ !== "string" || !form.typ.includes(typ.toLowerCase())) throw tokenInvalid();
  if (refusedParameters.some((name) => Object.hasOwn(header, name))) throw tokenInvalid();
  const kid = header["kid"];
  if (typeof kid !== "string" || kid.length === 0 || kid.length > 100) throw tokenInvalid();
  return { kid };
}

/** The claims of a token whose signature was verified. */
export function readClaims(payload: Uint8Array): Record<string, unknown> {
  return readJson(new TextDecoder().decode(payload));
}

/** The last character of a signature has bits to spare: other ones there would be the same signature under another name. */
function isCanonical(signature: string): boolean {
  return Buffer.from(signature, "base64url").toString("base64url") === signature;
}

function readPart(part: string): Record<string, unknown> {
  return readJson(Buffer.from(part, "base64url").toString("utf8"));
}

function readJson(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw tokenInvalid(error);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw tokenInvalid();
  // A member that is there twice means something else to every reader (RFC 7519, 4). Our issuers write JSON in one form only.
  if (JSON.stringify(value) !== text) throw tokenInvalid();
  return value as Record<string, unknown>;
}
