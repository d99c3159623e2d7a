import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type Caller,
  type IdentityWorld,
  operator,
  outcome,
  type Person,
  startIdentityWorld,
} from "./identity-world.ts";

let world: IdentityWorld;
let platform: Caller;

beforeAll(async () => {
  world = await startIdentityWorld({ lookEveryMs: 500 });
  platform = await world.as(await world.person(operator), "platform");
}, 120_000);
afterAll(() => world?.stop());

/** Within a second, as the promise is, on a machine that others use too. */
const soon = { timeout: 5_000, interval: 20 };
interface Enrolment {
  organisationId: string;
  projectId: string;
  actorId: string;
}

async function isInvited(email: string, of: Enrolment) {
  const { organisationId, projectId } = of;
  const participant = { participationId: world.newId("par"), contactId: world.newId("con") };
  const contacts = world.from("contacts");
  await contacts.reserveAccount({ ...of, ...participant, email, name: "Pat Client" });
  await contacts.inviteParticipant({ participationId: participant.participationId, projectTitle: "" });
  return { organisationId, projectId, participant: { ...participant, boardId: world.newId("brd") } };
}

async function takesPart(email: string, of: Enrolment): Promise<void> {
  const { participant, ...there } = await isInvited(email, of);
  const person = await world.person(email);
  await world.accept(person);
  const allowed = { ...participant, level: "discuss" as const, peerReview: false, state: "active" as const };
  const { userId } = person;
  await world.from("contacts").putParticipantRole({ ...there, userId, participant: allowed, version: 1 });
}

const refused = (person: Person, organisationId: string) =>
  world.token(person, organisationId).then(
    () => "ok",
    (error: Error) => error.message,
  );

test("[R17] admins are told to messaging alone: those who can log in, of an organisation that is active", async () => {
  const { id, admin } = await world.organisation("Told");
  const join = (name: string, role: string) =>
    world.colleague({ organisationId: id, admin, email: `${name}@told.example`, role });
  const [second, gone] = [await join("second", "admin"), await join("gone", "admin"), await join("third", "member")];
  const told = async () => {
    const { items } = await world.from("messaging").readAdmins({ organisationId: id });
    return items.map(({ email }) => email).sort();
  };
  expect(await told()).toEqual([admin.email, gone.email, second.email].sort());
  await (await world.as(gone)).closeAccount({ email: gone.email });
  expect(await told()).toEqual([admin.email, second.email].sort());
  await platform.suspendOrganisation({ organisationId: id });
  expect(await told()).toEqual([]);
  expect(await world.from("messaging").readAdmins({ organisationId: world.newId("org") })).toMatchObject({ items: [] });
  expect(await outcome(world.from("progress").readAdmins({ organisationId: id }))).toBe("internal service_refused");
});

describe("[X7] an organisation that an operator suspends", () => {
  test("is refused at once, log-in and refresh too, and is as it was when it is resumed", async () => {
    const { id, admin } = await world.organisation("Suspended");
    const other = await world.organisation("Untouched");
    const theirs = await world.as(admin, id);
    const others = await world.as(other.admin, other.id);
    expect(await outcome(theirs.getOrganisation({}))).toBe("ok");
    expect(await platform.suspendOrganisation({ organisationId: id })).toMatchObject({ state: "suspended" });
    await expect.poll(() => outcome(theirs.getOrganisation({})), soon).toBe("unauthenticated token_invalid");
    expect(await refused(admin, id)).toContain("invalid_target");
    expect(await outcome(others.getOrganisation({}))).toBe("ok");
    const me = await (await world.as(admin)).getMe({});
    expect(me.organisations).toEqual([]);
    const { items } = await platform.listOrganisations({ limit: 200 });
    expect(items.find((one) => one.id === id)).toMatchObject({ state: "suspended" });
    expect(await outcome(platform.suspendOrganisation({ organisationId: id }))).toBe(
      "conflict organisation_not_active",
    );
    expect(await platform.resumeOrganisation({ organisationId: id })).toMatchObject({ state: "active" });
    await expect.poll(() => outcome(theirs.getOrganisation({})), soon).toBe("ok");
    expect(await refused(admin, id)).toBe("ok");
    expect(await outcome(platform.resumeOrganisation({ organisationId: id }))).toBe(
      "conflict organisation_not_suspended",
    );
  });

  test("gives and takes nothing meanwhile: its invitations are not accepted", async () => {
    const { id, admin } = await world.organisation("Inviting");
    const theirs = await world.as(admin, id);
    await theirs.inviteColleague({ email: "late@example.org", role: "member" });
    await platform.suspendOrganisation({ organisationId: id });
    const late = await world.person("late@example.org");
    expect(await outcome(world.accept(late))).toBe("gone organisation_not_active");
    await platform.resumeOrganisation({ organisationId: id });
    await expect.poll(() => outcome(world.accept(late)), soon).toBe("ok");
  });

  test("mails no invitation meanwhile, and never again once it is closed", async () => {
    const { id, admin } = await world.organisation("Silent");
    world.elsewhere.messagingIsAway = true;
    const theirs = await world.as(admin, id);
    for (const email of ["waits1@example.org", "waits2@example.org"])
      await theirs.inviteColleague({ email, role: "member" });
    await platform.suspendOrganisation({ organisationId: id });
    const waiting = () => world.database.collection("invitations").find({ organisationId: id, mailPending: true });
    const makeDue = () =>
      world.database
        .collection("invitations")
        .updateMany({ organisationId: id, mailPending: true }, { $set: { nextMailAt: new Date() } });
    // Further than after an attempt that failed: the first time waits for those that are under way.
    const isPutOff = async () =>
      (await waiting().toArray()).every(({ nextMailAt }) => nextMailAt.getTime() > Date.now() + 40_000);
    for (const isAway of [true, false]) {
      world.elsewhere.messagingIsAway = isAway;
      await makeDue();
      await expect.poll(isPutOff, { timeout: 20_000 }).toBe(true);
    }
    await platform.closeOrganisation({ organisationId: id, name: "Silent" });
    await makeDue();
    await expect.poll(async () => (await waiting().toArray()).length, { timeout: 20_000 }).toBe(0);
    expect(world.mails.filter(({ to }) => to.startsWith("waits"))).toEqual([]);
  });

  test("is told to every service, with its state", async () => {
    const { id } = await world.organisation("Told");
    await platform.suspendOrganisation({ organisationId: id });
    const read = await world.from("billing").readGrants({ organisationId: id, userId: world.newId("usr") });
    expect(read.enabled).toBe(false);
    const entries = world.database.collection("audit_entries");
    const found = async () => (await entries.find({ organisationId: id }).toArray()).map(({ action }) => action);
    await expect.poll(found, soon).toContain("organisation.suspended");
  });
});

describe("[X7] an organisation that an operator closes", () => {
  test("is refused for good", async () => {
    const { id, admin } = await world.organisation("Closed");
    const theirs = await world.as(admin, id);
    expect(await outcome(theirs.getOrganisation({}))).toBe("ok");
    expect(await outcome(platform.closeOrganisation({ organisationId: id, name: "Other" }))).toBe(
      "invalid name_mismatch",
    );
    expect(await platform.closeOrganisation({ organisationId: id, name: "Closed" })).toMatchObject({ state: "closed" });
    await expect.poll(() => outcome(theirs.getOrganisation({})), soon).toBe("unauthenticated token_invalid");
    const again = [
      platform.resumeOrganisation({ organisationId: id }),
      platform.suspendOrganisation({ organisationId: id }),
      platform.closeOrganisation({ organisationId: id, name: "Closed" }),
      platform.exportOrganisation({ organisationId: id }),
    ];
    for (const asked of again) expect(await outcome(asked)).toMatch(/^conflict organisation_/);
    expect(await refused(admin, id)).toContain("invalid_target");
  });
});

describe("[X7] the export of an organisation", () => {
  /** Every line that an admin reads, part by part. */
  async function lines(by: Caller, exportId: string): Promise<Record<string, unknown>[]> {
    const read: string[] = [];
    let cursor = "";
    for (let part = 0; part < 50; part += 1) {
      const page = await by.readOrganisationExport({ exportId, cursor });
      read.push(...page.lines);
      cursor = page.nextCursor;
      if (cursor === "") return read.map((line) => JSON.parse(line));
    }
    throw new Error("never ends");
  }

  test("is opened by an operator, who reads nothing of it, and read by the organisation's admins alone", async () => {
    const { id, admin } = await world.organisation("Leaving");
    await world.colleague({ organisationId: id, admin, email: "friend-x@example.org", role: "member" });
    const opened = await platform.exportOrganisation({ organisationId: id });
    const theirs = await world.as(admin, id);
    expect((await theirs.listOrganisationExports({})).items).toEqual([opened]);
    const read = await lines(theirs, opened.id);
    const kinds = new Set(read.map(({ kind }) => kind));
    expect([...kinds].slice(0, 4)).toEqual(["organisation", "person", "grant", "invitation"]);
    expect(
      read
        .filter(({ kind }) => kind === "person")
        .map(({ email }) => email)
        .sort(),
    ).toEqual([admin.email, "friend-x@example.org"].sort());
    expect(JSON.stringify(read)).not.toMatch(/secret/i);
    const asked = { exportId: opened.id, cursor: "" };
    expect(await outcome(platform.readOrganisationExport(asked))).toBe("forbidden no_role");
    const member = await world.as(await world.person("friend-x@example.org"), id);
    expect(await outcome(member.readOrganisationExport(asked))).toBe("forbidden no_role");
    const stranger = await world.organisation("Stranger");
    const there = await world.as(stranger.admin, stranger.id);
    expect(await outcome(there.readOrganisationExport(asked))).toBe("not_found not_found");
    expect((await there.listOrganisationExports({})).items).toEqual([]);
    expect(await outcome(theirs.readOrganisationExport({ ...asked, cursor: "person.forged" }))).toMatch(/^invalid/);
    const entries = world.database.collection("audit_entries");
    const found = async () => (await entries.find({ organisationId: id, subjectId: opened.id }).toArray()).length;
    await expect.poll(found, soon).toBe(2);
  });

  test("[R12] holds nothing of who takes part while redacted access keeps the reader from it", async () => {
    const { id, admin } = await world.organisation("Refuge");
    const [own, others] = [world.newId("prj"), world.newId("prj")];
    for (const project of [own, others]) world.elsewhere.projects.set(project, { organisationId: id });
    await (await world.as(admin, id)).giveRole({ userId: admin.userId, role: "manager", scope: own });
    const [mine, hidden, invited] = ["mine-x@example.org", "hidden-x@example.org", "invited-x@example.org"];
    await takesPart(mine, { organisationId: id, projectId: own, actorId: admin.userId });
    await takesPart(hidden, { organisationId: id, projectId: others, actorId: admin.userId });
    await isInvited(invited, { organisationId: id, projectId: others, actorId: admin.userId });
    const opened = await platform.exportOrganisation({ organisationId: id });
    const theirs = await world.as(admin, id);
    const told = async () => {
      const read = await lines(theirs, opened.id);
      const addresses = read.filter(({ kind }) => kind !== "audit_entry").map(({ email }) => email);
      const taking = read.filter(({ kind, role }) => kind === "grant" && role === "participant");
      return { addresses: new Set(addresses), taking: taking.map(({ scope }) => scope).sort() };
    };
    const open = await told();
    for (const email of [admin.email, mine, hidden, invited]) expect(open.addresses).toContain(email);
    expect(open.taking).toEqual([own, others].sort());
    await theirs.switchRedactedAccessOn({});
    await expect.poll(async () => (await told()).taking, soon).toEqual([own]);
    const { addresses } = await told();
    for (const email of [admin.email, mine]) expect(addresses).toContain(email);
    for (const email of [hidden, invited]) expect(addresses).not.toContain(email);
  });

  test("ends after its time", async () => {
    const { id, admin } = await world.organisation("Late");
    const opened = await platform.exportOrganisation({ organisationId: id });
    const past = { expiresAt: new Date(Date.now() - 1_000) };
    await world.database.collection("organisation_exports").updateOne({ _id: opened.id as never }, { $set: past });
    const theirs = await world.as(admin, id);
    expect(await outcome(theirs.readOrganisationExport({ exportId: opened.id, cursor: "" }))).toBe(
      "gone export_expired",
    );
  });
});

describe("[X7] [R21] the invitation of an organisation's first admin", () => {
  const invite = async (...emails: string[]) => {
    const organisationId = world.newId("org");
    const of = { name: "Begun", preset: "charity", timeZone: "Europe/London", language: "en" } as const;
    await platform.createOrganisation({ id: organisationId, ...of });
    const sent = [];
    for (const email of emails) sent.push(await platform.inviteFirstAdmin({ organisationId, email }));
    return { organisationId, sent };
  };
  const accepts = async (email: string) => outcome(world.accept(await world.person(email)));

  test("makes nobody an admin any more where somebody is", async () => {
    await invite("first-x@example.org", "late-x@example.org");
    expect(await accepts("first-x@example.org")).toBe("ok");
    expect(await accepts("late-x@example.org")).toBe("gone invitation_withdrawn");
  });

  test("is gone where its sender is no operator any more", async () => {
    const { organisationId, sent } = await invite("orphan-x@example.org");
    const { userId: senderId } = await world.person("billing@partake.example");
    const stored = world.database.collection<{ _id: string }>("invitations");
    await stored.updateOne({ _id: sent[0]?.id ?? "" }, { $set: { senderId } });
    expect(await accepts("orphan-x@example.org")).toBe("gone invitation_withdrawn");
    expect(await world.database.collection("grants").countDocuments({ organisationId })).toBe(0);
  });
});

test("[X7] nobody but operators of the platform does any of it", async () => {
  const { id: organisationId, admin } = await world.organisation("Own");
  const billing = await world.as(await world.person("billing@partake.example"), "platform");
  for (const by of [await world.as(admin, organisationId), billing]) {
    expect(await outcome(by.suspendOrganisation({ organisationId }))).toBe("forbidden no_role");
    expect(await outcome(by.resumeOrganisation({ organisationId }))).toBe("forbidden no_role");
    expect(await outcome(by.closeOrganisation({ organisationId, name: "Own" }))).toBe("forbidden no_role");
    expect(await outcome(by.exportOrganisation({ organisationId }))).toBe("forbidden no_role");
  }
  expect(await outcome(platform.suspendOrganisation({ organisationId: world.newId("org") }))).toBe(
    "not_found organisation_not_found",
  );
});
