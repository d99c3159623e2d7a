import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type IdentityWorld, outcome, type Person, startIdentityWorld } from "./identity-world.ts";
import { askForTokens, authorizationUrl, authorize, Browser, claimsOf, pkce, redirectUri } from "./login-world.ts";

let world: IdentityWorld;

beforeAll(async () => {
  world = await startIdentityWorld();
}, 120_000);
afterAll(() => world?.stop());

/** Within a second, as the promise is, on a machine that others use too. */
const soon = { timeout: 5_000, interval: 20 };
const refreshed = (person: Person) =>
  world.token(person).then(
    () => "ok",
    (error: Error) => error.message,
  );

describe("[R23] a person's sessions", () => {
  test("are listed with device, coarse network, times, and which one asks", async () => {
    const first = await world.person("ada@example.org");
    const second = await world.person("ada@example.org");
    const token = await world.token(second);
    const { items } = await world.with(token).listSessions({});
    expect(items).toHaveLength(2);
    expect(items.filter(({ current }) => current).map(({ id }) => id)).toEqual([claimsOf(token)["sid"]]);
    expect(items[0]).toMatchObject({ client: "cli", network: expect.stringMatching(/^(127\.0\.0\.x|.*…|)$/) });
    expect(JSON.stringify(items)).not.toContain("127.0.0.1");
    expect(await refreshed(first)).toBe("ok");
  });

  test("end one by one: its tokens are refused within a second and never refreshed; the others go on", async () => {
    const [lost, kept] = [await world.person("bob@example.org"), await world.person("bob@example.org")];
    const stolen = await world.token(lost);
    const thief = world.with(stolen);
    expect(await outcome(thief.getMe({}))).toBe("ok");
    const mine = await world.as(kept);
    const { items } = await mine.listSessions({});
    const other = items.find(({ current }) => !current);
    expect(other?.id).toBe(claimsOf(stolen)["sid"]);
    await mine.endSession({ sessionId: other?.id ?? "" });
    await mine.endSession({ sessionId: other?.id ?? "" });
    await expect.poll(() => outcome(thief.getMe({})), soon).toBe("unauthenticated token_invalid");
    expect(await refreshed(lost)).toContain("invalid_grant");
    expect(await outcome(mine.getMe({}))).toBe("ok");
    expect(await refreshed(kept)).toBe("ok");
    expect((await mine.listSessions({})).items.map(({ current }) => current)).toEqual([true]);
  });

  test("end everywhere else, or everywhere, also at the provider", async () => {
    const people = [await world.person("cat@example.org"), await world.person("cat@example.org")];
    const here = await world.person("cat@example.org");
    const mine = await world.as(here);
    await mine.endSessions({ keepCurrent: true });
    for (const person of people) expect(await refreshed(person)).toContain("invalid_grant");
    expect(await refreshed(here)).toBe("ok");
    const browser = new Browser();
    const { verifier, challenge } = pkce();
    const code = await authorize(world.place, { email: "cat@example.org", challenge, browser });
    const parameters = { grant_type: "authorization_code", code, redirect_uri: redirectUri, code_verifier: verifier };
    expect((await askForTokens(world.place, parameters)).status).toBe(200);
    const known = await browser.open(authorizationUrl(world.place, { challenge: pkce().challenge }));
    expect(known.text).toContain("/confirm");
    await mine.endSessions({ keepCurrent: false });
    await expect.poll(() => outcome(mine.getMe({})), soon).toBe("unauthenticated token_invalid");
    expect(await refreshed(here)).toContain("invalid_grant");
    const again = await browser.open(authorizationUrl(world.place, { challenge: pkce().challenge }));
    expect(again.text).toContain('name="email"');
  });

  test("are one's own: another's looks like none", async () => {
    const [eve, dan] = [await world.person("eve@example.org"), await world.person("dan@example.org")];
    const theirs = await world.as(dan);
    const { items } = await theirs.listSessions({});
    const own = await world.as(eve);
    for (const sessionId of [items[0]?.id ?? "", world.newId("ses")])
      expect(await outcome(own.endSession({ sessionId }))).toBe("not_found not_found");
    expect(await refreshed(dan)).toBe("ok");
  });

  test("end with a refresh token that is used twice, access tokens too", async () => {
    const person = await world.person("fay@example.org");
    const used = person.refreshToken;
    const caller = await world.as(person);
    expect(await outcome(caller.getMe({}))).toBe("ok");
    const replay = { grant_type: "refresh_token", refresh_token: used };
    expect((await askForTokens(world.place, replay)).error).toBe("invalid_grant");
    await expect.poll(() => outcome(caller.getMe({})), soon).toBe("unauthenticated token_invalid");
    expect(await refreshed(person)).toContain("invalid_grant");
  });

  test("end with logging out by an app", async () => {
    const person = await world.person("gus@example.org");
    const caller = await world.as(person);
    expect(await outcome(caller.getMe({}))).toBe("ok");
    const response = await fetch(`${world.origin}/oidc/revocation`, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({ client_id: "partake-cli", token: person.refreshToken }).toString(),
    });
    expect(response.status).toBe(200);
    await expect.poll(() => outcome(caller.getMe({})), soon).toBe("unauthenticated token_invalid");
  });
});

describe("[R24] a fresh proof of identity", () => {
  test("stands in the token, and a refresh makes it no fresher", async () => {
    const before = Math.floor(Date.now() / 1000);
    const person = await world.person("hal@example.org");
    const first = claimsOf(await world.token(person));
    expect(Number(first["auth_time"])).toBeGreaterThanOrEqual(before - 1);
    expect(first["amr"]).toEqual(["otp"]);
    const tokens = world.database.collection("oidc_records");
    const refresh = await tokens.findOne({
      model: "RefreshToken",
      payload: { $regex: String(person.userId) },
      consumed: { $exists: false },
    });
    const payload = JSON.parse(String(refresh?.["payload"])) as { authTime: number };
    const hourAgo = payload.authTime - 3_700;
    const changed = JSON.stringify({ ...payload, authTime: hourAgo });
    await tokens.updateOne({ _id: refresh?._id as never }, { $set: { payload: changed } });
    expect(claimsOf(await world.token(person))["auth_time"]).toBe(hourAgo);
  });

  test("is asked for where roles change; who may not at all is not sent to prove it", async () => {
    const { id, admin } = await world.organisation("Fresh");
    const member = await world.colleague({ organisationId: id, admin, email: "ivy@example.org", role: "member" });
    const records = world.database.collection("oidc_records");
    for (const person of [admin, member]) {
      const live = { model: "RefreshToken", payload: { $regex: person.userId }, consumed: { $exists: false } };
      for (const record of await records.find(live).toArray()) {
        const payload = JSON.parse(String(record["payload"])) as { authTime: number };
        const changed = JSON.stringify({ ...payload, authTime: payload.authTime - 3_700 });
        await records.updateOne({ _id: record._id }, { $set: { payload: changed } });
      }
    }
    const stale = await world.as(admin, id);
    const asked = { userId: member.userId, role: "creator" as const };
    expect(await outcome(stale.giveRole(asked))).toBe("unauthenticated insufficient_user_authentication");
    expect(await outcome(stale.listColleagues({}))).toBe("ok");
    expect(await outcome((await world.as(member, id)).listServiceAccounts({}))).toBe("forbidden no_role");
    const created = { name: "No", method: "client_secret" as const, roles: [{ role: "admin" as const }] };
    expect(await outcome((await world.as(member, id)).createServiceAccount(created))).toBe("forbidden no_role");
    const anew = await world.as(await world.person(admin.email), id);
    expect(await outcome(anew.giveRole(asked))).toBe("ok");
  });
});
