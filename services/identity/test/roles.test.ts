import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type IdentityWorld, outcome, type Person, startIdentityWorld } from "./identity-world.ts";
import { claimsOf } from "./login-world.ts";

let world: IdentityWorld;

beforeAll(async () => {
  world = await startIdentityWorld();
}, 120_000);
afterAll(() => world?.stop());

describe("an organisation", () => {
  test("[X7] is made by a platform operator, who invites its first admin and sees nothing of its people", async () => {
    const { id, admin } = await world.organisation("Riverside");
    const own = await (await world.as(admin, id)).getOrganisation({});
    expect(own).toMatchObject({ id, name: "Riverside", preset: "charity", state: "active" });
    const boss = await world.person("operator@partake.example");
    const platform = await world.as(boss, "platform");
    expect(await outcome(platform.inviteFirstAdmin({ organisationId: id, email: "second@example.org" }))).toBe(
      "conflict has_admin",
    );
    expect(
      await outcome(platform.inviteFirstAdmin({ organisationId: world.newId("org"), email: "x@example.org" })),
    ).toBe("not_found organisation_not_found");
    expect((await platform.listOrganisations({ limit: 200 })).items.map((item) => item.id)).toContain(id);
    for (const call of [platform.listColleagues({}), platform.listAuditEntries({}), platform.getOrganisation({})]) {
      expect(await outcome(call)).toMatch(/^(forbidden|not_found)/);
    }
  });

  test("nobody else makes one", async () => {
    const { id, admin } = await world.organisation("Hillside");
    const asked = await world.as(admin, id);
    const request = { name: "Mine", preset: "charity" as const, timeZone: "Europe/London", language: "en" };
    expect(await outcome(asked.createOrganisation(request))).toMatch(/^(forbidden|not_found)/);
    expect(await outcome((await world.as(admin)).createOrganisation(request))).toMatch(/^unauthenticated/);
  });

  test("[P8] is changed by its admins, at the version that they saw", async () => {
    const { id, admin } = await world.organisation("Lakeside");
    const member = await world.colleague({ organisationId: id, admin, email: "m1@example.org", role: "member" });
    const asked = await world.as(admin, id);
    const { version } = await asked.getOrganisation({});
    const changed = await asked.updateOrganisation(
      { name: "Lakeside Trust", contactCreators: { roles: ["admin"] } },
      { ifMatch: version },
    );
    expect(changed).toMatchObject({
      name: "Lakeside Trust",
      switches: { contactCreators: ["admin"], managersGiveRoles: true },
    });
    expect(await outcome(asked.updateOrganisation({ name: "Old" }, { ifMatch: version }))).toBe(
      "precondition_failed version_mismatch",
    );
    const low = await world.as(member, id);
    expect(await outcome(low.updateOrganisation({ name: "Taken" }, { ifMatch: changed.version }))).toMatch(
      /^forbidden/,
    );
    expect((await low.getOrganisation({})).name).toBe("Lakeside Trust");
  });

  test("[P8] offers several languages, its own one always and first", async () => {
    const { id, admin } = await world.organisation("Seaside");
    const asked = await world.as(admin, id);
    const { version, languages, language } = await asked.getOrganisation({});
    expect(languages).toEqual([language]);
    const change = (request: object, ifMatch: number) => asked.updateOrganisation(request, { ifMatch });
    const more = await change({ languages: { tags: ["cy", language, "pl"] } }, version);
    expect(more.languages).toEqual([language, "cy", "pl"]);
    const welsh = await change({ language: "cy" }, more.version);
    expect(welsh.languages).toEqual(["cy", language, "pl"]);
    expect(await outcome(change({ languages: { tags: ["not a language"] } }, welsh.version))).toMatch(/^invalid/);
    expect((await change({ languages: { tags: [] } }, welsh.version)).languages).toEqual(["cy"]);
  });
});

describe("one's own account", () => {
  test("[R23] tells who one is and where one holds what", async () => {
    const { id, admin } = await world.organisation("Seaside");
    const account = await world.as(admin);
    const me = await account.getMe({});
    expect(me).toMatchObject({ id: admin.userId, email: admin.email, platformOperator: false });
    expect(me.organisations).toMatchObject([
      { organisationId: id, name: "Seaside", grants: [{ role: "admin", scope: id }] },
    ]);
    const named = await account.updateMe({ name: "Ada" }, { ifMatch: me.version });
    expect(named.name).toBe("Ada");
    expect(await outcome(account.updateMe({ name: "Eve" }, { ifMatch: me.version }))).toBe(
      "precondition_failed version_mismatch",
    );
  });

  test("[R23] and which languages one reads, the one for mails first", async () => {
    const { admin } = await world.organisation("Tongues");
    const account = await world.as(admin);
    const { version, language, languages } = await account.getMe({});
    expect(languages).toEqual([language]);
    const several = await account.updateMe({ languages: { tags: ["pl", language, "cy"] } }, { ifMatch: version });
    expect(several.languages).toEqual([language, "pl", "cy"]);
    const polish = await account.updateMe({ language: "pl" }, { ifMatch: several.version });
    expect(polish.languages).toEqual(["pl", language, "cy"]);
    const refused = account.updateMe({ languages: { tags: ["Polish please"] } }, { ifMatch: polish.version });
    expect(await outcome(refused)).toBe("invalid invalid_request");
  });
});

describe("[R18] roles", () => {
  let org: { id: string; admin: Person };
  let project: string;

  beforeAll(async () => {
    org = await world.organisation("Roles");
    project = world.newId("prj");
    world.elsewhere.projects.set(project, { organisationId: org.id });
  });

  const join = (email: string, role: string, scope?: string) =>
    world.colleague({ organisationId: org.id, admin: org.admin, email, role, ...(scope !== undefined && { scope }) });

  test("[R11] are given and taken, listed, and told to everybody", async () => {
    const worker = await join("worker1@example.org", "member");
    const asked = await world.as(org.admin, org.id);
    const grant = await asked.giveRole({ userId: worker.userId, role: "manager", scope: project });
    expect(grant).toMatchObject({ role: "manager", scope: project, removed: false });
    const { items } = await asked.listColleagues({ limit: 200 });
    const listed = items.find(({ userId }) => userId === worker.userId);
    expect(listed?.grants.map(({ role }) => role).sort()).toEqual(["manager", "member"]);
    expect(claimsOf(await world.token(worker, org.id))["roles"]).toContain(`manager:${project}`);
    expect(await outcome(asked.takeRole({ grantId: grant.id }, { ifMatch: grant.version + 5 }))).toBe(
      "precondition_failed version_mismatch",
    );
    expect(await outcome(asked.takeRole({ grantId: grant.id }, { ifMatch: grant.version }))).toBe("ok");
    expect(await outcome(asked.takeRole({ grantId: grant.id }, { ifMatch: grant.version }))).toBe(
      "not_found not_found",
    );
    expect(claimsOf(await world.token(worker, org.id))["roles"]).toEqual([`member:${org.id}`]);
  });

  test("[R19] a taken role stops working here at once, with the token that still claims it", async () => {
    // Before it heard its own heartbeat identity is not ready: what it read until then may count a moment longer.
    await world.ready();
    const second = await join("second-admin@example.org", "admin");
    const theirs = await world.as(second, org.id);
    expect(await outcome(theirs.listColleagues({}))).toBe("ok");
    const asked = await world.as(org.admin, org.id);
    const { items } = await asked.listColleagues({ limit: 200 });
    const grant = items.find(({ userId }) => userId === second.userId)?.grants.find(({ role }) => role === "admin");
    await asked.takeRole({ grantId: grant?.id ?? "" }, { ifMatch: grant?.version ?? 0 });
    await expect.poll(() => outcome(theirs.listColleagues({})), { timeout: 1_000, interval: 20 }).not.toBe("ok");
  });

  test.each([
    ["a member", "member", undefined, "admin", undefined],
    ["a creator", "creator", undefined, "member", undefined],
    ["a manager, in the organisation", "manager", "project", "member", undefined],
    ["a reporter, in their own project", "reporter", "project", "observer", "project"],
    ["an observer, in their own project", "observer", "project", "observer", "project"],
  ])("%s gives none", async (_who, role, on, given, where) => {
    const giver = await join(`${role}-${given}@example.org`, role, on === undefined ? undefined : project);
    const other = await join(`other-${role}-${given}@example.org`, "member");
    const asked = await world.as(giver, org.id);
    const scope = where === undefined ? {} : { scope: project };
    for (const userId of [other.userId, giver.userId]) {
      expect(await outcome(asked.giveRole({ userId, role: given as "admin", ...scope }))).toMatch(
        /^(forbidden|not_found)/,
      );
    }
    expect(
      await outcome(asked.inviteColleague({ email: "friend@example.org", role: given as "admin", ...scope })),
    ).toMatch(/^(forbidden|not_found)/);
  });

  test("[R15] a manager gives roles in their own project, and in no other, as the switch says", async () => {
    const manager = await join("manager1@example.org", "manager", project);
    const other = await join("other1@example.org", "member");
    const elsewhere = world.newId("prj");
    world.elsewhere.projects.set(elsewhere, { organisationId: org.id });
    const asked = await world.as(manager, org.id);
    expect(await outcome(asked.giveRole({ userId: other.userId, role: "reporter", scope: project }))).toBe("ok");
    expect(await outcome(asked.giveRole({ userId: other.userId, role: "reporter", scope: project }))).toBe(
      "conflict already_granted",
    );
    expect(await outcome(asked.giveRole({ userId: other.userId, role: "reporter", scope: elsewhere }))).toMatch(
      /^not_found/,
    );
    const admin = await world.as(org.admin, org.id);
    const { version } = await admin.getOrganisation({});
    await admin.updateOrganisation({ managersGiveRoles: false }, { ifMatch: version });
    await expect
      .poll(() => outcome(asked.giveRole({ userId: other.userId, role: "observer", scope: project })), {
        timeout: 2_000,
      })
      .toMatch(/^forbidden/);
    const again = await admin.getOrganisation({});
    await admin.updateOrganisation({ managersGiveRoles: true }, { ifMatch: again.version });
  });

  test.each([
    [
      "a scope that is not there",
      { role: "manager", scope: "prj_01890000-0000-7000-8000-00000000000f" },
      "not_found scope_not_found",
    ],
    ["a role on the wrong kind of scope", { role: "folder_manager", scope: "PROJECT" }, "invalid role_scope_mismatch"],
    ["an organisation role on a project", { role: "admin", scope: "PROJECT" }, "invalid role_scope_mismatch"],
    [
      "a contact that is not seen",
      { role: "contact_updates", scope: "con_01890000-0000-7000-8000-00000000000f" },
      "not_found scope_not_found",
    ],
  ])("%s is refused", async (_name, request, expected) => {
    const asked = await world.as(org.admin, org.id);
    const scope = request.scope === "PROJECT" ? project : request.scope;
    const given = { userId: org.admin.userId, role: request.role as "manager", scope };
    expect(await outcome(asked.giveRole(given))).toBe(expected);
  });

  test("a board and a project that do not belong together are not found", async () => {
    const [board, elsewhere] = [world.newId("brd"), world.newId("prj")];
    world.elsewhere.boards.set(board, project);
    const worker = await join("worker2@example.org", "member");
    const asked = await world.as(org.admin, org.id);
    const request = { userId: worker.userId, role: "board_member" as const, scope: board };
    expect(await outcome(asked.giveRole({ ...request, projectId: elsewhere }))).toBe("not_found scope_not_found");
    expect(await asked.giveRole({ ...request, projectId: project })).toMatchObject({
      scope: board,
      projectId: project,
    });
  });

  test("nobody is found who holds nothing in the organisation", async () => {
    const stranger = await world.person("stranger1@example.org");
    const asked = await world.as(org.admin, org.id);
    expect(await outcome(asked.giveRole({ userId: stranger.userId, role: "member" }))).toBe("not_found user_not_found");
    expect(await outcome(asked.giveRole({ userId: world.newId("usr"), role: "member" }))).toBe(
      "not_found user_not_found",
    );
  });

  test("nobody changes what they themselves see of a contact", async () => {
    const contact = world.newId("con");
    world.elsewhere.contacts.set(contact, [project]);
    const manager = await join("manager2@example.org", "manager", project);
    const asked = await world.as(manager, org.id);
    expect(await outcome(asked.giveRole({ userId: manager.userId, role: "contact_updates", scope: contact }))).toBe(
      "forbidden beyond_own_powers",
    );
    const lowered = { userId: org.admin.userId, role: "contact_headline" as const, scope: contact };
    const { id: grantId, version: ifMatch } = await asked.giveRole(lowered);
    const theirs = await world.as(org.admin, org.id);
    const expiresAt = new Date(Date.now() + 60_000).toISOString();
    expect(await outcome(theirs.takeRole({ grantId }, { ifMatch }))).toBe("forbidden beyond_own_powers");
    expect(await outcome(theirs.setRoleExpiry({ grantId, expiresAt }, { ifMatch }))).toBe(
      "forbidden beyond_own_powers",
    );
  });

  test("a role here gives nothing there", async () => {
    const other = await world.organisation("Elsewhere");
    const asked = await world.as(other.admin, other.id);
    const mine = await (await world.as(org.admin, org.id)).listColleagues({ limit: 200 });
    const grant = mine.items[0]?.grants[0];
    expect(await outcome(asked.takeRole({ grantId: grant?.id ?? "" }, { ifMatch: grant?.version ?? 0 }))).toBe(
      "not_found not_found",
    );
    await expect(world.token(other.admin, org.id)).rejects.toThrow("invalid_target");
  });
});

describe("[R12] with redacted access", () => {
  test("the last direct manager of a project names a successor first, whoever takes the role", async () => {
    const { id, admin } = await world.organisation("Redacted");
    const project = world.newId("prj");
    world.elsewhere.projects.set(project, { organisationId: id });
    const joining = { organisationId: id, admin, role: "manager", scope: project };
    const [first, second] = [
      await world.colleague({ ...joining, email: "rm1@example.org" }),
      await world.colleague({ ...joining, email: "rm2@example.org" }),
    ];
    const organisations = world.database.collection<{ _id: string }>("organisations");
    await organisations.updateOne({ _id: id }, { $set: { "switches.redactedAccess": true } });
    const asked = await world.as(admin, id);
    const { items } = await asked.listColleagues({ limit: 200 });
    const take = (userId: string) => {
      const grant = items.find((item) => item.userId === userId)?.grants.find(({ role }) => role === "manager");
      return outcome(asked.takeRole({ grantId: grant?.id ?? "" }, { ifMatch: grant?.version ?? 0 }));
    };
    expect(await take(first.userId)).toBe("ok");
    expect(await take(second.userId)).toBe("unprocessable last_manager");
    expect(await outcome(asked.giveRole({ userId: first.userId, role: "manager", scope: project }))).toMatch(
      /^forbidden/,
    );
  });
});

describe("[R1] the last admin", () => {
  test("stays", async () => {
    const { id, admin } = await world.organisation("Alone");
    const asked = await world.as(admin, id);
    const grant = (await asked.listColleagues({})).items[0]?.grants[0];
    const leave = () => outcome(asked.takeRole({ grantId: grant?.id ?? "" }, { ifMatch: grant?.version ?? 0 }));
    expect(await leave()).toBe("unprocessable last_admin");
    // Who cannot log in stays behind for nobody.
    const second = await world.colleague({ organisationId: id, admin, email: "disabled@example.org", role: "admin" });
    const users = world.database.collection<{ _id: string }>("users");
    await users.updateOne({ _id: second.userId }, { $set: { enabled: false } });
    expect(await leave()).toBe("unprocessable last_admin");
  });

  test("stays when two remove each other at the same moment", async () => {
    const { id, admin } = await world.organisation("Two");
    const second = await world.colleague({ organisationId: id, admin, email: "two@example.org", role: "admin" });
    const [one, two] = [await world.as(admin, id), await world.as(second, id)];
    const grants = (await one.listColleagues({})).items.map(({ userId, grants: held }) => ({ userId, grant: held[0] }));
    const take = (by: typeof one, userId: string) => {
      const grant = grants.find((held) => held.userId === userId)?.grant;
      return outcome(by.takeRole({ grantId: grant?.id ?? "" }, { ifMatch: grant?.version ?? 0 }));
    };
    const outcomes = await Promise.all([take(one, second.userId), take(two, admin.userId)]);
    expect(outcomes.filter((ended) => ended === "ok")).toHaveLength(1);
    const left = await world.database
      .collection("grants")
      .countDocuments({ organisationId: id, role: "admin", removed: false });
    expect(left).toBe(1);
  });
});

test("[R1] [R19] what an admin does at the moment at which their role is taken is done before it, or not at all", async () => {
  const { id, admin } = await world.organisation("Racing");
  const second = await world.colleague({ organisationId: id, admin, email: "racing@example.org", role: "member" });
  const worker = await world.colleague({ organisationId: id, admin, email: "raced@example.org", role: "member" });
  const [asked, { userId }] = [await world.as(admin, id), worker];
  const grants = world.database.collection<{ _id: string; grantsVersion: number }>("grants");
  const versionOf = async (grantId: string) => (await grants.findOne({ _id: grantId }))?.grantsVersion ?? 0;
  for (let round = 0; round < 3; round += 1) {
    const power = await asked.giveRole({ userId: second.userId, role: "admin" });
    const held = await asked.giveRole({ userId, role: "creator" });
    const theirs = await world.as(second, id);
    const given = world.newId("grn");
    const project = world.newId("prj");
    world.elsewhere.projects.set(project, { organisationId: id });
    const [taken, gave, took] = await Promise.all([
      outcome(asked.takeRole({ grantId: power.id }, { ifMatch: power.version })),
      outcome(theirs.giveRole({ id: given, userId, role: "observer", scope: project })),
      outcome(theirs.takeRole({ grantId: held.id }, { ifMatch: held.version })),
    ]);
    expect(taken).toBe("ok");
    const endedAt = await versionOf(power.id);
    if (gave === "ok") expect(await versionOf(given)).toBeLessThan(endedAt);
    else expect(await grants.countDocuments({ _id: given })).toBe(0);
    if (took === "ok") expect(await versionOf(held.id)).toBeLessThan(endedAt);
    else await asked.takeRole({ grantId: held.id }, { ifMatch: held.version });
  }
});
