import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Caller, type IdentityWorld, outcome, type Person, startIdentityWorld } from "./identity-world.ts";

let world: IdentityWorld;
let org: { id: string; admin: Person };
let admin: Caller;
let folder: string;
let project: string;

beforeAll(async () => {
  world = await startIdentityWorld();
  org = await world.organisation("Reasons");
  admin = await world.as(org.admin, org.id);
  [folder, project] = [world.newId("fld"), world.newId("prj")];
  world.elsewhere.folders.add(folder);
  world.elsewhere.projects.set(project, { organisationId: org.id, folderId: folder });
}, 120_000);
afterAll(() => world?.stop());

const whyGiven = "She runs it from May.";
const whyTaken = "He moves to the night shelter.";

function join(role: string, scope?: string): Promise<Person> {
  const email = `${world.newId("per")}@example.org`;
  return world.colleague({ organisationId: org.id, admin: org.admin, email, role, ...(scope && { scope }) });
}

const giveManager = ({ userId }: Person) =>
  admin.giveRole({ userId, role: "manager", scope: project, reason: whyGiven });

async function told(subjectId: string, by: Caller = admin) {
  const { items } = await by.listAuditEntries({ subjectId, scope: project, limit: 200 });
  return items.map(({ action, reason }) => ({ action, reason }));
}

/** In which collections of identity a text stands. */
async function placesOf(text: string): Promise<string[]> {
  const names = (await world.database.listCollections()).map(({ name }) => name);
  const holding = await Promise.all(
    names.map(async (name) => {
      const all = await world.database.collection(name).find({}).toArray();
      return JSON.stringify(all).includes(text) ? [name] : [];
    }),
  );
  return holding.flat();
}

const soon = { timeout: 20_000 };

describe("[R18] [R20] why a role was taken", () => {
  test("stays with the role and is told in the audit trail and its export, beside why it was given", async () => {
    const worker = await join("member");
    const { id: grantId, version } = await giveManager(worker);
    const taken = await admin.takeRoleWithReason({ grantId, reason: whyTaken }, { ifMatch: version });
    expect(taken).toMatchObject({ id: grantId, removed: true, reason: whyGiven, takenReason: whyTaken });
    expect(taken.version).toBeGreaterThan(version);
    const both = [
      { action: "role.taken", reason: whyTaken },
      { action: "role.given", reason: whyGiven },
    ];
    await expect.poll(() => told(worker.userId), soon).toEqual(both);
    const { text } = await admin.exportAuditEntries({
      format: "jsonl",
      subjectId: worker.userId,
      action: "role.taken",
    });
    expect(JSON.parse(text)).toMatchObject({ role: "manager", recordId: grantId, reason: whyTaken });
    // Nothing is sealed, kept as a past form or published of it: there it could never be erased.
    expect(await placesOf(whyTaken)).toEqual(["grants"]);
  });

  test("[Z1] is told to admins by an explanation from then on, of no instant before, and to its former holder never", async () => {
    const worker = await join("member");
    const { id: grantId, version, grantedAt: at } = await giveManager(worker);
    const question = { userId: worker.userId, permission: "project.edit", scope: project };
    await admin.takeRoleWithReason({ grantId, reason: whyTaken }, { ifMatch: version });
    const role = { grantId, reason: whyGiven, takenReason: whyTaken };
    const now = await admin.explainAccess(question);
    expect(now.obstacles).toMatchObject([{ kind: "role_ended", role }]);
    const then = await admin.explainAccess({ ...question, at });
    expect(then).toMatchObject({ allowed: true, by: [{ grantId, reason: whyGiven }] });
    expect(JSON.stringify(then)).not.toContain(whyTaken);
    await admin.giveRole({ userId: worker.userId, role: "observer", scope: project });
    const own = await (await world.as(worker, org.id)).explainAccess(question);
    expect(own.obstacles).toMatchObject([{ kind: "role_ended", role: { grantId } }]);
    const me = await (await world.as(worker)).getMe({});
    const read = await world.from("projects").readGrants({ organisationId: org.id, userId: worker.userId });
    expect(JSON.stringify([own, me, read])).not.toContain(whyTaken);
  });

  test("may be left out, and the role is taken once", async () => {
    const worker = await join("member");
    const { id: grantId, version: ifMatch } = await giveManager(worker);
    const all = Array.from({ length: 8 }, () => outcome(admin.takeRoleWithReason({ grantId }, { ifMatch })));
    const ended = await Promise.all(all);
    expect(ended.filter((one) => one === "ok")).toHaveLength(1);
    expect(new Set(ended)).toEqual(new Set(["ok", "not_found not_found"]));
    const once = [
      { action: "role.taken", reason: undefined },
      { action: "role.given", reason: whyGiven },
    ];
    await expect.poll(() => told(worker.userId), soon).toEqual(once);
  });

  test("is kept of nobody who is refused: the role stays as it was", async () => {
    const worker = await join("member");
    const { id: grantId, version: ifMatch } = await giveManager(worker);
    const reason = "Refused and not kept.";
    const refusal = (by: Caller, request: object = {}, condition = { ifMatch }) =>
      outcome(by.takeRoleWithReason({ grantId, reason, ...request }, condition));
    const [observer, member] = [await join("observer", project), await join("member")];
    expect(await refusal(await world.as(observer, org.id))).toBe("forbidden no_role");
    expect(await refusal(await world.as(member, org.id))).toMatch(/^(not_found|forbidden)/);
    const other = await world.organisation("Elsewhere");
    expect(await refusal(await world.as(other.admin, other.id))).toBe("not_found not_found");
    expect(await refusal(admin, {}, { ifMatch: ifMatch + 1 })).toBe("precondition_failed version_mismatch");
    expect(await refusal(admin, { reason: "x".repeat(501) })).toMatch(/^invalid/);
    expect(await refusal(admin, { grantId: world.newId("grn") })).toBe("not_found not_found");
    expect(await refusal(world.from("projects"))).toMatch(/^unauthenticated/);
    const { items } = await admin.listColleagueGrants({ userId: org.admin.userId });
    const last = items.find(({ role }) => role === "admin");
    const leaving = { grantId: last?.id ?? "" };
    expect(await refusal(admin, leaving, { ifMatch: last?.version ?? 0 })).toBe("unprocessable last_admin");
    const held = await world.database.collection("grants").findOne({ _id: grantId as never });
    expect(held).toMatchObject({ removed: false, grantsVersion: ifMatch });
    expect(await placesOf(reason)).toEqual([]);
  });

  test("[R11] is that of several changes at once, for what they take as for what they give", async () => {
    const [leaver, successor] = [await join("member"), await join("member")];
    const { id: takeGrantId } = await giveManager(leaver);
    const changes = [
      { userId: leaver.userId, takeGrantId },
      { userId: successor.userId, role: "manager" as const, scope: project },
    ];
    const { digest } = await admin.previewColleagueChanges({ changes });
    const reason = "The new year's rota.";
    await admin.changeColleagues({ changes, digest, reason });
    await expect
      .poll(() => told(leaver.userId), soon)
      .toEqual([
        { action: "role.taken", reason },
        { action: "role.given", reason: whyGiven },
      ]);
    await expect.poll(() => told(successor.userId), soon).toEqual([{ action: "role.given", reason }]);
  });

  test("[R23] is forgotten with the account of whom it is about", async () => {
    const worker = await join("member");
    const { id: grantId, version: ifMatch } = await giveManager(worker);
    const reason = "Is often ill.";
    await admin.takeRoleWithReason({ grantId, reason }, { ifMatch });
    await expect.poll(() => told(worker.userId), soon).toMatchObject([{ reason }, { reason: whyGiven }]);
    await (await world.as(worker)).closeAccount({ email: worker.email });
    expect((await told(worker.userId)).map((entry) => entry.reason)).toEqual([undefined, undefined]);
    expect(await placesOf(reason)).toEqual([]);
  });
});

describe("[R21] [R20] why somebody was invited", () => {
  test("is shown to who gives roles there until it is accepted, then the role has it; the invited person never sees it", async () => {
    const [one, other] = [`${world.newId("per")}@example.org`, `${world.newId("per")}@example.org`];
    const reason = "Stands in for Ann.";
    const shown = { role: "reporter" as const, scope: project };
    const sent = await admin.inviteColleague({ ...shown, email: one, reason });
    expect(sent).toMatchObject({ reason });
    const rows = [{ ...shown, email: other, name: "", until: "" }];
    expect(await admin.sendInvitations({ rows, reason })).toMatchObject({ items: [{ reason }] });
    expect(JSON.stringify(world.mails)).not.toContain(reason);
    await expect.poll(() => world.mails.filter(({ to }) => to === other).length, soon).toBe(1);
    for (const email of [one, other]) {
      const person = await world.person(email);
      await world.accept(person);
      await expect.poll(() => told(person.userId), soon).toContainEqual({ action: "role.given", reason });
      expect(JSON.stringify(await (await world.as(person)).getMe({}))).not.toContain(reason);
    }
    const { items } = await admin.listInvitations({ state: "accepted", limit: 200 });
    expect(JSON.stringify(items)).not.toContain(reason);
    expect(await placesOf(reason)).toEqual(["grants"]);
  });

  test("is kept of no invitation that is refused", async () => {
    const reason = "Not to be kept.";
    const observer = await world.as(await join("observer", project), org.id);
    const asked = { email: "nobody@example.org", role: "reporter" as const, scope: project };
    expect(await outcome(observer.inviteColleague({ ...asked, reason }))).toMatch(/^forbidden/);
    expect(await outcome(admin.inviteColleague({ ...asked, reason: "x".repeat(501) }))).toMatch(/^invalid/);
    expect(await placesOf(reason)).toEqual([]);
  });
});

describe("[R16] [R20] why a folder manager's right was given back", () => {
  test("stays with it and is told in the audit trail, as why it was withheld; refusals keep nothing", async () => {
    const manager = await join("folder_manager", folder);
    const { userId } = manager;
    const right = await admin.withholdRight({ projectId: project, userId, reason: "Her sister takes part." });
    const request = { withheldRightId: right.id, reason: "The sister left." };
    const ifMatch = right.version;
    const refusal = (by: Caller, condition = { ifMatch }) => outcome(by.restoreRightWithReason(request, condition));
    expect(await refusal(await world.as(manager, org.id))).toMatch(/^(forbidden no_role|not_found)/);
    const other = await world.organisation("Elsewhere too");
    expect(await refusal(await world.as(other.admin, other.id))).toBe("not_found not_found");
    expect(await refusal(admin, { ifMatch: ifMatch + 1 })).toBe("precondition_failed version_mismatch");
    expect(await placesOf(request.reason)).toEqual([]);
    const restored = await admin.restoreRightWithReason(request, { ifMatch });
    expect(restored).toMatchObject({ id: right.id, restored: true, restoredReason: request.reason });
    expect(await refusal(admin)).toBe("not_found not_found");
    await expect
      .poll(() => told(userId), soon)
      .toMatchObject([
        { action: "folder_right.restored", reason: request.reason },
        { action: "folder_right.withheld", reason: "Her sister takes part." },
      ]);
    expect(await placesOf(request.reason)).toEqual(["withheld_rights"]);
    await (await world.as(manager)).closeAccount({ email: manager.email });
    expect(await placesOf(request.reason)).toEqual([]);
  });
});
