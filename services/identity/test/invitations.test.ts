import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  type Caller,
  type IdentityWorld,
  outcome,
  type Person,
  secretMailedTo,
  startIdentityWorld,
} from "./identity-world.ts";

let world: IdentityWorld;
let org: { id: string; admin: Person };
let admin: Caller;
let folder: string;
let project: string;

beforeAll(async () => {
  world = await startIdentityWorld();
}, 120_000);
afterAll(() => world?.stop());

beforeEach(async () => {
  org = await world.organisation("Inviting");
  admin = await world.as(org.admin, org.id);
  [folder, project] = [world.newId("fld"), world.newId("prj")];
  world.elsewhere.folders.add(folder);
  world.elsewhere.projects.set(project, { organisationId: org.id, folderId: folder });
});

const atLength = { timeout: 30_000, interval: 100 };
const address = () => `${world.newId("per")}@example.org`;
const join = (role: string, scope?: string) =>
  world.colleague({
    organisationId: org.id,
    admin: org.admin,
    email: address(),
    role,
    ...(scope !== undefined && { scope }),
  });
const stored = () => world.database.collection<{ _id: string }>("invitations");
const sentLongAgo = (id: string) => stored().updateOne({ _id: id }, { $set: { sentAt: new Date(0) } });
const row = (email: string, more: object = {}) => ({ email, name: "", role: "member", scope: "", until: "", ...more });
const codes = (preview: { items: { errors: { column: string; code: string }[] }[] }) =>
  preview.items.map(({ errors }) => errors.map(({ column, code }) => `${column} ${code}`).join(", ") || "ok");

describe("[R21] an invitation that was sent", () => {
  test("is listed to those who give roles there, with its state and never its secret", async () => {
    const manager = await join("manager", project);
    const [pending, expired, withdrawn, elsewhere] = [address(), address(), address(), address()];
    await admin.inviteColleague({ email: pending, role: "observer", scope: project });
    const late = await admin.inviteColleague({ email: expired, role: "observer", scope: project });
    const gone = await admin.inviteColleague({ email: withdrawn, role: "member" });
    await admin.inviteColleague({ email: elsewhere, role: "folder_manager", scope: folder });
    await stored().updateOne({ _id: late.id }, { $set: { expiresAt: new Date(0) } });
    await admin.withdrawInvitation({ invitationId: gone.id }, { ifMatch: gone.version });
    const listed = async (by: Caller, state?: "pending" | "expired" | "withdrawn" | "accepted") => {
      const { items } = await by.listInvitations({ limit: 200, ...(state !== undefined && { state }) });
      return items.map(({ email }) => email);
    };
    expect(await listed(admin, "pending")).toEqual([elsewhere, pending]);
    expect(await listed(admin, "expired")).toEqual([expired]);
    expect(await listed(admin, "withdrawn")).toEqual([withdrawn]);
    expect(await listed(admin)).toEqual(expect.arrayContaining([pending, expired, withdrawn, elsewhere]));
    expect((await listed(admin, "accepted")).length).toBe(2);
    const theirs = await world.as(manager, org.id);
    expect((await listed(theirs)).sort()).toEqual([manager.email, expired, pending].sort());
    const { items } = await theirs.listInvitations({ state: "pending" });
    expect(items).toMatchObject([{ sentBy: org.admin.userId, role: "observer", scope: project, state: "pending" }]);
    expect(JSON.stringify(await admin.listInvitations({}))).not.toContain(secretMailedTo(world.mails, pending));
    const reporter = await world.as(await join("reporter", project), org.id);
    expect(await outcome(reporter.listInvitations({}))).toBe("forbidden no_role");
    const other = await world.organisation("Elsewhere");
    expect(await listed(await world.as(other.admin, other.id))).toEqual([other.admin.email]);
  });

  test("is sent again with a new link: the old one is dead", async () => {
    const email = address();
    const { id: invitationId } = await admin.inviteColleague({ email, role: "member" });
    const old = secretMailedTo(world.mails, email);
    expect(await outcome(admin.resendInvitation({ invitationId }))).toBe("rate_limited too_many_invitations");
    await sentLongAgo(invitationId);
    await stored().updateOne({ _id: invitationId }, { $set: { expiresAt: new Date(0) } });
    const again = await admin.resendInvitation({ invitationId });
    expect(again).toMatchObject({ id: invitationId, state: "pending", sentBy: org.admin.userId });
    const fresh = secretMailedTo(world.mails, email);
    expect(fresh).not.toBe(old);
    const person = await world.person(email);
    const account = await world.as(person);
    expect(await outcome(account.acceptInvitation({ token: old }))).toBe("not_found invitation_not_found");
    expect(await outcome(account.acceptInvitation({ token: fresh }))).toBe("ok");
    expect(await outcome(admin.resendInvitation({ invitationId }))).toBe("gone invitation_used");
  });

  test("is sent again ten times at most", async () => {
    const { id: invitationId } = await admin.inviteColleague({ email: address(), role: "member" });
    await sentLongAgo(invitationId);
    await stored().updateOne({ _id: invitationId }, { $set: { round: 9 } });
    expect(await outcome(admin.resendInvitation({ invitationId }))).toBe("rate_limited too_many_invitations");
  });

  test("carries the powers of who sent it last", async () => {
    const second = await join("admin");
    const email = address();
    const theirs = await world.as(second, org.id);
    const { id: invitationId } = await theirs.inviteColleague({ email, role: "admin" });
    const { items } = await admin.listColleagueGrants({ userId: second.userId });
    await admin.takeRole({ grantId: items[0]?.id ?? "" }, { ifMatch: items[0]?.version ?? 0 });
    await sentLongAgo(invitationId);
    await admin.resendInvitation({ invitationId });
    const person = await world.person(email);
    expect(await outcome(world.accept(person))).toBe("ok");
  });

  test("is withdrawn: nobody accepts it, and it is not sent again", async () => {
    const email = address();
    const { id: invitationId, version } = await admin.inviteColleague({ email, role: "member" });
    expect(await outcome(admin.withdrawInvitation({ invitationId }, { ifMatch: version + 1 }))).toBe(
      "precondition_failed version_mismatch",
    );
    expect(await outcome(admin.withdrawInvitation({ invitationId }, { ifMatch: version }))).toBe("ok");
    const person = await world.person(email);
    expect(await outcome(world.accept(person))).toBe("gone invitation_withdrawn");
    await sentLongAgo(invitationId);
    expect(await outcome(admin.resendInvitation({ invitationId }))).toBe("gone invitation_withdrawn");
    expect(await outcome(admin.withdrawInvitation({ invitationId }, { ifMatch: version + 1 }))).toBe(
      "gone invitation_withdrawn",
    );
  });

  test("accepted and withdrawn at the same moment is one of both", async () => {
    const email = address();
    const { id: invitationId, version } = await admin.inviteColleague({ email, role: "member" });
    const person = await world.person(email);
    const account = await world.as(person);
    const token = secretMailedTo(world.mails, email);
    const [accepted, withdrawn] = await Promise.all([
      outcome(account.acceptInvitation({ token })),
      outcome(admin.withdrawInvitation({ invitationId }, { ifMatch: version })),
    ]);
    expect([accepted, withdrawn].filter((ended) => ended === "ok")).toHaveLength(1);
    const held = { organisationId: org.id, userId: person.userId, removed: false };
    expect(await world.database.collection("grants").countDocuments(held)).toBe(accepted === "ok" ? 1 : 0);
  });

  test("is nobody's who may not give that role there", async () => {
    const { id: invitationId, version } = await admin.inviteColleague({ email: address(), role: "member" });
    await sentLongAgo(invitationId);
    const manager = await world.as(await join("manager", project), org.id);
    const other = await world.organisation("Elsewhere");
    const there = await world.as(other.admin, other.id);
    for (const [by, expected] of [
      [manager, "forbidden no_role"],
      [there, "not_found not_found"],
    ] as const) {
      expect(await outcome(by.resendInvitation({ invitationId }))).toBe(expected);
      expect(await outcome(by.withdrawInvitation({ invitationId }, { ifMatch: version }))).toBe(expected);
    }
    expect(await outcome(admin.resendInvitation({ invitationId: world.newId("inv") }))).toBe("not_found not_found");
  });

  test("of a participant is sent again by who enrols, and ends with the participation", async () => {
    const [participationId, contactId, email] = [world.newId("par"), world.newId("con"), address()];
    const contacts = world.from("contacts");
    const reserved = { participationId, organisationId: org.id, projectId: project, contactId, email, name: "Ada" };
    const { invitationId } = await contacts.reserveAccount({ ...reserved, actorId: org.admin.userId });
    expect(await outcome(admin.resendInvitation({ invitationId }))).toBe("not_found not_found");
    await contacts.inviteParticipant({ participationId, projectTitle: "" });
    await sentLongAgo(invitationId);
    const old = secretMailedTo(world.mails, email);
    await admin.resendInvitation({ invitationId });
    expect(secretMailedTo(world.mails, email)).not.toBe(old);
    expect(await outcome(admin.withdrawInvitation({ invitationId }, { ifMatch: 1 }))).toBe(
      "unprocessable ends_with_participation",
    );
    expect((await admin.listInvitations({})).items.map((one) => one.id)).not.toContain(invitationId);
    const reporter = await world.as(await join("reporter", project), org.id);
    expect(await outcome(reporter.resendInvitation({ invitationId }))).toBe("forbidden no_role");
  });
});

describe("[R21] many at once", () => {
  test("are read from CSV as a spreadsheet writes it, with what is wrong by row and column", async () => {
    const csv = [
      "\u{FEFF}E-mail;Name;Role;Scope;Until",
      'ada@example.org;"Lovelace; Ada";member;;',
      `grace@example.org;=HYPERLINK(1);Observer;${project};2099-12-31`,
      "",
      "ada@example.org;Twice;member;;",
      "not an address;;member;;",
      ";;;;",
      ";Nameless;member;;",
      "=cmd@example.org;;member;;",
      "kim@example.org;;emperor;;",
      "kim@example.org;;manager;;",
      `kim@example.org;;admin;${project};`,
      `kim@example.org;;observer;${world.newId("prj")};`,
      "kim@example.org;;member;;2001-01-01",
      "kim@example.org;;member;;soon",
    ].join("\r\n");
    const preview = await admin.previewInvitations({ csv });
    expect(codes(preview)).toEqual([
      "ok",
      "ok",
      "email duplicate",
      "email format",
      "email missing",
      "email formula",
      "role not_allowed",
      "scope missing",
      "scope not_allowed",
      "scope not_found",
      "until in_past",
      "until format",
    ]);
    expect(preview.ready).toBe(2);
    expect(preview.items[0]).toMatchObject({ line: 2, row: { email: "ada@example.org", name: "Lovelace; Ada" } });
    expect(preview.items[1]?.row).toMatchObject({ name: "HYPERLINK(1)", role: "observer" });
    expect(preview.items[2]?.line).toBe(5);
    expect(await stored().countDocuments({ organisationId: org.id, kind: "colleague" })).toBe(0);
  });

  test.each([
    [
      "no line of names",
      "ada@example.org,member\n",
      ["file unknown_column", "file unknown_column", "email missing", "role missing"],
    ],
    ["a column that is not known", "email,role,__proto__\na@b.example,member,x\n", ["file unknown_column"]],
    ["a column twice", "email,role,email\n", ["file repeated_column"]],
    ["no role", "email\na@b.example\n", ["role missing"]],
    ["a quote that does not end", 'email,role\n"a@b.example,member\n', ["file malformed"]],
    ["a row without end", `email,role\n${"x".repeat(20_000)},member\n`, ["file malformed"]],
    ["nothing", "", ["email missing", "role missing"]],
  ])("with %s are refused as a list", async (_, csv, expected) => {
    const { errors, items } = await admin.previewInvitations({ csv });
    expect(errors.map(({ column, code }) => `${column} ${code}`)).toEqual(expected);
    expect(items).toEqual([]);
    expect(JSON.stringify(errors)).not.toMatch(/a@b|__proto__/);
  });

  test("are sent, mailed and accepted under their name; the same request again sends nothing again", async () => {
    const rows = [
      row(address(), { name: "Ada L" }),
      row(address(), { role: "observer", scope: project, until: "2099-12-31" }),
    ];
    const idempotencyKey = world.newId("key");
    const sent = await admin.sendInvitations({ rows }, { idempotencyKey });
    expect(sent.items).toMatchObject([
      { email: rows[0]?.email, role: "member", state: "pending" },
      { email: rows[1]?.email, role: "observer", scope: project, roleExpiresAt: "2099-12-31T23:59:59.999Z" },
    ]);
    const again = await admin.sendInvitations({ rows }, { idempotencyKey });
    expect(again.items.map(({ id }) => id)).toEqual(sent.items.map(({ id }) => id));
    expect(await stored().countDocuments({ organisationId: org.id, kind: "colleague" })).toBe(2);
    const isMailed = () => rows.every(({ email }) => world.mails.some(({ to }) => to === email));
    await expect.poll(isMailed, atLength).toBe(true);
    const person = await world.person(rows[0]?.email ?? "");
    await world.accept(person);
    expect(await (await world.as(person)).getMe({})).toMatchObject({ name: "Ada L" });
  });

  test("are sent all or not at all", async () => {
    const rows = [row(address()), row("nobody"), row(address(), { role: "observer", scope: world.newId("prj") })];
    expect(await outcome(admin.sendInvitations({ rows }))).toBe("invalid rows_refused");
    expect(await stored().countDocuments({ organisationId: org.id, kind: "colleague" })).toBe(0);
    expect(await outcome(admin.sendInvitations({ rows: Array.from({ length: 501 }, () => row(address())) }))).toMatch(
      /^invalid/,
    );
  });

  test("are capped at the sender's powers, when sent and when accepted", async () => {
    const manager = await join("manager", project);
    const theirs = await world.as(manager, org.id);
    const mine = row(address(), { role: "reporter", scope: project });
    const beyond = [
      row(address(), { role: "admin" }),
      row(address(), { role: "folder_manager", scope: folder }),
      row(address(), { role: "reporter", scope: world.newId("prj") }),
    ];
    expect(codes(await theirs.previewInvitations({ rows: [mine, ...beyond] }))).toEqual([
      "ok",
      "role not_allowed",
      expect.stringMatching(/role not_allowed|scope not_found/),
      "scope not_found",
    ]);
    for (const one of beyond)
      expect(await outcome(theirs.sendInvitations({ rows: [mine, one] }))).toBe("invalid rows_refused");
    await theirs.sendInvitations({ rows: [mine] });
    await expect.poll(() => world.mails.some(({ to }) => to === mine.email), atLength).toBe(true);
    const { items } = await admin.listColleagueGrants({ userId: manager.userId });
    await admin.takeRole({ grantId: items[0]?.id ?? "" }, { ifMatch: items[0]?.version ?? 0 });
    const person = await world.person(mine.email);
    expect(await outcome(world.accept(person))).toBe("gone invitation_withdrawn");
  });

  test("show no difference between who is registered, a colleague already, or unknown", async () => {
    const [known, colleague] = [await world.person(address()), await join("member")];
    const rows = [row(known.email), row(colleague.email), row(address())];
    const preview = await admin.previewInvitations({ rows });
    expect(codes(preview)).toEqual(["ok", "ok", "ok"]);
    const { items } = await admin.sendInvitations({ rows });
    const [first, ...others] = items.map(({ id: _id, email: _email, version: _version, ...told }) => told);
    for (const other of others) expect(other).toEqual(first);
    await expect.poll(() => rows.every(({ email }) => world.mails.some(({ to }) => to === email)), atLength).toBe(true);
    const bodies = rows.map(({ email }) =>
      world.mails.findLast(({ to, template }) => to === email && template.endsWith("_invitation")),
    );
    expect(new Set(bodies.map((mail) => Object.keys(mail?.values ?? {}).join())).size).toBe(1);
    expect(await outcome(world.accept(known))).toBe("ok");
    expect(await outcome(world.accept(colleague))).toBe("ok");
  });

  test("that were sent already are told from their invitations, not from accounts", async () => {
    const email = address();
    await admin.inviteColleague({ email, role: "member" });
    expect(codes(await admin.previewInvitations({ rows: [row(email), row(email, { role: "creator" })] }))).toEqual([
      "email already_invited",
      "ok",
    ]);
  });
});

describe("[R21] a flood of invitations", () => {
  const spent = (count: number) =>
    world.database.collection<{ _id: string }>("invitation_quotas").insertOne({
      _id: `${org.id}:${org.admin.userId}:${new Date().toISOString().slice(0, 10)}`,
      ...{ version: 1, count, expiresAt: new Date(Date.now() + 86_400_000) },
    });

  test("is refused, also when it comes all at once", async () => {
    await spent(995);
    const rows = [row(address()), row(address()), row(address())];
    const all = await Promise.all(
      Array.from({ length: 6 }, () => outcome(admin.inviteColleague({ email: address(), role: "member" }))),
    );
    expect(all.filter((ended) => ended === "ok")).toHaveLength(5);
    expect(all.filter((ended) => ended === "rate_limited too_many_invitations")).toHaveLength(1);
    expect(await outcome(admin.sendInvitations({ rows }))).toBe("rate_limited too_many_invitations");
    const second = await world.as(await joinAs("admin"), org.id);
    expect(await outcome(second.inviteColleague({ email: address(), role: "member" }))).toBe("ok");
  });

  /** By an invitation that was counted for another day. */
  async function joinAs(role: string): Promise<Person> {
    await world.database.collection("invitation_quotas").deleteMany({});
    const person = await join(role);
    await spent(1_000).catch(() => undefined);
    return person;
  }

  test("to one address is refused", async () => {
    const email = address();
    for (let count = 0; count < 10; count += 1)
      expect(await outcome(admin.inviteColleague({ email, role: "member" }))).toBe("ok");
    expect(await outcome(admin.inviteColleague({ email, role: "member" }))).toBe("rate_limited too_many_invitations");
  });
});
