import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type IdentityWorld, outcome, type Person, startIdentityWorld } from "./identity-world.ts";
import { publishTo } from "./publishing.ts";

let world: IdentityWorld;
let org: { id: string; admin: Person };
let worker: Person;
let folder: string;
let project: string;
let hidden: string;
let placeVersion = 0;

beforeAll(async () => {
  world = await startIdentityWorld();
  org = await world.organisation("Explained");
  [folder, project, hidden] = [world.newId("fld"), world.newId("prj"), world.newId("prj")];
  world.elsewhere.folders.add(folder);
  world.elsewhere.projects.set(project, { organisationId: org.id, folderId: folder });
  world.elsewhere.projects.set(hidden, { organisationId: org.id });
  worker = await world.colleague({ organisationId: org.id, admin: org.admin, email: "w@example.org", role: "member" });
  await placed({ folderId: folder });
}, 120_000);
afterAll(() => world?.stop());

/** Tells where the project lies now. */
async function placed(where: { folderId?: string; status?: "published" | "deleted" }): Promise<void> {
  placeVersion += 1;
  const { status = "published", folderId } = where;
  const shared = {
    projectId: project,
    organisationId: org.id,
    createdBy: "service:test",
    visibility: "people" as const,
  };
  world.elsewhere.projects.set(project, { organisationId: org.id, ...(folderId !== undefined && { folderId }) });
  const data = { ...shared, status, version: placeVersion, ...(folderId !== undefined && { folderId }) };
  const type = "org.partake.project.scope-changed.v1";
  await publishTo(world, { topic: "scopes", source: "/partake/projects", type, key: project, data });
  const kept = { projectId: project, placeVersion };
  const found = () => world.database.collection("place_forms").countDocuments(kept);
  await vi.waitFor(async () => expect(await found()).toBe(1), { timeout: 20_000, interval: 50 });
}

type Asked = { userId?: string; permission?: string; scope?: string; at?: string };

async function explained(asked: Asked = {}, by: Person = org.admin) {
  const question = { userId: worker.userId, permission: "project.edit", scope: project, ...asked };
  return (await world.as(by, org.id)).explainAccess(question);
}

/** An instant after everything that happened and before everything that follows. */
async function instant(): Promise<string> {
  const moment = () => new Promise((resolve) => setTimeout(resolve, 5));
  await moment();
  const at = new Date().toISOString();
  await moment();
  return at;
}

describe("[Z1] why somebody may or may not", () => {
  test("is told by the role that decides, with who gave it and since when; before and after, by what was recorded", async () => {
    const before = await instant();
    const admin = await world.as(org.admin, org.id);
    const reason = "She runs it from May.";
    const grant = await admin.giveRole({ userId: worker.userId, role: "manager", scope: project, reason });
    const during = await instant();
    const yes = await explained();
    expect(yes).toMatchObject({
      allowed: true,
      rule: "manager on the project",
      recordAsOfNow: false,
      obstacles: [],
      wouldAllow: [],
    });
    expect(yes.allowsTo).toContain("edit title");
    const told = {
      grantId: grant.id,
      role: "manager",
      scope: project,
      since: grant.grantedAt,
      grantedBy: org.admin.userId,
      reason,
    };
    expect(yes.by).toEqual([told]);
    // Whom it is about is not told who said what of them.
    const mine = { permission: "project.edit", scope: project, userId: worker.userId };
    const own = (await (await world.as(worker, org.id)).explainAccess(mine)).by;
    expect(own).toMatchObject([{ grantId: grant.id }]);
    expect(Object.keys(own[0] ?? {})).not.toEqual(expect.arrayContaining(["reason"]));

    await admin.takeRole({ grantId: grant.id }, { ifMatch: grant.version });
    const after = await explained();
    expect(after).toMatchObject({ allowed: false, by: [] });
    expect(after.rule).toBeUndefined();
    expect(after.obstacles).toMatchObject([{ kind: "role_ended", role: told }]);
    expect(Date.parse(after.obstacles[0]?.role?.endedAt ?? "")).toBeGreaterThan(Date.parse(grant.grantedAt));
    expect(after.wouldAllow).toEqual(
      expect.arrayContaining([
        { role: "manager", scope: project },
        { role: "folder_manager", scope: folder },
        { role: "admin", scope: org.id },
      ]),
    );
    expect(await explained({ at: during })).toMatchObject({ allowed: true, by: [told], at: during });
    expect(await explained({ at: before })).toMatchObject({ allowed: false, obstacles: [{ kind: "no_role" }] });
  });

  test("is told by a role until a date, and after it by when it ended", async () => {
    const admin = await world.as(org.admin, org.id);
    const manager = { userId: worker.userId, role: "manager", scope: project } as const;
    const inAnHour = new Date(Date.now() + 3_600_000).toISOString();
    const long = await admin.giveRole({ ...manager, expiresAt: inAnHour });
    expect(await explained()).toMatchObject({ allowed: true, by: [{ grantId: long.id, expiresAt: inAnHour }] });
    await admin.takeRole({ grantId: long.id }, { ifMatch: long.version });

    const expiresAt = new Date(Date.now() + 3_000).toISOString();
    const brief = await admin.giveRole({ ...manager, expiresAt });
    await expect.poll(async () => (await explained()).allowed, { timeout: 10_000 }).toBe(false);
    const ended = (await explained()).obstacles.find(({ role }) => role?.grantId === brief.id);
    expect(ended).toMatchObject({ kind: "role_ended", role: { endedAt: expiresAt } });
    // Asked for by its own times: the role may have ended before anybody asked.
    const during = new Date(Date.parse(brief.grantedAt) + 1).toISOString();
    expect(await explained({ at: during })).toMatchObject({ allowed: true, by: [{ grantId: brief.id, expiresAt }] });
  });

  test("is told by the folder in which a project lay then, and by a right that was withheld", async () => {
    const admin = await world.as(org.admin, org.id);
    const flora = await world.colleague({
      organisationId: org.id,
      admin: org.admin,
      email: "f@example.org",
      role: "folder_manager",
      scope: folder,
    });
    const asked = { userId: flora.userId };
    const derived = {
      allowed: true,
      rule: "folder manager derived from the folder of the project",
      by: [{ scope: folder }],
    };
    await expect.poll(() => explained(asked), { timeout: 10_000 }).toMatchObject(derived);
    const inFolder = await instant();

    const right = await admin.withholdRight({ projectId: project, userId: flora.userId, reason: "For the audit." });
    expect(await explained(asked)).toMatchObject({
      allowed: false,
      obstacles: [{ kind: "withheld", projectId: project }],
    });
    const whileWithheld = await instant();
    await admin.restoreRight({ withheldRightId: right.id }, { ifMatch: right.version });
    expect(await explained(asked)).toMatchObject(derived);

    await placed({});
    await expect.poll(async () => (await explained(asked)).allowed, { timeout: 10_000 }).toBe(false);
    expect(await explained({ ...asked, at: inFolder })).toMatchObject(derived);
    expect(await explained({ ...asked, at: whileWithheld })).toMatchObject({
      allowed: false,
      obstacles: [{ kind: "withheld" }],
    });
    expect(JSON.stringify(await explained(asked))).not.toContain("For the audit.");
  });

  test("is told by a switch as it was then", async () => {
    const admin = await world.as(org.admin, org.id);
    await admin.giveRole({ userId: worker.userId, role: "manager", scope: project });
    const asked = { permission: "role.give" };
    expect(await explained(asked)).toMatchObject({ allowed: true });
    const whileOn = await instant();
    const { version } = await admin.getOrganisation({});
    const { version: next } = await admin.updateOrganisation({ managersGiveRoles: false }, { ifMatch: version });
    const off = [{ kind: "switched_off", switch: "managersGiveRoles" }];
    expect(await explained(asked)).toMatchObject({ allowed: false, obstacles: off });
    expect(await explained({ ...asked, at: whileOn })).toMatchObject({ allowed: true });
    const whileOff = await instant();
    await admin.updateOrganisation({ managersGiveRoles: true }, { ifMatch: next });
    expect(await explained({ ...asked, at: whileOff })).toMatchObject({ allowed: false, obstacles: off });
    expect(await explained(asked)).toMatchObject({ allowed: true });
  });

  test("is told of a board by what its owner says of it, of the organisation by itself", async () => {
    const board = world.newId("brd");
    world.elsewhere.boards.set(board, project);
    expect(await explained({ permission: "board.edit", scope: board })).toMatchObject({
      allowed: true,
      rule: "manager on the project",
    });
    expect(await explained({ permission: "board.edit", scope: board, at: await instant() })).toMatchObject({
      recordAsOfNow: true,
    });
    expect(await explained({ permission: "audit.read", scope: org.id })).toMatchObject({
      allowed: false,
      wouldAllow: [{ role: "admin", scope: org.id }],
    });
    expect(await explained({ permission: "audit.read", scope: org.id, userId: org.admin.userId })).toMatchObject({
      allowed: true,
    });
  });

  test("is told to anyone about themselves, without who gave the role or what lies around that they do not see", async () => {
    const own = await explained({}, worker);
    expect(own).toMatchObject({ allowed: true, by: [{ role: "manager", scope: project }] });
    expect(own.by[0]).not.toHaveProperty("grantedBy");
    await placed({ folderId: folder });
    const observer = await world.colleague({
      organisationId: org.id,
      admin: org.admin,
      email: "o@example.org",
      role: "observer",
      scope: project,
    });
    const no = await explained({ userId: observer.userId, permission: "project.delete" }, observer);
    expect(no).toMatchObject({
      allowed: false,
      obstacles: [{ kind: "no_role" }],
      wouldAllow: [{ role: "admin", scope: org.id }],
    });
  });
});

describe("[Z1] nothing is told", () => {
  let observer: Person;
  let other: { id: string; admin: Person };

  beforeAll(async () => {
    observer = await world.colleague({
      organisationId: org.id,
      admin: org.admin,
      email: "o2@example.org",
      role: "observer",
      scope: project,
    });
    other = await world.organisation("Other");
    world.elsewhere.projects.set(hidden, { organisationId: org.id });
  });

  const foreign = () => {
    const id = world.newId("prj");
    world.elsewhere.projects.set(id, { organisationId: other.id });
    return id;
  };

  test.each<[string, () => Asked, () => Person]>([
    ["to a colleague about another", () => ({}), () => observer],
    ["to a manager about another", () => ({ userId: observer.userId }), () => worker],
    ["about a project that the asker does not see", () => ({ userId: observer.userId, scope: hidden }), () => observer],
    [
      "about a project that is not there",
      () => ({ userId: observer.userId, scope: world.newId("prj") }),
      () => observer,
    ],
    ["to an admin about another organisation's project", () => ({ scope: foreign() }), () => org.admin],
    ["about another organisation", () => ({ scope: other.id, permission: "audit.read" }), () => org.admin],
    ["about somebody who never held anything here", () => ({ userId: other.admin.userId }), () => org.admin],
    ["about somebody who does not exist", () => ({ userId: world.newId("usr") }), () => org.admin],
    ["about a record of a kind that nobody is asked about", () => ({ scope: world.newId("eml") }), () => org.admin],
  ])("%s", async (_name, asked, by) => expect(await outcome(explained(asked(), by()))).toBe("not_found not_found"));

  test.each<[string, Asked, string]>([
    ["a permission that is none", { permission: "project.peek" }, "invalid permission_unknown"],
    ["a permission that every object has", { permission: "constructor.name" }, "invalid permission_unknown"],
    ["the future", { at: new Date(Date.now() + 60_000).toISOString() }, "invalid in_future"],
    ["a time that is none", { at: "then" }, "invalid invalid_request"],
    ["a scope that is no id", { scope: "*" }, "invalid invalid_request"],
  ])("of %s", async (_name, asked, refusal) => expect(await outcome(explained(asked))).toBe(refusal));

  test("without a token, or to a service", async () => {
    const question = { userId: worker.userId, permission: "project.edit", scope: project };
    expect(await outcome(world.from("gateway").explainAccess(question))).toBe("unauthenticated token_missing");
    expect(await outcome(world.from("contacts").explainAccess(question))).toBe("unauthenticated token_missing");
  });

  test("[R20] without a line in the audit trail, where it is about another", async () => {
    const entries = async () =>
      (await (await world.as(org.admin, org.id)).listAuditEntries({ action: "access.explained", limit: 200 })).items;
    await expect.poll(async () => (await entries()).length, { timeout: 20_000 }).toBeGreaterThan(5);
    for (const entry of await entries()) expect(entry.actorId).toBe(org.admin.userId);
    expect((await entries()).map(({ subjectId }) => subjectId)).toContain(worker.userId);
  });
});
