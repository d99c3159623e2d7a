import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

const cipher = "aes-256-gcm";
const ivBytes = 12;
const tagBytes = 16;

/** Encrypts texts that must not be readable where they are stored, and reads them again. */
export interface Seal {
  /** `purpose` binds the sealed text to its place: it cannot be opened as anything else. */
  seal(purpose: string, text: string): string;
  /** Undefined where it was not sealed by one of our keys, for that purpose. */
  open(purpose: string, sealed: string): string | undefined;
}

/** The first key seals; all of them open, so that keys can be changed while sessions go on. */
export function createSeal(keys: readonly Buffer[]): Seal {
  const [current] = keys;
  if (!current || keys.some((key) => key.length !== 32))
    throw new Error("ENCRYPTION_KEYS: keys of 32 bytes are needed");
  return {
    seal(purpose, text) {
      const iv = randomBytes(ivBytes);
      const encrypt = createCipheriv(cipher, current, iv).setAAD(Buffer.from(purpose));
      const body = Buffer.concat([encrypt.update(text, "utf8"), encrypt.final()]);
      return Buffer.concat([iv, encrypt.getAuthTag(), body]).toString("base64url");
    },
    open(purpose, sealed) {
      const bytes = Buffer.from(sealed, "base64url");
      if (bytes.length < ivBytes + tagBytes) return undefined;
      for (const key of keys) {
        const text = tryOpen(key, bytes, purpose);
        if (text !== undefined) return text;
      }
      return undefined;
    },
  };
}

function tryOpen(key: Buffer, bytes: Buffer, purpose: string): string | undefined {
  const decrypt = createDecipheriv(cipher, key, bytes.subarray(0, ivBytes), { authTagLength: tagBytes });
  decrypt.setAAD(Buffer.from(purpose)).setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes));
  try {
    return Buffer.concat([decrypt.update(bytes.subarray(ivBytes + tagBytes)), decrypt.final()]).toString("utf8");
  } catch {
    return undefined;
  }
}
