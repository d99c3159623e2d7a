import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, randomBytes } from "node:crypto";

/** Encryption and keyed hashes with the installation's keys; the first is used, all are understood, so keys can be exchanged. */
export interface Sealing {
  /** AES-256-GCM. What it is for is bound to it: a sealed secret cannot stand in for another. */
  seal(text: string, purpose: string): string;
  /** Throws when no key fits or the purpose is another. */
  open(sealed: string, purpose: string): string;
  /** HMAC-SHA-256 under a key made for the purpose, base64url: one under each installation key, the current first. */
  macs(text: string, purpose: string): string[];
  mac(text: string, purpose: string): string;
}

export function sealing(encryptionKeys: readonly string[]): Sealing {
  const keys = encryptionKeys.map(readKey);
  const [current] = keys;
  if (current === undefined) throw new Error("ENCRYPTION_KEYS holds no key");
  const derived = (key: Buffer, purpose: string) =>
    Buffer.from(hkdfSync("sha256", key, "", `partake identity ${purpose}`, 32));
  const macs = (text: string, purpose: string) =>
    keys.map((key) => createHmac("sha256", derived(key, purpose)).update(text).digest("base64url"));
  return {
    seal: (text, purpose) => sealWith({ key: derived(current, "sealing"), name: nameOf(current), text, purpose }),
    open(sealed, purpose) {
      const [form, name, iv, tag, body] = sealed.split(".");
      const key = keys.find((candidate) => nameOf(candidate) === name);
      if (form !== "v1" || key === undefined || !iv || !tag || body === undefined)
        throw new Error("nothing here opens this");
      const decipher = createDecipheriv("aes-256-gcm", derived(key, "sealing"), Buffer.from(iv, "base64url"), {
        authTagLength: 16,
      });
      decipher.setAAD(Buffer.from(purpose)).setAuthTag(Buffer.from(tag, "base64url"));
      return Buffer.concat([decipher.update(Buffer.from(body, "base64url")), decipher.final()]).toString("utf8");
    },
    macs,
    mac: (text, purpose) => macs(text, purpose)[0] ?? "",
  };
}

function sealWith(of: { key: Buffer; name: string; text: string; purpose: string }): string {
  const iv = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", of.key, iv).setAAD(Buffer.from(of.purpose));
  const body = Buffer.concat([cipher.update(of.text, "utf8"), cipher.final()]);
  return ["v1", of.name, ...[iv, cipher.getAuthTag(), body].map((part) => part.toString("base64url"))].join(".");
}

function readKey(encoded: string): Buffer {
  const key = Buffer.from(encoded.trim(), "base64");
  if (key.length !== 32) throw new Error("a key of ENCRYPTION_KEYS has not 32 bytes");
  return key;
}

function nameOf(key: Buffer): string {
  return createHash("sha256").update("name of ").update(key).digest("base64url").slice(0, 8);
}
