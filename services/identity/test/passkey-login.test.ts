import { createHash } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { passkeyCeremonies } from "../src/passkeys.ts";
import { dropPasskey, keepPasskey, passkeys, passkeysOf as passkeysOfPerson } from "../src/store/passkeys.ts";
import { sealing } from "../src/store/sealing.ts";
import { outcome } from "./identity-world.ts";
import {
  askForTokens,
  authorizationUrl,
  Browser,
  claimsOf,
  type LoginWorld,
  logIn,
  type Page,
  pkce,
  redirectUri,
  startLoginWorld,
} from "./login-world.ts";
import { SoftwareAuthenticator, type Tampering } from "./software-authenticator.ts";

let world: LoginWorld;

beforeAll(async () => {
  world = await startLoginWorld();
});
afterAll(() => world?.stop());

interface Person {
  email: string;
  userId: string;
  device: SoftwareAuthenticator;
}

/** Somebody with an account and a passkey. */
async function person(name: string, of: { isSynced?: boolean } = {}): Promise<Person> {
  const email = `${name}@example.org`;
  const userId = String(claimsOf((await logIn(world, email)).access_token)["sub"]);
  const device = new SoftwareAuthenticator({ origin: world.origin, ...of });
  await addPasskey(userId, device);
  return { email, userId, device };
}

async function addPasskey(userId: string, device: SoftwareAuthenticator): Promise<void> {
  const { origin, clock, config, store } = world;
  const ceremonies = passkeyCeremonies({ origin, clock, sealing: sealing(config.encryptionKeys) });
  const about = { boundTo: userId, userId, name: "somebody", displayName: "", known: [] };
  const answer = device.create(await ceremonies.beginRegistration(about));
  const made = await ceremonies.verifyRegistration({ boundTo: userId, answer });
  const id = world.newId("psk");
  await store.write({ actorId: userId, traceparent: undefined }, async (tx) => {
    await keepPasskey(tx, { id, userId, label: "", made });
    return id;
  });
}

interface Visit {
  browser: Browser;
  page: Page;
  verifier: string;
}

async function begin(more: Record<string, string> = {}, browser = new Browser()): Promise<Visit> {
  const { verifier, challenge } = pkce();
  const page = await browser.open(authorizationUrl(world, { challenge, ...more }));
  return { browser, page, verifier };
}

async function optionsFor({ browser, page }: Visit) {
  const path = /data-options="([^"]*)"/.exec(page.text)?.[1] ?? "nowhere";
  const answer = await browser.open(new URL(path, page.url).href);
  return JSON.parse(answer.text) as { challenge: string; rpId: string; allowCredentials?: { id: string }[] };
}

type Answer = ReturnType<SoftwareAuthenticator["get"]>;

const post = ({ browser, page }: Visit, answer: Partial<Answer>) =>
  browser.submit(page, { ...answer }, /action="([^"]*\/passkey)"/.exec(page.text)?.[1]);

async function logInWith(device: SoftwareAuthenticator, tampering: Tampering = {}): Promise<Page> {
  const visit = await begin();
  return post(visit, device.get(await optionsFor(visit), tampering));
}

async function tokensOf(visit: Visit, end: Page) {
  const code = new URL(end.url).searchParams.get("code") ?? "";
  const rest = { code, redirect_uri: redirectUri, code_verifier: visit.verifier };
  return askForTokens(world, { grant_type: "authorization_code", ...rest });
}

const isIn = ({ url }: Page) => /[?&]code=/.test(url);
const notAccepted = "This passkey was not accepted";
const passkeysOf = (userId: string) => world.database.collection("passkeys").find({ userId }).toArray();

describe("[R24] logging in with a passkey", () => {
  test.each([
    ["of one device", false, ["hwk", "user"], 1],
    ["that is copied to one's devices", true, ["swk", "user"], 0],
  ])("%s needs no address, and is a fresh proof", async (_, isSynced, amr, counter) => {
    const { userId, device } = await person(`in-${isSynced}`, { isSynced });
    const visit = await begin();
    const options = await optionsFor(visit);
    expect(options).toMatchObject({ rpId: "localhost", userVerification: "required", allowCredentials: [] });
    const end = await post(visit, device.get(options));
    const tokens = await tokensOf(visit, end);
    const claims = claimsOf(tokens.access_token);
    expect(claims).toMatchObject({ sub: userId, amr });
    expect(Number(claims["auth_time"])).toBeGreaterThan(Date.now() / 1000 - 60);
    expect(await passkeysOf(userId)).toMatchObject([{ counter, lastUsedAt: expect.any(Date), backedUp: isSynced }]);
  });

  test("is offered by a script of our own alone; without it the code way is as it was", async () => {
    const { page } = await begin();
    expect(/<form method="post" action="([^"]*)"/.exec(page.text)?.[1]).toMatch(/\/email$/);
    expect(page.text).toMatch(/<form [^>]*data-passkey="get"[^>]* hidden>/);
    expect(page.text).toMatch(/<input id="email"[^>]* autocomplete="username webauthn"/);
    const script = /<script type="module">([\s\S]*)<\/script>/.exec(page.text)?.[1] ?? "";
    const hash = createHash("sha256").update(script).digest("base64");
    const csp = page.headers.get("content-security-policy");
    expect(csp).toContain(`script-src 'sha256-${hash}'; connect-src 'self'`);
    expect(script).not.toMatch(/https?:|eval|innerHTML/);
  });
});

describe("[R24] a passkey is not accepted", () => {
  const other = "https://elsewhere.example";
  test.each<[string, Tampering]>([
    ["of another origin", { origin: other }],
    ["of another place", { rpId: "elsewhere.example" }],
    ["without its person's gesture", { isVerified: false }],
    ["without anybody there", { isVerified: false, isPresent: false }],
    ["that was made now, not asked", { type: "webauthn.create" }],
    ["for a challenge that nobody made", { challenge: Buffer.alloc(54, 7).toString("base64url") }],
    ["for no challenge", { challenge: "" }],
    ["of another key", { signature: Buffer.alloc(70, 9).toString("base64url") }],
    ["of another person's handle", { userHandle: Buffer.from("usr_other").toString("base64url") }],
    ["that nobody has", { credentialId: Buffer.alloc(32, 1).toString("base64url") }],
    ["that suddenly can be copied", { isSynced: true }],
  ])("%s, and every refusal looks the same", async (name, tampering) => {
    const { device } = await person(`no-${name.replaceAll(/\W/g, "")}`);
    const refused = await logInWith(device, tampering);
    expect([refused.status, refused.text]).toEqual([400, expect.stringContaining(notAccepted)]);
    expect(isIn(await logInWith(device))).toBe(true);
  });

  test("twice for one challenge, nor in another log-in", async () => {
    const { userId, device } = await person("replayed", { isSynced: true });
    const [first, second] = [await begin(), await begin()];
    const options = await optionsFor(first);
    const elsewhere = device.get(options);
    expect((await post(second, elsewhere)).text).toContain(notAccepted);
    const both = await Promise.all([post(first, elsewhere), post(first, elsewhere)]);
    expect(both.filter(isIn)).toHaveLength(1);
    expect(await passkeysOf(userId)).toMatchObject([{ version: 2 }]);
    const again = await begin({}, new Browser());
    expect((await post(again, elsewhere)).text).toContain(notAccepted);
    expect((await post(again, device.get(options))).text).toContain(notAccepted);
  });

  test("after five minutes", async () => {
    const { device } = await person("late");
    const visit = await begin();
    const options = await optionsFor(visit);
    world.clock.turn(5 * 60_000 + 1);
    expect((await post(visit, device.get(options))).text).toContain(notAccepted);
    expect(isIn(await post(visit, device.get(await optionsFor(visit))))).toBe(true);
  });

  test("that counts backwards: somebody may have a copy", async () => {
    const { userId, device } = await person("copied");
    expect(isIn(await logInWith(device, { counter: 7 }))).toBe(true);
    for (const counter of [7, 6, 0]) expect((await logInWith(device, { counter })).text).toContain(notAccepted);
    expect(await passkeysOf(userId)).toMatchObject([{ counter: 7 }]);
    expect(isIn(await logInWith(device, { counter: 8 }))).toBe(true);
  });

  test("of an account that is disabled", async () => {
    const { userId, device } = await person("disabled");
    await world.database.collection("users").updateOne({ _id: userId as never }, { $set: { enabled: false } });
    const refused = await logInWith(device);
    expect([refused.status, refused.text]).toEqual([403, expect.stringContaining("This account is disabled")]);
  });

  test("that is no answer of a device, or too large for one", async () => {
    const visit = await begin();
    expect((await post(visit, {})).status).toBe(422);
    expect((await post(visit, { credentialId: "<b>", clientData: "e30" })).status).toBe(422);
    const filled = { clientData: "e30", authenticatorData: "AA", signature: "AA", userHandle: "" };
    const garbled = await post(visit, { credentialId: "AA", ...filled });
    expect(garbled.text).toContain(notAccepted);
    expect((await post(visit, { credentialId: "A".repeat(9_000), ...filled })).status).toBe(413);
  });

  test("without end: tries are counted as those of a code are", async () => {
    const { device } = await person("flood");
    const visit = await begin();
    const answer = device.get(await optionsFor(visit), { origin: other });
    const limit = 240 * 10;
    await world.database
      .collection("login_counters")
      .updateMany({ _id: { $regex: "^try_ip:" } as never }, { $set: { count: limit } });
    expect((await post(visit, answer)).status).toBe(429);
    world.clock.turn(15 * 60_000);
  });
});

describe("[R24] proving anew who one is", () => {
  async function loggedIn(of: Person): Promise<Browser> {
    const visit = await begin();
    const end = await post(visit, of.device.get(await optionsFor(visit)));
    expect(isIn(end)).toBe(true);
    return visit.browser;
  }

  test.each<[string, Record<string, string>]>([
    ["prompt=login", { prompt: "login" }],
    ["max_age", { max_age: "0" }],
  ])("offers one's own passkeys with %s, and moves the time of the proof", async (name, more) => {
    const ann = await person(`anew-${name.replace("=", "")}`);
    const browser = await loggedIn(ann);
    // The provider counts in seconds of its own.
    await pause(1_100);
    const before = Math.floor(Date.now() / 1000);
    const visit = await begin(more, browser);
    const options = await optionsFor(visit);
    expect(options.allowCredentials?.map(({ id }) => id)).toEqual(
      ann.device.keys.map(({ credentialId }) => credentialId),
    );
    const end = await post(visit, ann.device.get(options));
    const claims = claimsOf((await tokensOf(visit, end)).access_token);
    expect(claims).toMatchObject({ sub: ann.userId });
    expect(Number(claims["auth_time"])).toBeGreaterThanOrEqual(before - 1);
  });

  test("makes nobody somebody else", async () => {
    const [bea, carl] = [await person("bea"), await person("carl")];
    const visit = await begin({ prompt: "login" }, await loggedIn(bea));
    const { challenge, rpId } = await optionsFor(visit);
    expect((await post(visit, carl.device.get({ challenge, rpId }))).text).toContain(notAccepted);
  });

  test("does not speak of passkeys to whoever has none", async () => {
    const browser = new Browser();
    const sent = await browser.submit((await begin({}, browser)).page, { email: "none@example.org" });
    await browser.submit(sent, { code: world.mails.findLast(({ email }) => email === "none@example.org")?.code ?? "" });
    const { page } = await begin({ prompt: "login" }, browser);
    expect(page.text).not.toMatch(/data-passkey|<script/);
    expect(page.headers.get("content-security-policy")).toMatch(/script-src$/);
    expect((await browser.open(`${page.url}/passkey`)).status).toBe(404);
  });
});

test("[R24] the last passkey of somebody without an address stays, though two replicas remove one each at once", async () => {
  const { userId, device } = await person("replicas");
  await addPasskey(userId, device);
  const second = await world.anotherStore();
  const found = await passkeysOfPerson(world.store, userId);
  const reading = Promise.withResolvers<void>();
  let readers = 0;
  const remove = (store: typeof second, id: string) =>
    outcome(
      store.write({ actorId: userId, traceparent: undefined }, async (tx) => {
        await passkeysOfPerson(tx, userId);
        readers += 1;
        if (readers === 2) reading.resolve();
        await reading.promise;
        const passkey = await tx.get(passkeys, id);
        if (passkey !== undefined) await dropPasskey(tx, { passkey, mayBeLast: false });
        return id;
      }),
    );
  const [one, two] = [found[0]?._id ?? "", found[1]?._id ?? ""];
  const outcomes = await Promise.all([remove(world.store, one), remove(second, two)]);
  await second.close();
  expect(outcomes.sort()).toEqual(["ok", "unprocessable last_passkey"]);
  expect(await passkeysOf(userId)).toHaveLength(1);
});
