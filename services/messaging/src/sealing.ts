import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from "node:crypto";

/** Encryption and keyed hashes with the installation's keys: the first is used, all are understood, so they can be exchanged. */
export interface Sealing {
  /** AES-256-GCM, bound to what it is for: a sealed text opens nowhere else. */
  seal(text: string, purpose: string): string;
  open(sealed: string, purpose: string): string;
  /** HMAC-SHA-256: tells equal texts by whoever has the key, and nothing to anybody else. */
  hash(text: string, purpose: string): string;
}

const IV_BYTES = 12;
const TAG_BYTES = 16;

export function openSealing(encryptionKeys: readonly string[]): Sealing {
  const keys = encryptionKeys.map((key) => Buffer.from(key, "base64"));
  const [current] = keys;
  if (!current) throw new Error("there is no key to seal with");
  const derived = (key: Buffer, use: string) =>
    Buffer.from(hkdfSync("sha256", key, "", `partake messaging ${use}`, 32));
  const sealingKeys = keys.map((key) => derived(key, "sealing"));
  const hashingKey = derived(current, "hashing");
  return {
    seal(text, purpose) {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv("aes-256-gcm", derived(current, "sealing"), iv).setAAD(Buffer.from(purpose));
      const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), body]).toString("base64url");
    },
    open(sealed, purpose) {
      const bytes = Buffer.from(sealed, "base64url");
      for (const key of sealingKeys) {
        const opened = tryKey(key, bytes, purpose);
        if (opened !== undefined) return opened;
      }
      throw new Error("no key opens this");
    },
    hash: (text, purpose) =>
      createHmac("sha256", hashingKey)
        .update(JSON.stringify([purpose, text]))
        .digest("base64url"),
  };
}

/** Which key sealed a text is told by trying: authentication fails under every other one. */
function tryKey(key: Buffer, bytes: Buffer, purpose: string): string | undefined {
  const iv = bytes.subarray(0, IV_BYTES);
  const decipher = createDecipheriv("aes-256-gcm", key, iv, { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(purpose)).setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
  const body = decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES));
  try {
    return Buffer.concat([body, decipher.final()]).toString("utf8");
  } catch {
    return undefined;
  }
}
