import { generateKeyPairSync, type KeyObject, randomUUID } from "node:crypto";
import { SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Caller, type IdentityWorld, outcome, startIdentityWorld } from "./identity-world.ts";
import { claimsOf, type TokenAnswer } from "./login-world.ts";

let world: IdentityWorld;
let admin: Caller;

beforeAll(async () => {
  world = await startIdentityWorld();
  const org = await world.organisation("Systems");
  admin = await world.as(org.admin, org.id);
}, 120_000);
afterAll(() => world?.stop());

const soon = { timeout: 5_000, interval: 20 };
const refused = "unauthenticated token_invalid";

async function account(method: "client_secret" | "private_key_jwt"): Promise<string> {
  return (await admin.createServiceAccount({ name: "Accounts", method, roles: [{ role: "member" }] })).id;
}

async function secretOf(serviceAccountId: string, more: { expiresAt?: string; id?: string } = {}) {
  const { clientSecret = "", credential } = await admin.addServiceAccountCredential({ serviceAccountId, ...more });
  return { clientSecret, credentialId: credential?.id ?? "" };
}

async function keyOf(serviceAccountId: string) {
  const { privateKey, publicKey: pem } = generateKeyPairSync("ed25519");
  const publicKey = JSON.stringify(pem.export({ format: "jwk" }));
  const { credential } = await admin.addServiceAccountCredential({ serviceAccountId, publicKey });
  return { privateKey, credentialId: credential?.id ?? "" };
}

async function ask(parameters: Record<string, string>): Promise<Partial<TokenAnswer>> {
  const body = new URLSearchParams({ grant_type: "client_credentials", ...parameters });
  const response = await fetch(`${world.origin}/oidc/token`, { method: "POST", body });
  return (await response.json()) as Partial<TokenAnswer>;
}

const bySecret = async (id: string, secret: string) =>
  (await ask({ client_id: id, client_secret: secret })).access_token ?? "";

/** A token for an assertion; one that names no key is any key's. */
async function byKey(id: string, { privateKey, kid }: { privateKey: KeyObject; kid?: string }): Promise<string> {
  const claims = { iss: id, sub: id, aud: world.origin, jti: randomUUID() };
  const client_assertion = await new SignJWT(claims)
    .setProtectedHeader({ alg: "EdDSA", ...(kid !== undefined && { kid }) })
    .setIssuedAt()
    .setExpirationTime("60 s")
    .sign(privateKey);
  const client_assertion_type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
  return (await ask({ client_assertion, client_assertion_type })).access_token ?? "";
}

const read = (token: string) => outcome(world.with(token).getOrganisation({}));

describe("[R22] a credential that is removed", () => {
  test("takes its tokens along at once, and no other's", async () => {
    const id = await account("client_secret");
    const [old, next] = [await secretOf(id), await secretOf(id)];
    const [ofOld, ofNext] = [await bySecret(id, old.clientSecret), await bySecret(id, next.clientSecret)];
    expect([await read(ofOld), await read(ofNext)]).toEqual(["ok", "ok"]);
    await admin.removeServiceAccountCredential({ serviceAccountId: id, credentialId: old.credentialId });
    await expect.poll(() => read(ofOld), soon).toBe(refused);
    expect(await read(ofNext)).toBe("ok");
    expect(await read(await bySecret(id, next.clientSecret))).toBe("ok");
  });

  test("takes them along where nobody had seen them, too: who reads the account later learns of it", async () => {
    const id = await account("client_secret");
    const { clientSecret, credentialId } = await secretOf(id);
    const token = await bySecret(id, clientSecret);
    await admin.removeServiceAccountCredential({ serviceAccountId: id, credentialId });
    expect(await read(token)).toBe(refused);
    const told = await world.from("contacts").readGrants({
      organisationId: String(claimsOf(token)["aud"]).split("/").at(-1) ?? "",
      userId: id,
    });
    expect(told.endedSessionIds).toEqual([claimsOf(token)["sid"]]);
  });

  test("is told from the other by its signature, where an assertion names no key", async () => {
    const id = await account("private_key_jwt");
    const [first, second] = [await keyOf(id), await keyOf(id)];
    const unnamed = await byKey(id, { privateKey: second.privateKey });
    const named = await byKey(id, { privateKey: first.privateKey, kid: first.credentialId });
    expect(claimsOf(unnamed)["sid"]).not.toBe(claimsOf(named)["sid"]);
    const misnamed = await byKey(id, { privateKey: second.privateKey, kid: first.credentialId });
    expect(misnamed).toBe("");
    await admin.removeServiceAccountCredential({ serviceAccountId: id, credentialId: second.credentialId });
    await expect.poll(() => read(unnamed), soon).toBe(refused);
    expect(await read(named)).toBe("ok");
  });

  test("and added again under its id counts again, the tokens of before do not", async () => {
    const serviceAccountId = await account("client_secret");
    const given = { id: world.newId("crd") };
    const before = await secretOf(serviceAccountId, given);
    const old = await bySecret(serviceAccountId, before.clientSecret);
    await admin.removeServiceAccountCredential({ serviceAccountId, credentialId: given.id });
    const again = await secretOf(serviceAccountId, given);
    expect(await read(await bySecret(serviceAccountId, again.clientSecret))).toBe("ok");
    await expect.poll(() => read(old), soon).toBe(refused);
    expect(await read(await bySecret(serviceAccountId, again.clientSecret))).toBe("ok");
  });
});

test("[R22] no token outlives the credential that it came of", async () => {
  const id = await account("client_secret");
  const expiresAt = new Date(Date.now() + 60_000).toISOString();
  const { clientSecret } = await secretOf(id, { expiresAt });
  const claims = claimsOf(await bySecret(id, clientSecret));
  expect(Number(claims["exp"]) * 1000).toBeLessThanOrEqual(Date.parse(expiresAt));
  expect(Number(claims["exp"]) - Number(claims["iat"])).toBeGreaterThan(0);
});
