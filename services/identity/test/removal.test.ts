import type { Events } from "@partake/contract";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type Caller, type IdentityWorld, outcome, type Person, startIdentityWorld } from "./identity-world.ts";
import { publishTo } from "./publishing.ts";

// Some of it waits for what a worker does every few seconds, several times over.
vi.setConfig({ testTimeout: 120_000 });

let world: IdentityWorld;
let org: { id: string; admin: Person };
let admin: Caller;

beforeAll(async () => {
  world = await startIdentityWorld({ lookEveryMs: 500 });
  org = await world.organisation("Removing");
  admin = await world.as(org.admin, org.id);
}, 120_000);
afterAll(() => world?.stop());

/** What an event and the worker bring, on a busy machine. */
const soon = { timeout: 30_000, interval: 100 };

type Told = Partial<Events["org.partake.project.scope-changed.v1"]>;

function project(folderId?: string): string {
  const id = world.newId("prj");
  world.elsewhere.projects.set(id, { organisationId: org.id, ...(folderId !== undefined && { folderId }) });
  return id;
}

const tell = (projectId: string, more: Told) =>
  publishTo(world, {
    ...{ topic: "scopes", source: "/partake/projects", type: "org.partake.project.scope-changed.v1", key: projectId },
    data: {
      ...{ projectId, organisationId: org.id, status: "published", visibility: "people", createdBy: "service:test" },
      version: 1,
      ...more,
    },
  });

/** As projects does it: deleted, and 30 days later removed. */
async function remove(projectId: string): Promise<void> {
  world.elsewhere.projects.set(projectId, { organisationId: org.id, status: "deleted" });
  await tell(projectId, { status: "deleted", version: 7 });
  await tell(projectId, { status: "deleted", version: 8, removed: true });
}

const join = (email: string, role: string, scope?: string) =>
  world.colleague({ organisationId: org.id, admin: org.admin, email, role, ...(scope !== undefined && { scope }) });

const read = (userId: string) => world.from("gateway").readGrants({ organisationId: org.id, userId });
const held = async (userId: string) => (await read(userId)).grants.map(({ role, scope }) => `${role}:${scope}`);
const trail = async (subjectId: string) => {
  const found = await world.database.collection("audit_entries").find({ subjectId }).toArray();
  return found.map(({ action, cause = "", role = "" }) => `${action} ${role} ${cause}`.replace(/ +/g, " ").trim());
};

async function enrolled(projectId: string, email: string) {
  const of = { participationId: world.newId("par"), contactId: world.newId("con"), boardId: world.newId("brd") };
  const at = { organisationId: org.id, projectId };
  const contacts = world.from("contacts");
  const reserved = { email, name: "Pat", actorId: org.admin.userId, ...at };
  await contacts.reserveAccount({ participationId: of.participationId, contactId: of.contactId, ...reserved });
  await contacts.inviteParticipant({ participationId: of.participationId });
  const put = (userId: string, version: number, state: "active" | "ended" = "active") => {
    const participant = { ...of, level: "discuss" as const, peerReview: true, state };
    return contacts.putParticipantRole({ ...at, userId, participant, version });
  };
  return { ...of, put };
}

describe("[R7] [C3] with a contact that is deleted", () => {
  test("ends every level for it and every role that came of it, however many; nothing comes back", async () => {
    const contactId = world.newId("con");
    const told = (deleted: boolean, version: number) =>
      publishTo(world, {
        ...{ topic: "contacts", source: "/partake/contacts", type: "org.partake.contact.scope-changed.v1" },
        key: contactId,
        data: { contactId, organisationId: org.id, projectIds: [], deleted, createdBy: org.admin.userId, version },
      });
    const { put } = await enrolled(project(), "deleted-contact@example.org");
    const person = await world.person("deleted-contact@example.org");
    await put(person.userId, 1);
    const common = { version: 1, organisationId: org.id, removed: false, grantsVersion: 1, grantedAt: new Date() };
    const made = { origin: "given", grantedBy: "service:test" };
    const grants = world.database.collection("grants");
    const some = <T>(make: () => T) => Array.from({ length: 150 }, make);
    const whose = () => ({ ...common, ...made, _id: world.newId("grn") as never, userId: world.newId("usr") });
    await grants.insertMany(some(() => ({ ...whose(), role: "contact_profile", scope: contactId })));
    await grants.insertMany(
      some(() => {
        const [projectId, participationId] = [world.newId("prj"), world.newId("par")];
        const participant = { participationId, contactId, boardId: world.newId("brd"), state: "active" };
        const rights = { ...participant, level: "see", peerReview: false };
        return { ...whose(), role: "participant", scope: projectId, projectId, participationId, participant: rights };
      }),
    );
    await told(true, 2);
    const left = { $or: [{ scope: contactId }, { "participant.contactId": contactId }], removed: false };
    await expect.poll(() => grants.countDocuments(left), { timeout: 100_000, interval: 500 }).toBe(0);
    expect(await held(person.userId)).toHaveLength(1);
    await told(false, 1);
    const given = {
      organisationId: org.id,
      userId: org.admin.userId,
      role: "contact_updates",
      scope: contactId,
    } as const;
    await world.from("contacts").giveCreatorRole(given);
    expect(await grants.countDocuments(left)).toBe(0);
  });
});

describe("[P6] with a project that is removed for good", () => {
  test("ends every role on it and in it, whoever is the last; nothing else does", async () => {
    const [gone, stays] = [project(), project()];
    const manager = await join("manager@example.org", "manager", gone);
    await admin.giveRole({ userId: manager.userId, role: "reporter", scope: stays });
    const board = world.newId("brd");
    world.elsewhere.boards.set(board, gone);
    const member = await join("board@example.org", "member");
    await admin.giveRole({ userId: member.userId, role: "board_member", scope: board });
    const system = await admin.createServiceAccount({
      ...{ name: "Numbers", method: "client_secret", roles: [{ role: "reporter", projectId: gone }] },
    });
    const theirs = await world.as(manager, org.id);
    await theirs.consentToServiceAccount({ projectId: gone, serviceAccountId: system.id });
    await remove(gone);
    await expect.poll(() => held(manager.userId), soon).toEqual([`reporter:${stays}`]);
    await expect.poll(() => held(member.userId), soon).toEqual([`member:${org.id}`]);
    await expect.poll(() => held(system.id), soon).toEqual([]);
    expect(await held(org.admin.userId)).toEqual([`admin:${org.id}`]);
    await expect.poll(() => trail(manager.userId), soon).toContain("role.taken manager project_removed");
    await expect.poll(() => trail(system.id), soon).toContain("role.taken redacted_consent project_removed");
  });

  test("[R12] of its last direct manager too, where those alone give roles", async () => {
    const closed = await world.organisation("Redacted");
    const projectId = world.newId("prj");
    world.elsewhere.projects.set(projectId, { organisationId: closed.id });
    const of = { organisationId: closed.id, admin: closed.admin, email: "direct@example.org", role: "manager" };
    const manager = await world.colleague({ ...of, scope: projectId });
    await (await world.as(closed.admin, closed.id)).switchRedactedAccessOn({});
    await tell(projectId, { organisationId: closed.id, status: "deleted", removed: true });
    const left = async () =>
      (await world.from("gateway").readGrants({ organisationId: closed.id, userId: manager.userId })).grants;
    await expect.poll(left, soon).toEqual([]);
  });

  test("goes what was on its way: invitations, and the right that was withheld", async () => {
    const folder = world.newId("fld");
    world.elsewhere.folders.add(folder);
    const gone = project(folder);
    await tell(gone, { folderId: folder });
    const keeper = await join("keeper@example.org", "folder_manager", folder);
    const withhold = () => outcome(admin.withholdRight({ projectId: gone, userId: keeper.userId }));
    await expect.poll(withhold, soon).toBe("ok");
    const { id } = await admin.inviteColleague({ email: "invited@example.org", role: "observer", scope: gone });
    const kept = await admin.inviteColleague({ email: "invited@example.org", role: "member" });
    await enrolled(gone, "enrolled@example.org");
    await remove(gone);
    await expect.poll(async () => (await read(keeper.userId)).withheld, soon).toEqual([]);
    await expect.poll(() => trail(id), soon).toContain("invitation.withdrawn project_removed");
    const { items } = await admin.listInvitations({ limit: 50, state: "pending" });
    expect(items.map((one) => one.id)).toContain(kept.id);
    const person = await world.person("enrolled@example.org");
    expect(await outcome(world.accept(person))).toBe("gone invitation_withdrawn");
    expect(await held(keeper.userId)).toEqual([`folder_manager:${folder}`]);
  });

  test("a participation is over, its person keeps the log-in, and a late step revives nothing", async () => {
    const gone = project();
    const [pat, late] = [await world.person("pat@example.org"), await world.person("late@example.org")];
    const [first, second] = [await enrolled(gone, pat.email), await enrolled(gone, late.email)];
    await first.put(pat.userId, 3);
    await remove(gone);
    const states = async (userId: string) => (await read(userId)).grants.map(({ participant }) => participant?.state);
    await expect.poll(() => states(pat.userId), soon).toEqual(["ended"]);
    await first.put(pat.userId, 4, "active");
    expect(await states(pat.userId)).toEqual(["ended"]);
    await second.put(late.userId, 3, "active");
    expect(await states(late.userId)).toEqual(["ended"]);
    expect(await outcome(world.as(pat, org.id))).toBe("ok");
    await expect.poll(() => trail(pat.userId), soon).toContain("role.changed participant project_removed");
  });

  test("an older word on it, or the same again, gives nothing back", async () => {
    const gone = project();
    const creator = await join("creator@example.org", "creator");
    const never = await join("never@example.org", "creator");
    await tell(gone, { createdBy: creator.userId });
    await expect.poll(() => held(creator.userId), soon).toContain(`manager:${gone}`);
    await remove(gone);
    await expect.poll(() => held(creator.userId), soon).toEqual([`creator:${org.id}`]);
    // The project's creator again, and one of whom nothing was heard while it was there.
    await tell(gone, { createdBy: creator.userId, version: 2 });
    await tell(gone, { createdBy: never.userId, version: 3 });
    await tell(gone, { status: "deleted", version: 8, removed: true });
    const other = project();
    await tell(other, { createdBy: never.userId });
    await expect.poll(() => held(never.userId), soon).toContain(`manager:${other}`);
    const giveLate = { organisationId: org.id, userId: never.userId, role: "manager", scope: gone } as const;
    await world.from("projects").giveCreatorRole(giveLate);
    expect(await held(never.userId)).not.toContain(`manager:${gone}`);
    expect(await held(creator.userId)).toEqual([`creator:${org.id}`]);
  });

  test("many roles end in pieces", async () => {
    const gone = project();
    const person = await world.person("busy@example.org");
    const give = (scope: string) => {
      const on = {
        organisationId: org.id,
        userId: person.userId,
        role: "board_admin" as const,
        scope,
        projectId: gone,
      };
      return world.from("progress").giveCreatorRole(on);
    };
    for (let count = 0; count < 130; count += 1) await give(world.newId("brd"));
    expect(await held(person.userId)).toHaveLength(130);
    await remove(gone);
    await expect.poll(() => held(person.userId), soon).toEqual([]);
    const versions = await world.database.collection("grants").distinct("grantsVersion", { projectId: gone });
    expect(versions.length).toBe(2);
    expect(await outcome(world.token(person, org.id))).not.toBe("ok");
  });
});

describe("[P1] [P6] with a folder that is removed for good", () => {
  test("its managers' roles end, and what was sent for it counts no more", async () => {
    const [gone, stays] = [world.newId("fld"), world.newId("fld")];
    for (const folder of [gone, stays]) world.elsewhere.folders.add(folder);
    const keeper = await join("folder@example.org", "folder_manager", gone);
    await admin.giveRole({ userId: keeper.userId, role: "folder_manager", scope: stays });
    const { id } = await admin.inviteColleague({ email: "next@example.org", role: "folder_manager", scope: gone });
    const event = { topic: "scopes", source: "/partake/projects", type: "org.partake.folder.removed.v1" } as const;
    await publishTo(world, { ...event, key: gone, data: { folderId: gone, organisationId: org.id } });
    await expect.poll(() => held(keeper.userId), soon).toEqual([`folder_manager:${stays}`]);
    await expect.poll(() => trail(keeper.userId), soon).toContain("role.taken folder_manager folder_removed");
    await expect.poll(() => trail(id), soon).toContain("invitation.withdrawn folder_removed");
    const next = await world.person("next@example.org");
    expect(await outcome(world.accept(next))).toBe("gone invitation_withdrawn");
    expect(await outcome(admin.giveRole({ userId: next.userId, role: "folder_manager", scope: gone }))).not.toBe("ok");
    // Whoever asks why is told with what it ended.
    world.elsewhere.projects.set(world.newId("prj"), { organisationId: org.id, folderId: gone });
    const why = await admin.explainAccess({ userId: keeper.userId, permission: "folder.edit", scope: gone, at: "" });
    expect(why.obstacles).toMatchObject([
      { kind: "role_ended", role: { role: "folder_manager", endedBecause: "folder_removed" } },
    ]);
  });
});

describe("[P6] a project that is only deleted", () => {
  test("keeps every role, participation and withheld right, as a restore brings them back", async () => {
    const folder = world.newId("fld");
    world.elsewhere.folders.add(folder);
    const projectId = project(folder);
    await tell(projectId, { folderId: folder });
    const [manager, pat] = [
      await join("stays@example.org", "manager", projectId),
      await world.person("pat2@example.org"),
    ];
    const keeper = await join("keeper2@example.org", "folder_manager", folder);
    const withhold = () => outcome(admin.withholdRight({ projectId, userId: keeper.userId }));
    await expect.poll(withhold, soon).toBe("ok");
    await (await enrolled(projectId, pat.email)).put(pat.userId, 3);
    const all = () => Promise.all([manager, pat, keeper].map(({ userId }) => read(userId)));
    const before = await all();
    await tell(projectId, { folderId: folder, status: "deleted", version: 2 });
    const heard = () => world.database.collection("place_forms").countDocuments({ projectId, placeVersion: 2 });
    await expect.poll(heard, soon).toBe(1);
    expect((await all()).map(({ grants, withheld }) => [grants, withheld])).toEqual(
      before.map(({ grants, withheld }) => [grants, withheld]),
    );
  });
});

describe("[P6] [R21] an invitation to a project that is only deleted", () => {
  test("is refused meanwhile and counts again when the project is restored", async () => {
    const projectId = project();
    await admin.inviteColleague({ email: "wait@example.org", role: "reporter", scope: projectId });
    const { participationId, put } = await enrolled(projectId, "part@example.org");
    world.elsewhere.projects.set(projectId, { organisationId: org.id, status: "deleted" });
    const [colleague, participant] = [await world.person("wait@example.org"), await world.person("part@example.org")];
    for (const person of [colleague, participant, colleague])
      expect(await outcome(world.accept(person))).toBe("gone project_deleted");
    expect(world.elsewhere.accepted.some((one) => one.participationId === participationId)).toBe(false);
    const stranger = await world.person("stranger@example.org");
    expect(await outcome(world.accept(stranger, "wait@example.org"))).toBe("not_found invitation_not_found");
    world.elsewhere.projects.set(projectId, { organisationId: org.id });
    expect(await outcome(world.accept(colleague))).toBe("ok");
    expect(await held(colleague.userId)).toEqual([`reporter:${projectId}`]);
    expect(await outcome(world.accept(participant))).toBe("ok");
    expect(world.elsewhere.accepted.some((one) => one.participationId === participationId)).toBe(true);
    await put(participant.userId, 3);
    expect(await outcome(world.accept(colleague))).toBe("gone invitation_used");
  });
});
