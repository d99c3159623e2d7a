import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Caller, type IdentityWorld, outcome, type Person, startIdentityWorld } from "./identity-world.ts";

let world: IdentityWorld;
let org: { id: string; admin: Person };
let admin: Caller;
let folder: string;
let project: string;
let managers: Person[];

beforeAll(async () => {
  world = await startIdentityWorld({ lookEveryMs: 200 });
}, 120_000);
afterAll(() => world?.stop());

beforeEach(async () => {
  world.elsewhere.messagingIsAway = false;
  org = await world.organisation("Refuge");
  admin = await world.as(org.admin, org.id);
  folder = world.newId("fld");
  world.elsewhere.folders.add(folder);
  project = world.newId("prj");
  world.elsewhere.projects.set(project, { organisationId: org.id, folderId: folder });
  managers = [await join("manager", project), await join("manager", project)];
});

const soon = { timeout: 10_000, interval: 20 };
const atLength = { timeout: 30_000, interval: 100 };
const dayMs = 24 * 60 * 60_000;

function join(role: string, scope?: string): Promise<Person> {
  const email = `${world.newId("per")}@example.org`;
  return world.colleague({
    organisationId: org.id,
    admin: org.admin,
    email,
    role,
    ...(scope !== undefined && { scope }),
  });
}

async function give(by: Person, role: string, scope: string, to?: Person): Promise<string> {
  const { userId } = to ?? (await somebody());
  return outcome((await world.as(by, org.id)).giveRole({ userId, role: role as "observer", scope }));
}

/** A colleague who holds nothing in the project. */
let plain: { organisationId: string; person: Person } | undefined;
async function somebody(): Promise<Person> {
  if (plain?.organisationId !== org.id) plain = { organisationId: org.id, person: await join("member") };
  return plain.person;
}

async function take(by: Person, from: Person, role: string): Promise<string> {
  const listed = (await admin.listColleagues({ limit: 200 })).items.find(({ userId }) => userId === from.userId);
  const grant = listed?.grants.find((held) => held.role === role);
  const asked = await world.as(by, org.id);
  return outcome(asked.takeRole({ grantId: grant?.id ?? "" }, { ifMatch: grant?.version ?? 0 }));
}

const actions = async () => {
  const entries = world.database.collection("audit_entries");
  const found = await entries.find({ organisationId: org.id, action: /^redacted_access/ }).toArray();
  return found.map(({ action }) => action).sort();
};
const isRedacted = async () => (await admin.getOrganisation({})).switches?.redactedAccess;
const endings = () => world.database.collection<{ endsAt: Date }>("redaction_endings");
const notices = () => world.mails.filter(({ template, values }) => template === "redaction_ending" && values["link"]);
const toldOf = (people: readonly Person[]) => notices().filter(({ to }) => people.some(({ email }) => email === to));

describe("[R12] redacted access, switched on", () => {
  test("counts within a second: only direct managers give roles in a project, whatever the preset", async () => {
    const [manager] = managers as [Person];
    const flora = await join("folder_manager", folder);
    const reporter = await join("reporter", project);
    expect(await give(org.admin, "observer", project)).toBe("ok");
    expect(await give(flora, "reporter", project)).toBe("ok");
    const asked = await world.as(org.admin, org.id);
    const { version } = await asked.getOrganisation({});
    await asked.updateOrganisation({ managersGiveRoles: false }, { ifMatch: version });
    expect((await asked.switchRedactedAccessOn({})).switches).toMatchObject({ redactedAccess: true });
    const other = await join("member");
    await expect.poll(() => give(org.admin, "observer", project, other), soon).toBe("forbidden redacted");
    await expect.poll(() => give(flora, "observer", project, other), soon).toBe("forbidden no_role");
    expect(await give(reporter, "observer", project, other)).toBe("forbidden no_role");
    expect(await give(manager, "observer", project, other)).toBe("ok");
    await expect.poll(actions, atLength).toEqual(["redacted_access.switched_on"]);
    await asked.switchRedactedAccessOn({});
    const elsewhere = await world.organisation("Open");
    const open = await world.as(elsewhere.admin, elsewhere.id);
    expect((await open.getOrganisation({})).switches?.redactedAccess).toBe(false);
  });

  test("holds against an admin, whatever way they take", async () => {
    const contact = world.newId("con");
    world.elsewhere.contacts.set(contact, [project]);
    const early = { email: "early@example.org", role: "manager" as const, scope: project };
    await admin.inviteColleague(early);
    await admin.switchRedactedAccessOn({});
    const { admin: boss } = org;
    await expect.poll(() => give(boss, "manager", project, boss), soon).toBe("forbidden redacted");
    expect(await outcome(admin.inviteColleague({ ...early, email: boss.email }))).toBe("forbidden redacted");
    // An invitation that was sent before is one of an admin who may not give that any more.
    const person = await world.person("early@example.org");
    expect(await outcome(world.accept(person))).toBe("gone invitation_withdrawn");
    // As manager of the folder.
    expect(await give(boss, "folder_manager", folder, boss)).toBe("ok");
    expect(await give(boss, "manager", project, boss)).toBe("forbidden redacted");
    // By a level for the contact, for themselves or for somebody who tells them.
    expect(await give(boss, "contact_updates", contact, boss)).toBe("forbidden redacted");
    expect(await give(boss, "contact_updates", contact)).toBe("forbidden redacted");
    // By the end of somebody else's role, or of the switch.
    const listed = (await admin.listColleagues({ limit: 200 })).items.flatMap(({ grants }) => grants);
    const grant = listed.find(({ role, scope }) => role === "manager" && scope === project);
    const moved = { grantId: grant?.id ?? "", expiresAt: new Date(Date.now() + 60_000).toISOString() };
    expect(await outcome(admin.setRoleExpiry(moved, { ifMatch: grant?.version ?? 0 }))).toBe("forbidden redacted");
    await admin.switchRedactedAccessOff({});
    expect(await give(boss, "manager", project, boss)).toBe("forbidden redacted");
    expect(await isRedacted()).toBe(true);
  });

  test("lets admins take roles, and the last direct manager name a successor first", async () => {
    const [first, second] = managers as [Person, Person];
    await admin.switchRedactedAccessOn({});
    expect(await take(org.admin, first, "manager")).toBe("ok");
    for (const by of [org.admin, second])
      await expect.poll(() => take(by, second, "manager"), soon).toBe("unprocessable last_manager");
    const until = { userId: first.userId, role: "manager" as const, scope: project };
    const theirs = await world.as(second, org.id);
    await world.as(first, org.id).catch(() => undefined);
    const successor = await join("member");
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
    const [own] = (await admin.listColleagueGrants({ userId: second.userId })).items;
    const ending = theirs.setRoleExpiry({ grantId: own?.id ?? "", expiresAt }, { ifMatch: own?.version ?? 0 });
    expect(await outcome(ending)).toBe("unprocessable last_manager");
    const closing = (await world.as(second)).closeAccount({ email: second.email });
    expect(await outcome(closing)).toBe("unprocessable last_manager");
    await theirs.giveRole({ ...until, userId: successor.userId, expiresAt });
    expect(await take(second, second, "manager")).toBe("unprocessable last_manager");
    expect(await give(second, "manager", project, await join("member"))).toBe("ok");
    expect(await take(second, second, "manager")).toBe("ok");
  });

  test("keeps one manager when the last two leave at the same moment", async () => {
    await admin.switchRedactedAccessOn({});
    const left = await Promise.all(managers.map((manager) => take(manager, manager, "manager")));
    expect(left.filter((ended) => ended === "ok")).toHaveLength(1);
    expect(left.filter((ended) => ended === "unprocessable last_manager")).toHaveLength(1);
  });

  test("is switched in the organisation that is meant, or not at all", async () => {
    const organisationId = world.newId("org");
    expect(await outcome(admin.switchRedactedAccessOn({ organisationId }))).toBe("conflict other_organisation");
    expect(await outcome(admin.switchRedactedAccessOff({ organisationId }))).toBe("conflict other_organisation");
    expect(await isRedacted()).toBe(false);
    expect(await outcome(admin.switchRedactedAccessOn({ organisationId: org.id }))).toBe("ok");
  });

  test("is an admin's to switch", async () => {
    for (const person of [...managers, await join("creator"), await join("folder_manager", folder)]) {
      const asked = await world.as(person, org.id);
      expect(await outcome(asked.switchRedactedAccessOn({}))).toBe("forbidden no_role");
      expect(await outcome(asked.switchRedactedAccessOff({}))).toBe("forbidden no_role");
    }
    expect(await isRedacted()).toBe(false);
  });
});

describe("[R12] redacted access, switched off", () => {
  test("ends seven days after all managers were told, and not before; every step is audited", async () => {
    expect(await outcome(admin.switchRedactedAccessOff({}))).toBe("conflict not_redacted");
    await admin.switchRedactedAccessOn({});
    await admin.switchRedactedAccessOff({});
    await expect.poll(() => toldOf(managers).length, atLength).toBe(2);
    const until = async () => (await admin.getOrganisation({})).redactedUntil;
    await expect.poll(until, atLength).toBeDefined();
    const left = Date.parse((await until()) ?? "") - Date.now();
    expect(left).toBeGreaterThan(7 * dayMs - 60_000);
    expect(left).toBeLessThanOrEqual(7 * dayMs);
    expect(await isRedacted()).toBe(true);
    expect(await give(org.admin, "observer", project)).toBe("forbidden redacted");
    await endings().updateOne({ organisationId: org.id }, { $set: { endsAt: new Date(Date.now() - 1) } });
    await expect.poll(isRedacted, atLength).toBe(false);
    await expect.poll(() => give(org.admin, "observer", project), soon).toBe("ok");
    expect(await until()).toBeUndefined();
    await expect
      .poll(actions, atLength)
      .toEqual(
        ["switched_on", "off_requested", "manager_told", "manager_told", "managers_told", "switched_off"]
          .map((step) => `redacted_access.${step}`)
          .sort(),
      );
    expect(toldOf(managers)).toHaveLength(2);
  });

  test("does not begin to end while a manager is not told", async () => {
    await admin.switchRedactedAccessOn({});
    world.elsewhere.messagingIsAway = true;
    await admin.switchRedactedAccessOff({});
    const stored = () => world.database.collection("redaction_notices").countDocuments({ organisationId: org.id });
    await expect.poll(stored, atLength).toBe(2);
    expect((await admin.getOrganisation({})).redactedUntil).toBeUndefined();
    world.elsewhere.messagingIsAway = false;
    await expect.poll(async () => (await admin.getOrganisation({})).redactedUntil, atLength).toBeDefined();
    expect(toldOf(managers)).toHaveLength(2);
  });

  test("is told to every manager, however many roles there are", async () => {
    const { userId } = managers[0] as Person;
    const role = { version: 1, organisationId: org.id, userId, role: "manager", removed: false, grantsVersion: 1 };
    const made = { origin: "given", grantedBy: "service:test", grantedAt: new Date() };
    const many = Array.from({ length: 1_000 }, () => {
      return { ...role, ...made, _id: world.newId("grn") as never, scope: world.newId("prj") };
    });
    await world.database.collection("grants").insertMany(many);
    const last = await join("manager", project);
    await admin.switchRedactedAccessOn({});
    await admin.switchRedactedAccessOff({});
    await expect.poll(async () => (await admin.getOrganisation({})).redactedUntil, atLength).toBeDefined();
    expect(toldOf([...managers, last])).toHaveLength(3);
  });

  test("begins to end in one organisation, whoever in another cannot be told", async () => {
    const { unmailable } = world.elsewhere;
    const until = async (asked: Caller) => (await asked.getOrganisation({})).redactedUntil;
    for (const { email } of managers) unmailable.set(email, "internal");
    await admin.switchRedactedAccessOn({});
    await admin.switchRedactedAccessOff({});
    const stored = () => world.database.collection("redaction_notices").countDocuments({ organisationId: org.id });
    await expect.poll(stored, atLength).toBe(2);
    const elsewhere = await world.organisation("Open");
    const open = await world.as(elsewhere.admin, elsewhere.id);
    await open.switchRedactedAccessOn({});
    await open.switchRedactedAccessOff({});
    await expect.poll(() => until(open), atLength).toBeDefined();
    expect(await until(admin)).toBeUndefined();
    // An address that no mail can go to is as none; the other one waits for its mail all the same.
    const [first, second] = managers as [Person, Person];
    unmailable.set(first.email, "invalid");
    unmailable.delete(second.email);
    // What failed rests about as long as it was tried before.
    await expect.poll(() => until(admin), { ...atLength, timeout: 90_000 }).toBeDefined();
    expect(toldOf([second])).toHaveLength(1);
    unmailable.clear();
  }, 180_000);

  test("stays on where an admin thinks better of it", async () => {
    await admin.switchRedactedAccessOn({});
    await admin.switchRedactedAccessOff({});
    await expect.poll(async () => (await admin.getOrganisation({})).redactedUntil, atLength).toBeDefined();
    expect((await admin.switchRedactedAccessOn({})).redactedUntil).toBeUndefined();
    await endings().updateOne({ organisationId: org.id }, { $set: { endsAt: new Date(Date.now() - 1) } });
    await admin.switchRedactedAccessOff({});
    await expect.poll(async () => (await admin.getOrganisation({})).redactedUntil, atLength).toBeDefined();
    expect(await isRedacted()).toBe(true);
    expect(toldOf(managers)).toHaveLength(4);
    await expect.poll(actions, atLength).toContain("redacted_access.kept_on");
  });

  test("asked for by two admins at once is one ending", async () => {
    const second = await world.as(await join("admin"), org.id);
    await admin.switchRedactedAccessOn({});
    const asked = [admin, second, admin, second].map((by) => outcome(by.switchRedactedAccessOff({})));
    expect(await Promise.all(asked)).toEqual(["ok", "ok", "ok", "ok"]);
    expect(await endings().countDocuments({ organisationId: org.id })).toBe(1);
  });
});

test("[R20] each switch that is changed stands in the audit trail with its position", async () => {
  const { version } = await admin.getOrganisation({});
  const contactCreators = { roles: ["admin" as const, "observer" as const] };
  await admin.updateOrganisation({ creatorsCreateProjects: false, contactCreators }, { ifMatch: version });
  const entries = world.database.collection("audit_entries");
  const positions = async () =>
    (await entries.find({ organisationId: org.id, action: "switch.changed" }).toArray())
      .map(({ recordId }) => recordId)
      .sort();
  await expect
    .poll(positions, atLength)
    .toEqual([
      "contactCreators:creator:off",
      "contactCreators:manager:off",
      "contactCreators:observer:on",
      "contactCreators:reporter:off",
      "creatorsCreateProjects:off",
    ]);
});
