import { generateKeyPairSync, randomBytes } from "node:crypto";

const SERVICES = ["gateway", "identity", "projects", "contacts", "progress", "messaging", "billing"];

/** Fresh keys for an installation, by file name: a private key for each service, the public keys of all, the encryption key. */
export function makeKeys(): Record<string, string> {
  const pairs = SERVICES.map((service) => ({ service, ...generateKeyPairSync("ed25519") }));
  const publicKeys = pairs.map(({ service, publicKey }) => ({
    ...publicKey.export({ format: "jwk" }),
    kid: service,
    alg: "EdDSA",
    use: "sig",
  }));
  const privateKeys = pairs.map(({ service, privateKey }) => [
    `${service}.pem`,
    privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  ]);
  return {
    ...Object.fromEntries(privateKeys),
    "services.jwks.json": JSON.stringify({ keys: publicKeys }),
    ENCRYPTION_KEYS: randomBytes(32).toString("base64"),
  };
}
