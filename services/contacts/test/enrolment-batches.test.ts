import { newId, type TestCaller } from "@partake/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { participations } from "../src/store/participations.ts";
import { type ContactsWorld, type ShownContact, startContactsWorld } from "./world.ts";

interface Row {
  contactId?: string;
  email?: string;
  name?: string;
  kind?: string;
  level?: string;
  peerReview?: string;
}

interface Preview {
  items: { line: number; row: Row; errors: { column: string; code: string }[]; contactId?: string }[];
  errors: { column: string; code: string; message: string }[];
  ready: number;
  creditsNeeded: number;
  creditsSuffice: boolean;
  digest: string;
}

interface Batch {
  id: string;
  rows: { place: number; participationId: string; contactId: string; state: string; refusal?: string }[];
  underWay: number;
  enrolled: number;
  refused: number;
}

let world: ContactsWorld;
let admin: TestCaller;

beforeAll(async () => {
  world = await startContactsWorld();
  admin = world.person([["admin", world.organisationId]]);
});
beforeEach(() => {
  world.around.trouble.clear();
  world.around.credits.available = 1_000;
});
afterAll(() => world?.stop());

const soon = { timeout: 40_000, interval: 100 };
const defaults = { level: "share", peerReview: false, kind: "client" };
const about = () => ({ boardId: world.boardId, ...defaults });
let addresses = 0;
const address = () => `person${++addresses}@mail.example`;

const preview = (rows: Row[], by = world.manager) => world.call<Preview>(by, "PreviewEnrolments", { ...about(), rows });
const csv = (text: string, by = world.manager) =>
  world.call<Preview>(by, "PreviewEnrolments", { ...about(), csv: text });
const found = ({ items }: Preview) =>
  items.map(({ errors }) => errors.map(({ column, code }) => `${column} ${code}`).join());
const send = async (rows: Row[], more: object = {}) => {
  const { digest } = await preview(rows);
  return world.call<Batch>(world.manager, "SendEnrolments", { id: newId("enb"), ...about(), rows, digest, ...more });
};
const batch = (batchId: string, by = world.manager) => world.call<Batch>(by, "GetEnrolmentBatch", { batchId });
const settled = async (id: string) => {
  await expect.poll(async () => (await batch(id)).underWay, soon).toBe(0);
  return batch(id);
};
const newcomer = (email = address()) => ({ name: "Nina New", email });

describe("[R21] [C3] a list of people to enrol is previewed", () => {
  test("from CSV: whom each row means, with what the list says where the row does not, and what it takes", async () => {
    const ben = await world.contact(world.manager, { name: "Ben Nowak", email: "Ben.List@mail.example" });
    const shown = await csv(
      [
        "\u{FEFF}Name;E-mail;contact;level;Peer review;kind",
        `;;${ben.id};discuss;yes;`,
        ";;;;;",
        '"New, Nina";nina@mail.example;;;;volunteer',
        "=Sum New;sum@mail.example;;See;NO;",
      ].join("\r\n"),
    );
    expect(shown.errors).toEqual([]);
    expect(shown.items).toMatchObject([
      { line: 2, contactId: ben.id, errors: [], row: { level: "discuss", peerReview: "yes" } },
      { line: 4, errors: [], row: { name: "New, Nina", email: "nina@mail.example", kind: "volunteer" } },
      { line: 5, errors: [], row: { name: "Sum New", level: "see", peerReview: "no" } },
    ]);
    expect(shown.items[1]).not.toHaveProperty("contactId");
    expect(shown).toMatchObject({ ready: 3, creditsNeeded: 3, creditsSuffice: true });
    expect(world.around.credits.asked.at(-1)).toMatchObject({ pseudonyms: [expect.any(String)], newcomers: 2 });
    world.around.credits.available = 2;
    expect(await preview([newcomer(), newcomer(), newcomer()])).toMatchObject({ creditsSuffice: false });
    expect(await world.parts.store.find(participations, { contactId: ben.id }, { limit: 1 })).toEqual([]);
  });

  test("an address finds one contact, several need an id, and a name beside it tells people of one address apart", async () => {
    const [shared, lone] = [address(), address()];
    const ann = await world.contact(world.manager, { name: "Ann Shared", email: shared });
    await world.contact(world.manager, { name: "Bo Shared", email: shared });
    const only = await world.contact(world.manager, { name: "Lone", email: lone });
    const rows = [
      { email: lone.toUpperCase() },
      { email: shared },
      { email: shared, name: "ann  SHARED" },
      { email: shared, name: "Cy Shared" },
    ];
    const shown = await preview(rows);
    expect(found(shown)).toEqual(["", "email ambiguous", "", ""]);
    expect(shown.items.map(({ contactId }) => contactId)).toEqual([only.id, undefined, ann.id, undefined]);
  });

  const wrong: [what: string, row: Row, expected: string][] = [
    ["nobody", { name: "Nobody" }, "email missing"],
    ["what is no address", { email: "nina at example", name: "Nina" }, "email format"],
    ["what is no id", { contactId: "con_1" }, "contact format"],
    ["a formula", { email: "=cmd@mail.example", name: "N" }, "email formula"],
    ["an unknown level", { email: "u1@mail.example", name: "N", level: "all" }, "level not_allowed"],
    ["an unknown kind", { email: "u2@mail.example", name: "N", kind: "friend" }, "kind not_allowed"],
    ["neither yes nor no", { email: "u3@mail.example", name: "N", peerReview: "maybe" }, "peer_review not_allowed"],
    ["a name too long", { email: "u4@mail.example", name: "N".repeat(121) }, "name too_long"],
    ["an address of nobody", { email: "nobody@mail.example" }, "email not_found"],
    ["a contact of nobody", { contactId: newId("con") }, "contact not_found"],
    ["a contact and an address", { contactId: newId("con"), email: "u5@mail.example" }, "email not_allowed"],
  ];
  test.each(wrong)("%s is an error of its row and column", async (_, row, expected) => {
    const shown = await preview([row, newcomer()]);
    expect(found(shown)).toEqual([expected, ""]);
    expect(shown.ready).toBe(1);
    expect(JSON.stringify(shown.items[0]?.errors)).not.toContain("mail.example");
  });

  test("the same person twice, who takes part already, and who has no address", async () => {
    const ben = await world.contact(world.manager, { email: address() });
    const mute = await world.contact(world.manager, { email: undefined });
    const there = await world.contact(world.manager, { email: address() });
    await world.call(world.manager, "EnrolContact", world.enrolment(there.id));
    const twice = newcomer();
    const rows = [{ contactId: ben.id }, { email: ben.email ?? "" }, { contactId: mute.id }, { contactId: there.id }];
    expect(found(await preview([...rows, twice, twice]))).toEqual([
      ...["", "contact duplicate", "contact no_email", "contact already_enrolled", "", "email duplicate"],
    ]);
  });

  test.each([
    ["name,secret\nNina,1", "unknown_column"],
    ['name\n"Nina', "malformed"],
    ["email,email\n", "repeated_column"],
  ])("%j is refused as a whole", async (text, code) => {
    const shown = await csv(text);
    expect(shown.errors).toMatchObject([{ column: "file", code }]);
    expect(shown).toMatchObject({ items: [], ready: 0 });
  });

  test("five hundred rows are taken, and no more", async () => {
    const lines = (count: number) => Array.from({ length: count }, (_, at) => `N,many${at}@mail.example`).join("\n");
    expect((await csv(`name,email\n${lines(500)}`)).ready).toBe(500);
    const request = { ...about(), csv: `name,email\n${lines(501)}` };
    expect(await world.refusal(world.manager, "PreviewEnrolments", request)).toBe("too_large too_many_rows");
  });
});

describe("[R7] [R14] a list tells nobody more than they see", () => {
  test("a contact that is hidden, and an address that is, are as those that are not there", async () => {
    const hidden = await world.contact(admin, { projectId: undefined, email: address() });
    const rows = [{ contactId: hidden.id }, { email: hidden.email ?? "" }, { contactId: newId("con") }];
    const shown = await preview(rows);
    expect(found(shown)).toEqual(["contact not_found", "email not_found", "contact not_found"]);
    expect(shown.items[0]?.errors).toEqual(shown.items[2]?.errors);
    // With a headline they know of the contact, and not of its address.
    const known = await world.contact(world.manager, { email: address() });
    const headline = world.person([
      ["manager", world.projectId],
      ["contact_headline", known.id],
    ]);
    expect(found(await preview([{ email: known.email ?? "" }, { contactId: known.id }], headline))).toEqual([
      ...["email not_found", ""],
    ]);
  });

  test("who may not create contacts enrols those who are there", async () => {
    const ben = await world.contact(world.manager, { email: address() });
    const some = { switches: { contactCreators: ["admin" as const] } };
    const plain = world.person([["manager", world.projectId]], some);
    expect(found(await preview([{ contactId: ben.id }, newcomer()], plain))).toEqual(["", "name not_allowed"]);
  });

  test("who may not enrol learns nothing of it: reporters are refused, others see no board", async () => {
    const rows = [newcomer()];
    const { digest } = await preview(rows);
    const { id } = await send([newcomer()]);
    await settled(id);
    const asked: [string, object][] = [
      ["PreviewEnrolments", { ...about(), rows }],
      ["SendEnrolments", { id: newId("enb"), ...about(), rows, digest }],
      ["GetEnrolmentBatch", { batchId: id }],
    ];
    const outsider = world.person([["member", world.organisationId]]);
    const elsewhere = world.person([["admin", newId("org")]], { organisationId: newId("org") });
    for (const [name, request] of asked) {
      for (const role of ["reporter", "observer"] as const)
        expect(await world.refusal(world.person([[role, world.projectId]]), name, request)).toBe("forbidden no_role");
      for (const by of [outsider, elsewhere])
        expect(await world.refusal(by, name, request)).toMatch(/^(not_found|forbidden)/);
    }
    expect(await world.refusal(world.manager, "GetEnrolmentBatch", { batchId: newId("enb") })).toBe(
      "not_found not_found",
    );
    const boardAdmin = world.person([["board_admin", world.boardId, world.projectId]]);
    expect(await world.refusal(boardAdmin, "PreviewEnrolments", { ...about(), rows: [] })).toBe("ok");
  });
});

describe("[R21] [C3] a list of people is enrolled", () => {
  test("as it was shown: new contacts are made, each row goes its way, and what failed is told", {
    timeout: 90_000,
  }, async () => {
    const ben = await world.contact(admin, { projectId: undefined, email: address() });
    const known = world.person([
      ["manager", world.projectId],
      ["contact_updates", ben.id],
    ]);
    const rows = [{ contactId: ben.id, level: "see", peerReview: "yes" }, newcomer(), { ...newcomer(), kind: "other" }];
    const { digest } = await preview(rows, known);
    world.around.trouble.set("credit", { code: "unprocessable", reason: "no_credit", times: 1 });
    const request = { id: newId("enb"), ...about(), rows, digest };
    const sent = await world.call<Batch>(known, "SendEnrolments", request);
    expect(sent.rows.map(({ place }) => place)).toEqual([1, 2, 3]);
    const done = await settled(sent.id);
    expect(done).toMatchObject({ underWay: 0, enrolled: 2, refused: 1 });
    expect(done.rows.map(({ state, refusal }) => refusal ?? state).sort()).toEqual(["invited", "invited", "no_credit"]);
    const first = await world.call(admin, "GetParticipation", { participationId: done.rows[0]?.participationId });
    expect(first).toMatchObject({ contactId: ben.id, level: "see", peerReview: true });
    const third = await world.call<ShownContact>(admin, "GetContact", { contactId: done.rows[2]?.contactId });
    expect(third).toMatchObject({ name: "Nina New", kind: "other", projectIds: [world.projectId] });
    // The same again is the same; another request may not have its id.
    expect((await world.call<Batch>(known, "SendEnrolments", request)).rows).toHaveLength(3);
    expect(await world.parts.store.find(participations, { batchId: sent.id }, { limit: 10 })).toHaveLength(3);
    const other = { ...request, level: "discuss" };
    expect(await world.refusal(known, "SendEnrolments", other)).toBe("conflict id_taken");
    expect(JSON.stringify(world.events)).not.toMatch(/mail\.example|Nina/);
  });

  test("or not at all: with an error, another digest, or without credit", async () => {
    const rows = [newcomer(), newcomer()];
    const { digest } = await preview(rows);
    const refusal = (more: object) =>
      world.refusal(world.manager, "SendEnrolments", { id: newId("enb"), ...about(), rows, digest, ...more });
    expect(await refusal({ rows: rows.slice(1) })).toBe("conflict preview_outdated");
    expect(await refusal({ rows: [...rows].reverse() })).toBe("conflict preview_outdated");
    expect(await refusal({ level: "discuss" })).toBe("conflict preview_outdated");
    expect(await refusal({ rows: [...rows, { email: "nobody@mail.example" }] })).toBe("invalid rows_refused");
    world.around.credits.available = 1;
    expect(await refusal({})).toBe("unprocessable no_credit");
    world.around.credits.available = 1_000;
    // Somebody made one of them a contact meanwhile: the row would mean somebody else than was shown.
    await world.contact(world.manager, rows[0]);
    expect(await refusal({})).toBe("conflict preview_outdated");
    const { items } = await world.call<{ items: ShownContact[] }>(admin, "SearchContacts", {
      name: "Nina New",
      limit: 200,
    });
    expect(items.filter(({ email }) => email === rows[1]?.email)).toEqual([]);
  });

  test("once, however often it is asked for at the same time", async () => {
    const rows = [newcomer()];
    const { digest } = await preview(rows);
    const request = { id: newId("enb"), ...about(), rows, digest };
    await Promise.all(Array.from({ length: 5 }, () => world.refusal(world.manager, "SendEnrolments", request)));
    const { rows: made } = await batch(request.id);
    expect(made).toHaveLength(1);
    const { items } = await world.call<{ items: ShownContact[] }>(admin, "SearchContacts", {
      name: "Nina New",
      limit: 200,
    });
    expect(items.filter(({ email }) => email === rows[0]?.email)).toHaveLength(1);
  });

  test("within a day only so many, by one person", async () => {
    const eager = world.person([["manager", world.projectId]]);
    const list = (from: number) => Array.from({ length: 400 }, (_, at) => newcomer(`bulk${from + at}@mail.example`));
    const ask = async (rows: Row[]) => {
      const { digest } = await preview(rows, eager);
      const request = { id: newId("enb"), ...about(), rows, digest };
      return world.refusal(eager, "SendEnrolments", request, { timeoutMs: 30_000 });
    };
    world.around.trouble.set("account", { code: "unavailable", reason: "away", times: 100_000 });
    expect(await ask(list(0))).toBe("ok");
    expect(await ask(list(400))).toBe("ok");
    expect(await ask(list(800))).toBe("rate_limited too_many_invitations");
    expect(await ask(list(800).slice(0, 200))).toBe("ok");
  });
});

describe("[R21] a participant's invitation", () => {
  test("is sent again by whoever may enrol there, as long as it waits, and withdrawn by ending", async () => {
    const request = world.enrolment((await world.contact(world.manager)).id);
    await world.call(world.manager, "EnrolContact", request);
    const asked = { participationId: request.id };
    const again = (by: TestCaller) => world.refusal(by, "ResendParticipantInvitation", asked);
    const renewed = () =>
      world.around.calls.filter(({ step, participationId }) => step === "renew" && participationId === request.id);
    const boardAdmin = world.person([["board_admin", world.boardId, world.projectId]]);
    const seeing = world.person([
      ["board_admin", world.boardId, world.projectId],
      ["contact_headline", request.contactId],
    ]);
    expect(await again(world.manager)).toBe("ok");
    expect(await again(world.person([["reporter", world.projectId]]))).toBe("forbidden no_role");
    expect(await again(world.person([["member", world.organisationId]]))).toMatch(
      /^(not_found not_found|forbidden no_role)$/,
    );
    const before = renewed().length;
    expect([await again(boardAdmin), await again(seeing)].filter((answer) => answer === "ok").length).toBe(
      renewed().length - before,
    );
    await world.call(world.manager, "EndParticipation", asked);
    expect(await again(world.manager)).toBe("gone participation_ended");
    expect(renewed().length).toBeGreaterThanOrEqual(1);
  });

  test("is not sent again before it was sent", async () => {
    world.around.trouble.set("credit", { code: "unavailable", reason: "away", times: 100_000 });
    const request = world.enrolment((await world.contact(world.manager)).id);
    await world.call(world.manager, "EnrolContact", request);
    const asked = { participationId: request.id };
    expect(await world.refusal(world.manager, "ResendParticipantInvitation", asked)).toBe("conflict not_invited");
  });
});
