import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Caller, type IdentityWorld, outcome, type Person, startIdentityWorld } from "./identity-world.ts";

let world: IdentityWorld;
let org: { id: string; admin: Person };
let admin: Caller;
let folder: string;
let project: string;

type Changes = Parameters<Caller["changeColleagues"]>[0]["changes"];

beforeAll(async () => {
  world = await startIdentityWorld();
}, 120_000);
afterAll(() => world?.stop());

beforeEach(async () => {
  org = await world.organisation("Bulk");
  admin = await world.as(org.admin, org.id);
  [folder, project] = [world.newId("fld"), world.newId("prj")];
  world.elsewhere.folders.add(folder);
  world.elsewhere.projects.set(project, { organisationId: org.id, folderId: folder });
});

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

async function grantOf(person: Person, role: string): Promise<string> {
  const { items } = await admin.listColleagueGrants({ userId: person.userId });
  return items.find((grant) => grant.role === role)?.id ?? "";
}

const rolesOf = async (person: Person) => {
  const held = world.database
    .collection("grants")
    .find({ organisationId: org.id, userId: person.userId, removed: false });
  return (await held.toArray()).map(({ role }) => role).sort();
};

const refusals = async (by: Caller, changes: Changes) =>
  (await by.previewColleagueChanges({ changes })).items.map(({ refusal = "ok" }) => refusal);

async function apply(by: Caller, changes: Changes): Promise<string> {
  const { digest } = await by.previewColleagueChanges({ changes });
  return outcome(by.changeColleagues({ changes, digest }));
}

describe("[R11] several changes at once", () => {
  test("show what each person gains and loses, and then do that", async () => {
    const [one, two, three] = [await join("member"), await join("reporter", project), await join("observer", project)];
    const flora = await join("folder_manager", folder);
    await admin.giveRole({ userId: flora.userId, role: "reporter", scope: project });
    const changes: Changes = [
      { userId: one.userId, role: "manager", scope: project },
      { userId: two.userId, takeGrantId: await grantOf(two, "reporter") },
      { userId: three.userId, takeGrantId: await grantOf(three, "observer") },
      { userId: three.userId, role: "reporter", scope: project },
      { userId: flora.userId, takeGrantId: await grantOf(flora, "reporter") },
    ];
    const preview = await admin.previewColleagueChanges({ changes });
    expect(preview.items.map(({ role, takes, refusal }) => [role, takes, refusal])).toEqual([
      ["manager", false, undefined],
      ["reporter", true, undefined],
      ["observer", true, undefined],
      ["reporter", false, undefined],
      ["reporter", true, undefined],
    ]);
    const effect = (person: Person) => preview.people.find(({ userId }) => userId === person.userId);
    expect(effect(one)).toMatchObject({ loses: [], leaves: false, gains: [{ scope: project }] });
    expect(effect(one)?.gains[0]?.permissions).toEqual(expect.arrayContaining(["project.edit", "role.give"]));
    expect(effect(two)).toMatchObject({ gains: [], leaves: true, loses: [{ scope: project }] });
    expect(effect(three)).toMatchObject({ leaves: false, loses: [] });
    expect(effect(three)?.gains[0]?.permissions).not.toContain("project.edit");
    // Who manages the folder loses nothing with a lesser role in its project.
    expect(effect(flora)).toMatchObject({ gains: [], loses: [], leaves: false });
    expect(await rolesOf(one)).toEqual(["member"]);
    expect(await outcome(admin.changeColleagues({ changes, digest: preview.digest, reason: "new year" }))).toBe("ok");
    expect(await Promise.all([one, two, three, flora].map(rolesOf))).toEqual([
      ["manager", "member"],
      [],
      ["reporter"],
      ["folder_manager"],
    ]);
  });

  test.each([
    [
      "somebody gave a role meanwhile",
      async (worker: Person) => {
        await admin.giveRole({ userId: worker.userId, role: "observer", scope: project });
      },
    ],
    [
      "a switch was changed meanwhile",
      async () => {
        const { version } = await admin.getOrganisation({});
        await admin.updateOrganisation({ managersGiveRoles: false }, { ifMatch: version });
      },
    ],
  ])("do nothing where %s", async (_, meanwhile) => {
    const worker = await join("member");
    const changes: Changes = [{ userId: worker.userId, role: "manager", scope: project }];
    const { digest } = await admin.previewColleagueChanges({ changes });
    await meanwhile(worker);
    expect(await outcome(admin.changeColleagues({ changes, digest }))).toBe("conflict preview_outdated");
    expect(await rolesOf(worker)).not.toContain("manager");
    expect(await apply(admin, changes)).toBe("ok");
  });

  test("do nothing but what was previewed", async () => {
    const worker = await join("member");
    const small: Changes = [{ userId: worker.userId, role: "observer", scope: project }];
    const { digest } = await admin.previewColleagueChanges({ changes: small });
    for (const changes of [
      [{ userId: worker.userId, role: "manager" as const, scope: project }],
      [...small, { userId: worker.userId, role: "admin" as const }],
      [{ ...small[0], userId: worker.userId, expiresAt: new Date(Date.now() + 60_000).toISOString() }],
    ])
      expect(await outcome(admin.changeColleagues({ changes, digest }))).toBe("conflict preview_outdated");
    expect(await rolesOf(worker)).toEqual(["member"]);
  });

  test("with one that is refused do none", async () => {
    const worker = await join("member");
    const stranger = await world.person("stranger-of-bulk@example.org");
    const { userId } = await world.person("participant-of-bulk@example.org");
    const part = { participationId: world.newId("par"), contactId: world.newId("con"), boardId: world.newId("brd") };
    const participant = { ...part, level: "discuss" as const, peerReview: false, state: "active" as const };
    const taking = { organisationId: org.id, userId, projectId: project, participant, version: 1 };
    await world.from("contacts").putParticipantRole(taking);
    const [held] = (await world.from("contacts").readGrants(taking)).grants;
    const changes: Changes = [
      { userId, takeGrantId: held?.id ?? "" },
      { userId: worker.userId, role: "observer", scope: project },
      { userId: worker.userId, role: "member" },
      { userId: stranger.userId, role: "member" },
      { userId: worker.userId, role: "observer", scope: world.newId("prj") },
      { userId: worker.userId, role: "folder_manager", scope: world.newId("fld") },
      { userId: worker.userId, takeGrantId: world.newId("grn") },
      { userId: worker.userId, takeGrantId: await grantOf(org.admin, "admin") },
    ];
    expect(await refusals(admin, changes)).toEqual([
      "not_found",
      "ok",
      "already_granted",
      "user_not_found",
      "scope_not_found",
      "scope_not_found",
      "not_found",
      "not_found",
    ]);
    expect(await apply(admin, changes)).toBe("unprocessable change_refused");
    expect(await rolesOf(worker)).toEqual(["member"]);
  });

  test("are capped at the caller's powers: a manager's are those of their project", async () => {
    const manager = await join("manager", project);
    const worker = await join("member");
    const elsewhere = world.newId("prj");
    world.elsewhere.projects.set(elsewhere, { organisationId: org.id });
    const theirs = await world.as(manager, org.id);
    const changes: Changes = [
      { userId: worker.userId, role: "reporter", scope: project },
      { userId: worker.userId, role: "reporter", scope: elsewhere },
      { userId: worker.userId, role: "admin" },
      { userId: manager.userId, role: "admin" },
      { userId: manager.userId, role: "folder_manager", scope: folder },
      { userId: org.admin.userId, takeGrantId: await grantOf(org.admin, "admin") },
    ];
    expect(await refusals(theirs, changes)).toEqual([
      "ok",
      "scope_not_found",
      "no_role",
      "no_role",
      expect.stringMatching(/no_role|scope_not_found/),
      "no_role",
    ]);
    expect(await apply(theirs, changes)).toBe("unprocessable change_refused");
    expect(await apply(theirs, changes.slice(0, 1))).toBe("ok");
    const interim = await join("member");
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
    await admin.giveRole({ userId: interim.userId, role: "manager", scope: project, expiresAt });
    const outlasting: Changes = [{ userId: worker.userId, role: "observer", scope: project }];
    expect(await refusals(await world.as(interim, org.id), outlasting)).toEqual(["beyond_own_powers"]);
    const { people } = await theirs.previewColleagueChanges({
      changes: [{ userId: org.admin.userId, role: "observer", scope: project }],
    });
    expect(people.map(({ name }) => name)).toEqual([""]);
    const member = await world.as(worker, org.id);
    const own = member.previewColleagueChanges({ changes: [{ userId: worker.userId, role: "admin" }] });
    expect(await outcome(own)).toBe("forbidden no_role");
  });

  test("of another organisation find nothing", async () => {
    const worker = await join("member");
    const elsewhere = await world.organisation("Elsewhere");
    const there = await world.as(elsewhere.admin, elsewhere.id);
    const changes: Changes = [
      { userId: worker.userId, role: "member" },
      { userId: elsewhere.admin.userId, role: "manager", scope: project },
      { userId: worker.userId, takeGrantId: await grantOf(worker, "member") },
    ];
    const preview = await there.previewColleagueChanges({ changes });
    expect(preview.items.map(({ refusal }) => refusal)).toEqual(["user_not_found", "scope_not_found", "not_found"]);
    expect(JSON.stringify(preview)).not.toMatch(/example\.org/);
  });

  test.each([
    ["neither gives nor takes", (userId: string): Changes => [{ userId }]],
    ["gives and takes", (userId: string): Changes => [{ userId, role: "member", takeGrantId: world.newId("grn") }]],
    [
      "is there twice",
      (userId: string): Changes => [
        { userId, role: "member" },
        { userId, role: "member" },
      ],
    ],
    ["does not fit its scope", (userId: string): Changes => [{ userId, role: "manager" }]],
    ["is one of 201", (userId: string): Changes => Array.from({ length: 201 }, () => ({ userId, role: "member" }))],
    ["ended", (userId: string): Changes => [{ userId, role: "member", expiresAt: "2020-01-01T00:00:00Z" }]],
  ])("a change that %s is refused as a mistake", async (_, changes) => {
    const asked = admin.previewColleagueChanges({ changes: changes(org.admin.userId) });
    expect(await outcome(asked)).toMatch(/^invalid/);
  });

  test("two hundred go at once", async () => {
    const workers = await bulkPeople(200);
    const changes: Changes = workers.map((userId) => ({ userId, role: "observer", scope: project }));
    expect(await apply(admin, changes)).toBe("ok");
    const held = { organisationId: org.id, role: "observer", scope: project, removed: false };
    expect(await world.database.collection("grants").countDocuments(held)).toBe(200);
  });
});

/** Members of the organisation without a log-in of their own. */
async function bulkPeople(count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, () => world.newId("usr"));
  const users = world.database.collection<{ _id: string }>("users");
  const memberships = world.database.collection<{ _id: string }>("memberships");
  const at = { version: 1, enabled: true };
  await users.insertMany(
    ids.map((_id) => ({ _id, ...at, email: `${_id}@example.org`, name: "", language: "en", createdAt: new Date() })),
  );
  const counts = {
    grantCount: 1,
    colleagueGrantCount: 1,
    isColleague: true,
    roleCounts: { member: 1 },
    roles: ["member"],
  };
  await memberships.insertMany(
    ids.map((userId) => ({
      _id: `${org.id}:${userId}`,
      ...at,
      organisationId: org.id,
      userId,
      ...counts,
      sortName: userId,
      words: [],
    })),
  );
  return ids;
}

describe("[R1] the last admin, in bulk", () => {
  test("stays: all at once, and when two admins remove each other at the same moment", async () => {
    const second = await join("admin");
    const all: Changes = [
      { userId: org.admin.userId, takeGrantId: await grantOf(org.admin, "admin") },
      { userId: second.userId, takeGrantId: await grantOf(second, "admin") },
    ];
    expect(await refusals(admin, all)).toEqual(["last_admin", "last_admin"]);
    expect(await apply(admin, all)).toBe("unprocessable change_refused");
    const theirs = await world.as(second, org.id);
    const [first, other] = all as [Changes[number], Changes[number]];
    const ended = await Promise.all([apply(admin, [other]), apply(theirs, [first])]);
    expect(ended.filter((end) => end === "ok")).toHaveLength(1);
    const left = { organisationId: org.id, role: "admin", removed: false };
    expect(await world.database.collection("grants").countDocuments(left)).toBe(1);
  });

  test("may go where the same changes name another, but not one whose role ends", async () => {
    const successor = await join("member");
    const taking = { userId: org.admin.userId, takeGrantId: await grantOf(org.admin, "admin") };
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
    const naming = { userId: successor.userId, role: "admin" as const };
    expect(await refusals(admin, [{ ...naming, expiresAt }, taking])).toEqual(["ok", "last_admin"]);
    expect(await apply(admin, [naming, taking])).toBe("ok");
    expect(await rolesOf(successor)).toEqual(["admin", "member"]);
  });
});

describe("[R12] with redacted access, in bulk", () => {
  test("admins give nothing in a project, and its last manager stays", async () => {
    const manager = await join("manager", project);
    await admin.switchRedactedAccessOn({});
    const changes: Changes = [
      { userId: org.admin.userId, role: "manager", scope: project },
      { userId: manager.userId, takeGrantId: await grantOf(manager, "manager") },
    ];
    expect(await refusals(admin, changes)).toEqual(["no_role", "last_manager"]);
    expect(await apply(admin, changes)).toBe("unprocessable change_refused");
  });
});

describe("[R18] the same role, given and taken at the same moment", () => {
  test("is held once or not at all, and everybody ends with the same", async () => {
    const worker = await join("member");
    const grant = await admin.giveRole({ userId: worker.userId, role: "observer", scope: project });
    const give = () => outcome(admin.giveRole({ userId: worker.userId, role: "observer", scope: project }));
    const take = () => outcome(admin.takeRole({ grantId: grant.id }, { ifMatch: grant.version }));
    const ended = await Promise.all([give(), take(), give(), take(), give()]);
    expect(ended.filter((end) => end === "ok").length).toBeGreaterThanOrEqual(1);
    const stored = await rolesOf(worker);
    expect(stored.filter((role) => role === "observer").length).toBeLessThanOrEqual(1);
    const read = await world.from("projects").readGrants({ organisationId: org.id, userId: worker.userId });
    expect(read.grants.map(({ role }) => role).sort()).toEqual(stored);
  });
});
