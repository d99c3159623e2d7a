import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { accounts } from "../src/store/accounts.ts";
import { users } from "../src/store/users.ts";
import { outcome } from "./identity-world.ts";
import {
  askForTokens,
  authorizationUrl,
  Browser,
  claimsOf,
  pkce,
  redirectUri,
  startLoginWorld,
} from "./login-world.ts";
import { type PrintedWorld, startPrintedWorld, storedText, type Visit } from "./printed-world.ts";
import type { SoftwareAuthenticator } from "./software-authenticator.ts";

let world: PrintedWorld;

beforeAll(async () => {
  world = await startPrintedWorld();
}, 120_000);
afterAll(() => world?.stop());

const codeOf = async (participationId: string) => (await world.print(participationId)).code;
const userOf = async (participationId: string) => {
  const code = await world.database.collection<{ _id: string; userId: string }>("printed_codes").findOne({
    _id: participationId,
  });
  return world.database.collection<{ _id: string; enabled: boolean }>("users").findOne({ _id: code?.userId ?? "" });
};
const passkeysOf = (userId: string) => world.database.collection("passkeys").countDocuments({ userId });
const isIn = ({ url }: { url: string }) => /[?&]code=/.test(url);
const bare = (visit: Visit) => visit.page.text.replace(/\/login\/[\w-]+/g, "/login/uid");

async function logInWith(device: SoftwareAuthenticator): Promise<string> {
  const browser = new Browser();
  const { verifier, challenge } = pkce();
  const page = await browser.open(authorizationUrl(world.place, { challenge }));
  const path = /data-options="([^"]*)"/.exec(page.text)?.[1] ?? "nowhere";
  const options = JSON.parse((await browser.open(new URL(path, page.url).href)).text);
  const end = await browser.submit(page, device.get(options), /action="([^"]*\/passkey)"/.exec(page.text)?.[1]);
  const rest = { code: new URL(end.url).searchParams.get("code") ?? "", redirect_uri: redirectUri };
  const tokens = await askForTokens(world.place, {
    grant_type: "authorization_code",
    ...rest,
    code_verifier: verifier,
  });
  return String(claimsOf(tokens.access_token)["sub"]);
}

describe("[R24 C2] logging in with a printed code", () => {
  test("sets up a passkey, and with it makes an account without an address that takes part", async () => {
    const participationId = await world.enrolled();
    const code = await codeOf(participationId);
    const pat = await world.redeemed(` ${code.toLowerCase().replaceAll("-", " ")}`);
    expect(world.elsewhere.accepted).toContainEqual({ participationId, userId: pat.userId });
    const me = await (await world.as(pat)).getMe({});
    expect(me).toMatchObject({ id: pat.userId, name: "Pat Client", email: "" });
    await world.putRole(participationId, pat.userId);
    expect(claimsOf(await world.token(pat, world.org.id))["roles"]).toEqual([`participant:${world.project}`]);
    expect(await logInWith(pat.device)).toBe(pat.userId);
    expect(isIn((await world.typed(code)).page)).toBe(false);
  });

  test("userinfo and ID token of somebody without an address name none", async () => {
    const pat = await world.redeemed(await codeOf(await world.enrolled()));
    const answer = await fetch(`${world.origin}/oidc/userinfo`, {
      headers: { authorization: `Bearer ${await world.token(pat)}` },
    });
    const told = (await answer.json()) as object;
    expect(told).toMatchObject({ sub: pat.userId, name: "Pat Client" });
    expect(Object.keys(told).filter((name) => name.startsWith("email"))).toEqual([]);
  });

  test("begins with the code where a client says so, and leads to the other ways from there", async () => {
    const code = await codeOf(await world.enrolled());
    const browser = new Browser();
    const challenge = pkce().challenge;
    const start = await browser.open(authorizationUrl(world.place, { challenge, start: "code" }));
    expect(start.url).toMatch(/\/printed$/);
    const other = /<a href="([^"]*)">I have no code/.exec(start.text)?.[1] ?? "nowhere";
    expect((await browser.open(new URL(other, start.url).href)).text).toContain('name="email"');
    // A browser sends the log-in's cookie to the addresses below the one that it was set for, and to no others.
    const sent = (await fetch(authorizationUrl(world.place, { challenge, start: "code" }), { redirect: "manual" }))
      .headers;
    const paths = sent
      .getSetCookie()
      .flatMap((cookie) => /^partake-login-step=.*path=([^;]+)/i.exec(cookie)?.[1] ?? []);
    expect(paths).toEqual([expect.stringMatching(/^\/login\/[\w-]+$/)]);
    expect((await browser.submit(start, { code })).url).toMatch(/\/setup$/);
  });

  test("names the organisation and nothing else, and the code is in no address, page or record", async () => {
    const participationId = await world.enrolled();
    const code = await codeOf(participationId);
    const visit = await world.typed(code);
    expect(visit.page.text).toContain("On Paper");
    for (const hidden of ["Pat Client", world.project, participationId]) expect(visit.page.text).not.toContain(hidden);
    const end = await world.setUp(visit, world.device());
    expect(isIn(end)).toBe(true);
    const everything = [visit.page.text, ...visit.browser.visited, await storedText(world)].join("\n");
    for (const form of [code, code.replaceAll("-", "")]) expect(everything).not.toContain(form);
  });

  test("what is unknown, used, expired, withdrawn, replaced or no code at all looks the same", async () => {
    const used = await codeOf(await world.enrolled());
    await world.redeemed(used);
    const [late, ended, renewed] = [await world.enrolled(), await world.enrolled(), await world.enrolled()];
    const [expired, withdrawn, replaced] = [await codeOf(late), await codeOf(ended), await codeOf(renewed)];
    await world.database
      .collection<{ _id: string }>("printed_codes")
      .updateOne({ _id: late }, { $set: { expiresAt: new Date(Date.now() - 1) } });
    await world.from("contacts").releaseAccount({ participationId: ended });
    await world.print(renewed);
    const shown = [];
    for (const wrong of ["0000-0000-0000-0000", used, expired, withdrawn, replaced, "hello", ""]) {
      const visit = await world.typed(wrong);
      shown.push([visit.page.status, bare(visit)]);
    }
    expect(new Set(shown.map((each) => JSON.stringify(each))).size).toBe(1);
    expect(shown[0]?.[0]).toBe(400);
  });

  test("broken off anywhere, the code is as good as before, and nobody is in", async () => {
    const participationId = await world.enrolled();
    const code = await codeOf(participationId);
    const device = world.device();
    const first = await world.typed(code);
    const { transports, ...answer } = device.create(await world.options(first), { origin: "https://evil.example" });
    const refused = await first.browser.submit(first.page, { ...answer, transports: transports.join(" ") });
    expect([refused.status, refused.text.includes("not accepted")]).toEqual([400, true]);
    expect(await userOf(participationId)).toBeNull();
    world.elsewhere.contactsIsAway = true;
    const away = await world.setUp(await world.typed(code), device);
    world.elsewhere.contactsIsAway = false;
    expect(away.status).toBe(503);
    expect(await userOf(participationId)).toMatchObject({ enabled: false, name: "" });
    const { _id: userId = "" } = (await userOf(participationId)) ?? {};
    expect(await passkeysOf(userId)).toBe(0);
    // As after a crash: contacts has accepted and given the role, identity knows nothing of it.
    await world.putRole(participationId, userId);
    const pat = await world.redeemed(code);
    expect(pat.userId).toBe(userId);
    expect(await passkeysOf(userId)).toBe(1);
    expect(claimsOf(await world.token(pat, world.org.id))["roles"]).toEqual([`participant:${world.project}`]);
  });

  test("used twice at the same moment it makes one account with one passkey", async () => {
    const participationId = await world.enrolled();
    const code = await codeOf(participationId);
    const visits = [await world.typed(code), await world.typed(code)];
    const ends = await Promise.all(visits.map((visit) => world.setUp(visit, world.device())));
    expect(ends.filter(isIn)).toHaveLength(1);
    const { _id: userId = "" } = (await userOf(participationId)) ?? {};
    expect(await passkeysOf(userId)).toBe(1);
  });

  test("a newer code ends a log-in that went on with the one before", async () => {
    const participationId = await world.enrolled();
    const visit = await world.typed(await codeOf(participationId));
    await world.print(participationId);
    const page = await visit.browser.open(new URL("setup", visit.page.url).href);
    expect(page.url).toMatch(/\/printed$/);
  });

  test.each([
    [
      "its printer may not enrol any more",
      410,
      async (participationId: string) => {
        const leaving = await world.member("manager", world.project);
        const { code } = await world.print(participationId, leaving);
        const admin = await world.as(world.org.admin, world.org.id);
        const [grant] = (await admin.listColleagueGrants({ userId: leaving.userId })).items;
        return {
          code,
          meanwhile: () => admin.takeRole({ grantId: grant?.id ?? "" }, { ifMatch: grant?.version ?? 0 }),
        };
      },
    ],
    [
      "the participation ended",
      410,
      async (participationId: string) => ({
        code: await codeOf(participationId),
        meanwhile: async () => world.elsewhere.participationsEnded.add(participationId),
      }),
    ],
    [
      "the contact's account is another one",
      409,
      async (participationId: string) => ({
        code: await codeOf(participationId),
        meanwhile: async () => world.elsewhere.linked.set(participationId, world.newId("usr")),
      }),
    ],
  ])("makes nothing where %s", async (_, status, prepare) => {
    const participationId = await world.enrolled();
    const { code, meanwhile } = await prepare(participationId);
    const visit = await world.typed(code);
    await meanwhile();
    const end = await world.setUp(visit, world.device());
    expect(end.status).toBe(status);
    const user = await userOf(participationId);
    expect(user).toMatchObject({ enabled: false, name: "" });
    expect(await passkeysOf(user?._id ?? "")).toBe(0);
  });
});

describe("[R23] an account without an address", () => {
  test("gets one by a code at the new address; there is no old one to tell, and no code is printed from then on", async () => {
    const participationId = await world.enrolled();
    const pat = await world.redeemed(await codeOf(participationId));
    await world.putRole(participationId, pat.userId);
    const asked = await world.as(pat);
    const email = `pat-${world.newId("eml").slice(-8)}@example.org`;
    const { id } = await asked.changeEmail({ email });
    const mailed = () => world.mails.filter(({ to }) => to === email);
    const [mail] = mailed();
    const me = await asked.confirmEmailChange({ emailChangeId: id, code: mail?.values["code"] ?? "" });
    expect(me.email).toBe(email);
    expect((await world.person(email)).userId).toBe(pat.userId);
    expect(world.mails.filter(({ template }) => template === "email_changed")).toEqual([]);
    expect(await outcome(world.print(participationId))).toBe("unprocessable other_ways_in");
  });

  test("is listed, found and told to other services without one; two of them do not collide", async () => {
    const enrolments = [await world.enrolled(), await world.enrolled()];
    const pats = [];
    for (const participationId of enrolments) {
      const pat = await world.redeemed(await codeOf(participationId));
      await world.putRole(participationId, pat.userId);
      pats.push(pat);
    }
    const admin = await world.as(world.org.admin, world.org.id);
    for (const { userId } of pats) await admin.giveRole({ userId, role: "member" });
    const found = (await admin.searchColleagues({ text: "pat cl" })).items.map(({ userId, email }) => ({
      userId,
      email,
    }));
    for (const { userId } of pats) expect(found).toContainEqual({ userId, email: "" });
    const { items } = await world.from("messaging").readUsers({ userIds: pats.map(({ userId }) => userId) });
    expect(items.map(({ email }) => email)).toEqual(["", ""]);
  });

  test("is closed without one, and not by naming one", async () => {
    const pat = await world.redeemed(await codeOf(await world.enrolled()));
    const asked = await world.as(pat);
    expect(await outcome(asked.closeAccount({ email: "pat@example.org" }))).toBe("unprocessable email_mismatch");
    expect(await outcome(asked.closeAccount({ email: "" }))).toBe("ok");
    expect(await outcome(world.token(pat))).not.toBe("ok");
  });
});

describe("[R24] guessing codes", () => {
  test("ends after thirty tries from one address, and nobody without an address is an operator", async () => {
    const place = await startLoginWorld({ environment: "production" });
    try {
      const browser = new Browser();
      const start = await browser.open(authorizationUrl(place, { challenge: pkce().challenge }));
      const page = await browser.open(`${start.url}/printed`);
      const statuses = [];
      for (let tries = 0; tries <= 30; tries++) statuses.push((await browser.submit(page, { code: "x" })).status);
      expect(statuses.filter((status) => status === 400)).toHaveLength(30);
      expect(statuses.at(-1)).toBe(429);
      const { store, clock, newId } = place;
      const operators = { platformOperators: ["no address", ""], billingOperators: [""] };
      const userId = newId("usr");
      await store.write({ actorId: userId, traceparent: undefined }, async (tx) => {
        await tx.insert(users, { _id: userId, name: "Pat", language: "en", enabled: true, createdAt: tx.now });
        return userId;
      });
      await accounts({ store, clock, newId, ...operators }).enter(userId);
      expect(await place.database.collection("grants").countDocuments({ userId })).toBe(0);
    } finally {
      await place.stop();
    }
  });
});
