import { randomBytes } from "node:crypto";
import { decodeProtectedHeader, jwtVerify } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  KEEP_AFTER_MS,
  type KeyTimes,
  PUBLISH_BEFORE_MS,
  planRotation,
  ROTATE_EVERY_MS,
  signingOrder,
} from "../src/domain/key-rotation.ts";
import { signingKeys } from "../src/provider/signing-keys.ts";
import { sealing } from "../src/store/sealing.ts";
import { type LoginWorld, logIn, startLoginWorld } from "./login-world.ts";

const start = new Date("2026-01-01T00:00:00Z");
const after = (ms: number) => new Date(start.getTime() + ms);
const key = (kid: string, ms: number): KeyTimes => ({ kid, activeFrom: after(ms) });
const hourMs = 3_600_000;

describe("the plan", () => {
  test.each<[string, KeyTimes[], number, { create?: Date; retire: string[] }]>([
    ["no key yet: one that signs at once", [], 0, { create: after(0), retire: [] }],
    ["a young key: nothing", [key("a", 0)], ROTATE_EVERY_MS - PUBLISH_BEFORE_MS - 1, { retire: [] }],
    [
      "its successor is published a day before it signs",
      [key("a", 0)],
      ROTATE_EVERY_MS - PUBLISH_BEFORE_MS,
      { create: after(ROTATE_EVERY_MS), retire: [] },
    ],
    [
      "a late start still publishes first",
      [key("a", 0)],
      ROTATE_EVERY_MS * 2,
      { create: after(ROTATE_EVERY_MS * 2 + PUBLISH_BEFORE_MS), retire: [] },
    ],
    [
      "a successor is waiting: nothing",
      [key("a", 0), key("b", ROTATE_EVERY_MS)],
      ROTATE_EVERY_MS - hourMs,
      { retire: [] },
    ],
    [
      "the old one stays while its tokens live",
      [key("a", 0), key("b", ROTATE_EVERY_MS)],
      ROTATE_EVERY_MS + KEEP_AFTER_MS - 1,
      { retire: [] },
    ],
    ["and then it goes", [key("a", 0), key("b", ROTATE_EVERY_MS)], ROTATE_EVERY_MS + KEEP_AFTER_MS, { retire: ["a"] }],
  ])("%s", (_name, keys, ms, expected) => {
    expect(planRotation(keys, after(ms))).toEqual(expected);
  });

  test.each([
    ["before its time the new one does not sign", 10, "a"],
    ["at its time it does", ROTATE_EVERY_MS, "b"],
  ])("%s", (_name, ms, first) => {
    const keys = [key("b", ROTATE_EVERY_MS), key("a", 0)];
    expect(signingOrder(keys, after(ms)).map(({ kid }) => kid)).toEqual(first === "a" ? ["a", "b"] : ["b", "a"]);
  });
});

describe("the keys in the database", () => {
  let world: LoginWorld;

  beforeAll(async () => {
    world = await startLoginWorld();
  });
  afterAll(() => world?.stop());

  const keysAt = (clock: { now(): Date }, encryptionKeys: readonly string[]) =>
    signingKeys({ store: world.store, sealing: sealing(encryptionKeys), clock });

  test("are encrypted, made once by many at a time, and rotate without a gap", async () => {
    const keys = keysAt(world.clock, world.config.encryptionKeys);
    const stored = await world.database.collection<{ sealed: string }>("signing_keys").find().toArray();
    expect(stored).toHaveLength(1);
    expect(stored[0]?.sealed).toMatch(/^v1\./);
    const tokens = await logIn(world, "keys@example.org");
    const firstKid = decodeProtectedHeader(tokens.access_token).kid;
    world.clock.turn(ROTATE_EVERY_MS - PUBLISH_BEFORE_MS);
    await Promise.all([keys.rotate(), keys.rotate(), keysAt(world.clock, world.config.encryptionKeys).rotate()]);
    const published = await keys.load();
    expect(published.publicKeys).toHaveLength(2);
    expect(published.keys[0]?.kid).toBe(firstKid);
    world.clock.turn(PUBLISH_BEFORE_MS);
    const rotated = await keys.load();
    expect(rotated.keys[0]?.kid).not.toBe(firstKid);
    await expect(
      jwtVerify(tokens.access_token, rotated.verification, { currentDate: new Date(0) }),
    ).resolves.toBeDefined();
    world.clock.turn(KEEP_AFTER_MS);
    await keys.rotate();
    const retired = await keys.load();
    expect(retired.publicKeys.map(({ kid }) => kid)).not.toContain(firstKid);
    await expect(jwtVerify(tokens.access_token, retired.verification, { currentDate: new Date(0) })).rejects.toThrow();
  });

  test("are read with an older encryption key, and with no other", async () => {
    const added = [randomBytes(32).toString("base64"), ...world.config.encryptionKeys];
    expect((await keysAt(world.clock, added).load()).keys.length).toBeGreaterThan(0);
    await expect(keysAt(world.clock, added.slice(0, 1)).load()).rejects.toThrow("nothing here opens this");
  });
});

describe("sealing", () => {
  const keys = sealing([randomBytes(32).toString("base64")]);

  test.each<[string, (sealed: string) => [string, string]]>([
    ["another purpose", (sealed) => [sealed, "other"]],
    // Not the last one: some of its bits are spare.
    ["a changed letter", (sealed) => [sealed.replace(/.(?=..$)/, (letter) => (letter === "A" ? "B" : "A")), "purpose"]],
    ["a part missing", (sealed) => [sealed.split(".").slice(0, 4).join("."), "purpose"]],
    ["something else", () => ["plain", "purpose"]],
  ])("%s does not open", (_name, change) => {
    const [sealed, purpose] = change(keys.seal("a secret of some length", "purpose"));
    expect(() => keys.open(sealed, purpose)).toThrow();
  });

  test("opens what it sealed, and never seals alike", () => {
    const [one, two] = [keys.seal("text", "purpose"), keys.seal("text", "purpose")];
    expect(one).not.toBe(two);
    expect(keys.open(one, "purpose")).toBe("text");
    expect(keys.mac("a", "p")).not.toBe(keys.mac("a", "q"));
  });

  test.each([[[]], [["short"]], [[randomBytes(16).toString("base64")]]])("refuses %j for a key", (given) => {
    expect(() => sealing(given)).toThrow();
  });
});
