import { createHmac, sign } from "node:crypto";
import { beforeEach, describe, expect, test } from "vitest";
import {
  createWorld,
  edKey,
  encode,
  jwks,
  ORGANISATION,
  ORIGIN,
  OTHER_ORGANISATION,
  rsaKey,
  signToken,
  USER,
  type World,
} from "./world.ts";

let world: World;

beforeEach(async () => {
  world = await createWorld();
});

async function reasonOf(authorization: string | readonly string[]): Promise<string> {
  try {
    await world.enforcer.authenticate({ authorization });
    return "accepted";
  } catch (error) {
    const { code, reason } = error as { code: string; reason: string };
    return `${code} ${reason}`;
  }
}

const invalid = "unauthenticated token_invalid";
const expired = "unauthenticated token_expired";

describe("a good token", () => {
  const good: [string, () => string][] = [
    ["for an organisation", () => world.token()],
    ["with the long form of its type", () => world.token({}, { typ: "application/at+jwt" })],
    ["for the platform", () => world.token({ aud: `${ORIGIN}/orgs/platform`, roles: [] })],
    ["for one's own account", () => world.token({ aud: `${ORIGIN}/account`, roles: undefined })],
    ["whose audience is a list of one", () => world.token({ aud: [`${ORIGIN}/orgs/${ORGANISATION}`] })],
    ["that only refers to its roles", () => world.token({ roles: undefined, roles_ref: true })],
    [
      "by an issuer whose clock is half a minute ahead",
      () => world.token({ iat: world.nowMs / 1000 + 30, exp: world.nowMs / 1000 + 330 }),
    ],
  ];
  test.each(good)("%s is accepted", async (_, make) => {
    expect(await reasonOf(`Bearer ${make()}`)).toBe("accepted");
  });

  test("says who calls, for which organisation, until when", async () => {
    const verified = await world.enforcer.authenticate({ authorization: `Bearer ${world.token()}` });
    expect(verified.caller).toMatchObject({ kind: "user", userId: USER, organisationId: ORGANISATION });
    expect(verified.expiresAtMs).toBe(world.nowMs + 300_000);
  });
});

describe("a token that is refused", () => {
  const now = () => world.nowMs / 1000;
  const attacker = rsaKey("key-1");
  const cases: [string, () => string, string][] = [
    [
      "has no signature",
      () => `${encode({ alg: "none", typ: "at+jwt", kid: "key-1" })}.${encode(world.claims())}.`,
      invalid,
    ],
    ["says alg none and keeps a signature", () => world.token({}, { alg: "none" }), invalid],
    ["is signed with the public key as an HMAC secret", () => hmacToken("HS256"), invalid],
    ["hides that as RS256", () => hmacToken("RS256"), invalid],
    [
      "is signed by a stranger under our key id",
      () => signToken(world.header, world.claims(), attacker.privateKey),
      invalid,
    ],
    ["is signed RS512", () => rs512Token(), invalid],
    ["is signed EdDSA", () => edToken(), invalid],
    ["brings its own key (jwk)", () => bringing({ jwk: attacker.publicKey.export({ format: "jwk" }) }), invalid],
    ["names where its key is (jku)", () => bringing({ jku: "https://attacker.example/jwks" }), invalid],
    ["names a certificate (x5u)", () => bringing({ x5u: "https://attacker.example/cert" }), invalid],
    ["brings a certificate (x5c)", () => bringing({ x5c: ["MIIB"] }), invalid],
    ...["jku", "jwk", "x5u", "x5c", "x5t", "x5t#S256", "zip", "enc"].map((name): [string, () => string, string] => [
      `has ${name} though well signed`,
      () => world.token({}, { [name]: `${ORIGIN}/oidc/jwks` }),
      invalid,
    ]),
    ["has crit though well signed", () => world.token({}, { crit: ["exp"], exp: 1 }), invalid],
    ["is not base64url encoded (b64)", () => world.token({}, { b64: false }), invalid],
    ["has no key id", () => world.token({}, { kid: undefined }), invalid],
    ["has an unknown key id", () => world.token({}, { kid: "key-9" }), invalid],
    ["has a path as its key id", () => world.token({}, { kid: "../../dev/null" }), invalid],
    ["has a key id of Object", () => world.token({}, { kid: "__proto__" }), invalid],
    ["is an ID token (typ JWT)", () => world.token({}, { typ: "JWT" }), invalid],
    ["has no type", () => world.token({}, { typ: undefined }), invalid],
    ["is a service's token by its type", () => world.token({}, { typ: "service+jwt" }), invalid],
    ["is a log-out token", () => world.token({}, { typ: "logout+jwt" }), invalid],
    ["is by another issuer", () => world.token({ iss: "https://attacker.example" }), invalid],
    ["is by our issuer with a slash", () => world.token({ iss: `${ORIGIN}/` }), invalid],
    ["has no issuer", () => world.token({ iss: undefined }), invalid],
    ["has a list of issuers", () => world.token({ iss: [ORIGIN] }), invalid],
    ["is for another audience", () => world.token({ aud: "https://attacker.example" }), invalid],
    [
      "is for an audience that begins like ours",
      () => world.token({ aud: `${ORIGIN}.attacker.example/orgs/${ORGANISATION}` }),
      invalid,
    ],
    [
      "is for an audience with another sign for the slash behind our origin",
      () => world.token({ aud: `${ORIGIN}_orgs/${ORGANISATION}` }),
      invalid,
    ],
    ["is for a client (an ID token)", () => world.token({ aud: "web" }), invalid],
    [
      "is for two organisations",
      () => world.token({ aud: [`${ORIGIN}/orgs/${ORGANISATION}`, `${ORIGIN}/orgs/${OTHER_ORGANISATION}`] }),
      invalid,
    ],
    ["is for no organisation's id", () => world.token({ aud: `${ORIGIN}/orgs/org_1` }), invalid],
    [
      "is for an organisation with a path behind",
      () => world.token({ aud: `${ORIGIN}/orgs/${ORGANISATION}/x` }),
      invalid,
    ],
    ["has no audience", () => world.token({ aud: undefined }), invalid],
    ["has expired", () => world.token({ iat: now() - 400, exp: now() - 100 }), expired],
    ["expires at this very moment", () => world.token({ iat: now() - 300, exp: now() }), expired],
    ["never expires", () => world.token({ exp: undefined }), invalid],
    ["lives for a day", () => world.token({ exp: now() + 86_400 }), invalid],
    ["expires before it was issued", () => world.token({ iat: now() + 50, exp: now() + 20 }), invalid],
    ["has a text as its expiry", () => world.token({ exp: `${now() + 300}` }), invalid],
    [
      "has an endless expiry",
      () =>
        signToken(
          world.header,
          JSON.stringify(world.claims()).replace(/"exp":\d+/, '"exp":1e999'),
          world.key.privateKey,
        ),
      invalid,
    ],
    ["was issued in two minutes", () => world.token({ iat: now() + 120, exp: now() + 300 }), invalid],
    ["counts only from two minutes on", () => world.token({ nbf: now() + 120 }), invalid],
    ["was issued never", () => world.token({ iat: undefined }), invalid],
    ["has no subject", () => world.token({ sub: undefined }), invalid],
    ["has a service as its subject", () => world.token({ sub: "projects" }), invalid],
    ["has an operator as its subject", () => world.token({ sub: { $ne: "" } }), invalid],
    ["has no token id", () => world.token({ jti: undefined }), invalid],
    ["has no client", () => world.token({ client_id: undefined }), invalid],
    ["has roles that are no list", () => world.token({ roles: `admin:${ORGANISATION}` }), invalid],
    ["has a malformed role", () => world.token({ roles: ["admin"] }), invalid],
    [
      "has more roles than any is made with",
      () => world.token({ roles: Array.from({ length: 201 }, () => "admin:platform") }),
      invalid,
    ],
    ["says by no boolean whether it refers to its roles", () => world.token({ roles_ref: "yes" }), invalid],
    [
      "has ten thousand roles",
      () => world.token({ roles: Array.from({ length: 10_000 }, () => "admin:platform") }),
      invalid,
    ],
    ["has a negative version of grants", () => world.token({ grants_version: -1 }), invalid],
    ["claims a list", () => signToken(world.header, "[1]", world.key.privateKey), invalid],
    ["claims no JSON", () => signToken(world.header, "{", world.key.privateKey), invalid],
    ["has a header that is no JSON", () => signToken("{", world.claims(), world.key.privateKey), invalid],
    ["is encrypted (five parts)", () => `${world.token()}.a.b`, invalid],
    ["has two parts", () => world.token().split(".").slice(0, 2).join("."), invalid],
    ["is huge", () => world.token({ padding: "x".repeat(20_000) }), invalid],
    ["is changed in its claims", () => changed(1), invalid],
    ["is changed in its signature", () => changed(2), invalid],
    ["is empty", () => "", invalid],
    ["holds a line break", () => `${world.token()}\r\nx: y`, invalid],
  ];
  test.each(cases)("%s", async (_, make, reason) => {
    expect(await reasonOf(`Bearer ${make()}`)).toBe(reason);
  });

  test.each([
    ["another scheme", () => `Basic ${world.token()}`],
    ["no scheme", () => world.token()],
    ["two tokens in one header", () => `Bearer ${world.token()}, Bearer ${world.token()}`],
    ["two tokens after one scheme", () => `Bearer ${world.token()} ${world.token()}`],
  ])("comes with %s", async (_, header) => {
    expect(await reasonOf(header())).toBe(invalid);
  });

  test("comes twice, even if both are good", async () => {
    const header = `Bearer ${world.token()}`;
    expect(await reasonOf([header])).toBe("accepted");
    expect(await reasonOf([header, header])).toBe(invalid);
  });

  test("is no token for a service's place", async () => {
    await expect(
      Promise.resolve().then(() => world.enforcer.authenticate({ serviceToken: world.token() })),
    ).rejects.toMatchObject({ reason: "token_invalid" });
  });

  test("of a good one, with another end of its signature, is not taken for it", async () => {
    const token = world.token();
    expect(await reasonOf(`Bearer ${token}`)).toBe("accepted");
    const [header, , signature] = token.split(".");
    const forged = `${header}.${encode(world.claims({ sub: "usr_01890000-0000-7000-8000-0000000000ff" }))}.${signature}`;
    expect(await reasonOf(`Bearer ${forged}`)).toBe(invalid);
    expect(await reasonOf(`Bearer ${token}`)).toBe("accepted");
  });

  function hmacToken(alg: string): string {
    const pem = world.key.publicKey.export({ format: "pem", type: "spki" });
    const signed = `${encode({ alg, typ: "at+jwt", kid: "key-1" })}.${encode(world.claims())}`;
    return `${signed}.${createHmac("sha256", pem).update(signed).digest("base64url")}`;
  }

  function rs512Token(): string {
    const signed = `${encode({ ...world.header, alg: "RS512" })}.${encode(world.claims())}`;
    return `${signed}.${sign("sha512", Buffer.from(signed), world.key.privateKey).toString("base64url")}`;
  }

  function edToken(): string {
    return signToken({ ...world.header, alg: "EdDSA" }, world.claims(), edKey("key-1").privateKey);
  }

  function bringing(header: object): string {
    return signToken({ ...world.header, ...header }, world.claims(), attacker.privateKey);
  }

  function changed(part: number): string {
    const parts = world.token().split(".");
    const text = parts[part] ?? "";
    parts[part] = `${text.slice(0, 10)}${text[10] === "A" ? "B" : "A"}${text.slice(11)}`;
    return parts.join(".");
  }
});

describe("keys", () => {
  test("a key that is no RSA key, or for encryption or another algorithm, or too short, verifies nothing", async () => {
    const others = jwks(world.key).keys.flatMap((key) => [
      { ...key, use: "enc" },
      { ...key, alg: "PS256" },
    ]);
    world.published = { keys: [...others, ...jwks(edKey("ed")).keys] };
    expect(await reasonOf(`Bearer ${world.token()}`)).toBe("unavailable keys_unknown");
    world.key = rsaKey("key-1", 1024);
    world.published = jwks(world.key);
    world.nowMs += 10_000;
    expect(await reasonOf(`Bearer ${world.token()}`)).not.toBe("accepted");
  });

  test("no keys are to be had: unavailable, never allowed", async () => {
    world.published = undefined;
    expect(await reasonOf(`Bearer ${world.token()}`)).toBe("unavailable keys_unknown");
  });

  test("a new key is found when its first token comes", async () => {
    expect(await reasonOf(`Bearer ${world.token()}`)).toBe("accepted");
    const old = world.key;
    world.key = rsaKey("key-2");
    world.header = { ...world.header, kid: "key-2" };
    world.published = jwks(old, world.key);
    world.nowMs += 10_000;
    expect(await reasonOf(`Bearer ${world.token()}`)).toBe("accepted");
  });

  test("a retired key's tokens are refused, also those that were warm", async () => {
    const token = world.token();
    expect(await reasonOf(`Bearer ${token}`)).toBe("accepted");
    world.published = jwks(rsaKey("key-2"));
    world.nowMs += 61_000;
    await reasonOf(`Bearer ${token}`);
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    expect(await reasonOf(`Bearer ${token}`)).toBe(invalid);
  });

  test("identity is away: known keys go on verifying", async () => {
    expect(await reasonOf(`Bearer ${world.token()}`)).toBe("accepted");
    world.published = undefined;
    world.nowMs += 600_000;
    expect(await reasonOf(`Bearer ${world.token()}`)).toBe("accepted");
  });

  test("forged key ids make few requests", async () => {
    for (let count = 0; count < 50; count += 1) {
      expect(await reasonOf(`Bearer ${world.token({}, { kid: `forged-${count}` })}`)).toBe(invalid);
    }
    expect(world.keyRequests).toBeLessThanOrEqual(2);
  });
});
