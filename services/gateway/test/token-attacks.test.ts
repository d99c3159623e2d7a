import { createHmac, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { operation } from "@partake/contract";
import { asFailure } from "@partake/failure";
import { newId } from "@partake/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type GatewayWorld, startGatewayWorld } from "./gateway-world.ts";
import { encode, goodHeader, type Person } from "./people.ts";
import { type Watching, watchAt } from "./watching.ts";

// Every way of forging a token that we know of, as data. abuse.md, "Tokens and sessions"; RFC 8725; RFC 9068, 4.

let world: GatewayWorld;
let admin: Person;
let trap: { url: string; visits: number; close(): void };
const open: Watching[] = [];
const folderId = newId("fld");
const getFolder = operation("/partake.v1.Projects/GetFolder");

beforeAll(async () => {
  world = await startGatewayWorld();
  admin = world.people.person([["admin", world.organisationId]]);
  trap = await openTrap();
  world.upstream.answers.set("GetFolder", () => ({ id: folderId, organisationId: world.organisationId, version: 1 }));
});
afterAll(async () => {
  trap.close();
  await world.stop();
});
beforeEach(() => {
  world.upstream.seen.length = 0;
});
afterEach(() => {
  for (const watching of open.splice(0)) watching.close();
});

/** A server that a token names as the place of its key: nobody may ever go there. */
async function openTrap() {
  const seen = { visits: 0 };
  const server = createServer((_, response) => {
    seen.visits += 1;
    response.end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(seen, { url: `http://127.0.0.1:${port}/jwks`, close: () => void server.close() });
}

const now = () => Math.floor(world.clock.nowMs() / 1000);
/** A good token but for some of its header, or of its claims: signed by the issuer all the same. */
const header = (changes: object) => world.people.token(admin, { header: changes });
const claims = (changes: object) => world.people.token(admin, { claims: changes });
const text = (part: object) => JSON.stringify(part);
const good = () => world.people.token(admin);
const parts = () => good().split(".") as [string, string, string];
const stranger = generateKeyPairSync("rsa", { modulusLength: 2048 });
const curve = generateKeyPairSync("ec", { namedCurve: "P-256" });
const edwards = generateKeyPairSync("ed25519");

function signedBy(key: KeyObject, changes: object, digest: string | null = "sha256"): string {
  const said = `${encode({ ...goodHeader, ...changes })}.${encode(world.people.claims(admin))}`;
  const made = sign(digest, Buffer.from(said), { key, dsaEncoding: "ieee-p1363" });
  return `${said}.${made.toString("base64url")}`;
}

function byHmac(alg: string, secret: string | Buffer): string {
  const said = `${encode({ ...goodHeader, alg })}.${encode(world.people.claims(admin))}`;
  return `${said}.${createHmac("sha256", secret).update(said).digest("base64url")}`;
}

/** The same signature, written with other bits where the last character has some to spare. */
function respelt(): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const token = good();
  return token.slice(0, -1) + alphabet[alphabet.indexOf(token.at(-1) ?? "") ^ 1];
}

const pem = () => String(world.people.publicKey.export({ format: "pem", type: "spki" }));
const der = () => world.people.publicKey.export({ format: "der", type: "spki" });
const jwk = () => text(world.people.publicKey.export({ format: "jwk" }));
const ours = () => `${world.origin}/orgs/${world.organisationId}`;

type Row = [name: string, token: () => string];

const attacks: Record<string, Row[]> = {
  "its form": [
    ["empty", () => ""],
    ["a word", () => "admin"],
    ["an opaque token, as refresh tokens and codes are", () => randomBytes(32).toString("base64url")],
    ["two parts", () => parts().slice(0, 2).join(".")],
    ["four parts", () => `${good()}.${parts()[2]}`],
    ["five parts (JWE)", () => `${good()}.a.b`],
    ["no signature", () => `${parts()[0]}.${parts()[1]}.`],
    ["an empty payload (detached)", () => `${parts()[0]}..${parts()[2]}`],
    ["the JSON serialisation", () => text({ payload: parts()[1], protected: parts()[0], signature: parts()[2] })],
    ["padding", () => `${good()}==`],
    ["a space within", () => good().replace(".", ". ")],
    ["another token behind", () => `${good()} ${good()}`],
    ["a comma and another token", () => `${good()}, ${good()}`],
    ["plain base64 in its header", () => `${parts()[0]}+/.${parts()[1]}.${parts()[2]}`],
    ["its signature spelt otherwise", respelt],
    ["its signature cut", () => good().slice(0, -8)],
    ["its signature lengthened", () => `${good()}AAAA`],
    ["a token as its payload (nested)", () => world.people.signed({ ...goodHeader, cty: "JWT" }, good())],
    ["a list as its claims", () => world.people.signed(goodHeader, "[]")],
    ["no JSON in its header", () => world.people.signed("{", world.people.claims(admin))],
    ["spaces in its claims", () => world.people.signed(goodHeader, ` ${text(world.people.claims(admin))}`)],
    ["13 kB", () => claims({ padding: "x".repeat(10_000) })],
  ],
  "its algorithm": [
    ...["none", "None", "nOnE", "", "RS256 ", "rs256", "RS384", "RS512", "PS256"].map(
      (alg): Row => [JSON.stringify(alg), () => header({ alg })],
    ),
    ["absent", () => header({ alg: undefined })],
    ["a list", () => header({ alg: ["RS256"] })],
    ["none, without a signature", () => `${encode({ ...goodHeader, alg: "none" })}.${parts()[1]}.`],
    ["HS256 by the public key as PEM", () => byHmac("HS256", pem())],
    ["HS256 by the public key as DER", () => byHmac("HS256", der())],
    ["HS256 by the public key as JWK", () => byHmac("HS256", jwk())],
    ["HS256 by nothing", () => byHmac("HS256", "")],
    ["RS256 in name, an HMAC in truth", () => byHmac("RS256", pem())],
    ["ES256", () => signedBy(curve.privateKey, { alg: "ES256" })],
    ["EdDSA", () => signedBy(edwards.privateKey, { alg: "EdDSA" }, null)],
    [
      "there twice",
      () => world.people.signed(text(goodHeader).replace("{", '{"alg":"none",'), world.people.claims(admin)),
    ],
  ],
  "its key": [
    ["a stranger's under our id", () => signedBy(stranger.privateKey, {})],
    ["brought along (jwk)", () => signedBy(stranger.privateKey, { jwk: stranger.publicKey.export({ format: "jwk" }) })],
    ["named by address (jku)", () => signedBy(stranger.privateKey, { jku: trap.url })],
    ["named by a certificate's address (x5u)", () => signedBy(stranger.privateKey, { x5u: trap.url })],
    ["named by address as its id", () => signedBy(stranger.privateKey, { kid: trap.url })],
    ["a certificate (x5c)", () => signedBy(stranger.privateKey, { x5c: ["MIIB"] })],
    ...["jku", "x5u"].map((name): Row => [`ours, with a ${name}`, () => header({ [name]: trap.url })]),
    ["ours, with a jwk", () => header({ jwk: world.people.publicKey.export({ format: "jwk" }) })],
    ["ours, with a thumbprint", () => header({ "x5t#S256": "abc" })],
    ...[
      undefined,
      null,
      "",
      7,
      ["test"],
      "other",
      "../../../dev/null",
      "test\u0000",
      "' OR 1=1 --",
      "x".repeat(101),
    ].map((kid): Row => [`kid ${JSON.stringify(kid)?.slice(0, 30)}`, () => header({ kid })]),
    ...["__proto__", "constructor", "toString"].map((kid): Row => [`kid ${kid}`, () => header({ kid })]),
  ],
  "its rules": [
    ["crit", () => header({ crit: ["exp"], exp: 1 })],
    ["an empty crit", () => header({ crit: [] })],
    ["an unknown extension", () => header({ crit: ["https://evil.example"], "https://evil.example": true })],
    ["b64", () => header({ b64: false, crit: ["b64"] })],
    ["compression", () => header({ zip: "DEF" })],
    ["encryption", () => header({ enc: "A128GCM" })],
  ],
  "its type": [
    ...[undefined, null, "", "JWT", "jwt", "JOSE", "id_token", "logout+jwt", "service+jwt", "dpop+jwt"].map(
      (typ): Row => [String(typ), () => header({ typ })],
    ),
    ["a list", () => header({ typ: ["at+jwt"] })],
    ["with a parameter", () => header({ typ: "at+jwt;v=1" })],
    ["of another tree", () => header({ typ: "text/at+jwt" })],
  ],
  "its issuer": [
    ...[undefined, null, "", "https://evil.example", "partake.test"].map(
      (iss): Row => [String(iss), () => claims({ iss })],
    ),
    ["with a slash", () => claims({ iss: `${world.origin}/` })],
    ["in capitals", () => claims({ iss: world.origin.toUpperCase() })],
    ["a list", () => claims({ iss: [world.origin] })],
  ],
  "its audience": [
    ...[undefined, null, "", "test", "https://evil.example", []].map(
      (aud): Row => [JSON.stringify(aud) ?? "absent", () => claims({ aud })],
    ),
    ["the origin alone", () => claims({ aud: world.origin })],
    ["every organisation", () => claims({ aud: `${world.origin}/orgs/` })],
    ["ours and another's", () => claims({ aud: [ours(), `${world.origin}/orgs/${newId("org")}`] })],
    ["ours and a client", () => claims({ aud: [ours(), "partake-web"] })],
    ["ours within a list of lists", () => claims({ aud: [[ours()]] })],
    ["an origin that begins like ours", () => claims({ aud: ours().replace(".test", ".test.evil.example") })],
    ["ours with a path behind", () => claims({ aud: `${ours()}/x` })],
    ["ours with a query", () => claims({ aud: `${ours()}?x` })],
  ],
  "its times": [
    ...[undefined, null, "soon", -1, 1e30, true].map((exp): Row => [`exp ${String(exp)}`, () => claims({ exp })]),
    ["exp of a minute ago", () => claims({ iat: now() - 360, exp: now() - 60 })],
    ["exp of this moment", () => claims({ iat: now() - 300, exp: now() })],
    ["a life of a day", () => claims({ exp: now() + 86_400 })],
    ["exp before iat", () => claims({ iat: now() + 30, exp: now() + 20 })],
    ["exp as text", () => claims({ exp: String(now() + 300) })],
    ["no iat", () => claims({ iat: undefined })],
    ["iat beyond any skew", () => claims({ iat: now() + 62, exp: now() + 300 })],
    ["nbf beyond any skew", () => claims({ nbf: now() + 62 })],
    ["nbf as text", () => claims({ nbf: "now" })],
  ],
  "its claims": [
    ...[undefined, null, "", "admin", "gateway", { $ne: "" }, ["usr"]].map(
      (sub): Row => [`sub ${JSON.stringify(sub)}`, () => claims({ sub })],
    ),
    ["sub twice", () => world.people.signed(goodHeader, text(world.people.claims(admin)).replace("{", '{"sub":"x",'))],
    ["no jti", () => claims({ jti: undefined })],
    ["no client", () => claims({ client_id: "" })],
    ["roles as text", () => claims({ roles: `admin:${world.organisationId}` })],
    ["a role without a scope", () => claims({ roles: ["admin"] })],
    ["an operator's role as a wildcard", () => claims({ roles: ["admin:*"] })],
    ["201 roles", () => claims({ roles: Array.from({ length: 201 }, () => "admin:platform") })],
    ["a negative version", () => claims({ grants_version: -1 })],
    ["a fractional version", () => claims({ grants_version: 1.5 })],
    ["a reference that is no boolean", () => claims({ roles_ref: "yes" })],
    ["a creator that is nobody", () => claims({ limited_by: "admin" })],
  ],
};

/** As many as must be taken, so that nobody makes the others pass by refusing everything. */
const taken: Row[] = [
  ["as the issuer makes it", good],
  ["with the long form of its type (RFC 9068, 4)", () => header({ typ: "application/at+jwt" })],
  ["with its type in capitals (RFC 7515, 4.1.9)", () => header({ typ: "AT+JWT" })],
  ["for a list of one audience", () => claims({ aud: [ours()] })],
  ["from a clock a minute ahead", () => claims({ iat: now() + 58, exp: now() + 300 })],
  ["with nbf", () => claims({ nbf: now() })],
  ["with a content type and a claim of nobody's", () => header({ cty: "json" })],
];

const upload = { "content-type": "text/plain", "content-disposition": 'attachment; filename="a.txt"' };
const doors: [door: string, knock: (headers: Record<string, string>) => Promise<[number, string | null]>][] = [
  ["a route", (headers) => knock("GET", `/v1/folders/${folderId}`, headers)],
  ["a download", (headers) => knock("GET", `/v1/files/${newId("fil")}`, headers)],
  ["an upload", (headers) => knock("POST", `/v1/participations/${newId("par")}/files`, { ...headers, ...upload })],
  [
    "the stream of events",
    async (headers) => {
      const watching = await watchAt(world.url, headers, open);
      return [watching.status, String(watching.headers["www-authenticate"] ?? "")];
    },
  ],
];

async function knock(method: string, path: string, headers: Record<string, string>): Promise<[number, string | null]> {
  const told = await world.ask(method, path, { headers, ...(method === "POST" && { body: "text" }) });
  return [told.status, told.headers.get("www-authenticate")];
}

/** A service itself, without a gateway in front of it. It says why: a token may be good and only behind what its person holds. */
async function directly(token: string): Promise<string> {
  try {
    await world.upstream.invoke(getFolder, { folderId }, { userToken: token, timeoutMs: 10_000 });
    return "ok";
  } catch (thrown) {
    return asFailure(thrown).reason;
  }
}

describe.each(Object.entries(attacks))("[R19] a token is refused at every door for %s:", (_aspect, rows) => {
  test.each(rows)("%s", async (_name, make) => {
    const token = make();
    for (const [door, ask] of doors) {
      const [status, challenge] = await ask({ authorization: `Bearer ${token}` });
      expect([door, status]).toEqual([door, 401]);
      expect(challenge).toContain('error="invalid_token"');
    }
    expect(world.upstream.seen).toEqual([]);
    expect(await directly(token)).toMatch(/^token_(missing|invalid|expired)$/);
    expect(world.upstream.seen).toEqual([]);
    expect(trap.visits).toBe(0);
  });
});

describe("[R19] a token is taken", () => {
  test.each(taken)("%s", async (_name, make) => {
    const token = make();
    for (const [door, ask] of doors)
      expect([door, (await ask({ authorization: `Bearer ${token}` }))[0]]).not.toContain(401);
    expect(await directly(token)).toBe("ok");
  });

  test.each(["bearer", "BEARER"])("after %s, too (RFC 9110, 11.1)", async (scheme) => {
    for (const [door, ask] of doors)
      expect([door, (await ask({ authorization: `${scheme} ${good()}` }))[0]]).not.toContain(401);
  });
});

describe("[R19] a good token is not looked for", () => {
  const elsewhere: [where: string, headers: () => Record<string, string>, error: boolean][] = [
    ["after another scheme", () => ({ authorization: `Token ${good()}` }), true],
    ["after Basic", () => ({ authorization: `Basic ${Buffer.from(`x:${good()}`).toString("base64")}` }), true],
    ["after DPoP", () => ({ authorization: `DPoP ${good()}` }), true],
    ["without a scheme", () => ({ authorization: good() }), true],
    ["after two spaces", () => ({ authorization: `Bearer  ${good()}` }), true],
    ["after a tab", () => ({ authorization: `Bearer\t${good()}` }), true],
    ["in headers of others' making", () => ({ "x-access-token": good(), "x-forwarded-authorization": good() }), false],
    ["in a proxy's header", () => ({ "proxy-authorization": `Bearer ${good()}` }), false],
    ["in a cookie of its own", () => ({ cookie: `access_token=${good()}` }), false],
    ["in the place of a service's", () => ({ "partake-service-token": good() }), false],
  ];
  test.each(elsewhere)("%s", async (_where, headers, error) => {
    for (const [door, ask] of doors) {
      const [status, challenge] = await ask(headers());
      expect([door, status]).toEqual([door, 401]);
      expect(challenge?.includes("error=")).toBe(error);
    }
    expect(world.upstream.seen).toEqual([]);
  });

  test("in the address or the body (RFC 6750, 2.2 and 2.3, which we do not offer)", async () => {
    const path = `/v1/folders/${folderId}?access_token=${good()}`;
    expect((await world.ask("GET", path)).status).toBe(401);
    const form = { "content-type": "application/x-www-form-urlencoded" };
    const sent = await world.ask("POST", "/v1/folders", { headers: form, body: `access_token=${good()}` });
    expect(sent.status).toBe(401);
    expect(world.upstream.seen).toEqual([]);
    expect(world.log.join("\n")).not.toContain(good().split(".")[1]);
  });
});
