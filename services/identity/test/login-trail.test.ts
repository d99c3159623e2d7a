import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type IdentityWorld, type Person, startIdentityWorld } from "./identity-world.ts";
import { askForTokens, authorizationUrl, authorize, Browser, pkce, redirectUri } from "./login-world.ts";

let world: IdentityWorld;
let org: { id: string; admin: Person };
const patient = { timeout: 15_000, interval: 50 };
const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

beforeAll(async () => {
  world = await startIdentityWorld();
  org = await world.organisation("Trails");
}, 120_000);
afterAll(() => world?.stop());

const join = (email: string, of = org) =>
  world.colleague({ organisationId: of.id, admin: of.admin, email, role: "member" });

/** Makes somebody a participant, who is in nobody's team. */
async function takePart(userId: string): Promise<void> {
  const [project, board] = [world.newId("prj"), world.newId("brd")];
  world.elsewhere.projects.set(project, { organisationId: org.id });
  world.elsewhere.boards.set(board, project);
  const of = { participationId: world.newId("par"), contactId: world.newId("con"), boardId: board };
  const participant = { ...of, level: "discuss" as const, peerReview: false, state: "active" as const };
  const whose = { organisationId: org.id, userId, projectId: project };
  await world.from("contacts").putParticipantRole({ ...whose, participant, version: 1 });
  const read = await world.from("gateway").readGrants({ organisationId: org.id, userId });
  expect(read.grants.map(({ role }) => role)).toEqual(["participant"]);
}

/** What the trails say of log-ins of somebody, however it is spread. */
async function linesAbout(subjectId: string) {
  const found = await world.database
    .collection("audit_entries")
    .find({ subjectId, action: /^log_in\./ })
    .toArray();
  return found.map((line) => ({
    ...{ action: line["action"], organisationId: line["organisationId"], actorId: line["actorId"] },
    ...{ cause: line["cause"], times: line["times"] ?? 1, text: JSON.stringify(line) },
  }));
}

async function logInWith(userAgent: string, email: string): Promise<void> {
  const browser = new Browser(redirectUri, userAgent);
  await authorize(world.place, { email, challenge: pkce().challenge, browser });
}

/** Gives so many wrong codes for an address. */
async function fail(email: string, times: number): Promise<void> {
  const browser = new Browser();
  const start = await browser.open(authorizationUrl(world.place, { challenge: pkce().challenge }));
  const sent = await browser.submit(start, { email });
  for (let attempt = 0; attempt < times; attempt += 1) {
    const page = await browser.submit(sent, { code: "00000000" });
    expect(page.status).toBe(400);
  }
}

describe("[R20] of log-ins stands in the trails of the teams that somebody is in", () => {
  test("that they used a kind of device that they had not used, once, and nothing of which", async () => {
    const email = "ann@example.org";
    const { userId } = await join(email);
    await logInWith("node", email);
    await logInWith(firefox, email);
    await expect.poll(async () => (await linesAbout(userId)).length, patient).toBe(1);
    await logInWith(firefox, email);
    await fail(email, 1);
    await expect.poll(async () => (await linesAbout(userId)).length, patient).toBe(2);
    const [line] = await linesAbout(userId);
    expect(line).toMatchObject({ action: "log_in.new_device", organisationId: org.id, actorId: userId });
    expect(line?.text).not.toMatch(/Firefox|Linux|127\.0|ann@/);
  });

  test("that they were refused, counted, by nobody who proved anything", async () => {
    const other = await world.organisation("Second");
    const { userId } = await join("bob@example.org");
    await join("bob@example.org", other);
    await fail("bob@example.org", 3);
    const counts = async () => {
      const counted: Record<string, number> = {};
      for (const { organisationId, times } of await linesAbout(userId))
        counted[String(organisationId)] = (counted[String(organisationId)] ?? 0) + Number(times);
      return counted;
    };
    await expect.poll(counts, patient).toEqual({ [org.id]: 3, [other.id]: 3 });
    for (const line of await linesAbout(userId))
      expect(line).toMatchObject({ action: "log_in.refused", actorId: "anonymous", cause: "code_wrong" });
  });

  test.each([1, 5])("that a refresh token came twice, by %s at once: told once", async (thieves) => {
    const person = await join(`cat${thieves}@example.org`);
    const replay = { grant_type: "refresh_token", refresh_token: person.refreshToken };
    await world.token(person);
    const answers = await Promise.all(Array.from({ length: thieves }, () => askForTokens(world.place, replay)));
    expect(answers.map(({ error }) => error)).toEqual(answers.map(() => "invalid_grant"));
    const actions = async () => (await linesAbout(person.userId)).map(({ action, actorId }) => [action, actorId]);
    await expect.poll(actions, patient).toEqual([["log_in.token_reused", "anonymous"]]);
    await fail(person.email, 1);
    await expect.poll(async () => (await actions()).length, patient).toBe(2);
  });
});

describe("[R20] nothing of log-ins stands anywhere", () => {
  test("of somebody who takes part as themselves, of an address that nobody has, of logging out", async () => {
    const loner = await world.person("dan@example.org");
    await takePart(loner.userId);
    await logInWith(firefox, "dan@example.org");
    await fail("dan@example.org", 1);
    await fail("nobody@example.org", 1);
    const member = await join("eve@example.org");
    const body = new URLSearchParams({ client_id: "partake-cli", token: member.refreshToken });
    await fetch(`${world.origin}/oidc/revocation`, { method: "POST", body });
    const last = await join("fay@example.org");
    await fail("fay@example.org", 1);
    // What was noted before it is stored before it.
    await expect.poll(async () => (await linesAbout(last.userId)).length, patient).toBe(1);
    expect([await linesAbout(loner.userId), await linesAbout(member.userId)]).toEqual([[], []]);
    const all = await world.database.collection("audit_entries").find({}).toArray();
    expect(JSON.stringify(all)).not.toContain("nobody@");
  });
});
