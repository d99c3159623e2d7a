import type { AuditAction } from "@partake/contract";
import type { Collection, Document } from "mongodb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Caller, type IdentityWorld, outcome, type Person, startIdentityWorld } from "./identity-world.ts";

let world: IdentityWorld;
let org: { id: string; admin: Person };
let project: string;

beforeAll(async () => {
  world = await startIdentityWorld({ lookEveryMs: 200 });
  org = await world.organisation("Audited");
  project = world.newId("prj");
  world.elsewhere.projects.set(project, { organisationId: org.id });
}, 120_000);
afterAll(() => world?.stop());

type Filters = Parameters<Awaited<ReturnType<IdentityWorld["as"]>>["listAuditEntries"]>[0];

const join = (email: string, role: string, of = org) =>
  world.colleague({ organisationId: of.id, admin: of.admin, email, role });

const soon = { timeout: 20_000, interval: 100 };

async function entries(filters: Filters = {}, of = org) {
  return (await (await world.as(of.admin, of.id)).listAuditEntries({ limit: 200, ...filters })).items;
}

describe("[R20] the audit trail", () => {
  test("tells who gave and took which role, on what and why", async () => {
    const worker = await join("worker@example.org", "member");
    const admin = await world.as(org.admin, org.id);
    const asked = { userId: worker.userId, role: "manager" as const, scope: project };
    const { id, version } = await admin.giveRole({ ...asked, reason: "She runs it from May." });
    await admin.takeRole({ grantId: id }, { ifMatch: version });
    const told = () => entries({ subjectId: worker.userId, scope: project });
    await expect.poll(async () => (await told()).length, { timeout: 20_000 }).toBe(2);
    const [taken, given] = await told();
    const shared = {
      actorId: org.admin.userId,
      subjectId: worker.userId,
      scope: project,
      role: "manager",
      recordId: id,
    };
    expect(given).toMatchObject({ ...shared, action: "role.given", outcome: "done", reason: "She runs it from May." });
    expect(taken).toMatchObject({ ...shared, action: "role.taken", outcome: "done" });
    expect(taken?.reason).toBeUndefined();
  });

  test("is asked about nothing of others: their ids are no more there than those that never were", async () => {
    const other = await world.organisation("Asking");
    const stranger = await join("stranger@example.org", "member");
    await expect.poll(async () => (await entries({ subjectId: stranger.userId })).length, soon).toBeGreaterThan(0);
    const asked = await world.as(other.admin, other.id);
    const never = (prefix: string) => world.newId(prefix);
    const hidden: Filters[] = [
      ...[project, never("prj"), never("fld"), never("con"), org.id].map((scope) => ({ scope })),
      ...[stranger.userId, never("usr"), never("ses"), project, never("par")].map((subjectId) => ({ subjectId })),
      ...[stranger.userId, org.admin.userId, never("usr")].map((actorId) => ({ actorId })),
      { subjectId: other.admin.userId, scope: project },
    ];
    for (const filters of hidden) {
      const told = [await outcome(asked.listAuditEntries(filters))];
      told.push(await outcome(asked.exportAuditEntries({ format: "csv", ...filters })));
      expect([filters, ...told]).toEqual([filters, "not_found not_found", "not_found not_found"]);
    }
  });

  test("is asked about somebody who left, as far as it tells of them, and about what is there and was not touched", async () => {
    const leaver = await join("leaver@example.org", "member");
    const admin = await world.as(org.admin, org.id);
    const [held] = (await admin.listColleagueGrants({ userId: leaver.userId })).items;
    await admin.takeRole({ grantId: held?.id ?? "" }, { ifMatch: held?.version ?? 0 });
    await expect.poll(async () => (await entries({ subjectId: leaver.userId })).length, soon).toBeGreaterThanOrEqual(2);
    const untouched = world.newId("prj");
    world.elsewhere.projects.set(untouched, { organisationId: org.id });
    expect(await entries({ scope: untouched })).toEqual([]);
    expect(await entries({ actorId: "service:billing" })).toEqual([]);
    const quiet = await join("quiet@example.org", "member");
    expect(await outcome(admin.listAuditEntries({ actorId: quiet.userId }))).toBe("ok");
  });

  test.each<[string, () => Filters, (entry: Awaited<ReturnType<typeof entries>>[number]) => boolean]>([
    ["an action", () => ({ action: "role.given" }), ({ action }) => action === "role.given"],
    ["who did it", () => ({ actorId: org.admin.userId }), ({ actorId }) => actorId === org.admin.userId],
    ["whom it is about", () => ({ subjectId: org.admin.userId }), ({ subjectId }) => subjectId === org.admin.userId],
    ["a scope", () => ({ scope: project }), ({ scope }) => scope === project],
    ["an outcome", () => ({ outcome: "done" }), ({ outcome: ended }) => ended === "done"],
    [
      "several at once",
      () => ({ action: "role.given", scope: project }),
      ({ action, scope }) => action === "role.given" && scope === project,
    ],
  ])("is narrowed by %s to exactly what fits", async (_name, filters, fits) => {
    const all = await entries();
    expect(all.length).toBeGreaterThan(4);
    const found = await entries(filters());
    expect(found.length).toBeGreaterThan(0);
    expect(found.map(({ id }) => id)).toEqual(all.filter(fits).map(({ id }) => id));
  });

  test("is narrowed by time, the end left out, and by what nobody did to nothing", async () => {
    const all = await entries();
    const [newest, next] = all;
    const at = newest?.recordedAt ?? "";
    const sameTime = all.filter(({ recordedAt }) => recordedAt === at).length;
    expect((await entries({ from: at })).length).toBe(sameTime);
    expect((await entries({ to: at })).map(({ id }) => id)).toEqual(all.slice(sameTime).map(({ id }) => id));
    expect(next?.recordedAt && next.recordedAt <= at).toBe(true);
    expect(await entries({ action: "order.confirmed" })).toEqual([]);
    expect(await outcome(entries({ subjectId: "usr_0" }))).toBe("not_found not_found");
  });

  test.each<[string, object]>([
    ["a word that is none", { action: "role.given_secretly" }],
    ["an operator of the database", { actorId: { $ne: "" } }],
    ["a time that is none", { from: "yesterday" }],
    ["an outcome that is none", { outcome: "maybe" }],
  ])("refuses to be narrowed by %s", async (_name, filters) => {
    expect(await outcome(entries(filters as Filters))).not.toBe("ok");
  });

  test("is paged without a gap, and a cursor is its reader's and its filter's alone", async () => {
    const all = await entries();
    const admin = await world.as(org.admin, org.id);
    const seen: string[] = [];
    let cursor = "";
    do {
      const page = await admin.listAuditEntries({ limit: 3, cursor });
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
    } while (cursor !== "");
    expect(seen).toEqual(all.map(({ id }) => id));
    const { nextCursor } = await admin.listAuditEntries({ limit: 1 });
    expect(await outcome(admin.listAuditEntries({ cursor: nextCursor, action: "role.given" }))).toMatch(/^invalid/);
  });

  test("is an admin's alone, and one organisation's", async () => {
    const member = await world.as(await join("low@example.org", "member"), org.id);
    for (const call of [member.listAuditEntries({}), member.verifyAudit({})]) {
      expect(await outcome(call)).toMatch(/^(forbidden|not_found)/);
    }
    const other = await world.organisation("Elsewhere");
    await expect.poll(async () => (await entries({}, other)).length, { timeout: 20_000 }).toBeGreaterThan(0);
    const theirs = new Set((await entries({}, other)).map(({ id }) => id));
    expect((await entries()).filter(({ id }) => theirs.has(id))).toEqual([]);
    expect(await outcome(entries({ actorId: org.admin.userId }, other))).toBe("not_found not_found");
    expect(await outcome(world.from("contacts").verifyAudit({}))).toMatch(/^unauthenticated/);
  });
});

describe("[R20] the export of the audit trail", () => {
  const exported = async (request: object, by = org.admin) => {
    const caller = await world.as(by, org.id);
    let [text, cursor] = ["", ""];
    do {
      const part = await caller.exportAuditEntries({ format: "csv", ...request, cursor } as never);
      text += part.text;
      cursor = part.nextCursor;
    } while (cursor !== "");
    return text;
  };

  test("is a table of what the list shows, recorded before its first line is read, and narrowed alike", async () => {
    const before = await entries({ action: "role.given" });
    const csv = await exported({ action: "role.given" });
    const [head, ...lines] = csv.trimEnd().split("\r\n");
    expect(head).toBe(
      "recordedAt,action,outcome,actorId,subjectId,scope,role,reason,operation,cause,times,recordId,seal,id",
    );
    expect(lines.map((line) => line.slice(line.lastIndexOf(",") + 1))).toEqual(before.map(({ id }) => id));
    const json = (await exported({ format: "jsonl", action: "role.given" })).trimEnd().split("\n");
    expect(json.map((line) => JSON.parse(line).id)).toEqual(before.map(({ id }) => id));
    await expect.poll(async () => (await entries({ action: "audit.exported" })).length, { timeout: 20_000 }).toBe(2);
    expect(await entries({ action: "audit.exported" })).toMatchObject(
      Array(2).fill({ actorId: org.admin.userId, outcome: "done" }),
    );
  });

  test("makes a reason that begins as a formula inert", async () => {
    const worker = await join("formula@example.org", "member");
    const admin = await world.as(org.admin, org.id);
    const reason = '=HYPERLINK("https://evil.example","x")';
    await admin.giveRole({ userId: worker.userId, role: "observer", scope: project, reason });
    await expect
      .poll(() => exported({ subjectId: worker.userId }), { timeout: 20_000 })
      .toContain(`"'=HYPERLINK(""https://evil.example"",""x"")"`);
  });

  test("is an admin's alone", async () => {
    const member = await join("low2@example.org", "member");
    expect(await outcome(exported({}, member))).toMatch(/^(forbidden|not_found)/);
    expect(await outcome(world.from("gateway").exportAuditEntries({ format: "csv" }))).toBe(
      "unauthenticated token_missing",
    );
  });
});

describe("[R20] a refusal", () => {
  test("leaves a line of what was asked for and why not, of a flood a number, and nothing else", async () => {
    const worker = await join("curious@example.org", "member");
    const low = await world.as(worker, org.id);
    for (let time = 0; time < 30; time += 1)
      expect(await outcome(low.listAuditEntries({}))).toMatch(/^(forbidden|not_found)/);
    const lines = () => entries({ action: "access.refused", actorId: worker.userId, outcome: "refused" });
    await expect.poll(async () => (await lines()).length, { timeout: 20_000 }).toBeGreaterThan(0);
    expect((await lines())[0]).toMatchObject({ operation: "Identity.ListAuditEntries", cause: expect.any(String) });
    expect((await lines()).length).toBeLessThan(4);
    expect(JSON.stringify(await lines())).not.toContain("@example.org");
    // Now that both are there, each can be asked for alone.
    const done = await entries({ outcome: "done" });
    expect(new Set(done.map((entry) => entry.outcome))).toEqual(new Set(["done"]));
  });

  test.each<[string, string, AuditAction, (by: Caller) => Promise<{ nextCursor: string }>]>([
    ["colleagues'", "ListColleagues", "colleague.listed", (by) => by.listColleagues({ limit: 1 })],
    ["found colleagues'", "SearchColleagues", "colleague.listed", (by) => by.searchColleagues({ text: "a", limit: 1 })],
    ["a team's", "ListTeam", "team.listed", (by) => by.listTeam({ projectId: project, limit: 1 })],
    ["invited people's", "ListInvitations", "invitation.listed", (by) => by.listInvitations({ limit: 1 })],
  ])("of looking at %s addresses leaves one, looking at them another before it is answered", async (...of) => {
    const [, name, action, look] = of;
    const [reader, admin] = [
      await join(`${world.newId("per")}@example.org`, "member"),
      await join(`${world.newId("per")}@example.org`, "admin"),
    ];
    expect(await outcome(look(await world.as(reader, org.id)))).toMatch(/^(forbidden|not_found)/);
    const theirs = await world.as(admin, org.id);
    await look(theirs);
    const viewed = () => entries({ action, actorId: admin.userId });
    await expect.poll(async () => (await viewed()).length, { timeout: 20_000 }).toBe(1);
    const refused = () => entries({ action: "access.refused", actorId: reader.userId });
    await expect.poll(refused, { timeout: 20_000 }).toMatchObject([{ operation: `Identity.${name}` }]);
  });
});

describe("[R20] the chain", () => {
  let kept: Collection<Document & { _id: string }>;
  let seals: Collection<Document & { _id: string }>;

  beforeAll(async () => {
    kept = world.database.collection("audit_entries") as unknown as typeof kept;
    seals = world.database.collection("audit_seals") as unknown as typeof seals;
  });

  const verify = async (asked = {}) => (await world.as(org.admin, org.id)).verifyAudit(asked);

  test("holds, and says where each entry is in it", async () => {
    await expect
      .poll(() => kept.countDocuments({ organisationId: org.id, sealed: false }), { timeout: 20_000 })
      .toBe(0);
    const found = await verify();
    const sealed = await kept.countDocuments({ organisationId: org.id, sealed: true });
    expect(found).toMatchObject({ holds: true, complete: true });
    expect(found.entries).toBe(sealed);
    expect(found.lastHash).toMatch(/^[0-9a-f]{64}$/);
    expect((await entries()).filter(({ seal }) => seal !== undefined).length).toBe(sealed);
    // The next run goes on after this one, and a seal that was noted down is still the same.
    expect(await verify({ afterSeal: found.lastSeal })).toMatchObject({ holds: true, seals: 0, entries: 0 });
    expect(await verify({ knownSeal: found.lastSeal, knownHash: found.lastHash })).toMatchObject({ holds: true });
  });

  /** Does something to the database behind the service's back, looks, and puts it back as it was. */
  async function tampered(collection: typeof kept, id: string, change: (known: Document) => Document | undefined) {
    const known = await collection.findOne({ _id: id });
    if (!known) throw new Error(`nothing is ${id}`);
    const changed = change(known);
    if (changed) await collection.replaceOne({ _id: id }, changed);
    else await collection.deleteOne({ _id: id });
    const found = await verify();
    if (changed) await collection.replaceOne({ _id: id }, known);
    else await collection.insertOne(known);
    return found;
  }

  test("shows what was done to an entry or a seal behind its back, and where", async () => {
    const [first] = await seals.find({ organisationId: org.id }).sort({ number: 1 }).limit(1).toArray();
    const last = await seals.find({ organisationId: org.id }).sort({ number: -1 }).limit(1).next();
    const entryId = String(first?.["entries"][0].id);
    const entry = { holds: false, brokenSeal: 1, entryId };
    const add = async (name: string, found: Promise<object>, expected: object) => {
      expect({ name, ...(await found) }).toMatchObject({ name, ...expected });
    };
    await add(
      "another actor",
      tampered(kept, entryId, (known) => ({ ...known, actorId: "usr_x" })),
      { ...entry, fault: "entry_changed" },
    );
    await add(
      "another time",
      tampered(kept, entryId, (known) => ({ ...known, recordedAt: new Date() })),
      { ...entry, fault: "entry_changed" },
    );
    await add(
      "no entry",
      tampered(kept, entryId, () => undefined),
      { ...entry, fault: "entry_missing" },
    );
    const sealId = String(first?._id);
    await add(
      "fewer entries",
      tampered(seals, sealId, (known) => ({ ...known, entries: [] })),
      { holds: false, brokenSeal: 1, fault: "seal_changed" },
    );
    await add(
      "another number",
      tampered(seals, sealId, (known) => ({ ...known, number: 99_999 })),
      { holds: false, brokenSeal: 1, fault: "seal_missing" },
    );
    if (last && last._id !== sealId) {
      await add(
        "the last one gone",
        tampered(seals, String(last._id), () => undefined),
        { holds: false, fault: "entry_unsealed" },
      );
    }
    expect(await verify()).toMatchObject({ holds: true, complete: true });
  });

  test("shows an entry that claims to be sealed, a chain cut short, and one that is not the one noted down", async () => {
    const known = await kept.findOne({ organisationId: org.id, sealed: true });
    const forged = { ...known, _id: world.newId("aud"), actorId: "usr_forged" } as Document & { _id: string };
    await kept.insertOne(forged);
    const found = await verify();
    await kept.updateOne({ _id: forged._id }, { $unset: { seal: "" } });
    const unnumbered = await verify();
    await kept.deleteOne({ _id: forged._id });
    expect(unnumbered).toMatchObject({ holds: false, fault: "entry_unsealed", entryId: forged._id });
    expect(found).toMatchObject({ holds: false, fault: "entry_unsealed", entryId: forged._id });
    const { lastSeal } = await verify();
    const knownHash = "a".repeat(64);
    expect(await verify({ knownSeal: lastSeal, knownHash })).toMatchObject({
      holds: false,
      fault: "known_hash_differs",
    });
    expect(await verify({ knownSeal: lastSeal + 5, knownHash })).toMatchObject({ holds: false, fault: "seal_missing" });
  });
});
