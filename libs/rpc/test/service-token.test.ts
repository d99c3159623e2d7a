import { describe, expect, test } from "vitest";
import { getMe, outcome, readGrants, world } from "./asking.ts";
import { ORIGIN, signToken } from "./world.ts";

describe("a service's token that is refused", () => {
  const now = () => Math.floor(world.nowMs / 1000);
  const claims = (changes: object = {}) => ({
    iss: "gateway",
    sub: "gateway",
    aud: "partake-services",
    iat: now(),
    exp: now() + 60,
    ...changes,
  });
  const header = (changes: object = {}) => ({ alg: "EdDSA", typ: "service+jwt", kid: "gateway", ...changes });
  const own = () => world.serviceSecret("gateway").privateKey;
  test.each([
    ["has another's signature", () => signToken(header(), claims(), world.serviceSecret("billing").privateKey)],
    ["says it is by another", () => signToken(header(), claims({ iss: "contacts", sub: "contacts" }), own())],
    ["says that another made it", () => signToken(header(), claims({ iss: "contacts" }), own())],
    ["is for another subject", () => signToken(header(), claims({ sub: "contacts" }), own())],
    [
      "is by a service that we do not know",
      () => signToken(header({ kid: "stranger" }), claims({ iss: "stranger", sub: "stranger" }), own()),
    ],
    ["is for the public", () => signToken(header(), claims({ aud: ORIGIN }), own())],
    ["lives for an hour", () => signToken(header(), claims({ exp: now() + 3600 }), own())],
    ["has expired", () => signToken(header(), claims({ iat: now() - 90, exp: now() - 30 }), own())],
    ["comes from the future", () => signToken(header(), claims({ iat: now() + 30, exp: now() + 60 }), own())],
    ["never expires", () => signToken(header(), claims({ exp: undefined }), own())],
    ["is a user's kind", () => signToken(header({ typ: "at+jwt" }), claims(), own())],
    ["says alg none", () => signToken(header({ alg: "none" }), claims(), own())],
    ["brings its key", () => signToken(header({ jwk: {} }), claims(), own())],
    ["has crit", () => signToken(header({ crit: ["exp"] }), claims(), own())],
  ])("%s", async (_, make) => {
    expect(await outcome({ operation: readGrants, serviceToken: make() })).toBe("unauthenticated token_invalid");
  });

  test("(while the same, made well, is accepted)", async () => {
    expect(await outcome({ operation: readGrants, serviceToken: signToken(header(), claims(), own()) })).toBe(
      "allowed",
    );
  });

  test("is refused as a user's", async () => {
    expect(await outcome({ operation: getMe, token: await world.serviceToken("gateway")() })).toBe(
      "unauthenticated token_invalid",
    );
  });

  test("does not get better by a good user's beside it", async () => {
    const serviceToken = signToken(header(), claims(), world.serviceSecret("billing").privateKey);
    expect(await outcome({ operation: getMe, token: world.token(), serviceToken })).toBe(
      "unauthenticated token_invalid",
    );
  });

  test("counts beside a user's for as long as both do", async () => {
    const serviceToken = signToken(header(), claims(), own());
    const authorization = `Bearer ${world.token()}`;
    const verified = await world.enforcer.authenticate({ authorization, serviceToken });
    expect(verified).toMatchObject({ service: "gateway", expiresAtMs: (now() + 60) * 1_000 });
  });

  test("is minted anew before it expires, and not for every call", async () => {
    const mint = world.serviceToken("gateway");
    const first = await mint();
    world.nowMs += 30_000;
    expect(await mint()).toBe(first);
    world.nowMs += 15_000;
    expect(await mint()).not.toBe(first);
  });
});
