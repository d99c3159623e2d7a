import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Caller, type IdentityWorld, outcome, type Person, startIdentityWorld } from "./identity-world.ts";

let world: IdentityWorld;
let org: { id: string; admin: Person };
let admin: Caller;
let folder: string;
let project: string;
let other: string;
const people: Record<string, Person> = {};

const staff: [
  key: string,
  email: string,
  role: string,
  scope: "folder" | "project" | "other" | undefined,
  name: string,
][] = [
  ["manager", "max@harbour.example", "manager", "project", "Max Müller"],
  ["second", "zoe@harbour.example", "manager", "other", "Zoë Ångström"],
  ["reporter", "rosa@harbour.example", "reporter", "project", "Rosa del Mar"],
  ["flora", "flora@harbour.example", "folder_manager", "folder", "Flora"],
  ["member", "mina.okafor@elsewhere.example", "member", undefined, ""],
  ["creator", "carl@harbour.example", "creator", undefined, "Carl"],
];

beforeAll(async () => {
  world = await startIdentityWorld();
  org = await world.organisation("Harbour");
  [folder, project, other] = [world.newId("fld"), world.newId("prj"), world.newId("prj")];
  world.elsewhere.folders.add(folder);
  world.elsewhere.projects.set(project, { organisationId: org.id, folderId: folder });
  world.elsewhere.projects.set(other, { organisationId: org.id });
  const scopes = { folder, project, other };
  for (const [key, email, role, where, name] of staff) {
    const scope = where === undefined ? {} : { scope: scopes[where] };
    const person = await world.colleague({ organisationId: org.id, admin: org.admin, email, role, ...scope });
    people[key] = person;
    const account = await world.as(person);
    if (name !== "") await account.updateMe({ name }, { ifMatch: (await account.getMe({})).version });
  }
  admin = await world.as(org.admin, org.id);
}, 120_000);
afterAll(() => world?.stop());

const idOf = (key: string) => people[key]?.userId ?? "";
const keysOf = (items: readonly { userId: string }[]) =>
  items.map(({ userId }) => Object.keys(people).find((key) => people[key]?.userId === userId) ?? "admin");
const found = async (wanted: Parameters<Caller["searchColleagues"]>[0]) =>
  keysOf((await admin.searchColleagues(wanted)).items).sort();
const listed = async (wanted: Parameters<Caller["listColleagues"]>[0]) =>
  keysOf((await admin.listColleagues({ limit: 200, ...wanted })).items);

describe("[R11] Manage Colleagues", () => {
  test("lists everybody by name, who has none by address, in pages", async () => {
    const all = await listed({});
    expect(all.filter((key) => key !== "admin")).toEqual([
      "creator",
      "flora",
      "manager",
      "member",
      "reporter",
      "second",
    ]);
    const pages: string[] = [];
    let cursor = "";
    do {
      const page = await admin.listColleagues({ limit: 2, ...(cursor !== "" && { cursor }) });
      pages.push(...keysOf(page.items));
      cursor = page.nextCursor;
    } while (cursor !== "");
    expect(pages).toEqual(all);
  });

  test.each([
    ["max", ["manager"]],
    ["MUL", ["manager"]],
    ["angst", ["second"]],
    ["zoe ang", ["second"]],
    ["mar ros", ["reporter"]],
    ["okafor", ["member"]],
    ["harbour.example", ["creator", "flora", "manager", "reporter", "second"]],
    ["axel", []],
    ["---", []],
    ["$ne", []],
    [".*", []],
  ])("finds by the beginnings of words of names and addresses: %s", async (text, expected) => {
    expect(await found({ text })).toEqual(expected);
  });

  test("finds under the new name as soon as somebody has one", async () => {
    const account = await world.as(people["creator"] as Person);
    const me = await account.getMe({});
    await account.updateMe({ name: "Carla Newname" }, { ifMatch: me.version });
    expect(await found({ text: "newn" })).toEqual(["creator"]);
    expect(await found({ text: "carl" })).toEqual(["creator"]);
  });

  test("narrows by role, by scope, by both, and by state", async () => {
    expect((await listed({ role: "manager" })).sort()).toEqual(["manager", "second"]);
    expect((await listed({ scope: project })).sort()).toEqual(["manager", "reporter"]);
    expect(await listed({ scope: project, role: "manager" })).toEqual(["manager"]);
    expect(await listed({ state: "disabled" })).toEqual([]);
    expect(await listed({ state: "active", role: "creator" })).toEqual(["creator"]);
    expect(await found({ text: "harbour", role: "manager", scope: other })).toEqual(["second"]);
  });

  test("shows roles with who gave them, how many, and when somebody was last there", async () => {
    await world.as(people["manager"] as Person, org.id);
    const colleague = await admin.getColleague({ userId: idOf("manager") });
    expect(colleague).toMatchObject({ name: "Max Müller", state: "active", grantCount: 1 });
    expect(colleague.grants).toMatchObject([{ role: "manager", scope: project, grantedBy: org.admin.userId }]);
    expect(Date.now() - Date.parse(colleague.lastActiveAt ?? "")).toBeLessThan(61 * 60_000);
    const { items } = await admin.listColleagueGrants({ userId: idOf("manager") });
    expect(items).toEqual(colleague.grants);
  });

  test("shows what somebody is in the organisation first, and levels for contacts only where all is asked for", async () => {
    const userId = idOf("creator");
    const level = { userId, role: "contact_profile", scope: world.newId("con") };
    const { database } = world;
    const [grant] = await database.collection<{ _id: string }>("grants").find({ userId }).toArray();
    const contact = { ...grant, ...level, _id: world.newId("grn") };
    const managed = { ...contact, _id: world.newId("grn"), role: "folder_manager", scope: world.newId("fld") };
    await database.collection<{ _id: string }>("grants").insertMany([contact, managed]);
    const colleague = await admin.getColleague({ userId });
    expect(colleague.grants.map(({ role }) => role)).toEqual(["creator", "folder_manager"]);
    const { items } = await admin.listColleagueGrants({ userId });
    expect(items.map(({ role }) => role).toSorted()).toEqual(["contact_profile", "creator", "folder_manager"]);
    await database.collection<{ _id: string }>("grants").deleteMany({ _id: { $in: [contact._id, managed._id] } });
  });

  test("[R12] [R8] tells nothing of who takes part: not who, not where, not how often", async () => {
    const { userId, email } = people["member"] as Person;
    const client = await world.person("client@people.example");
    const before = await admin.getColleague({ userId });
    const handover = await admin.getHandover({ userId });
    for (const [index, person] of [people["member"] as Person, client].entries())
      await world.from("contacts").putParticipantRole({
        ...{ organisationId: org.id, userId: person.userId, projectId: other, version: 1 },
        participant: {
          ...{ participationId: world.newId("par"), contactId: world.newId("con"), boardId: world.newId("brd") },
          ...{ level: "discuss", peerReview: index > 0, state: "active" },
        },
      });
    const { lastActiveAt: _, ...same } = before;
    expect(await admin.getColleague({ userId })).toMatchObject({ ...same, email });
    expect(await admin.getHandover({ userId })).toEqual(handover);
    expect((await admin.listColleagueGrants({ userId })).items).toEqual(before.grants);
    expect(await outcome(admin.getColleague({ userId: client.userId }))).toBe("not_found not_found");
    expect(await found({ text: "client" })).toEqual([]);
    expect(await listed({ scope: other })).toEqual(["second"]);
    for (const { userId: theirs } of [client, { userId: world.newId("usr") }])
      for (const ask of [admin.listColleagueGrants, admin.getHandover])
        expect(await outcome(ask({ userId: theirs }))).toBe("not_found not_found");
  });

  test("is the admins' alone, and of their own organisation", async () => {
    const elsewhere = await world.organisation("Upriver");
    const there = await world.as(elsewhere.admin, elsewhere.id);
    const userId = idOf("manager");
    for (const ask of [there.getColleague, there.listColleagueGrants, there.getHandover])
      expect(await outcome(ask({ userId }))).toBe("not_found not_found");
    expect((await there.searchColleagues({ text: "max" })).items).toEqual([]);
    const none = { prj: world.newId("prj"), fld: world.newId("fld"), brd: world.newId("brd"), evt: world.newId("evt") };
    for (const scope of [project, folder, ...Object.values(none)]) {
      expect([scope, await outcome(there.listColleagues({ scope }))]).toEqual([scope, "not_found not_found"]);
      expect(await outcome(there.searchColleagues({ text: "max", scope }))).toBe("not_found not_found");
    }
    for (const scope of Object.values(none))
      expect(await outcome(admin.listColleagues({ scope }))).toBe("not_found not_found");
    expect(await listed({ scope: folder })).toEqual(["flora"]);
    for (const key of ["manager", "flora", "member", "creator"]) {
      const theirs = await world.as(people[key] as Person, org.id);
      expect(await outcome(theirs.searchColleagues({ text: "max" }))).toBe("forbidden no_role");
      expect(await outcome(theirs.listColleagues({}))).toBe("forbidden no_role");
      expect(await outcome(theirs.getHandover({ userId }))).toBe("forbidden no_role");
    }
  });

  test("a cursor of another question is refused", async () => {
    const { nextCursor: cursor } = await admin.listColleagues({ limit: 1 });
    expect(await outcome(admin.searchColleagues({ text: "max", cursor }))).toMatch(/^invalid/);
    const second = await world.as(people["second"] as Person, org.id);
    expect(await outcome(second.listColleagues({ cursor }))).toBe("forbidden no_role");
  });
});

describe("[R18] the project's people page", () => {
  test("shows direct and derived roles, and who gave them, to the project's managers and admins", async () => {
    const board = world.newId("brd");
    world.elsewhere.boards.set(board, project);
    await admin.giveRole({ userId: idOf("member"), role: "board_member", scope: board, reason: "cover" });
    const manager = await world.as(people["manager"] as Person, org.id);
    const flora = await world.as(people["flora"] as Person, org.id);
    for (const asked of [admin, manager, flora]) {
      const team = await asked.listTeam({ projectId: project });
      expect(team.items.map(({ grant }) => grant?.role).sort()).toEqual(["board_member", "manager", "reporter"]);
      expect(team.items.find(({ grant }) => grant?.role === "board_member")?.grant).toMatchObject({
        grantedBy: org.admin.userId,
        reason: "cover",
      });
      expect(team.derived.map(({ grant }) => grant?.role).sort()).toEqual(["admin", "folder_manager"]);
      expect(team.items.find(({ name }) => name === "Max Müller")?.email).toBe("max@harbour.example");
    }
    const roles = [{ role: "observer" as const, projectId: project }];
    const system = await admin.createServiceAccount({ name: "Case system", method: "client_secret", roles });
    const { items } = await manager.listTeam({ projectId: project });
    expect(items.find(({ grant }) => grant?.userId === system.id)).toMatchObject({ name: "Case system", email: "" });
    await admin.revokeServiceAccount({ serviceAccountId: system.id }, { ifMatch: system.version });
    const { id: withheldRightId, version } = await admin.withholdRight({ projectId: project, userId: idOf("flora") });
    const { derived } = await manager.listTeam({ projectId: project });
    expect(derived.find(({ grant }) => grant?.role === "folder_manager")?.withheld).toMatchObject({
      id: withheldRightId,
    });
    await expect.poll(() => outcome(flora.listTeam({ projectId: project })), { timeout: 10_000 }).not.toBe("ok");
    await admin.restoreRight({ withheldRightId }, { ifMatch: version });
  });

  test("comes in pages, what is derived with the first", async () => {
    const first = await admin.listTeam({ projectId: project, limit: 1 });
    const second = await admin.listTeam({ projectId: project, limit: 1, cursor: first.nextCursor });
    expect([first.items.length, second.items.length]).toEqual([1, 1]);
    expect(second.items[0]?.grant?.id).not.toBe(first.items[0]?.grant?.id);
    expect([first.derived.length > 0, second.derived.length]).toEqual([true, 0]);
  });

  test.each([
    ["reporter", "forbidden no_role"],
    ["second", "not_found not_found"],
    ["member", "not_found not_found"],
    ["creator", "not_found not_found"],
  ])("is closed to a %s", async (key, expected) => {
    const theirs = await world.as(people[key] as Person, org.id);
    expect(await outcome(theirs.listTeam({ projectId: project }))).toBe(expected);
  });

  test("of another organisation's project is not there", async () => {
    const elsewhere = await world.organisation("Downriver");
    const there = await world.as(elsewhere.admin, elsewhere.id);
    expect(await outcome(there.listTeam({ projectId: project }))).toBe("not_found not_found");
    expect(await outcome(admin.listTeam({ projectId: world.newId("prj") }))).toBe("not_found not_found");
  });
});

describe("[Z5] what a leaver has to hand over", () => {
  test("is listed by kind, with what nobody else holds", async () => {
    const leaver = await world.colleague({
      organisationId: org.id,
      admin: org.admin,
      email: "leaver@harbour.example",
      role: "manager",
      scope: project,
    });
    const { userId } = leaver;
    const [board, contact, lone] = [world.newId("brd"), world.newId("con"), world.newId("prj")];
    world.elsewhere.boards.set(board, project);
    world.elsewhere.contacts.set(contact, [project]);
    world.elsewhere.projects.set(lone, { organisationId: org.id });
    await admin.giveRole({ userId, role: "board_admin", scope: board });
    await admin.giveRole({ userId, role: "contact_updates", scope: contact });
    await admin.giveRole({ userId, role: "manager", scope: lone });
    const theirs = await world.as(leaver, org.id);
    await theirs.inviteColleague({ email: "guest@harbour.example", role: "observer", scope: project });
    const handover = await admin.getHandover({ userId });
    expect(handover).toMatchObject({ userId, colleague: true, pendingInvitations: 1, moreSoleRoles: false });
    expect([...handover.roles].sort((a, b) => (a.kind < b.kind ? -1 : 1))).toEqual([
      { kind: "board", count: 1 },
      { kind: "contact", count: 1 },
      { kind: "project", count: 2 },
    ]);
    expect(handover.soleHolderOf).toEqual(
      expect.arrayContaining([
        { role: "board_admin", scope: board },
        { role: "manager", scope: lone },
      ]),
    );
    expect(handover.soleHolderOf).toHaveLength(2);
    const { items } = await admin.listColleagueGrants({ userId });
    for (const { id: grantId, role, version } of items)
      if (role === "manager") await admin.takeRole({ grantId }, { ifMatch: version });
    const left = await admin.getHandover({ userId });
    expect(left).toMatchObject({ colleague: false });
    expect(left.roles.map(({ kind }) => kind).sort()).toEqual(["board", "contact"]);
    const entries = world.database.collection("audit_entries");
    const hasLeft = { organisationId: org.id, subjectId: userId, action: "colleague.left" };
    await expect.poll(() => entries.countDocuments(hasLeft), { timeout: 10_000 }).toBe(1);
    expect(await outcome(admin.getColleague({ userId }))).toBe("not_found not_found");
  });
});
