import { fakeClock, newId } from "@partake/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { boards } from "../src/store/boards.ts";
import { metrics } from "../src/store/metrics.ts";
import { organisations } from "../src/store/organisations.ts";
import { type Enrolled, type Person, type ProgressWorld, type Shown, startProgressWorld, until } from "./world.ts";

let world: ProgressWorld;
/** A Monday morning. */
const clock = fakeClock("2026-03-02T09:00:00.000Z");
let boardId: string;
let days: Shown;
let satisfied: Shown;

interface MyCard {
  card: { subjectId: string; cadence: string };
  question?: Shown;
  metric?: Shown;
  newestAnswer?: Shown;
  open: boolean;
}

beforeAll(async () => {
  world = await startProgressWorld({ clock });
  days = await world.metric({
    baseline: 0,
    target: 7,
    milestones: [
      { title: "half", value: 4 },
      { title: "all", value: 7 },
    ],
  });
  satisfied = await world.question();
  const cards = [
    { subjectId: days.id, cadence: "weekly" },
    { subjectId: satisfied.id, cadence: "once" },
  ];
  boardId = (await world.board(cards)).id;
});
afterAll(() => world?.stop());

const refusedAsNewer = "unavailable grants_unknown";
const board = (of: Enrolled, by: Person = of.person) =>
  world.call<{ boardId: string; title: string; cards: MyCard[] }>(by, "GetMyBoard", {
    participationId: of.participationId,
  });
const chart = (of: Enrolled, subjectId: string) =>
  world.call<{ points: { value: object; recordedAt: string }[]; milestones: object[] } & Record<string, unknown>>(
    of.person,
    "GetMyChart",
    { participationId: of.participationId, subjectId },
  );
const active = (of: Enrolled, number: number, recordedAt?: string, by: Person = of.person) =>
  world.answer(by, of, { subjectId: days.id, value: { number }, ...(recordedAt && { recordedAt }) });

describe("[G3] [G11] my board", () => {
  test("has my cards with what they ask, open until they are answered for now", async () => {
    const ian = await world.enrol({ boardId, level: "share" });
    const before = await board(ian);
    expect(before).toMatchObject({ boardId, title: "Board" });
    expect(before.cards).toMatchObject([
      { card: { subjectId: days.id, cadence: "weekly" }, metric: { id: days.id, target: 7 }, open: true },
      { card: { subjectId: satisfied.id, cadence: "once" }, question: { id: satisfied.id }, open: true },
    ]);
    await active(ian, 3, "2026-02-25T09:00:00Z");
    expect((await board(ian)).cards[0]).toMatchObject({ open: true, newestAnswer: { value: { number: 3 } } });
    const newest = await active(ian, 5);
    await active(ian, 1, "2026-02-18T09:00:00Z");
    const [weekly, once] = (await board(ian)).cards;
    expect(weekly).toMatchObject({ open: false, newestAnswer: { id: newest.id, value: { number: 5 } } });
    expect(once).toMatchObject({ open: true });
    expect(once).not.toHaveProperty("newestAnswer");
  });

  test("days and weeks are those of the organisation", async () => {
    const { organisationId } = world;
    const switches = { managersGiveRoles: true, creatorsCreateProjects: true, contactCreators: [] };
    const told = {
      organisationId,
      state: "active" as const,
      ...switches,
      redactedAccess: false,
      visitorsSeeProjects: false,
    };
    const tell = async (timeZone: string, version: number) => {
      const data = { ...told, timeZone, version };
      await world.parts.bus.publish({ type: "org.partake.organisation.changed.v1", data });
    };
    const jo = await world.enrol({ boardId });
    // Sunday 18:00 UTC is Monday morning in Auckland: this week there, last week in London.
    await active(jo, 3, "2026-03-01T18:00:00Z");
    await tell("Pacific/Auckland", 5);
    const zone = async () => (await world.parts.store.get(organisations, organisationId))?.timeZone;
    await until(async () => (await zone()) === "Pacific/Auckland");
    expect((await board(jo)).cards[0]?.open).toBe(false);
    await tell("Europe/Madrid", 4);
    await tell("Europe/London", 6);
    await until(async () => (await zone()) === "Europe/London");
    expect((await board(jo)).cards[0]?.open).toBe(true);
  });

  test("asks nothing of who only sees, and shows nothing to who is paused, ended or somebody else", async () => {
    const see = await world.enrol({ boardId, level: "see" });
    expect((await board(see)).cards.map(({ open }) => open)).toEqual([false, false]);
    for (const state of ["paused", "ended"] as const) {
      const gone = await world.enrol({ boardId, state });
      const asked = { participationId: gone.participationId };
      expect(await world.refusal(gone.person, "GetMyBoard", asked)).toBe("forbidden participation_not_active");
    }
    const other = await world.enrol({ boardId });
    for (const by of [other.person, world.manager, world.admin]) {
      const asked = { participationId: see.participationId };
      expect(await world.refusal(by, "GetMyBoard", asked)).toMatch(/^(not_found|forbidden)/);
      expect(await world.refusal(by, "GetMyChart", { ...asked, subjectId: days.id })).toMatch(/^(not_found|forbidden)/);
    }
    expect(await world.refusal(see.person, "GetMyBoard", { participationId: newId("par") })).toBe(
      "not_found not_found",
    );
  });

  test("shows nothing that was written with newer grants in mind than its person is known by", async () => {
    const { store } = world.parts;
    const newer = { actorId: "service:test", traceparent: undefined, grantsKnown: () => 9 };
    const [first, second] = [await world.metric(), await world.metric()];
    const ian = await world.enrol({ boardId: (await world.board([{ subjectId: first.id, cadence: "once" }])).id });
    const ada = await world.enrol({ boardId: (await world.board([{ subjectId: second.id, cadence: "once" }])).id });
    const post = await world.answer(ian.person, ian, { subjectId: first.id, value: { number: 3 } });
    const shownBefore = await board(ada);
    await store.write(newer, async (tx) => {
      const [metric, whole] = [await tx.get(metrics, first.id), await tx.get(boards, shownBefore.boardId)];
      if (metric) await tx.update(metrics, metric, { title: "Hidden" });
      if (whole) await tx.update(boards, whole, { title: "Hidden" });
      return first.id;
    });
    for (const { person, participationId } of [ian, ada])
      expect(await world.refusal(person, "GetMyBoard", { participationId })).toBe(refusedAsNewer);
    const chartOf = { participationId: ian.participationId, subjectId: first.id };
    expect(await world.refusal(ian.person, "GetMyChart", chartOf)).toBe(refusedAsNewer);
    expect(await world.refusal(ian.person, "GetPost", { postId: post.id })).toBe(refusedAsNewer);
  });

  test("of the rest of the organisation a participant sees nothing", async () => {
    const ian = await world.enrol({ boardId });
    const { projectId } = world;
    const hidden: [string, object][] = [
      ["ListMetrics", { projectId }],
      ["ListQuestions", { projectId }],
      ["GetBoard", { boardId }],
    ];
    for (const [name, request] of hidden) {
      expect([name, await world.refusal(ian.person, name, request)]).toEqual([
        name,
        expect.stringMatching(/^(not_found|forbidden)/),
      ]);
    }
    const listed = await world
      .call<{ items: object[] }>(ian.person, "ListBoards", { projectId })
      .catch(() => ({ items: [] }));
    expect(listed.items).toEqual([]);
  });
});

describe("[G9] my chart", () => {
  test("has my answers over time, oldest first, against target and milestones", async () => {
    const kay = await world.enrol({ boardId });
    const other = await world.enrol({ boardId });
    await active(kay, 5, "2026-02-20T09:00:00Z");
    await active(kay, 2, "2026-02-06T09:00:00Z");
    await active(kay, 4, "2026-02-13T09:00:00Z", world.manager);
    await active(other, 7, "2026-02-01T09:00:00Z");
    const shown = await chart(kay, days.id);
    expect(shown).toMatchObject({
      subjectId: days.id,
      title: "Days active per week",
      unit: "days",
      baseline: 0,
      target: 7,
    });
    expect(shown.points.map(({ value, recordedAt }) => [recordedAt.slice(0, 10), value])).toMatchObject([
      ["2026-02-06", { number: 2 }],
      ["2026-02-13", { number: 4 }],
      ["2026-02-20", { number: 5 }],
    ]);
    expect(shown.milestones).toEqual([
      { title: "half", value: 4, reachedAt: "2026-02-13T09:00:00.000Z" },
      { title: "all", value: 7 },
    ]);
  });

  test("of a question has its answers; of what nobody asked me there is none", async () => {
    const kay = await world.enrol({ boardId });
    await world.answer(kay.person, kay, { subjectId: satisfied.id, value: { number: 8 } });
    const shown = await chart(kay, satisfied.id);
    expect(shown).toMatchObject({ title: satisfied["text"], points: [{ value: { number: 8 } }], milestones: [] });
    const offBoard = await world.metric();
    const elsewhere = await world.metric({}, world.otherProjectId);
    for (const subjectId of [offBoard.id, elsewhere.id, newId("met")]) {
      const asked = { participationId: kay.participationId, subjectId };
      expect(await world.refusal(kay.person, "GetMyChart", asked)).toBe("not_found not_found");
    }
  });

  test("[R8] who is paused has left what they wrote themselves", async () => {
    const lou = await world.enrol({ boardId, state: "paused" });
    await active(lou, 6, "2026-02-20T09:00:00Z", world.manager);
    expect((await chart(lou, days.id)).points).toEqual([]);
    const feed = await world.call<{ items: object[] }>(lou.person, "ListMyNewsfeed");
    expect(feed.items).toEqual([]);
  });
});

describe("[G10] my newsfeed", () => {
  test("has what I and staff for me logged and what was said on it, newest first, and nobody else's", async () => {
    const [mia, ned] = [await world.enrol({ boardId }), await world.enrol({ boardId })];
    const earlier = await active(mia, 1, "2026-02-01T09:00:00Z");
    const mine = await active(mia, 2);
    const neds = await active(ned, 3);
    clock.advance(1_000);
    const said = await world.call<Shown>(world.manager, "CreateComment", {
      id: newId("cmt"),
      postId: mine.id,
      text: "Fine",
    });
    const { items } = await world.call<{ items: { kind: string; post?: Shown; comment?: Shown }[] }>(
      mia.person,
      "ListMyNewsfeed",
    );
    expect(items.map(({ kind, post, comment }) => [kind, post?.id ?? comment?.id])).toEqual([
      ["comment", said.id],
      ["answer", mine.id],
      ["answer", earlier.id],
    ]);
    expect(JSON.stringify(items)).not.toContain(neds.id);
  });

  test("is a person's own also where they hold roles that see more", async () => {
    const pat = await world.enrol({ boardId, roles: [["manager", world.projectId]] });
    const other = await world.enrol({ boardId });
    const [own, others] = [await active(pat, 1), await active(other, 2)];
    const { items } = await world.call<{ items: { post?: Shown }[] }>(pat.person, "ListMyNewsfeed");
    expect(items.map(({ post }) => post?.id)).toEqual([own.id]);
    expect(JSON.stringify(items)).not.toContain(others.id);
  });

  test("is for participants", async () => {
    expect(await world.refusal(world.manager, "ListMyNewsfeed")).toMatch(/^forbidden/);
    expect(await world.refusal(undefined, "ListMyNewsfeed")).toMatch(/^unauthenticated/);
  });
});
