import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface PlatformKeys {
  /** A service's private Ed25519 key, PKCS #8 in PEM. */
  keyFile(service: string): string;
  /** JWKS of all services' public keys; a key's id is its service's name. */
  publicKeysFile: string;
  /** Base64 keys of 32 bytes, comma separated; the first one encrypts. */
  encryptionKeys: string;
}

/** Makes the keys that are missing and keeps those that are there: a restart must not end sessions. */
export function ensureKeys(options: { folder: string; services: readonly string[] }): PlatformKeys {
  mkdirSync(options.folder, { recursive: true, mode: 0o700 });
  const keyFile = (service: string) => join(options.folder, `${service}.pem`);
  const keys = options.services.map((service) => ensurePublicKey({ service, path: keyFile(service) }));
  const publicKeysFile = join(options.folder, "services.jwks.json");
  writeWhole(publicKeysFile, `${JSON.stringify({ keys }, null, 2)}\n`);
  const encryptionFile = join(options.folder, "encryption-keys");
  if (!existsSync(encryptionFile)) writeWhole(encryptionFile, `${randomBytes(32).toString("base64")}\n`);
  return { keyFile, publicKeysFile, encryptionKeys: readFileSync(encryptionFile, "utf8").trim() };
}

function ensurePublicKey(options: { service: string; path: string }) {
  if (!existsSync(options.path)) {
    const { privateKey } = generateKeyPairSync("ed25519");
    writeWhole(options.path, privateKey.export({ format: "pem", type: "pkcs8" }).toString());
  }
  const privateKey = createPrivateKey(readFileSync(options.path, "utf8"));
  const jwk = createPublicKey(privateKey).export({ format: "jwk" });
  return { ...jwk, kid: options.service, use: "sig", alg: "EdDSA" };
}

/** A crash between two steps leaves the old file or the new one, never half of a key. */
function writeWhole(path: string, content: string): void {
  writeFileSync(`${path}.new`, content, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
