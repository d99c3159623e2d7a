import { newId } from "@partake/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { entries } from "../src/store/entries.ts";
import { type Enrolled, type Person, type ProgressWorld, type Shown, startProgressWorld } from "./world.ts";

let world: ProgressWorld;
let days: Shown;
let satisfied: Shown;
let words: Shown;
let offBoard: Shown;
let boardId: string;
let anna: Enrolled;

beforeAll(async () => {
  world = await startProgressWorld();
  days = await world.metric({ published: true });
  satisfied = await world.question();
  words = await world.question({ text: "In your words?", kind: "text", scale: undefined });
  offBoard = await world.metric();
  const cards = [days, satisfied, words].map(({ id }) => ({ subjectId: id, cadence: "weekly" }));
  boardId = (await world.board(cards)).id;
  anna = await world.enrol({ boardId, level: "share" });
});
afterAll(() => world?.stop());

const published = (pseudonym: string) =>
  world.events.filter(({ key, type }) => key === pseudonym && /progress/.test(type));
const activity = (recordId: string) =>
  world.events.find(({ data }) => "recordId" in data && data.recordId === recordId);
const post = (more: object) => ({ id: newId("pst"), participationId: anna.participationId, ...more });
const story = (participationId: string) => ({
  id: newId("pst"),
  participationId,
  kind: "story",
  narrative: "A good week",
});

describe("[G4] a participant answers their own cards", () => {
  test("with a number and a narrative, and gets the post back", async () => {
    world.around.names.set(anna.person.userId, "Anna");
    const recordedAt = new Date(Date.now() - 86_400_000).toISOString();
    const more = { subjectId: days.id, value: { number: 4 }, narrative: "marked narrative", recordedAt };
    const answer = await world.answer(anna.person, anna, more);
    expect(answer).toMatchObject({
      ...{ kind: "answer", subjectId: days.id, narrative: "marked narrative", recordedAt, commentCount: 0 },
      ...{ projectId: world.projectId, participationId: anna.participationId, contactId: anna.contactId },
      ...{ value: { number: 4 }, subjectTitle: days["title"] },
      author: { userId: anna.person.userId, name: "Anna", part: "participant" },
    });
    expect(Date.parse(answer["createdAt"] as string)).toBeGreaterThan(Date.parse(recordedAt));
    expect(await world.call(anna.person, "GetPost", { postId: answer.id })).toEqual(answer);
  });

  test("[X1] outside systems learn of it by pseudonym, with the figure only where it is published", async () => {
    const open = await world.answer(anna.person, anna, {
      subjectId: days.id,
      value: { number: 5 },
      narrative: "marked",
    });
    const closed = await world.answer(anna.person, anna, { subjectId: satisfied.id, value: { number: 7 } });
    const events = () => published(anna.pseudonym).map(({ data }) => data);
    await expect.poll(() => events().length, { timeout: 10_000 }).toBeGreaterThanOrEqual(2);
    const common = { pseudonym: anna.pseudonym, organisationId: world.organisationId, projectId: world.projectId };
    const recorded = { ...common, recordedBy: "participant", fileCount: 0, version: 1 };
    await expect
      .poll(events, { timeout: 10_000 })
      .toContainEqual(expect.objectContaining({ ...recorded, answerId: open.id, value: 5, hasNarrative: true }));
    const closedOne = () => events().find((data) => "answerId" in data && data.answerId === closed.id);
    await expect.poll(closedOne, { timeout: 10_000 }).toBeDefined();
    const hidden = closedOne();
    expect(hidden).toMatchObject({ ...recorded, subjectId: satisfied.id });
    expect(hidden).not.toHaveProperty("value");
    const all = JSON.stringify(world.events.filter(({ type }) => type.includes("progress")));
    for (const secret of ["marked", anna.contactId, anna.person.userId, anna.participationId])
      expect(all).not.toContain(secret);
    await expect
      .poll(() => activity(open.id)?.data, { timeout: 10_000 })
      .toMatchObject({
        ...{ kind: "post.created", contactId: anna.contactId, participationId: anna.participationId, staffOnly: false },
        ...{ actorId: anna.person.userId, contactUserId: anna.person.userId, contactProjectIds: [world.projectId] },
      });
  });

  const wrong: [why: string, more: () => object, expected: string][] = [
    ["a value that does not fit", () => ({ subjectId: satisfied.id, value: { number: 11 } }), "invalid wrong_value"],
    ["no value", () => ({ subjectId: days.id, narrative: "only words" }), "invalid wrong_value"],
    ["a value of another kind", () => ({ subjectId: days.id, value: { text: "4" } }), "invalid wrong_value"],
    ["an answer to nothing", () => ({ value: { number: 1 } }), "invalid invalid_request"],
    ["an empty answer", () => ({ subjectId: words.id }), "invalid invalid_request"],
    [
      "a card of no board of theirs",
      () => ({ subjectId: offBoard.id, value: { number: 1 } }),
      "unprocessable not_on_board",
    ],
    [
      "a metric that is not there",
      () => ({ subjectId: newId("met"), value: { number: 1 } }),
      "unprocessable not_on_board",
    ],
    [
      "a time in the future",
      () => ({ ...fits(), recordedAt: new Date(Date.now() + 90_000).toISOString() }),
      "invalid recorded_in_future",
    ],
    ["a time too long ago", () => ({ ...fits(), recordedAt: "2001-01-01T00:00:00Z" }), "invalid recorded_too_early"],
    ["a file that is not there", () => ({ ...fits(), fileIds: [newId("fil")] }), "invalid unknown_file"],
    ["a field that is none", () => ({ ...fits(), createdBy: newId("usr"), staffOnly: true }), "ok"],
  ];
  const fits = () => ({ subjectId: days.id, value: { number: 1 } });
  test.each(wrong)("%s: %#", async (_why, more, expected) => {
    const request = post({ kind: "answer", ...more() });
    expect(await world.refusal(anna.person, "CreatePost", request)).toBe(expected);
    const stored = await world.parts.store.get(entries, request.id);
    expect(stored === undefined).toBe(expected !== "ok");
  });

  test("the pointer says where, and the refusal never what", async () => {
    const request = post({ kind: "answer", subjectId: words.id, value: { number: 31337 } });
    const thrown = await world.call(anna.person, "CreatePost", request).catch((error: unknown) => error);
    expect(thrown).toMatchObject({ errors: [{ pointer: "/value/number" }] });
    expect(JSON.stringify(thrown)).not.toContain("31337");
  });

  test("the same answer sent again is the same post, also by twenty at once; with other words it is refused", async () => {
    const request = post({ kind: "answer", subjectId: days.id, value: { number: 2 } });
    const before = await world.call(world.admin, "ListTimeline", { contactId: anna.contactId, limit: 200 });
    const all = await Promise.all(Array.from({ length: 20 }, () => world.call(anna.person, "CreatePost", request)));
    expect(new Set(all.map((one) => JSON.stringify(one))).size).toBe(1);
    const after = await world.call(world.admin, "ListTimeline", { contactId: anna.contactId, limit: 200 });
    expect((after["items"] as unknown[]).length).toBe((before["items"] as unknown[]).length + 1);
    const other = { ...request, value: { number: 3 } };
    expect(await world.refusal(anna.person, "CreatePost", other)).toBe("conflict id_taken");
  });
});

describe("[G4] [G8] who may post", () => {
  test("[R8] a participant by level, for themselves alone, while active", async () => {
    const see = await world.enrol({ boardId, level: "see" });
    const discuss = await world.enrol({ boardId, level: "discuss" });
    const paused = await world.enrol({ boardId, level: "discuss", state: "paused" });
    const ended = await world.enrol({ boardId, level: "share", state: "ended" });
    const self = (of: Enrolled) => world.refusal(of.person, "CreatePost", story(of.participationId));
    expect(await self(anna)).toBe("ok");
    expect(await self(discuss)).toBe("ok");
    expect(await self(see)).toMatch(/^forbidden /);
    expect(await self(paused)).toMatch(/^forbidden /);
    expect(await self(ended)).toMatch(/^forbidden /);
    expect(await world.refusal(anna.person, "CreatePost", story(discuss.participationId))).toBe("not_found not_found");
    expect(await world.refusal(anna.person, "CreatePost", story(newId("par")))).toBe("not_found not_found");
  });

  test("staff on behalf of a contact, by their role and level", async () => {
    const { projectId, otherProjectId, organisationId } = world;
    const { contactId } = anna;
    const by: [string, Person, string][] = [
      ["admin", world.admin, "ok"],
      ["manager", world.manager, "ok"],
      ["reporter", world.member([["reporter", projectId]]), "ok"],
      [
        "board admin",
        world.member([
          ["board_admin", boardId, projectId],
          ["contact_updates", contactId],
          ["member", organisationId],
        ]),
        "ok",
      ],
      [
        "board member",
        world.member([
          ["board_member", boardId, projectId],
          ["contact_updates", contactId],
          ["member", organisationId],
        ]),
        "ok",
      ],
      [
        "board member without a level",
        world.member([
          ["board_member", boardId, projectId],
          ["member", organisationId],
        ]),
        "not_found not_found",
      ],
      ["observer", world.member([["observer", projectId]]), "forbidden no_role"],
      [
        "lowered reporter",
        world.member([
          ["reporter", projectId],
          ["contact_profile", contactId],
        ]),
        "forbidden level_too_low",
      ],
      ["manager elsewhere", world.member([["manager", otherProjectId]]), "not_found not_found"],
      ["member", world.member([["member", organisationId]]), "not_found not_found"],
    ];
    const found: [string, string][] = [];
    for (const [who, person] of by) {
      found.push([who, await world.refusal(person, "CreatePost", story(anna.participationId))]);
    }
    expect(found).toEqual(by.map(([who, , expected]) => [who, expected]));
  });

  test("what staff wrote on somebody's behalf says so", async () => {
    world.around.names.set(world.manager.userId, "Mo");
    const answer = await world.answer(world.manager, anna, { subjectId: satisfied.id, value: { number: 8 } });
    expect(answer["author"]).toEqual({ userId: world.manager.userId, name: "Mo", part: "staff" });
    await expect
      .poll(() => published(anna.pseudonym).map(({ data }) => data), { timeout: 10_000 })
      .toContainEqual(expect.objectContaining({ answerId: answer.id, recordedBy: "staff" }));
  });

  test("a tip and a story go out without their words", async () => {
    const tip = await world.call<Shown>(anna.person, "CreatePost", post({ kind: "tip", narrative: "marked tip" }));
    await expect
      .poll(() => published(anna.pseudonym).map(({ data }) => data), { timeout: 10_000 })
      .toContainEqual(expect.objectContaining({ postId: tip.id, kind: "tip", recordedBy: "participant", version: 1 }));
    expect(JSON.stringify(published(anna.pseudonym))).not.toContain("marked");
  });

  test("reading goes on while names are not to be had", async () => {
    world.around.namesAway = true;
    const stranger = await world.enrol({ boardId });
    const made = await world.call<Shown>(stranger.person, "CreatePost", story(stranger.participationId));
    world.around.namesAway = false;
    expect(made["author"]).toEqual({ userId: stranger.person.userId, name: "", part: "participant" });
  });
});

describe("[G19] files", () => {
  const upload = async (by: Enrolled, { complete = true } = {}) => {
    const request = {
      id: newId("fil"),
      participationId: by.participationId,
      name: "garden.jpg",
      mediaType: "image/jpeg",
    };
    const file = await world.call<Shown>(by.person, "CreateFile", request);
    if (complete) await world.call(by.person, "CompleteFile", { fileId: file.id, size: 1234, sha256: "ab".repeat(32) });
    return file.id;
  };
  const send = (by: Enrolled, fileIds: string[]) =>
    world.refusal(by.person, "CreatePost", { ...story(by.participationId), fileIds });

  test("are named in one post, by who uploaded them for it, when they are stored", async () => {
    const bea = await world.enrol({ boardId });
    const [one, two, announced, others] = [
      await upload(anna),
      await upload(anna),
      await upload(anna, { complete: false }),
      await upload(bea),
    ];
    expect(await send(anna, [announced])).toBe("invalid unknown_file");
    expect(await send(anna, [others])).toBe("invalid unknown_file");
    expect(await send(anna, [one, others])).toBe("invalid unknown_file");
    const request = { ...story(anna.participationId), fileIds: [one, two] };
    const made = await world.call<Shown>(anna.person, "CreatePost", request);
    expect(made["files"]).toMatchObject([
      { id: one, name: "garden.jpg", mediaType: "image/jpeg", size: 1234, state: "stored" },
      { id: two },
    ]);
    expect(await world.call(anna.person, "CreatePost", request)).toEqual(made);
    expect(await send(anna, [one])).toBe("invalid unknown_file");
  });

  test("of a post that is sent many times at once are named by that one post", async () => {
    const request = { ...story(anna.participationId), fileIds: [await upload(anna)] };
    const all = await Promise.all(Array.from({ length: 8 }, () => world.call(anna.person, "CreatePost", request)));
    expect(new Set(all.map((one) => JSON.stringify(one))).size).toBe(1);
  });

  test("are seen by who sees their post, and before that only by who uploaded them", async () => {
    const observer = world.member([["observer", world.projectId]]);
    const peer = await world.enrol({ boardId });
    const fileId = await upload(anna);
    const seen = async (by: Person) => world.refusal(by, "GetFile", { fileId });
    expect(await seen(anna.person)).toBe("ok");
    for (const by of [world.admin, world.manager, peer.person]) expect(await seen(by)).toBe("not_found not_found");
    expect(await send(anna, [fileId])).toBe("ok");
    for (const by of [anna.person, world.admin, world.manager]) expect(await seen(by)).toBe("ok");
    // The default level of an observer is profile: the timeline is not theirs.
    for (const by of [observer, peer.person]) expect(await seen(by)).toMatch(/not_found|forbidden/);
    expect(await world.refusal(anna.person, "GetFile", { fileId: newId("fil") })).toBe("not_found not_found");
  });

  test.each([
    ["page.html", "text/html", "unsupported_media_type file_type"],
    ["logo.svg", "image/svg+xml", "unsupported_media_type file_type"],
    ["../../etc/passwd", "text/plain", "invalid invalid_request"],
    ["\u202egnp.exe", "image/png", "invalid invalid_request"],
  ])("%j of %s is refused", async (name, mediaType, expected) => {
    const request = { id: newId("fil"), participationId: anna.participationId, name, mediaType };
    expect(await world.refusal(anna.person, "CreateFile", request)).toBe(expected);
  });

  test("nobody completes or adds for another", async () => {
    const fileId = await upload(anna, { complete: false });
    const done = { fileId, size: 1, sha256: "cd".repeat(32) };
    const bea = await world.enrol({ boardId });
    expect(await world.refusal(bea.person, "CompleteFile", done)).toBe("not_found not_found");
    expect(await world.refusal(world.manager, "CompleteFile", done)).toBe("not_found not_found");
    const forAnna = { id: newId("fil"), participationId: anna.participationId, name: "a.png", mediaType: "image/png" };
    expect(await world.refusal(bea.person, "CreateFile", forAnna)).toBe("not_found not_found");
    expect(await world.refusal(anna.person, "CompleteFile", done)).toBe("ok");
    expect(await world.refusal(anna.person, "CompleteFile", done)).toBe("ok");
    const others = { ...done, sha256: "ef".repeat(32) };
    expect(await world.refusal(anna.person, "CompleteFile", others)).toBe("conflict already_exists");
  });
});
