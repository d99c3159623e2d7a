import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type IdentityWorld, outcome, type Person, secretMailedTo, startIdentityWorld } from "./identity-world.ts";
import { claimsOf } from "./login-world.ts";

let world: IdentityWorld;
let org: { id: string; admin: Person };
let project: string;

beforeAll(async () => {
  world = await startIdentityWorld();
  org = await world.organisation("Enrolling");
  project = world.newId("prj");
  world.elsewhere.projects.set(project, { organisationId: org.id });
}, 120_000);
afterAll(() => world?.stop());

interface Enrolled {
  participationId: string;
  contactId: string;
  boardId: string;
  email: string;
}

function enrolment(email: string): Enrolled {
  return { participationId: world.newId("par"), contactId: world.newId("con"), boardId: world.newId("brd"), email };
}

const reserve = ({ participationId, contactId, email }: Enrolled, actorId = org.admin.userId) =>
  world.from("contacts").reserveAccount({
    participationId,
    organisationId: org.id,
    projectId: project,
    contactId,
    email,
    name: "Pat Client",
    actorId,
  });

const put = (
  of: Enrolled,
  userId: string,
  more: { version: number; state?: "active" | "paused" | "ended"; level?: "see" | "share" | "discuss" },
) =>
  world.from("contacts").putParticipantRole({
    organisationId: org.id,
    userId,
    projectId: project,
    participant: { ...of, level: more.level ?? "discuss", peerReview: false, state: more.state ?? "active" },
    version: more.version,
  });

const grantsOf = (userId: string) => world.from("gateway").readGrants({ organisationId: org.id, userId });

describe("[C2] an enrolment", () => {
  test("reserves, invites, is accepted and gives the role, each step as often as it likes", async () => {
    const of = enrolment("pat@example.org");
    const first = await reserve(of);
    expect(await reserve(of)).toEqual(first);
    expect(world.mails.some(({ to }) => to === of.email)).toBe(false);
    const contacts = world.from("contacts");
    await contacts.inviteParticipant({ participationId: of.participationId });
    await contacts.inviteParticipant({ participationId: of.participationId });
    const mailed = world.mails.filter(({ to, template }) => to === of.email && template === "participant_invitation");
    expect(mailed).toHaveLength(1);
    expect(mailed[0]?.values["link"]).toMatch(new RegExp(`^${world.origin}/invitations#[A-Za-z0-9_-]{43}$`));
    const pat = await world.person(of.email);
    expect(await world.accept(pat)).toMatchObject({
      organisationId: org.id,
      role: "participant",
      scope: project,
      participationId: of.participationId,
    });
    expect(world.elsewhere.accepted).toContainEqual({ participationId: of.participationId, userId: pat.userId });
    expect((await (await world.as(pat)).getMe({})).name).toBe("Pat Client");
    await put(of, pat.userId, { version: 3 });
    await put(of, pat.userId, { version: 3 });
    const { grants, enabled } = await grantsOf(pat.userId);
    expect(enabled).toBe(true);
    expect(grants).toMatchObject([
      { role: "participant", scope: project, projectId: project, participant: { level: "discuss", state: "active" } },
    ]);
    expect(claimsOf(await world.token(pat, org.id))["roles"]).toEqual([`participant:${project}`]);
  });

  test("[R8] an older version of a participation changes nothing, a newer one does", async () => {
    const of = enrolment("versions@example.org");
    const person = await world.person(of.email);
    await put(of, person.userId, { version: 5, level: "share" });
    await put(of, person.userId, { version: 4, level: "discuss" });
    expect((await grantsOf(person.userId)).grants[0]?.participant?.level).toBe("share");
    await put(of, person.userId, { version: 6, state: "ended" });
    expect((await grantsOf(person.userId)).grants[0]?.participant?.state).toBe("ended");
  });

  test("the role is not taken, nor set to end: it ends with the participation, and is nobody's elsewhere", async () => {
    const of = enrolment("stays@example.org");
    const person = await world.person(of.email);
    await put(of, person.userId, { version: 1 });
    const [grant] = (await grantsOf(person.userId)).grants;
    const [grantId, at] = [grant?.id ?? "", { ifMatch: grant?.version ?? 0 }];
    const expiresAt = new Date(Date.now() + 60_000).toISOString();
    const admin = await world.as(org.admin, org.id);
    expect(await outcome(admin.takeRole({ grantId }, at))).toBe("unprocessable ends_with_participation");
    expect(await outcome(admin.setRoleExpiry({ grantId, expiresAt }, at))).toBe(
      "unprocessable ends_with_participation",
    );
    const other = await world.organisation("Elsewhere");
    const there = await world.as(other.admin, other.id);
    expect(await outcome(there.takeRole({ grantId }, at))).toBe("not_found not_found");
    expect(await outcome(there.setRoleExpiry({ grantId, expiresAt }, at))).toBe("not_found not_found");
    expect((await grantsOf(person.userId)).grants).toEqual([grant]);
  });

  test("a participation belongs to one account", async () => {
    const of = enrolment("mine@example.org");
    const [mine, other] = [await world.person(of.email), await world.person("other-account@example.org")];
    await put(of, mine.userId, { version: 1 });
    expect(await outcome(put(of, other.userId, { version: 2 }))).toBe("conflict other_account");
    expect(await outcome(put(enrolment("none@example.org"), world.newId("usr"), { version: 1 }))).toBe(
      "not_found user_not_found",
    );
  });

  test("is accepted by its address alone, and contacts hears of nobody else", async () => {
    const of = enrolment("chosen@example.org");
    await reserve(of);
    await world.from("contacts").inviteParticipant({ participationId: of.participationId });
    const thief = await world.person("thief2@example.org");
    expect(await outcome(world.accept(thief, of.email))).toBe("not_found invitation_not_found");
    expect(world.elsewhere.accepted.some(({ participationId }) => participationId === of.participationId)).toBe(false);
  });

  test("[R21] is invited again with a new link and full time, within bounds, and by whoever did it", async () => {
    const of = enrolment("again@example.org");
    const contacts = world.from("contacts");
    const renew = (actorId = org.admin.userId) =>
      outcome(contacts.renewParticipantInvitation({ participationId: of.participationId, actorId }));
    expect(await renew()).toBe("not_found not_found");
    await reserve(of);
    expect(await renew()).toBe("not_found not_found");
    await contacts.inviteParticipant({ participationId: of.participationId });
    const first = secretMailedTo(world.mails, of.email);
    expect(await renew()).toBe("rate_limited too_many_invitations");
    const stored = () => world.database.collection("invitations");
    const long = { sentAt: new Date(0), expiresAt: new Date(Date.now() - 1_000) };
    await stored().updateOne({ participationId: of.participationId }, { $set: long });
    const pat = await world.person(of.email);
    expect(await outcome(world.accept(pat))).toBe("gone invitation_expired");
    const other = await world.colleague({
      ...{ organisationId: org.id, admin: org.admin, email: "second@example.org", role: "manager", scope: project },
    });
    expect(await renew(other.userId)).toBe("ok");
    const second = secretMailedTo(world.mails, of.email);
    expect(second).not.toBe(first);
    const account = await world.as(pat);
    expect(await outcome(account.acceptInvitation({ token: first }))).toBe("not_found invitation_not_found");
    expect(await outcome(account.acceptInvitation({ token: second }))).toBe("ok");
    expect(await renew()).toBe("gone invitation_used");
    const withdrawn = enrolment("ended@example.org");
    await reserve(withdrawn);
    await contacts.releaseAccount({ participationId: withdrawn.participationId });
    const asked = { participationId: withdrawn.participationId, actorId: org.admin.userId };
    expect(await outcome(contacts.renewParticipantInvitation(asked))).toBe("gone invitation_withdrawn");
    expect(await outcome(world.from("messaging").renewParticipantInvitation(asked))).toMatch(refusedService);
  });

  test("released before it was accepted it is gone", async () => {
    const of = enrolment("released@example.org");
    await reserve(of);
    const contacts = world.from("contacts");
    await contacts.inviteParticipant({ participationId: of.participationId });
    await contacts.releaseAccount({ participationId: of.participationId });
    await contacts.releaseAccount({ participationId: of.participationId });
    const person = await world.person(of.email);
    expect(await outcome(world.accept(person))).toBe("gone invitation_withdrawn");
    await contacts.releaseAccount({ participationId: world.newId("par") });
  });

  test("not mailed yet it cannot be accepted", async () => {
    const of = enrolment("early@example.org");
    await reserve(of);
    expect(() => secretMailedTo(world.mails, of.email)).toThrow();
  });

  test("ended meanwhile it is gone", async () => {
    const of = enrolment("ended@example.org");
    await reserve(of);
    await world.from("contacts").inviteParticipant({ participationId: of.participationId });
    world.elsewhere.participationsEnded.add(of.participationId);
    const person = await world.person(of.email);
    expect(await outcome(world.accept(person))).toBe("gone invitation_withdrawn");
  });

  test("of a sender who may not enrol any more it is gone, and contacts is not told", async () => {
    const of = enrolment("orphan@example.org");
    const manager = await world.colleague({
      organisationId: org.id,
      admin: org.admin,
      email: "leaving@example.org",
      role: "manager",
      scope: project,
    });
    await reserve(of, manager.userId);
    await world.from("contacts").inviteParticipant({ participationId: of.participationId });
    const admin = await world.as(org.admin, org.id);
    const grant = (await admin.listColleagues({ limit: 200 })).items.find(({ userId }) => userId === manager.userId)
      ?.grants[0];
    await admin.takeRole({ grantId: grant?.id ?? "" }, { ifMatch: grant?.version ?? 0 });
    const person = await world.person(of.email);
    expect(await outcome(world.accept(person))).toBe("gone invitation_withdrawn");
    expect(world.elsewhere.accepted.some(({ participationId }) => participationId === of.participationId)).toBe(false);
  });

  test("a board's admin may enrol, and giving roles does not follow from that", async () => {
    const boardId = world.newId("brd");
    world.elsewhere.boards.set(boardId, project);
    const keeper = await world.colleague({
      organisationId: org.id,
      admin: org.admin,
      email: "keeper@example.org",
      role: "member",
    });
    const admin = await world.as(org.admin, org.id);
    await admin.giveRole({ userId: keeper.userId, role: "board_admin", scope: boardId, projectId: project });
    const of = enrolment("board@example.org");
    await reserve(of, keeper.userId);
    await world.from("contacts").inviteParticipant({ participationId: of.participationId });
    expect(await outcome(world.accept(await world.person(of.email)))).toBe("ok");
    const asked = await world.as(keeper, org.id);
    expect(await outcome(asked.inviteColleague({ email: "x@example.org", role: "manager", scope: project }))).toMatch(
      /^(forbidden|not_found)/,
    );
  });
});

/** A service that may not ask is a defect of that service: its client says so. */
const refusedService = /service_(not_listed|refused)|token_missing/;

describe("RPCs between services", () => {
  test.each(["projects", "progress", "messaging", "billing", "gateway"])(
    "%s takes no step of an enrolment",
    async (service) => {
      const of = enrolment("nobody@example.org");
      const asked = world.from(service);
      expect(
        await outcome(
          asked.reserveAccount({
            participationId: of.participationId,
            organisationId: org.id,
            projectId: project,
            contactId: of.contactId,
            email: of.email,
            name: "N",
            actorId: org.admin.userId,
          }),
        ),
      ).toMatch(refusedService);
      expect(await outcome(asked.inviteParticipant({ participationId: of.participationId }))).toMatch(refusedService);
      expect(await outcome(asked.releaseAccount({ participationId: of.participationId }))).toMatch(refusedService);
    },
  );

  test("a person takes no step of an enrolment", async () => {
    const asked = await world.as(org.admin, org.id);
    expect(
      await outcome(
        asked.reserveAccount({
          participationId: world.newId("par"),
          organisationId: org.id,
          projectId: project,
          contactId: world.newId("con"),
          email: "a@example.org",
          name: "A",
          actorId: org.admin.userId,
        }),
      ),
    ).toMatch(refusedService);
  });

  test("a creator's role is given once, and not again after it was taken", async () => {
    const creator = await world.colleague({
      organisationId: org.id,
      admin: org.admin,
      email: "creator@example.org",
      role: "creator",
    });
    const made = world.newId("prj");
    world.elsewhere.projects.set(made, { organisationId: org.id });
    const request = { organisationId: org.id, userId: creator.userId, role: "manager" as const, scope: made };
    await Promise.all([
      world.from("projects").giveCreatorRole(request),
      world.from("projects").giveCreatorRole(request),
    ]);
    const held = (await grantsOf(creator.userId)).grants.filter(({ scope }) => scope === made);
    expect(held).toHaveLength(1);
    const admin = await world.as(org.admin, org.id);
    await admin.takeRole({ grantId: held[0]?.id ?? "" }, { ifMatch: held[0]?.version ?? 0 });
    await world.from("projects").giveCreatorRole(request);
    expect((await grantsOf(creator.userId)).grants.filter(({ scope }) => scope === made)).toHaveLength(0);
  });

  test("users are told by id, and only those", async () => {
    const { items } = await world.from("messaging").readUsers({ userIds: [org.admin.userId, world.newId("usr")] });
    expect(items).toEqual([{ userId: org.admin.userId, name: "", email: org.admin.email, language: "en" }]);
  });

  test("nobody who is unknown has grants", async () => {
    expect(await grantsOf(world.newId("usr"))).toMatchObject({ grants: [], enabled: false });
  });
});
