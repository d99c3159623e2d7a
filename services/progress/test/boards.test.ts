import { newId } from "@partake/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Person, type ProgressWorld, type Shown, startProgressWorld } from "./world.ts";

let world: ProgressWorld;
let people: Record<"admin" | "manager" | "reporter" | "observer" | "otherManager" | "member", Person>;

beforeAll(async () => {
  world = await startProgressWorld();
  const { projectId, otherProjectId, organisationId, admin, manager } = world;
  people = {
    admin,
    manager,
    reporter: world.member([["reporter", projectId]]),
    observer: world.member([["observer", projectId]]),
    otherManager: world.member([["manager", otherProjectId]]),
    member: world.member([["member", organisationId]]),
  };
});
afterAll(() => world?.stop());

const outcomes = async (name: string, request: () => object) =>
  Object.fromEntries(
    await Promise.all(
      Object.entries(people).map(async ([who, by]) => [who, await world.refusal(by, name, request())] as const),
    ),
  );

describe("[G1] metrics and [G2] questions", () => {
  test("are shown as they were defined, in their order", async () => {
    const first = await world.metric({
      ...{ baseline: 0, target: 7, published: true },
      milestones: [{ title: "every other day", value: 3.5 }],
    });
    expect(first).toMatchObject({
      title: "Days active per week",
      unit: "days",
      target: 7,
      published: true,
      version: 1,
    });
    const second = await world.metric({ title: "Has a place to live", kind: "yes_no", unit: "" });
    const { items } = await world.call<{ items: Shown[] }>(people.observer, "ListMetrics", {
      projectId: world.projectId,
    });
    expect(items).toEqual([first, second]);
    const question = await world.question({ help: "0 is not at all", required: true });
    const listed = await world.call<{ items: Shown[] }>(people.observer, "ListQuestions", {
      projectId: world.projectId,
    });
    expect(listed.items).toEqual([question]);
    expect(question).toMatchObject({
      kind: "scale",
      scale: { minimum: 0, maximum: 10 },
      required: true,
      published: false,
    });
  });

  test("are defined by who edits the project", async () => {
    const { projectId } = world;
    const metric = () => ({ id: newId("met"), projectId, title: "Steps", kind: "number" });
    const expected = { admin: "ok", manager: "ok", reporter: "forbidden no_role", observer: "forbidden no_role" };
    const outside = { otherManager: "not_found not_found", member: "not_found not_found" };
    expect(await outcomes("CreateMetric", metric)).toEqual({ ...expected, ...outside });
    const question = () => ({ id: newId("qst"), projectId, text: "Why?", kind: "text" });
    expect(await outcomes("CreateQuestion", question)).toEqual({ ...expected, ...outside });
    const listing = () => ({ projectId });
    const team = { admin: "ok", manager: "ok", reporter: "ok", observer: "ok", ...outside };
    expect(await outcomes("ListMetrics", listing)).toEqual(team);
    expect(await outcomes("ListQuestions", listing)).toEqual(team);
  });

  test.each([
    ["CreateMetric", { title: "Money", kind: "currency", unit: "shells" }],
    ["CreateMetric", { title: "", kind: "number" }],
    ["CreateMetric", { title: "Steps", kind: "steps" }],
    ["CreateQuestion", { text: "Which?", kind: "single_choice", choices: ["one"] }],
    ["CreateQuestion", { text: "How?", kind: "scale", scale: { minimum: 5, maximum: 5 } }],
  ])("%s refuses %j", async (name, request) => {
    const asked = { id: newId(name === "CreateMetric" ? "met" : "qst"), projectId: world.projectId, ...request };
    expect(await world.refusal(people.manager, name, asked)).toBe("invalid invalid_request");
  });

  test("the same id with the same request is the same metric, with another it is refused", async () => {
    const request = { id: newId("met"), projectId: world.projectId, title: "Steps", kind: "number" };
    const made = await world.call(people.manager, "CreateMetric", request);
    expect(await world.call(people.manager, "CreateMetric", request)).toEqual(made);
    const other = { ...request, title: "Strides" };
    expect(await world.refusal(people.manager, "CreateMetric", other)).toBe("conflict id_taken");
  });
});

describe("[G3] boards", () => {
  test("hold cards about the project's own questions and metrics", async () => {
    const [metric, question] = [await world.metric(), await world.question()];
    const cards = [
      { subjectId: metric.id, cadence: "weekly" },
      { subjectId: question.id, cadence: "once" },
    ];
    const board = await world.board(cards);
    expect(board).toMatchObject({ managed: true, cards, version: 1 });
    expect(await world.call(people.observer, "GetBoard", { boardId: board.id })).toEqual(board);
  });

  test("take no card about another project, about nothing, or about the same twice", async () => {
    const elsewhere = await world.metric({}, world.otherProjectId);
    const here = await world.metric();
    const make = (cards: object[]) =>
      world.refusal(people.admin, "CreateBoard", { id: newId("brd"), projectId: world.projectId, title: "B", cards });
    expect(await make([{ subjectId: elsewhere.id, cadence: "daily" }])).toBe("invalid unknown_card");
    expect(await make([{ subjectId: newId("qst"), cadence: "daily" }])).toBe("invalid unknown_card");
    const twice = [
      { subjectId: here.id, cadence: "daily" },
      { subjectId: here.id, cadence: "weekly" },
    ];
    expect(await make(twice)).toBe("invalid invalid_request");
  });

  test("are made by editors, seen by the team, and hidden from others as if they were not there", async () => {
    const { id: boardId } = await world.board([]);
    const create = () => ({ id: newId("brd"), projectId: world.projectId, title: "B" });
    const outside = { otherManager: "not_found not_found", member: "not_found not_found" };
    const refused = { reporter: "forbidden no_role", observer: "forbidden no_role" };
    expect(await outcomes("CreateBoard", create)).toEqual({ admin: "ok", manager: "ok", ...refused, ...outside });
    const team = { admin: "ok", manager: "ok", reporter: "ok", observer: "ok" };
    expect(await outcomes("GetBoard", () => ({ boardId }))).toMatchObject({
      ...team,
      otherManager: "not_found not_found",
    });
    expect(await world.refusal(people.manager, "GetBoard", { boardId: newId("brd") })).toBe("not_found not_found");
    const list = await outcomes("ListBoards", () => ({ projectId: world.projectId }));
    expect(list).toMatchObject({ ...team, otherManager: "not_found not_found", member: "not_found not_found" });
    for (const by of [people.admin, people.manager])
      expect(await world.refusal(by, "ListBoards", { projectId: newId("prj") })).toBe("not_found not_found");
  });

  test("[R4] a board's own people see it and only its admin changes it", async () => {
    const board = await world.board([]);
    const other = await world.board([]);
    const boardAdmin = world.member([["board_admin", board.id, world.projectId]]);
    const boardMember = world.member([["board_member", board.id, world.projectId]]);
    for (const by of [boardAdmin, boardMember]) {
      expect(await world.refusal(by, "GetBoard", { boardId: board.id })).toBe("ok");
      expect(await world.refusal(by, "GetBoard", { boardId: other.id })).toBe("not_found not_found");
      const { items } = await world.call<{ items: Shown[] }>(by, "ListBoards", { projectId: world.projectId });
      expect(items.map(({ id }) => id)).toEqual([board.id]);
    }
    const change = { boardId: board.id, title: "Renamed" };
    expect(await world.refusal(boardMember, "UpdateBoard", change, { ifMatch: 1 })).toBe("forbidden no_role");
    const changed = await world.call(boardAdmin, "UpdateBoard", change, { ifMatch: 1 });
    expect(changed).toMatchObject({ title: "Renamed", cards: [], version: 2 });
    expect(await world.refusal(boardAdmin, "UpdateBoard", change, { ifMatch: 1 })).toBe(
      "precondition_failed version_mismatch",
    );
    expect(await world.refusal(boardAdmin, "UpdateBoard", change)).toBe("precondition_required if_match_missing");
    const metric = await world.metric();
    const cards = { items: [{ subjectId: metric.id, cadence: "monthly" }] };
    const recarded = await world.call(boardAdmin, "UpdateBoard", { boardId: board.id, cards }, { ifMatch: 2 });
    expect(recarded).toMatchObject({ title: "Renamed", cards: cards.items, version: 3 });
  });
});

describe("[G3] a contact's place on a board", () => {
  const contacts = () => world.service("contacts");
  const place = async (more: object = {}) => {
    const board = await world.board([]);
    const ids = { participationId: newId("par"), contactId: await world.contact(), pseudonym: newId("psn") };
    return { ...ids, organisationId: world.organisationId, projectId: world.projectId, boardId: board.id, ...more };
  };

  test("is taken once, however often it is asked for", async () => {
    const request = await place();
    for (let time = 0; time < 3; time++) expect(await world.refusal(contacts(), "AddToBoard", request)).toBe("ok");
    expect(await world.refusal(contacts(), "RemoveFromBoard", { participationId: request.participationId })).toBe("ok");
  });

  test("once removed it is not taken again, though the addition comes late or comes after", async () => {
    const added = await place();
    await world.call(contacts(), "AddToBoard", added);
    await world.call(contacts(), "RemoveFromBoard", { participationId: added.participationId });
    await world.call(contacts(), "AddToBoard", added);
    const late = await place();
    await world.call(contacts(), "RemoveFromBoard", { participationId: late.participationId });
    await world.call(contacts(), "AddToBoard", late);
    for (const { participationId } of [added, late]) {
      const story = { id: newId("pst"), participationId, kind: "story", narrative: "x" };
      expect(await world.refusal(people.admin, "CreatePost", story)).toMatch(/not_on_board|not_found/);
    }
  });

  test.each([
    ["a board that is not there", () => ({ boardId: newId("brd") }), "unprocessable board_not_found"],
    ["another project's board", () => ({ projectId: world.otherProjectId }), "unprocessable board_not_found"],
    ["another organisation's board", () => ({ organisationId: newId("org") }), "unprocessable board_not_found"],
  ])("is refused on %s", async (_why, more, expected) => {
    expect(await world.refusal(contacts(), "AddToBoard", await place(more()))).toBe(expected);
  });

  test("is refused on a board that is not managed", async () => {
    const unmanaged = { id: newId("brd"), projectId: world.projectId, title: "Loose" };
    const { id: boardId } = await world.call<Shown>(people.admin, "CreateBoard", unmanaged);
    expect(await world.refusal(contacts(), "AddToBoard", await place({ boardId }))).toBe(
      "unprocessable board_not_found",
    );
  });

  test.each(["gateway", "identity", "billing", "messaging", "projects"] as const)(
    "%s may not ask for it",
    async (name) => {
      expect(await world.refusal(world.service(name), "AddToBoard", await place())).toBe("internal service_refused");
    },
  );

  test("no person may ask for it", async () => {
    expect(await world.refusal(people.admin, "AddToBoard", await place())).toBe("internal service_refused");
    expect(await world.refusal(undefined, "RemoveFromBoard", { participationId: newId("par") })).toBe(
      "internal service_refused",
    );
  });
});
