import { newId } from "@partake/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { sessions } from "../src/sessions/session.ts";
import { cookiesOf, type LogInOptions, logInAt } from "./browser.ts";
import { type Asking, type GatewayWorld, startGatewayWorld } from "./gateway-world.ts";
import type { Person } from "./people.ts";

let world: GatewayWorld;
let person: Person;
const id = newId("fld");
const csrf = { "partake-csrf": "1" };

beforeAll(async () => {
  world = await startGatewayWorld();
});
afterAll(() => world.stop());
beforeEach(() => {
  person = world.people.person([["admin", world.organisationId]]);
  world.provider.person = person;
  world.upstream.seen.length = 0;
  const folder = {
    id,
    organisationId: world.organisationId,
    title: "",
    description: "",
    position: 0,
    status: "active",
    version: 1,
    createdAt: "",
  };
  world.upstream.answers.set("GetFolder", () => folder);
  world.upstream.answers.set("CreateFolder", () => folder);
  world.upstream.answers.set("GetMe", (_, call) => ({
    id: call.actorId,
    name: "Ann",
    email: "ann@example.org",
    language: "en",
    organisations: [],
    version: 1,
  }));
});
afterEach(() => {
  const { provider } = world;
  Object.assign(provider, {
    refreshes: 0,
    refuseWith: undefined,
    delayMs: 0,
    lifeSeconds: 300,
    idClaims: {},
    revocationStatus: 200,
  });
  provider.closedPlaces.clear();
});

const logIn = (options?: LogInOptions) => logInAt(world, options);

const place = () => ({ "partake-organisation": world.organisationId });
const read = (cookie: string, headers: Record<string, string> = place(), url = world.url) =>
  world.ask("GET", `/v1/folders/${id}`, { headers: { cookie, ...headers }, url });
const write = (cookie: string, headers: Record<string, string>) =>
  world.ask("POST", "/v1/folders", { json: { title: "A" }, headers: { cookie, ...place(), ...headers } });

describe("[X5] logging in", () => {
  test("the browser goes to the provider with state, nonce and a challenge, and gets a session that no script sees", async () => {
    const begun = await world.ask("GET", "/auth/login?return_to=/docs%3Fa%3D1");
    expect(begun.status).toBe(303);
    const asked = new URL(begun.headers.get("location") ?? "");
    expect(asked.origin + asked.pathname).toBe(`${world.origin}/oidc/auth`);
    expect(Object.fromEntries(asked.searchParams)).toMatchObject({
      client_id: "partake-web",
      response_type: "code",
      // Neither name nor address: who somebody is, identity tells.
      scope: "openid offline_access",
      code_challenge_method: "S256",
      redirect_uri: `${world.origin}/auth/callback`,
      resource: `${world.origin}/account`,
    });
    const query = world.provider.authorize(asked.href);
    const callback = await world.ask("GET", `/auth/callback?${query}`, { headers: { cookie: cookiesOf(begun) } });
    expect([callback.status, callback.headers.get("location")]).toEqual([303, "/docs?a=1"]);
    const session = callback.headers.getSetCookie().find((cookie) => cookie.startsWith("__Host-partake="));
    expect(session).toMatch(/^__Host-partake=[A-Za-z0-9_-]{43}; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax; Secure$/);
    const me = await world.ask("GET", "/auth/session", { headers: { cookie: cookiesOf(callback) } });
    expect(me.json).toMatchObject({ person: { id: person.userId, name: "Ann" }, organisation: "account" });
    expect(me.text + callback.text).not.toContain("ey");
  });

  test("a session reads in the organisation that it names, by default in the one that it was opened for", async () => {
    const { cookie } = await logIn();
    expect((await read(cookie)).status).toBe(200);
    expect((await read(cookie, {})).status).toBe(401);
    const opened = await logIn({ query: `?organisation=${world.organisationId}` });
    expect((await read(opened.cookie, {})).status).toBe(200);
    expect((await read(cookie, { "partake-organisation": "x" })).json.reason).toBe("partake_organisation_malformed");
  });

  test("tokens are stored sealed, and the cookie's secret is not stored at all", async () => {
    world.provider.given.length = 0;
    const { cookie } = await logIn();
    expect((await read(cookie)).status).toBe(200);
    const [session] = await world.store.find(sessions, { userId: person.userId });
    const sealed = [session?.refreshToken, ...(session?.tokens ?? []).map(({ token }) => token)];
    // Of the log-in three tokens, of the refresh for the organisation two.
    expect([sealed.length, world.provider.given.length]).toEqual([3, 5]);
    const stored = [JSON.stringify(session), ...sealed.map((text) => Buffer.from(text ?? "", "base64url").toString())];
    for (const secret of [...world.provider.given, cookie.split("=")[1] ?? "-"]) {
      expect(stored.filter((text) => text.includes(secret))).toEqual([]);
    }
  });

  const places: [given: string, leadsTo: string][] = [
    ["/docs", "/docs"],
    ["/docs?a=b#c", "/docs?a=b#c"],
    ["/invitations", "/invitations"],
    ["//evil.example", "/"],
    ["/\\evil.example", "/"],
    ["https://evil.example/", "/"],
    ["javascript:alert(1)", "/"],
    ["/%0d%0aSet-Cookie:a=b", "/%0d%0aSet-Cookie:a=b"],
    ["/a\r\nSet-Cookie: a=b", "/"],
    ["/\t/evil.example", "/"],
    ["", "/"],
    [`/${"a".repeat(600)}`, "/"],
  ];
  test.each(places)("returns from %j to %j", async (given, leadsTo) => {
    const { callback } = await logIn({ query: `?return_to=${encodeURIComponent(given)}` });
    expect(callback.headers.get("location")).toBe(leadsTo);
  });

  test("[fixation] a secret that the browser had before opens nothing after the log-in", async () => {
    const planted = `__Host-partake=${"A".repeat(43)}`;
    const { cookie } = await logIn({ cookie: planted });
    expect(cookie).not.toContain("A".repeat(43));
    expect((await read(planted)).status).toBe(401);
    const again = await logIn({ cookie });
    expect((await read(again.cookie)).status).toBe(200);
    expect((await read(cookie)).status).toBe(401);
  });

  test("two log-ins in two tabs do not disturb each other", async () => {
    const [one, two] = [await world.ask("GET", "/auth/login"), await world.ask("GET", "/auth/login")];
    const cookie = `${cookiesOf(one)}; ${cookiesOf(two)}`;
    for (const begun of [two, one]) {
      const query = world.provider.authorize(begun.headers.get("location") ?? "");
      expect((await world.ask("GET", `/auth/callback?${query}`, { headers: { cookie } })).status).toBe(303);
    }
  });

  const broken: [
    name: string,
    query: Record<string, string | undefined>,
    cookie: (whole: string) => string,
    reason: string,
  ][] = [
    ["in another browser", {}, () => "", "log_in_not_begun_here"],
    ["with another state", { state: "x".repeat(43) }, (whole) => whole, "log_in_not_begun_here"],
    ["without a state", { state: undefined }, (whole) => whole, "log_in_not_begun_here"],
    ["with a changed cookie", {}, (whole) => `${whole.slice(0, -3)}abc`, "log_in_not_begun_here"],
    ["with another code", { code: "other" }, (whole) => whole, "log_in_failed"],
    ["from another issuer", { iss: "https://evil.example" }, (whole) => whole, "log_in_failed"],
    ["without an issuer", { iss: undefined }, (whole) => whole, "log_in_failed"],
    ["with a refusal", { code: undefined, error: "access_denied" }, (whole) => whole, "log_in_failed"],
  ];
  test.each(broken)("refused: a callback %s", async (_, changes, cookie, reason) => {
    const begun = await world.ask("GET", "/auth/login");
    const query = new URLSearchParams(world.provider.authorize(begun.headers.get("location") ?? ""));
    for (const [name, value] of Object.entries(changes)) {
      if (value === undefined) query.delete(name);
      else query.set(name, value);
    }
    const told = await world.ask("GET", `/auth/callback?${query}`, { headers: { cookie: cookie(cookiesOf(begun)) } });
    expect([told.status, told.json.reason]).toEqual([400, reason]);
    expect(cookiesOf(told)).not.toContain("__Host-partake=");
  });

  test("refused: somebody else's code in one's own log-in (code injection, RFC 9700, 4.5)", async () => {
    const [own, other] = [await world.ask("GET", "/auth/login"), await world.ask("GET", "/auth/login")];
    const [query, theirs] = [own, other].map(
      ({ headers }) => new URLSearchParams(world.provider.authorize(headers.get("location") ?? "")),
    );
    query?.set("code", theirs?.get("code") ?? "");
    const told = await world.ask("GET", `/auth/callback?${query}`, { headers: { cookie: cookiesOf(own) } });
    expect([told.status, told.json.reason]).toEqual([400, "log_in_failed"]);
    expect(cookiesOf(told)).not.toContain("__Host-partake=");
  });

  test("refused: a state of which only the beginning is right", async () => {
    const begun = await world.ask("GET", "/auth/login");
    const query = new URLSearchParams(world.provider.authorize(begun.headers.get("location") ?? ""));
    query.set("state", `${query.get("state")?.slice(0, 12)}x`);
    const told = await world.ask("GET", `/auth/callback?${query}`, { headers: { cookie: cookiesOf(begun) } });
    expect([told.status, told.json.reason]).toEqual([400, "log_in_not_begun_here"]);
  });

  test.each([
    ["another nonce", { nonce: "x" }],
    ["another audience", { aud: "other" }],
    ["another issuer", { iss: "https://evil.example" }],
    ["an old one", { exp: 1000 }],
  ])("refused: an ID token with %s", async (_, idClaims) => {
    world.provider.idClaims = idClaims;
    const { callback } = await logIn();
    expect([callback.status, callback.json.reason]).toEqual([400, "log_in_failed"]);
  });

  test("refused: a code that comes twice, and a log-in that took too long", async () => {
    const begun = await world.ask("GET", "/auth/login");
    const query = world.provider.authorize(begun.headers.get("location") ?? "");
    const headers = { cookie: cookiesOf(begun) };
    expect((await world.ask("GET", `/auth/callback?${query}`, { headers })).status).toBe(303);
    expect((await world.ask("GET", `/auth/callback?${query}`, { headers })).status).toBe(400);
    const slow = await world.ask("GET", "/auth/login");
    const late = world.provider.authorize(slow.headers.get("location") ?? "");
    world.clock.advance(31 * 60_000);
    expect(
      (await world.ask("GET", `/auth/callback?${late}`, { headers: { cookie: cookiesOf(slow) } })).json.reason,
    ).toBe("log_in_not_begun_here");
  });

  test("a person's browser is told in a page, without a script", async () => {
    const told = await world.ask("GET", "/auth/callback?code=a&state=b", {
      headers: { accept: "text/html,application/xhtml+xml" },
    });
    expect([told.status, told.headers.get("content-type")]).toEqual([400, "text/html; charset=utf-8"]);
    expect(told.headers.get("content-security-policy")).toContain("script-src 'self'");
  });
});

describe("sessions over time", () => {
  test("[R19] a session whose token is behind gets a new one and asks again, once", async () => {
    const { cookie } = await logIn();
    world.people.setRoles(person, []);
    expect((await read(cookie)).status).toBe(404);
    world.people.setRoles(person, [["admin", world.organisationId]]);
    const before = world.provider.refreshes;
    expect((await read(cookie)).status).toBe(200);
    expect(world.provider.refreshes).toBe(before + 1);
  });

  test("twenty requests at two gateways refresh once, and no refresh token is used twice", async () => {
    const { cookie } = await logIn();
    world.provider.delayMs = 100;
    const asked = Array.from({ length: 20 }, (_, index) =>
      read(cookie, place(), index % 2 ? world.url : world.otherUrl),
    );
    expect((await Promise.all(asked)).map(({ status }) => status)).toEqual(Array(20).fill(200));
    expect(world.provider.refreshes).toBe(1);
    world.clock.advance(290_000);
    const again = Array.from({ length: 20 }, (_, index) =>
      read(cookie, place(), index % 2 ? world.url : world.otherUrl),
    );
    expect((await Promise.all(again)).map(({ status }) => status)).toEqual(Array(20).fill(200));
    expect(world.provider.refreshes).toBe(2);
  });

  test("a place that is not theirs is refused, and the session goes on", async () => {
    const { cookie } = await logIn();
    world.provider.closedPlaces.add("platform");
    const told = await read(cookie, { "partake-organisation": "platform" });
    expect([told.status, told.json.reason]).toEqual([403, "organisation_not_available"]);
    expect((await read(cookie)).status).toBe(200);
  });

  test("while the provider is away a valid token goes on; a new one is not to be had, and then is again", async () => {
    const { cookie } = await logIn();
    expect((await read(cookie)).status).toBe(200);
    world.provider.refuseWith = 503;
    expect((await read(cookie)).status).toBe(200);
    world.clock.advance(290_000);
    const told = await read(cookie);
    expect([told.status, told.json.reason]).toEqual([503, "log_in_unavailable"]);
    world.provider.refuseWith = undefined;
    expect((await read(cookie)).status).toBe(200);
  });

  test("a session ends when nobody uses it, and in any case after its whole life", async () => {
    const idle = await logIn();
    world.clock.advance(47 * 3600_000);
    expect((await read(idle.cookie)).status).toBe(200);
    world.clock.advance(49 * 3600_000);
    expect((await read(idle.cookie)).json.reason).toBe("session_ended");
    const used = await logIn();
    for (let day = 0; day < 13; day += 1) {
      world.clock.advance(24 * 3600_000);
      expect((await read(used.cookie)).status).toBe(200);
    }
    world.clock.advance(25 * 3600_000);
    expect((await read(used.cookie)).status).toBe(401);
  });

  test("a log-in that was ended at the provider ends here", async () => {
    const { cookie } = await logIn();
    await world.store.find(sessions, { userId: person.userId });
    world.provider.idClaims = {};
    world.people.disable(person);
    world.clock.advance(290_000);
    expect((await read(cookie)).status).toBe(401);
  });

  test("logging out ends the session everywhere and tells the provider, with nothing left to ask or to go to", async () => {
    const { cookie } = await logIn();
    expect((await world.ask("POST", "/auth/logout", { headers: { cookie } })).status).toBe(403);
    const out = await world.ask("POST", "/auth/logout", { headers: { cookie, ...csrf } });
    expect(out.status).toBe(200);
    expect(out.json.logoutUrl).toBe(`${world.origin}/`);
    expect(out.headers.getSetCookie()[0]).toContain("__Host-partake=; Path=/; Max-Age=0");
    expect(world.provider.revoked).toHaveLength(1);
    expect((await read(cookie, place(), world.otherUrl)).status).toBe(401);
    expect((await world.ask("GET", "/auth/session", { headers: { cookie } })).status).toBe(401);
  });

  test("logging out while the provider is away ends the session, and leads to where the provider asks", async () => {
    const { cookie } = await logIn();
    world.provider.revocationStatus = 503;
    const out = await world.ask("POST", "/auth/logout", { headers: { cookie, ...csrf } });
    expect([out.status, out.json.logoutUrl]).toEqual([200, `${world.origin}/oidc/logout`]);
    expect((await read(cookie)).status).toBe(401);
  });

  test("a cookie that comes twice, or is none of ours, opens nothing", async () => {
    const { cookie } = await logIn();
    expect((await read(`${cookie}; ${cookie}`)).status).toBe(401);
    expect((await read("__Host-partake=short")).status).toBe(401);
    expect((await read(`partake=${cookie.split("=")[1]}`)).status).toBe(401);
  });

  test("with a bearer token the cookie counts for nothing, so another site's cookie cannot speak for a script", async () => {
    const { cookie } = await logIn();
    const told = await read(cookie, { ...place(), authorization: "Bearer x" });
    expect([told.status, told.json.reason]).toEqual([401, "token_invalid"]);
  });
});

describe("cross-site requests", () => {
  const cases: [name: string, headers: () => Record<string, string>, written: number, readStatus: number][] = [
    ["our own script", () => ({ ...csrf, origin: world.origin, "sec-fetch-site": "same-origin" }), 201, 200],
    ["our own script, of a browser that says less", () => ({ ...csrf, origin: world.origin }), 201, 200],
    ["a program with a cookie", () => csrf, 201, 200],
    ["our own form, without the header", () => ({ origin: world.origin, "sec-fetch-site": "same-origin" }), 403, 200],
    ["the header with another value", () => ({ "partake-csrf": "0", origin: world.origin }), 403, 200],
    ["a link, or an address that was typed", () => ({ "sec-fetch-site": "none" }), 403, 200],
    ["another site", () => ({ ...csrf, origin: "https://evil.example", "sec-fetch-site": "cross-site" }), 403, 403],
    ["another site that says nothing of itself", () => ({ ...csrf, "sec-fetch-site": "cross-site" }), 403, 403],
    ["a neighbour", () => ({ ...csrf, origin: "https://other.partake.test", "sec-fetch-site": "same-site" }), 403, 403],
    ["nobody", () => ({ ...csrf, origin: "null" }), 403, 403],
    ["the same host without TLS", () => ({ ...csrf, origin: "http://partake.test" }), 403, 403],
    ["another port", () => ({ ...csrf, origin: `${world.origin}:8443` }), 403, 403],
  ];
  test.each(cases)("%s", async (_, headers, written, readStatus) => {
    const { cookie } = await logIn();
    expect([
      (await write(cookie, headers())).status,
      (await read(cookie, { ...place(), ...headers() })).status,
    ]).toEqual([written, readStatus]);
  });

  test.each(["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""])(
    "another site's form writes nothing, whatever it calls its body: %s",
    async (type) => {
      const { cookie } = await logIn();
      const headers = { cookie, ...place(), ...(type !== "" && { "content-type": type }) };
      const told = await world.ask("POST", "/v1/folders", { body: '{"title":"A"}', headers });
      expect([told.status, told.json.reason]).toEqual([403, "csrf_header_required"]);
      expect(world.upstream.seen).toEqual([]);
    },
  );

  test("a bearer's requests need no such header, and nobody's pages may read answers", async () => {
    const asking: Asking = { as: person, json: { title: "A" }, headers: { origin: "https://evil.example" } };
    const told = await world.ask("POST", "/v1/folders", asking);
    expect([told.status, told.headers.get("access-control-allow-origin")]).toEqual([201, null]);
    expect(told.headers.get("cross-origin-resource-policy")).toBe("same-origin");
  });

  test("a log-in page may be linked to, but not be loaded as part of another site's page", async () => {
    const linked = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
    expect((await world.ask("GET", "/auth/login", { headers: linked })).status).toBe(303);
    expect((await world.ask("GET", "/auth/login", { headers: { ...linked, "sec-fetch-dest": "iframe" } })).status).toBe(
      403,
    );
    expect(
      (
        await world.ask("GET", "/auth/login", {
          headers: { ...linked, "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image" },
        })
      ).status,
    ).toBe(403);
  });
});
