import { generateKeyPairSync, randomUUID } from "node:crypto";
import { SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Caller, type IdentityWorld, outcome, type Person, startIdentityWorld } from "./identity-world.ts";
import { claimsOf, type TokenAnswer } from "./login-world.ts";

let world: IdentityWorld;
let org: { id: string; admin: Person };
let admin: Caller;

beforeAll(async () => {
  world = await startIdentityWorld();
  org = await world.organisation("Systems");
  admin = await world.as(org.admin, org.id);
}, 120_000);
afterAll(() => world?.stop());

const soon = { timeout: 5_000, interval: 20 };
const join = (email: string, role: string, scope?: string) =>
  world.colleague({ organisationId: org.id, admin: org.admin, email, role, ...(scope !== undefined && { scope }) });

function project(): string {
  const id = world.newId("prj");
  world.elsewhere.projects.set(id, { organisationId: org.id });
  return id;
}

type Answer = Partial<TokenAnswer> & { status: number };

async function ask(parameters: Record<string, string>, headers: Record<string, string> = {}): Promise<Answer> {
  const response = await fetch(`${world.origin}/oidc/token`, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
    body: new URLSearchParams({ grant_type: "client_credentials", ...parameters }).toString(),
  });
  return { status: response.status, ...((await response.json()) as object) };
}

const basic = (id: string, secret: string) => ({
  authorization: `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString("base64")}`,
});
const bySecret = (id: string, secret: string, more: Record<string, string> = {}) => ask(more, basic(id, secret));
const refusal = async (id: string, secret: string) => (await bySecret(id, secret)).error ?? "ok";

type Roles = Parameters<Caller["createServiceAccount"]>[0]["roles"];

async function account(roles: Roles = [{ role: "admin" }], by: Caller = admin) {
  const made = await by.createServiceAccount({ name: "Accounts system", method: "client_secret", roles });
  const { clientSecret = "", credential } = await by.addServiceAccountCredential({ serviceAccountId: made.id });
  return { id: made.id, secret: clientSecret, credentialId: credential?.id ?? "", made };
}

async function system(of: { id: string; secret: string }): Promise<Caller> {
  const { access_token: token = "" } = await bySecret(of.id, of.secret);
  return world.with(token);
}

describe("[R22] a service account gets tokens", () => {
  test("with a secret: an ordinary bearer token of its organisation, with its roles", async () => {
    const scope = project();
    const { id, secret } = await account([{ role: "reporter", projectId: scope }]);
    const answer = await bySecret(id, secret);
    expect(answer).toMatchObject({ status: 200, token_type: "Bearer", expires_in: 300 });
    expect(answer.refresh_token).toBeUndefined();
    expect(claimsOf(answer.access_token ?? "")).toMatchObject({
      iss: world.origin,
      sub: id,
      client_id: id,
      aud: `${world.origin}/orgs/${org.id}`,
      roles: [`reporter:${scope}`],
      limited_by: org.admin.userId,
    });
    const posted = await ask({ client_id: id, client_secret: secret, resource: `${world.origin}/orgs/${org.id}` });
    expect(posted.status).toBe(200);
    expect(await outcome(world.with(answer.access_token ?? "").getOrganisation({}))).toBe("ok");
  });

  test("with a key of its own, of each kind; never with another's", async () => {
    const pairs = [
      ["EdDSA", generateKeyPairSync("ed25519")],
      ["Ed25519", generateKeyPairSync("ed25519")],
      ["ES256", generateKeyPairSync("ec", { namedCurve: "P-256" })],
      ["RS256", generateKeyPairSync("rsa", { modulusLength: 2048 })],
    ] as const;
    const told = await fetch(`${world.origin}/.well-known/openid-configuration`);
    const { token_endpoint_auth_signing_alg_values_supported: offered } = (await told.json()) as Record<
      string,
      string[]
    >;
    expect(new Set(offered)).toEqual(new Set(pairs.map(([alg]) => alg)));
    for (const [alg, pair] of pairs) {
      const { id } = await admin.createServiceAccount({
        name: alg,
        method: "private_key_jwt",
        roles: [{ role: "member" }],
      });
      const publicKey =
        alg === "RS256"
          ? String(pair.publicKey.export({ format: "pem", type: "spki" }))
          : JSON.stringify(pair.publicKey.export({ format: "jwk" }));
      const { credential, clientSecret } = await admin.addServiceAccountCredential({ serviceAccountId: id, publicKey });
      expect(clientSecret).toBeUndefined();
      expect(credential?.thumbprint).toMatch(/^[\w-]{43}$/);
      const assert = async (of: { sub?: string; aud?: string; key?: typeof pair.privateKey }) => {
        const claims = { iss: of.sub ?? id, sub: of.sub ?? id, aud: of.aud ?? world.origin, jti: randomUUID() };
        const client_assertion = await new SignJWT(claims)
          .setProtectedHeader({ alg })
          .setIssuedAt()
          .setExpirationTime("60 s")
          .sign(of.key ?? pair.privateKey);
        const client_assertion_type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
        return (await ask({ client_assertion, client_assertion_type })).error ?? "ok";
      };
      expect(await assert({})).toBe("ok");
      expect(await assert({ aud: "https://elsewhere.example" })).toBe("invalid_client");
      if (alg.startsWith("Ed"))
        expect(await assert({ key: generateKeyPairSync("ed25519").privateKey })).toBe("invalid_client");
      const { items } = await admin.listServiceAccounts({ limit: 200 });
      expect(items.find((one) => one.id === id)?.lastUsedAt).toMatch(/^20/);
    }
  });

  test("two credentials at once, so that they rotate with overlap; a third is refused, a revoked or expired one counts no more", async () => {
    const { id: serviceAccountId, secret: first, credentialId } = await account();
    const second = await admin.addServiceAccountCredential({ serviceAccountId });
    expect(await outcome(admin.addServiceAccountCredential({ serviceAccountId }))).toBe(
      "unprocessable too_many_credentials",
    );
    expect([
      await refusal(serviceAccountId, first),
      await refusal(serviceAccountId, second.clientSecret ?? ""),
    ]).toEqual(["ok", "ok"]);
    await admin.removeServiceAccountCredential({ serviceAccountId, credentialId });
    expect(await refusal(serviceAccountId, first)).toBe("invalid_client");
    const expiresAt = new Date(Date.now() + 4_000).toISOString();
    const brief = await admin.addServiceAccountCredential({ serviceAccountId, expiresAt });
    expect(await refusal(serviceAccountId, brief.clientSecret ?? "")).toBe("ok");
    const later = { timeout: 15_000, interval: 50 };
    await expect.poll(() => refusal(serviceAccountId, brief.clientSecret ?? ""), later).toBe("invalid_client");
    expect(await refusal(serviceAccountId, second.clientSecret ?? "")).toBe("ok");
  });

  test("its secret is stored nowhere, shown once, and told to nobody afterwards", async () => {
    const { id, secret } = await account();
    expect(secret).toMatch(/^[\w-]{43}$/);
    const stored = await world.database.collection("service_accounts").findOne({ _id: id as never });
    expect(JSON.stringify(stored)).not.toContain(secret);
    expect(JSON.stringify(await admin.listServiceAccounts({ limit: 200 }))).not.toContain(secret);
    const key = { idempotencyKey: "the same again" };
    const once = await admin.addServiceAccountCredential({ serviceAccountId: id, id: world.newId("crd") }, key);
    expect(once.clientSecret).not.toBe(secret);
  });

  test.each([
    ["a wrong secret", async () => refusal((await account()).id, "x".repeat(43))],
    ["no secret", async () => (await ask({ client_id: (await account()).id })).error],
    ["an unknown id", async () => refusal(world.newId("usr"), "x".repeat(43))],
    ["a person's id", async () => refusal(org.admin.userId, "x".repeat(43))],
    [
      "the secret of an account that ended",
      async () => {
        const { id, secret } = await account();
        const past = { expiresAt: new Date(Date.now() - 1_000) };
        await world.database.collection("service_accounts").updateOne({ _id: id as never }, { $set: past });
        return refusal(id, secret);
      },
    ],
    [
      "the stored hash in place of the secret",
      async () => {
        const { id } = await account();
        const stored = await world.database.collection("service_accounts").findOne({ _id: id as never });
        return refusal(id, String(stored?.["credentials"][0].secretHash));
      },
    ],
  ])("refused with %s", async (_name, asked) => {
    expect(await asked()).toBe("invalid_client");
  });

  test("for no other organisation, no account, no other grant", async () => {
    const { id, secret } = await account();
    const other = await world.organisation("Elsewhere");
    for (const resource of [`orgs/${other.id}`, "orgs/platform", "account"]) {
      const { error } = await bySecret(id, secret, { resource: `${world.origin}/${resource}` });
      expect([resource, error]).toEqual([resource, "invalid_target"]);
    }
    expect((await bySecret(id, secret, { grant_type: "refresh_token", refresh_token: "x" })).error).toBe(
      "invalid_request",
    );
  });
});

describe("[R22] a service account may", () => {
  test("what its roles allow, but nothing of billing, roles, accounts or people's own affairs", async () => {
    const own = await system(await account());
    expect(await outcome(own.listAuditEntries({}))).toBe("ok");
    const never: [string, Promise<unknown>][] = [
      ["see colleagues", own.listColleagues({})],
      ["give a role", own.giveRole({ userId: org.admin.userId, role: "member" })],
      ["invite", own.inviteColleague({ email: "friend@example.org", role: "member" })],
      ["change switches", own.updateOrganisation({ managersGiveRoles: false }, { ifMatch: 1 })],
      ["configure the log-in", own.getLoginProvider({})],
      ["see service accounts", own.listServiceAccounts({})],
      ["make another", own.createServiceAccount({ name: "Two", method: "client_secret", roles: [{ role: "admin" }] })],
    ];
    for (const [what, done] of never) expect([what, await outcome(done)]).toEqual([what, "forbidden no_role"]);
    expect(await outcome(own.getMe({}))).toBe("forbidden people_only");
    expect(await outcome(own.updateMe({ name: "Somebody" }, { ifMatch: 1 }))).toBe("forbidden people_only");
  });

  test("never more than its creator holds now: the creator's loss is its own, within a second, and for good", async () => {
    const second = await join("leaver@example.org", "admin");
    const theirs = await world.as(second, org.id);
    const made = await account([{ role: "admin" }], theirs);
    const own = await system(made);
    expect(await outcome(own.listAuditEntries({}))).toBe("ok");
    await admin.giveRole({ userId: second.userId, role: "member" });
    const { items } = await admin.listColleagues({ limit: 200 });
    const held = items.find(({ userId }) => userId === second.userId)?.grants.find(({ role }) => role === "admin");
    await admin.takeRole({ grantId: held?.id ?? "" }, { ifMatch: held?.version ?? 0 });
    await expect.poll(() => outcome(own.listAuditEntries({})), soon).toBe("forbidden no_role");
    expect(await outcome(own.getOrganisation({}))).toBe("ok");
    const fresh = await system(made);
    expect(await outcome(fresh.listAuditEntries({}))).toBe("forbidden no_role");
  });

  test("nothing when it is disabled, within a second; again when it is enabled; never again when it is revoked", async () => {
    const made = await account();
    const own = await system(made);
    const at = async () => {
      const { items } = await admin.listServiceAccounts({ limit: 200 });
      return items.find(({ id }) => id === made.id)?.version ?? 0;
    };
    expect(await outcome(own.getOrganisation({}))).toBe("ok");
    const change = { serviceAccountId: made.id };
    expect(await outcome(admin.updateServiceAccount({ ...change, enabled: false }, { ifMatch: 99 }))).toBe(
      "precondition_failed version_mismatch",
    );
    await admin.updateServiceAccount({ ...change, enabled: false }, { ifMatch: await at() });
    await expect.poll(() => outcome(own.getOrganisation({})), soon).toBe("unauthenticated token_invalid");
    expect(await refusal(made.id, made.secret)).toBe("invalid_client");
    await admin.updateServiceAccount({ ...change, enabled: true }, { ifMatch: await at() });
    await expect.poll(() => outcome(own.getOrganisation({})), soon).toBe("ok");
    await admin.revokeServiceAccount(change, { ifMatch: await at() });
    await expect.poll(() => outcome(own.getOrganisation({})), soon).toBe("unauthenticated token_invalid");
    expect(await refusal(made.id, made.secret)).toBe("invalid_client");
    expect((await admin.listServiceAccounts({ limit: 200 })).items.some(({ id }) => id === made.id)).toBe(false);
    const left = await world.from("contacts").readGrants({ organisationId: org.id, userId: made.id });
    expect(left).toMatchObject({ grants: [], enabled: false });
    expect(await outcome(admin.updateServiceAccount({ ...change, enabled: true }, { ifMatch: 5 }))).toBe(
      "not_found not_found",
    );
  });

  test("other roles as soon as an admin says so", async () => {
    const made = await account([{ role: "member" }]);
    const own = await system(made);
    expect(await outcome(own.listAuditEntries({}))).toBe("forbidden no_role");
    const exchange = async (role: "admin" | "member") => {
      const { items } = await admin.listServiceAccounts({ limit: 200 });
      const { version = 0 } = items.find(({ id }) => id === made.id) ?? {};
      const changed = { serviceAccountId: made.id, roles: { items: [{ role }] } };
      await admin.updateServiceAccount(changed, { ifMatch: version });
    };
    await exchange("admin");
    await expect.poll(() => outcome(own.listAuditEntries({})), soon).toBe("unauthenticated token_stale");
    const raised = await system(made);
    expect(await outcome(raised.listAuditEntries({}))).toBe("ok");
    await exchange("member");
    await expect.poll(() => outcome(raised.listAuditEntries({})), soon).toBe("forbidden no_role");
  });
});

describe("[R22] service accounts are", () => {
  test("made and changed by admins alone, on their own organisation's projects", async () => {
    const own = project();
    const { id } = await account();
    const others = [await join("member-s@example.org", "member"), await join("manager-s@example.org", "manager", own)];
    const asked = {
      name: "Mine",
      method: "client_secret" as const,
      roles: [{ role: "manager" as const, projectId: own }],
    };
    for (const person of others) {
      const by = await world.as(person, org.id);
      expect(await outcome(by.createServiceAccount(asked))).toBe("forbidden no_role");
      expect(await outcome(by.listServiceAccounts({}))).toBe("forbidden no_role");
      expect(await outcome(by.addServiceAccountCredential({ serviceAccountId: id }))).toBe("forbidden no_role");
      expect(await outcome(by.revokeServiceAccount({ serviceAccountId: id }, { ifMatch: 2 }))).toBe(
        "forbidden no_role",
      );
    }
    const elsewhere = await world.organisation("Other");
    const there = await world.as(elsewhere.admin, elsewhere.id);
    expect(await outcome(there.addServiceAccountCredential({ serviceAccountId: id }))).toBe("not_found not_found");
    expect(await outcome(there.createServiceAccount(asked))).toBe("not_found scope_not_found");
    expect(await outcome(admin.createServiceAccount({ ...asked, roles: [{ role: "manager" }] }))).toBe(
      "invalid role_scope_mismatch",
    );
    expect(await outcome(admin.createServiceAccount({ ...asked, roles: [{ role: "admin", projectId: own }] }))).toBe(
      "invalid role_scope_mismatch",
    );
  });

  test("no colleagues, and no admin whom the organisation could keep as its last", async () => {
    const lonely = await world.organisation("Lonely");
    const only = await world.as(lonely.admin, lonely.id);
    const { id } = await account([{ role: "admin" }], only);
    const { items } = await only.listColleagues({});
    expect(items.map(({ userId }) => userId)).toEqual([lonely.admin.userId]);
    const [held] = items[0]?.grants ?? [];
    expect(await outcome(only.takeRole({ grantId: held?.id ?? "" }, { ifMatch: held?.version ?? 0 }))).toBe(
      "unprocessable last_admin",
    );
    expect(await outcome(only.giveRole({ userId: id, role: "member" }))).toBe("not_found user_not_found");
  });

  test("told of in the audit trail: made, credentials, disabled, revoked", async () => {
    const { id } = await account();
    const written = async () => {
      const found = await world.database.collection("audit_entries").find({ subjectId: id }).toArray();
      return found.map(({ action }) => String(action)).sort();
    };
    await expect.poll(written, soon).toEqual(["role.given", "service_account.created", "service_account.key_changed"]);
  });

  test("kept from private keys and weak ones", async () => {
    const { id: serviceAccountId } = await admin.createServiceAccount({
      name: "Keys",
      method: "private_key_jwt",
      roles: [{ role: "member" }],
    });
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const weak = generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey;
    const odd = generateKeyPairSync("ec", { namedCurve: "secp256k1" }).publicKey;
    const keys = [
      JSON.stringify(privateKey.export({ format: "jwk" })),
      String(privateKey.export({ format: "pem", type: "pkcs8" })),
      String(weak.export({ format: "pem", type: "spki" })),
      String(odd.export({ format: "pem", type: "spki" })),
      JSON.stringify({ kty: "oct", k: "c2VjcmV0" }),
      "not a key",
    ];
    for (const publicKey of keys) {
      expect(await outcome(admin.addServiceAccountCredential({ serviceAccountId, publicKey }))).toBe(
        "invalid public_key_invalid",
      );
    }
    expect(await outcome(admin.addServiceAccountCredential({ serviceAccountId }))).toBe("invalid public_key_missing");
  });
});

describe("[R12] redacted data", () => {
  test("is opened to a service account by a direct manager alone, and closed again", async () => {
    const scope = project();
    const manager = await join("direct@example.org", "manager", scope);
    const { id: serviceAccountId } = await account([{ role: "reporter", projectId: scope }]);
    const asked = { projectId: scope, serviceAccountId };
    const direct = await world.as(manager, org.id);
    const reporter = await world.as(await join("reporter-s@example.org", "reporter", scope), org.id);
    const list = async () => (await direct.listProjectServiceAccounts({ projectId: scope })).items;
    expect(await list()).toMatchObject(
      expect.arrayContaining([expect.objectContaining({ id: serviceAccountId, consented: false })]),
    );
    expect(await outcome(admin.consentToServiceAccount(asked))).toBe("forbidden no_role");
    expect(await outcome(reporter.consentToServiceAccount(asked))).toBe("forbidden no_role");
    await direct.consentToServiceAccount(asked);
    await direct.consentToServiceAccount(asked);
    expect((await list()).filter(({ consented }) => consented).map(({ id }) => id)).toEqual([serviceAccountId]);
    const read = await world.from("contacts").readGrants({ organisationId: org.id, userId: serviceAccountId });
    expect(read.grants.map(({ role }) => role).sort()).toEqual(["redacted_consent", "reporter"]);
    await direct.withdrawServiceAccountConsent(asked);
    expect(await outcome(direct.withdrawServiceAccountConsent(asked))).toBe("not_found not_found");
    expect((await list()).filter(({ consented }) => consented)).toEqual([]);
    expect(await outcome(direct.consentToServiceAccount({ ...asked, serviceAccountId: world.newId("usr") }))).toBe(
      "not_found not_found",
    );
  });
});
