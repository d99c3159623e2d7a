import { generateKeyPairSync, sign } from "node:crypto";
import { newId } from "@partake/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type GatewayWorld, startGatewayWorld, type Told } from "./gateway-world.ts";
import type { Person } from "./people.ts";
import { sendRaw } from "./raw-http.ts";

let world: GatewayWorld;
let admin: Person;
const id = newId("fld");

beforeAll(async () => {
  world = await startGatewayWorld();
  admin = world.people.person([["admin", world.organisationId]]);
});
afterAll(() => world.stop());
beforeEach(() => {
  world.upstream.seen.length = 0;
  world.upstream.answers.set("GetFolder", () => ({
    id,
    organisationId: world.organisationId,
    title: "",
    description: "",
    position: 0,
    status: "active",
    version: 1,
    createdAt: "",
  }));
  world.upstream.answers.set("GetMe", (_, call) => ({
    id: call.actorId,
    name: "",
    email: "",
    language: "en",
    organisations: [],
    version: 1,
  }));
});

const get = (headers: Record<string, string>) => world.ask("GET", `/v1/folders/${id}`, { headers });
const bearer = (token: string) => get({ authorization: `Bearer ${token}` });

describe("[X5] bearer tokens", () => {
  test("a good one counts, for its organisation and for one's own account", async () => {
    expect((await bearer(world.people.token(admin))).status).toBe(200);
    const account = world.people.token(admin, { place: "account" });
    expect((await world.ask("GET", "/v1/me", { token: account })).json).toMatchObject({ id: admin.userId });
    expect((await world.ask("GET", "/v1/me", { as: admin })).status).toBe(200);
  });

  const refused: [name: string, ask: () => Promise<Told>, reason: string][] = [
    ["none", () => get({}), "token_missing"],
    ["an empty one", () => get({ authorization: "Bearer " }), "token_invalid"],
    ["another scheme", () => get({ authorization: "Basic YTpi" }), "token_invalid"],
    ["none of ours", () => bearer("abc"), "token_invalid"],
    ["a token with its signature cut", () => bearer(world.people.token(admin).slice(0, -10)), "token_invalid"],
    ["the algorithm none", () => bearer(unsigned({ alg: "none", typ: "at+jwt" })), "token_invalid"],
    [
      "the public key as a secret",
      () => bearer(unsigned({ alg: "HS256", typ: "at+jwt", kid: "test" })),
      "token_invalid",
    ],
    ["another's key", () => bearer(foreign()), "token_invalid"],
    ["an unknown key", () => bearer(world.people.token(admin, { header: { kid: "other" } })), "token_invalid"],
    [
      "a key from elsewhere",
      () => bearer(world.people.token(admin, { header: { jku: "https://evil.example/jwks" } })),
      "token_invalid",
    ],
    ["an ID token", () => bearer(world.people.token(admin, { header: { typ: "JWT" } })), "token_invalid"],
    ["a service's token", () => bearer(world.people.token(admin, { header: { typ: "service+jwt" } })), "token_invalid"],
    [
      "another issuer",
      () => bearer(world.people.token(admin, { claims: { iss: "https://evil.example" } })),
      "token_invalid",
    ],
    [
      "another audience",
      () => bearer(world.people.token(admin, { claims: { aud: "https://evil.example/orgs/x" } })),
      "token_invalid",
    ],
    ["an old one", () => bearer(world.people.token(admin, { claims: { iat: 1_000, exp: 2_000 } })), "token_expired"],
    ["a huge one", () => bearer(`ey${"a".repeat(12_000)}`), "token_invalid"],
    [
      "an account's token for an organisation's operation",
      () => bearer(world.people.token(admin, { place: "account" })),
      "token_invalid",
    ],
  ];
  test.each(refused)("refused: %s", async (_, ask, reason) => {
    const told = await ask();
    expect([told.status, told.json.reason]).toEqual([401, reason]);
    const challenge = told.headers.get("www-authenticate") ?? "";
    expect(challenge).toContain(`resource_metadata="${world.origin}/.well-known/oauth-protected-resource"`);
    expect(challenge.includes('error="invalid_token"')).toBe(reason !== "token_missing");
    expect(world.upstream.seen).toEqual([]);
  });

  test("two Authorization headers, of which somebody may have looked at the other", async () => {
    const line = `Authorization: Bearer ${world.people.token(admin)}`;
    const told = await sendRaw(world.url, ["GET /v1/me HTTP/1.1", "Host: x", line, line, "", ""].join("\r\n"));
    expect(told.status).toBe(401);
  });

  test("nothing is gained by metadata of calls between services", async () => {
    const forged = {
      "partake-service-token": world.people.token(admin),
      "partake-user": admin.userId,
      "x-forwarded-user": admin.userId,
      "x-roles": "admin",
    };
    expect((await get(forged)).status).toBe(401);
    const other = world.people.person([], newId("org"));
    const told = await world.ask("GET", `/v1/folders/${id}`, {
      as: other,
      headers: { ...forged, "partake-if-match": "1", "partake-organisation": world.organisationId },
    });
    expect(told.status).toBe(404);
  });

  test("[R19] a role that was taken counts nowhere at once; one that was given asks for a new token", async () => {
    const person = world.people.person([["folder_manager", id]]);
    const token = world.people.token(person);
    expect((await bearer(token)).status).toBe(200);
    world.people.setRoles(person, []);
    expect((await bearer(token)).status).toBe(404);
    world.people.setRoles(person, [["admin", world.organisationId]]);
    const told = await bearer(token);
    expect([told.status, told.json.reason]).toEqual([401, "token_stale"]);
    expect(told.headers.get("www-authenticate")).toContain('error="invalid_token"');
    expect((await bearer(world.people.token(person))).status).toBe(200);
  });

  test("somebody who is disabled is refused at once", async () => {
    const person = world.people.person([["admin", world.organisationId]]);
    const token = world.people.token(person);
    expect((await bearer(token)).status).toBe(200);
    world.people.disable(person);
    expect((await bearer(token)).status).toBe(401);
  });

  test("[R24] roles change only by a fresh proof of identity: else the challenge says how fresh (RFC 9470)", async () => {
    const give = (claims: object) =>
      world.ask("POST", "/v1/grants", {
        token: world.people.token(admin, { claims }),
        json: { userId: newId("usr"), role: "member" },
      });
    const now = Math.floor(world.clock.nowMs() / 1000);
    const grant = { id: newId("grn"), role: "member", version: 1, removed: false };
    world.upstream.answers.set("GiveRole", () => grant);
    expect((await give({ auth_time: now - 3_500 })).status).toBe(201);
    world.upstream.seen.length = 0;
    for (const auth_time of [now - 3_700, undefined, "now", now + 3_600]) {
      const told = await give({ auth_time });
      expect([told.status, told.json.reason]).toEqual([401, "insufficient_user_authentication"]);
      expect(told.headers.get("www-authenticate")).toMatch(
        /error="insufficient_user_authentication", .*max_age="3600"/,
      );
    }
    expect(world.upstream.seen).toEqual([]);
    expect((await bearer(world.people.token(admin, { claims: { auth_time: now - 100_000 } }))).status).toBe(200);
    const member = world.people.person([["member", world.organisationId]]);
    const stale = world.people.token(member, { claims: { auth_time: now - 100_000 } });
    const refused = await world.ask("POST", "/v1/grants", {
      token: stale,
      json: { userId: member.userId, role: "member" },
    });
    expect(refused.status).toBe(403);
  });

  test("what an OAuth client must know of us is published (RFC 9728)", async () => {
    const root = await world.ask("GET", "/.well-known/oauth-protected-resource");
    expect(root.json).toMatchObject({ resource: world.origin, authorization_servers: [world.origin] });
    const place = await world.ask("GET", `/.well-known/oauth-protected-resource/orgs/${world.organisationId}`);
    expect(place.json.resource).toBe(`${world.origin}/orgs/${world.organisationId}`);
    expect((await world.ask("GET", "/.well-known/oauth-protected-resource/orgs/x")).status).toBe(404);
  });
});

function unsigned(header: object): string {
  const [, claims = ""] = world.people.token(admin).split(".");
  return `${Buffer.from(JSON.stringify(header)).toString("base64url")}.${claims}.`;
}

function foreign(): string {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const [header = "", claims = ""] = world.people.token(admin).split(".");
  return `${header}.${claims}.${sign("sha256", Buffer.from(`${header}.${claims}`), privateKey).toString("base64url")}`;
}
