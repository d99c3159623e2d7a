import { type Consumer, Kafka } from "kafkajs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Caller, type IdentityWorld, outcome, type Person, startIdentityWorld } from "./identity-world.ts";
import { claimsOf } from "./login-world.ts";

let world: IdentityWorld;
let org: { id: string; admin: Person };
let admin: Caller;

beforeAll(async () => {
  world = await startIdentityWorld();
  org = await world.organisation("Grants");
  admin = await world.as(org.admin, org.id);
}, 120_000);
afterAll(() => world?.stop());

const join = (email: string, role: string, scope?: string) =>
  world.colleague({ organisationId: org.id, admin: org.admin, email, role, ...(scope !== undefined && { scope }) });

function place(folderId?: string): string {
  const project = world.newId("prj");
  world.elsewhere.projects.set(project, { organisationId: org.id, ...(folderId !== undefined && { folderId }) });
  return project;
}

/** Within a second on a machine of its own; the promise is proven by the tests of live grants. */
const soon = { timeout: 10_000, interval: 20 };
const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1_000).toISOString();
const actions = async (subjectId: string) => {
  const entries = world.database.collection("audit_entries");
  return (await entries.find({ organisationId: org.id, subjectId }).toArray()).map(({ action }) => action);
};

describe("[R16] the right derived from a folder", () => {
  let folder: string;
  let project: string;
  let other: string;
  let manager: Person;

  beforeAll(async () => {
    folder = world.newId("fld");
    world.elsewhere.folders.add(folder);
    [project, other] = [place(folder), place(folder)];
    manager = await join("folder1@example.org", "folder_manager", folder);
  });

  let friend: Person;
  /** Who may give is told that it is given. */
  const mayGiveIn = async (asked: Caller, scope: string) => {
    friend ??= await join("friend-of-folder1@example.org", "member");
    const ended = await outcome(asked.giveRole({ userId: friend.userId, role: "observer", scope }));
    return ended === "conflict already_granted" ? "ok" : ended;
  };

  test("is taken for one project by an admin, counts no more within a second, and is given back", async () => {
    const theirs = await world.as(manager, org.id);
    expect(await mayGiveIn(theirs, project)).toBe("ok");
    const withheld = await admin.withholdRight({ projectId: project, userId: manager.userId, reason: "conflict" });
    expect(withheld).toMatchObject({ projectId: project, withheldBy: org.admin.userId, reason: "conflict" });
    await expect.poll(() => mayGiveIn(theirs, project), soon).not.toBe("ok");
    expect(await mayGiveIn(theirs, other)).toBe("ok");
    const read = await world.from("projects").readGrants({ organisationId: org.id, userId: manager.userId });
    expect(read.withheld).toMatchObject([{ projectId: project, restored: false }]);
    expect(JSON.stringify(read)).not.toContain("conflict");
    const { id: withheldRightId, version } = withheld;
    expect(await outcome(admin.restoreRight({ withheldRightId }, { ifMatch: version + 1 }))).toBe(
      "precondition_failed version_mismatch",
    );
    await admin.restoreRight({ withheldRightId }, { ifMatch: version });
    expect(await outcome(admin.restoreRight({ withheldRightId }, { ifMatch: version }))).toBe("not_found not_found");
    await expect.poll(() => mayGiveIn(theirs, project), soon).toBe("ok");
    await expect
      .poll(() => actions(manager.userId), { timeout: 5_000 })
      .toEqual(expect.arrayContaining(["folder_right.withheld", "folder_right.restored"]));
  });

  test("is not in the token's claims", async () => {
    const before = claimsOf(await world.token(manager, org.id))["roles"];
    const { id, version } = await admin.withholdRight({ projectId: other, userId: manager.userId });
    expect(claimsOf(await world.token(manager, org.id))["roles"]).toEqual(before);
    await admin.restoreRight({ withheldRightId: id }, { ifMatch: version });
  });

  test("stays taken when the role is taken and given again, and when the project was elsewhere meanwhile", async () => {
    const second = await join("folder2@example.org", "folder_manager", folder);
    await admin.withholdRight({ projectId: project, userId: second.userId });
    const { items } = await admin.listColleagues({ limit: 200 });
    const grant = items.find(({ userId }) => userId === second.userId)?.grants[0];
    await admin.giveRole({ userId: second.userId, role: "member" });
    await admin.takeRole({ grantId: grant?.id ?? "" }, { ifMatch: grant?.version ?? 0 });
    await admin.giveRole({ userId: second.userId, role: "folder_manager", scope: folder });
    const theirs = await world.as(second, org.id);
    expect(await mayGiveIn(theirs, other)).toBe("ok");
    expect(await mayGiveIn(theirs, project)).toBe("not_found not_found");
  });

  test("is refused where there is none, twice, and to everybody but admins", async () => {
    const loose = place();
    const plain = await join("plain1@example.org", "member");
    const refused = (by: Caller, projectId: string, userId: string) => outcome(by.withholdRight({ projectId, userId }));
    expect(await refused(admin, loose, manager.userId)).toBe("unprocessable no_derived_right");
    expect(await refused(admin, project, plain.userId)).toBe("unprocessable no_derived_right");
    expect(await refused(admin, world.newId("prj"), manager.userId)).toBe("not_found not_found");
    const third = await join("folder3@example.org", "folder_manager", folder);
    const { id, version } = await admin.withholdRight({ projectId: project, userId: third.userId });
    expect(await refused(admin, project, third.userId)).toBe("conflict already_withheld");
    const theirs = await world.as(manager, org.id);
    expect(await refused(theirs, project, third.userId)).toBe("forbidden no_role");
    expect(await outcome(theirs.restoreRight({ withheldRightId: id }, { ifMatch: version }))).toBe("forbidden no_role");
    const own = await world.as(third, org.id);
    expect(await outcome(own.restoreRight({ withheldRightId: id }, { ifMatch: version }))).toMatch(
      /^(forbidden|not_found)/,
    );
    const stranger = await world.organisation("Elsewhere");
    const there = await world.as(stranger.admin, stranger.id);
    expect(await outcome(there.restoreRight({ withheldRightId: id }, { ifMatch: version }))).toBe(
      "not_found not_found",
    );
    expect(await refused(there, project, third.userId)).toBe("not_found not_found");
  });

  test("twenty times at once is one", async () => {
    const fourth = await join("folder4@example.org", "folder_manager", folder);
    const all = Array.from({ length: 20 }, () =>
      outcome(admin.withholdRight({ projectId: other, userId: fourth.userId })),
    );
    expect((await Promise.all(all)).filter((ended) => ended === "ok")).toHaveLength(1);
    const read = await world.from("projects").readGrants({ organisationId: org.id, userId: fourth.userId });
    expect(read.withheld).toHaveLength(1);
  });
});

describe("[R18] a role until a date", () => {
  let project: string;
  beforeAll(() => {
    project = place();
  });

  test("tells who gave it, when and why, to those who give and take; its holder sees no reason", async () => {
    const worker = await join("until1@example.org", "member");
    const expiresAt = inSeconds(3_600);
    const given = { userId: worker.userId, role: "manager" as const, scope: project, reason: "cover", expiresAt };
    expect(await admin.giveRole(given)).toMatchObject({ expiresAt, grantedBy: org.admin.userId, reason: "cover" });
    const listed = (await admin.listColleagues({ limit: 200 })).items.find(({ userId }) => userId === worker.userId);
    expect(listed?.grants.find(({ role }) => role === "manager")).toMatchObject({ expiresAt, reason: "cover" });
    const me = await (await world.as(worker)).getMe({});
    expect(me.organisations[0]?.grants.find(({ role }) => role === "manager")).toMatchObject({ expiresAt });
    expect(JSON.stringify(me)).not.toContain("cover");
    const read = await world.from("projects").readGrants({ organisationId: org.id, userId: worker.userId });
    expect(JSON.stringify(read)).not.toContain("cover");
  });

  test("stops working at that moment, with the token that claims it, and is recorded as ended", async () => {
    const worker = await join("until2@example.org", "member");
    const [friend, end] = [await join("friend-of-until2@example.org", "member"), Date.now() + 4_000];
    const expiresAt = new Date(end).toISOString();
    const grant = await admin.giveRole({ userId: worker.userId, role: "manager", scope: project, expiresAt });
    const token = await world.token(worker, org.id);
    const claims = claimsOf(token);
    expect(claims["roles"]).toContain(`manager:${project}`);
    expect(Number(claims["exp"]) * 1_000).toBeLessThanOrEqual(end);
    const theirs = await world.as(worker, org.id);
    const give = () => outcome(theirs.giveRole({ userId: friend.userId, role: "observer", scope: project }));
    const withEnd = { userId: friend.userId, role: "reporter" as const, scope: project, expiresAt };
    expect(await outcome(theirs.giveRole(withEnd))).toBe("ok");
    let lastOk = 0;
    await expect
      .poll(
        async () => {
          const startedMs = Date.now();
          const ended = await outcome(theirs.giveRole(withEnd));
          if (ended === "ok" || ended.startsWith("conflict")) lastOk = startedMs;
          return ended;
        },
        { timeout: 10_000, interval: 20 },
      )
      .toMatch(/^(unauthenticated|forbidden|not_found|invalid)/);
    expect(lastOk).toBeLessThan(end);
    expect(await give()).not.toBe("ok");
    const claimed = async () => claimsOf(await world.token(worker, org.id))["roles"];
    await expect.poll(claimed, { timeout: 5_000, interval: 100 }).toEqual([`member:${org.id}`]);
    const grants = world.database.collection<{ _id: string; removed: boolean }>("grants");
    const stored = () => grants.findOne({ _id: grant.id });
    await expect.poll(async () => (await stored())?.removed, { timeout: 10_000 }).toBe(true);
    await expect.poll(() => actions(worker.userId), { timeout: 10_000 }).toContain("role.ended");
    const again = await admin.giveRole({ userId: worker.userId, role: "manager", scope: project });
    expect(again.expiresAt).toBeUndefined();
  });

  test("that ended a moment ago, and is not recorded as ended yet, can be given again", async () => {
    const worker = await join("until3@example.org", "member");
    const grants = world.database.collection<{ _id: string }>("grants");
    const first = await admin.giveRole({ userId: worker.userId, role: "observer", scope: project });
    await grants.updateOne({ _id: first.id }, { $set: { expiresAt: new Date(Date.now() - 1) } });
    const second = await admin.giveRole({ userId: worker.userId, role: "observer", scope: project });
    expect(second.id).not.toBe(first.id);
    expect(await grants.countDocuments({ userId: worker.userId, role: "observer", removed: false })).toBe(1);
  });

  test("comes by an invitation, too", async () => {
    const roleExpiresAt = inSeconds(3_600);
    const invited = { email: "until4@example.org", role: "observer" as const, scope: project, roleExpiresAt };
    expect(await admin.inviteColleague(invited)).toMatchObject({ roleExpiresAt });
    const person = await world.person("until4@example.org");
    await world.accept(person);
    const me = await (await world.as(person)).getMe({});
    expect(me.organisations[0]?.grants[0]).toMatchObject({ role: "observer", expiresAt: roleExpiresAt });
  });

  test("of an invitation that was accepted after it: there is nothing left to give", async () => {
    const invited = { email: "until5@example.org", role: "observer" as const, scope: project };
    const { id } = await admin.inviteColleague({ ...invited, roleExpiresAt: inSeconds(3_600) });
    const invitations = world.database.collection<{ _id: string }>("invitations");
    await invitations.updateOne({ _id: id }, { $set: { roleExpiresAt: new Date(Date.now() - 1) } });
    const person = await world.person("until5@example.org");
    expect(await outcome(world.accept(person))).toBe("gone invitation_withdrawn");
  });

  test("its end is set, moved and lifted", async () => {
    const worker = await join("until6@example.org", "member");
    const { id: grantId, version } = await admin.giveRole({ userId: worker.userId, role: "observer", scope: project });
    const expiresAt = inSeconds(3_600);
    expect(await outcome(admin.setRoleExpiry({ grantId, expiresAt }, { ifMatch: version + 1 }))).toBe(
      "precondition_failed version_mismatch",
    );
    const set = await admin.setRoleExpiry({ grantId, expiresAt }, { ifMatch: version });
    expect(set).toMatchObject({ id: grantId, expiresAt });
    const lifted = await admin.setRoleExpiry({ grantId }, { ifMatch: set.version });
    expect(lifted.expiresAt).toBeUndefined();
    expect(await outcome(admin.setRoleExpiry({ grantId, expiresAt: inSeconds(-1) }, { ifMatch: lifted.version }))).toBe(
      "invalid expiry_in_past",
    );
    const observer = await world.as(worker, org.id);
    expect(await outcome(observer.setRoleExpiry({ grantId, expiresAt }, { ifMatch: lifted.version }))).toMatch(
      /^(forbidden|not_found)/,
    );
  });

  test("the last admin's role has no end, and who is admin until a date is not the one who stays", async () => {
    const { id, admin: first } = await world.organisation("Ending");
    const asked = await world.as(first, id);
    const own = (await asked.listColleagues({})).items[0]?.grants[0];
    const ifMatch = own?.version ?? 0;
    const setting = { grantId: own?.id ?? "", expiresAt: inSeconds(60) };
    expect(await outcome(asked.setRoleExpiry(setting, { ifMatch }))).toBe("unprocessable last_admin");
    await asked.inviteColleague({ email: "interim@example.org", role: "admin", roleExpiresAt: inSeconds(3_600) });
    const interim = await world.person("interim@example.org");
    await world.accept(interim);
    expect(await outcome(asked.setRoleExpiry(setting, { ifMatch }))).toBe("unprocessable last_admin");
    expect(await outcome(asked.takeRole({ grantId: setting.grantId }, { ifMatch }))).toBe("unprocessable last_admin");
  });

  test("gives nothing that outlasts it: not to others, not to oneself, not by an invitation", async () => {
    const interim = await join("interim2@example.org", "member");
    const friend = await join("friend-of-interim@example.org", "member");
    const expiresAt = inSeconds(3_600);
    const grant = await admin.giveRole({ userId: interim.userId, role: "manager", scope: project, expiresAt });
    const theirs = await world.as(interim, org.id);
    const give = (userId: string, until?: string) =>
      outcome(
        theirs.giveRole({
          userId,
          role: "reporter",
          scope: project,
          ...(until !== undefined && { expiresAt: until }),
        }),
      );
    for (const userId of [friend.userId, interim.userId]) {
      expect(await give(userId)).toBe("forbidden beyond_own_powers");
      expect(await give(userId, inSeconds(7_200))).toBe("forbidden beyond_own_powers");
    }
    expect(await give(friend.userId, inSeconds(1_800))).toBe("ok");
    const extend = { grantId: grant.id, expiresAt: inSeconds(7_200) };
    expect(await outcome(theirs.setRoleExpiry(extend, { ifMatch: grant.version }))).toBe("forbidden beyond_own_powers");
    const invited = { email: "friend-of-interim2@example.org", role: "observer" as const, scope: project };
    expect(await outcome(theirs.inviteColleague(invited))).toBe("forbidden beyond_own_powers");
    const lasting = await admin.inviteColleague({ ...invited, email: "friend-of-interim3@example.org" });
    const again = theirs.resendInvitation({ invitationId: lasting.id });
    expect(await outcome(again)).toBe("forbidden beyond_own_powers");
    expect(await outcome(theirs.inviteColleague({ ...invited, roleExpiresAt: inSeconds(1_800) }))).toBe("ok");
    // Nor when it is accepted, by what is left of it then.
    const sooner = { grantId: grant.id, expiresAt: inSeconds(600) };
    await admin.setRoleExpiry(sooner, { ifMatch: grant.version });
    const person = await world.person(invited.email);
    expect(await outcome(world.accept(person))).toBe("gone invitation_withdrawn");
  });
});

describe("the topic roles", () => {
  test("tells the end of a role and a right withheld, and no reason", async () => {
    const consumer: Consumer = new Kafka(world.kafkaOptions).consumer({
      groupId: `${world.kafkaPrefix}watch`,
      maxWaitTimeInMs: 200,
    });
    const seen: string[] = [];
    await consumer.connect();
    await consumer.subscribe({ topic: `${world.kafkaPrefix}roles`, fromBeginning: true });
    await consumer.run({ eachMessage: async ({ message }) => void seen.push(String(message.value)) });
    await expect.poll(() => seen.some((value) => value.includes("expiresAt")), { timeout: 20_000 }).toBe(true);
    await expect.poll(() => seen.some((value) => value.includes("withheldRightId")), { timeout: 20_000 }).toBe(true);
    expect(seen.join()).not.toMatch(/conflict|cover|reason/);
    await consumer.disconnect();
  });
});
