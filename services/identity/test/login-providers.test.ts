import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type IdentityWorld, outcome, type Person, startIdentityWorld } from "./identity-world.ts";

let world: IdentityWorld;
let org: { id: string; admin: Person };

beforeAll(async () => {
  world = await startIdentityWorld();
  org = await world.organisation("Federated");
}, 120_000);
afterAll(() => world?.stop());

const request = {
  issuer: "https://login.example.org",
  clientId: "partake",
  clientSecret: "a marked secret",
  emailDomains: ["Example.org"],
  enabled: true,
};

describe("an organisation's log-in provider", () => {
  test("is configured by an admin; its secret goes in and never comes out", async () => {
    const admin = await world.as(org.admin, org.id);
    expect(await admin.getLoginProvider({})).toMatchObject({
      version: 0,
      enabled: false,
      redirectUri: `${world.origin}/login/callback`,
    });
    const put = await admin.putLoginProvider(request, { ifMatch: 0 });
    expect(put).toEqual({
      issuer: request.issuer,
      clientId: "partake",
      emailDomains: ["example.org"],
      enabled: true,
      redirectUri: `${world.origin}/login/callback`,
      version: 1,
    });
    expect(await admin.getLoginProvider({})).toEqual(put);
    const stored = JSON.stringify(await world.database.collection("login_providers").find().toArray());
    expect(stored).not.toContain("a marked secret");
  });

  test("is changed at the version that was seen, and keeps its secret only for the same issuer", async () => {
    const admin = await world.as(org.admin, org.id);
    const { version } = await admin.getLoginProvider({});
    const { clientSecret: _, ...without } = request;
    expect(await outcome(admin.putLoginProvider(request, { ifMatch: 0 }))).toBe("precondition_failed version_mismatch");
    expect(
      await outcome(
        admin.putLoginProvider({ ...without, issuer: "https://elsewhere.example.org" }, { ifMatch: version }),
      ),
    ).toBe("invalid secret_missing");
    expect(await admin.putLoginProvider({ ...without, enabled: false }, { ifMatch: version })).toMatchObject({
      enabled: false,
      version: version + 1,
    });
  });

  test.each([
    ["a query", { issuer: "https://login.example.org/?a=1" }, "issuer_not_allowed"],
    ["a fragment", { issuer: "https://login.example.org/#a" }, "issuer_not_allowed"],
    ["user information", { issuer: "https://user:pass@login.example.org" }, "issuer_not_allowed"],
    ["another scheme", { issuer: "ftp://login.example.org" }, "invalid"],
    ["a domain that is none", { emailDomains: ["not a domain"] }, "invalid_domain"],
    ["a top-level domain", { emailDomains: ["org"] }, "invalid_domain"],
  ])("%s is refused", async (_name, changes, reason) => {
    const admin = await world.as(org.admin, org.id);
    const { version } = await admin.getLoginProvider({});
    expect(await outcome(admin.putLoginProvider({ ...request, ...changes }, { ifMatch: version }))).toContain(reason);
  });

  test("is an admin's alone", async () => {
    const member = await world.colleague({
      organisationId: org.id,
      admin: org.admin,
      email: "m@example.org",
      role: "creator",
    });
    const asked = await world.as(member, org.id);
    expect(await outcome(asked.getLoginProvider({}))).toMatch(/^forbidden/);
    expect(await outcome(asked.putLoginProvider(request, { ifMatch: 1 }))).toMatch(/^forbidden/);
  });
});
