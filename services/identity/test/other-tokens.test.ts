import { SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type Caller,
  type IdentityWorld,
  outcome,
  type Person,
  secretMailedTo,
  startIdentityWorld,
} from "./identity-world.ts";
import { authorize, logIn, pkce, type TokenAnswer } from "./login-world.ts";

let world: IdentityWorld;
let org: { id: string; admin: Person };
let admin: Caller;
let tokens: TokenAnswer;
let orgToken: string;

beforeAll(async () => {
  world = await startIdentityWorld();
  org = await world.organisation("Kinds");
  orgToken = await world.token(org.admin, org.id);
  admin = world.with(orgToken);
  tokens = await logIn(world.place, org.admin.email);
}, 120_000);
afterAll(() => world?.stop());

async function invited(): Promise<string> {
  await admin.inviteColleague({ email: "kim@example.org", role: "member" });
  await expect.poll(() => world.mails.some(({ to }) => to === "kim@example.org"), { timeout: 5_000 }).toBe(true);
  return secretMailedTo(world.mails, "kim@example.org");
}

async function credential(): Promise<string> {
  const { id } = await admin.createServiceAccount({ name: "A", method: "client_secret", roles: [{ role: "member" }] });
  return (await admin.addServiceAccountCredential({ serviceAccountId: id })).clientSecret ?? "";
}

/** abuse.md, "An ID, refresh, service or invitation token is no bearer token": each as it really is. */
describe("[R19] it opens nothing as a bearer token:", () => {
  const kinds: [kind: string, make: () => Promise<string>][] = [
    ["an ID token", async () => tokens.id_token],
    ["a refresh token", async () => tokens.refresh_token],
    [
      "a code that was not redeemed",
      () => authorize(world.place, { email: org.admin.email, challenge: pkce().challenge }),
    ],
    ["an invitation's secret", invited],
    ["a service account's secret", credential],
    [
      "a client's assertion",
      () =>
        new SignJWT({})
          .setProtectedHeader({ alg: "HS256", typ: "at+jwt", kid: "x" })
          .setSubject(org.admin.userId)
          .sign(new TextEncoder().encode("s".repeat(32))),
    ],
  ];
  test.each(kinds)("%s", async (_kind, make) => {
    const caller = world.with(await make());
    expect(await outcome(caller.getMe({}))).toBe("unauthenticated token_invalid");
    expect(await outcome(caller.getOrganisation({}))).toBe("unauthenticated token_invalid");
  });

  test("(while the access token that came with them does)", async () => {
    expect(await outcome(world.with(tokens.access_token).getMe({}))).toBe("ok");
    expect(await outcome(world.with(tokens.access_token).getOrganisation({}))).toBe("unauthenticated token_invalid");
  });
});

describe("[R19] the provider takes no token for another kind:", () => {
  const userinfo = async (token: string) =>
    (await fetch(`${world.origin}/oidc/userinfo`, { headers: { authorization: `Bearer ${token}` } })).status;
  const refresh = async (token: string) => {
    const body = new URLSearchParams({ client_id: "partake-cli", grant_type: "refresh_token", refresh_token: token });
    return ((await (await fetch(`${world.origin}/oidc/token`, { method: "POST", body })).json()) as TokenAnswer).error;
  };

  test("userinfo", async () => {
    expect(await userinfo(tokens.access_token)).toBe(200);
    for (const other of [tokens.id_token, tokens.refresh_token, orgToken]) expect(await userinfo(other)).toBe(401);
  });

  test("the refreshing of tokens", async () => {
    for (const other of [tokens.id_token, tokens.access_token, await invited()])
      expect(await refresh(other)).toBe("invalid_grant");
  });

  test("an invitation, which only its secret opens", async () => {
    const caller = world.with(tokens.access_token);
    for (const other of [tokens.id_token, tokens.refresh_token, tokens.access_token])
      expect(await outcome(caller.acceptInvitation({ token: other }))).toMatch(/^(invalid|not_found|gone) /);
  });
});

test("[R19] a token of one organisation gives nothing in another, not even what its person holds there", async () => {
  const other = await world.organisation("Elsewhere");
  const both = await world.colleague({
    organisationId: org.id,
    admin: org.admin,
    email: other.admin.email,
    role: "member",
  });
  const here = await world.as(both, org.id);
  expect(await outcome(here.listColleagues({}))).toBe("forbidden no_role");
  const { items } = await (await world.as(both, other.id)).listColleagues({});
  const grantId = items[0]?.grants[0]?.id ?? "";
  const take = (by: Caller, id: string) => outcome(by.takeRole({ grantId: id }, { ifMatch: 1 }));
  expect([await take(here, grantId), await take(admin, grantId)]).toEqual([
    await take(here, world.newId("grn")),
    "not_found not_found",
  ]);
});
