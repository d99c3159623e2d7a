import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Caller, type IdentityWorld, outcome, type Person, startIdentityWorld } from "./identity-world.ts";
import { Browser } from "./login-world.ts";

let world: IdentityWorld;

beforeAll(async () => {
  world = await startIdentityWorld({ lookEveryMs: 200 });
}, 120_000);
afterAll(() => world?.stop());

const soon = { timeout: 15_000, interval: 50 };
/** What failed rests about as long as it was tried before. */
const patient = { timeout: 60_000, interval: 100 };
const mailTo = (email: string, template: string) =>
  world.mails.findLast((mail) => mail.to === email && mail.template === template);
const codeFor = (email: string) => mailTo(email, "email_change_code")?.values["code"] ?? "";
const refreshed = (person: Person) =>
  world.token(person).then(
    () => "ok",
    (error: Error) => error.message,
  );

async function change(mine: Caller, email: string): Promise<string> {
  const { id: emailChangeId } = await mine.changeEmail({ email });
  await mine.confirmEmailChange({ emailChangeId, code: codeFor(email) });
  return emailChangeId;
}

describe("[R23] the address of an account", () => {
  test("is changed by a code at the new one; the person keeps what they hold and logs in with it", async () => {
    const { id, admin } = await world.organisation("Moving");
    const mine = await world.as(admin);
    const { id: emailChangeId } = await mine.changeEmail({ email: "New.Address@Example.org" });
    const code = codeFor("new.address@example.org");
    const wrong = code === "00000000" ? "00000001" : "00000000";
    expect(await outcome(mine.confirmEmailChange({ emailChangeId, code: wrong }))).toBe("unprocessable code_wrong");
    const me = await mine.confirmEmailChange({ emailChangeId, code });
    expect(me).toMatchObject({ id: admin.userId, email: "new.address@example.org" });
    expect(await mine.confirmEmailChange({ emailChangeId, code })).toMatchObject({ id: admin.userId });
    const again = await world.person("new.address@example.org");
    expect(again.userId).toBe(admin.userId);
    const { items } = await (await world.as(again, id)).listColleagues({});
    expect(items.map(({ email }) => email)).toEqual(["new.address@example.org"]);
  });

  test("is not changed after five wrong tries, by another person's code, or to an address that is somebody's", async () => {
    const [person, other] = [await world.person("tries@example.org"), await world.person("other@example.org")];
    const mine = await world.as(person);
    const { id: emailChangeId } = await mine.changeEmail({ email: "tries-new@example.org" });
    const code = codeFor("tries-new@example.org");
    const theirs = await world.as(other);
    expect(await outcome(theirs.confirmEmailChange({ emailChangeId, code }))).toBe("not_found not_found");
    const wrong = code === "00000000" ? "00000001" : "00000000";
    for (let attempt = 0; attempt < 5; attempt += 1)
      expect(await outcome(mine.confirmEmailChange({ emailChangeId, code: wrong }))).toBe("unprocessable code_wrong");
    expect(await outcome(mine.confirmEmailChange({ emailChangeId, code }))).toBe("gone code_expired");
    const taken = await mine.changeEmail({ email: "other@example.org" });
    const proof = { emailChangeId: taken.id, code: codeFor("other@example.org") };
    expect(await outcome(mine.confirmEmailChange(proof))).toBe("conflict email_taken");
    expect((await mine.getMe({})).email).toBe("tries@example.org");
  });

  test("is mailed by a repeat of the request, where messaging was away the first time, and once", async () => {
    const person = await world.person("away@example.org");
    const mine = await world.as(person);
    const email = "away-new@example.org";
    const ask = () => mine.changeEmail({ id, email }, { idempotencyKey: id });
    const id = world.newId("emc");
    world.elsewhere.messagingIsAway = true;
    try {
      expect(await outcome(ask())).toBe("unavailable away");
    } finally {
      world.elsewhere.messagingIsAway = false;
    }
    for (let attempt = 0; attempt < 2; attempt += 1) await ask();
    expect(world.mails.filter(({ to }) => to === email)).toHaveLength(1);
    expect(await mine.confirmEmailChange({ emailChangeId: id, code: codeFor(email) })).toMatchObject({ email });
  });

  test("is told to an old one, whoever else's cannot be", async () => {
    const emails = ["unmailable@example.org", "mailable@example.org"];
    const people = await Promise.all(emails.map(world.person));
    world.elsewhere.unmailable.set("unmailable@example.org", "internal");
    for (const person of people) await change(await world.as(person), `new-${person.email}`);
    await expect.poll(() => mailTo("mailable@example.org", "email_changed"), soon).toBeDefined();
    expect(mailTo("unmailable@example.org", "email_changed")).toBeUndefined();
    world.elsewhere.unmailable.clear();
    await expect.poll(() => mailTo("unmailable@example.org", "email_changed"), patient).toBeDefined();
  }, 90_000);

  test("floods nobody: five a day", async () => {
    const mine = await world.as(await world.person("flood@example.org"));
    for (let count = 0; count < 5; count += 1) await mine.changeEmail({ email: `flood${count}@example.org` });
    expect(await outcome(mine.changeEmail({ email: "flood5@example.org" }))).toBe(
      "rate_limited too_many_email_changes",
    );
  });

  test("comes back by the link that the old one gets: every log-in ends, and nobody took it meanwhile", async () => {
    const person = await world.person("victim@example.org");
    const mine = await world.as(person);
    await change(mine, "thief@example.org");
    await expect.poll(() => mailTo("victim@example.org", "email_changed"), soon).toBeDefined();
    expect((await refusedLogIn("victim@example.org")).text).toContain("another address now");
    const link = mailTo("victim@example.org", "email_changed")?.values["link"] ?? "";
    const browser = new Browser();
    const page = await browser.open(link);
    expect(page.status).toBe(200);
    expect((await mine.getMe({})).email).toBe("thief@example.org");
    const forged = link.replace(/key=.{6}/, "key=AAAAAA");
    expect((await browser.open(forged)).status).toBe(404);
    const [, changeId = "", key = ""] = /change=(.+)&key=(.+)$/.exec(link) ?? [];
    const done = await browser.submit(page, { change: changeId, key });
    expect([done.status, done.text]).toEqual([200, expect.stringContaining("It is undone")]);
    await expect.poll(() => outcome(mine.getMe({})), soon).toBe("unauthenticated token_invalid");
    expect(await refreshed(person)).toContain("invalid_grant");
    expect((await world.person("victim@example.org")).userId).toBe(person.userId);
    expect((await world.person("thief@example.org")).userId).not.toBe(person.userId);
  });

  async function refusedLogIn(email: string) {
    const { authorizationUrl, pkce } = await import("./login-world.ts");
    const browser = new Browser();
    const start = await browser.open(authorizationUrl(world.place, { challenge: pkce().challenge }));
    const sent = await browser.submit(start, { email });
    return browser.submit(sent, { code: world.place.mails.findLast((mail) => mail.email === email)?.code ?? "" });
  }
});

describe("[R23] an account that is closed", () => {
  test("gives up every role, ends every log-in, and forgets name and address", async () => {
    const { id, admin } = await world.organisation("Leaving");
    const person = await world.colleague({ organisationId: id, admin, email: "leaver@example.org", role: "member" });
    const mine = await world.as(person, id);
    const account = await world.as(person);
    const head = await world.as(admin, id);
    const { userId } = person;
    const given = await head.giveRole({ userId, role: "creator", reason: "Covers for Ann, who is ill." });
    await head.takeRole({ grantId: given.id }, { ifMatch: given.version });
    const trail = async () => JSON.stringify(await head.listAuditEntries({ subjectId: userId }));
    await expect.poll(trail, soon).toContain("who is ill");
    expect(await outcome(account.closeAccount({ email: "other@example.org" }))).toBe("unprocessable email_mismatch");
    await account.closeAccount({ email: "Leaver@example.org" });
    await expect.poll(() => outcome(mine.getOrganisation({})), soon).toBe("unauthenticated token_invalid");
    expect(await refreshed(person)).toContain("invalid_grant");
    const { items } = await (await world.as(admin, id)).listColleagues({});
    expect(items.map(({ userId }) => userId)).toEqual([admin.userId]);
    const { items: known } = await world.from("progress").readUsers({ userIds: [person.userId] });
    expect(known).toMatchObject([{ name: "", email: "" }]);
    const read = await world.from("progress").readGrants({ organisationId: id, userId });
    expect(read).toMatchObject({ enabled: false, grants: [] });
    const stored = await world.database.collection("users").findOne({ _id: person.userId as never });
    expect(JSON.stringify(stored)).not.toContain("leaver");
    expect(await trail()).not.toContain("who is ill");
    expect((await world.person("leaver@example.org")).userId).not.toBe(person.userId);
  });

  test("is not the last admin's, nor an operator's", async () => {
    const { admin } = await world.organisation("Alone");
    expect(await outcome((await world.as(admin)).closeAccount({ email: admin.email }))).toBe(
      "unprocessable last_admin",
    );
    const operator = await world.person("operator@partake.example");
    expect(await outcome((await world.as(operator)).closeAccount({ email: operator.email }))).toBe(
      "unprocessable operator",
    );
  });

  test("is not one with more roles than end in one transaction", async () => {
    const { id: organisationId, admin } = await world.organisation("Busy");
    const person = await world.colleague({ organisationId, admin, email: "busy@example.org", role: "member" });
    const { userId } = person;
    const role = { version: 1, organisationId, userId, role: "contact_updates", removed: false, grantsVersion: 1 };
    const made = () => ({ ...role, _id: world.newId("grn") as never, scope: world.newId("con"), origin: "creator" });
    const more = Array.from({ length: 1_000 }, () => ({
      ...made(),
      grantedBy: "service:contacts",
      grantedAt: new Date(),
    }));
    const grants = world.database.collection("grants");
    await grants.insertMany(more);
    const account = await world.as(person);
    expect(await outcome(account.closeAccount({ email: person.email }))).toBe("unprocessable too_many_roles");
    expect(await grants.countDocuments({ userId, removed: false })).toBe(1_001);
    await grants.updateMany({ userId, role: "contact_updates" }, { $set: { removed: true } });
    expect(await outcome(account.closeAccount({ email: person.email }))).toBe("ok");
  });

  test("leaves none of the texts about its person, however many there are", async () => {
    const { id: organisationId } = await world.organisation("Talkative");
    const person = await world.person("talked-about@example.org");
    const { userId } = person;
    const role = { version: 1, organisationId, userId, role: "contact_updates", removed: true, grantsVersion: 1 };
    const made = { origin: "given", grantedBy: userId, grantedAt: new Date(), takenReason: "Was ill for long." };
    const taken = Array.from({ length: 1_150 }, () => {
      return { ...role, ...made, _id: world.newId("grn") as never, scope: world.newId("con") };
    });
    const grants = world.database.collection("grants");
    await grants.insertMany(taken);
    await (await world.as(person)).closeAccount({ email: person.email });
    const told = () => grants.countDocuments({ userId, takenReason: { $exists: true } });
    await expect.poll(told, patient).toBe(0);
    const isMarked = () => world.database.collection("users").countDocuments({ hasReasonsLeft: true });
    await expect.poll(isMarked, patient).toBe(0);
  }, 90_000);

  test("is not one with a participation that goes on", async () => {
    const { id } = await world.organisation("Partaking");
    const person = await world.person("part@example.org");
    const [projectId, participationId] = [world.newId("prj"), world.newId("par")];
    const held = { participationId, contactId: world.newId("con"), boardId: world.newId("brd"), peerReview: false };
    const participant = { ...held, level: "discuss" as const, state: "active" as const };
    const role = { organisationId: id, userId: person.userId, projectId };
    await world.from("contacts").putParticipantRole({ ...role, participant, version: 1 });
    const mine = await world.as(person);
    expect(await outcome(mine.closeAccount({ email: person.email }))).toBe("unprocessable participation_active");
    await world
      .from("contacts")
      .putParticipantRole({ ...role, participant: { ...participant, state: "ended" }, version: 2 });
    expect(await outcome(mine.closeAccount({ email: person.email }))).toBe("ok");
  });
});
