import type { Arrived } from "@partake/bus";
import type { Events } from "@partake/contract";
import { PlacesView, type ReadScopes } from "@partake/service";
import { fakeClock } from "@partake/testing";
import { beforeEach, describe, expect, test } from "vitest";

const ORGANISATION = "org_1";
type Scope = ReadScopes["items"][number];
type Changed = Events["org.partake.project.scope-changed.v1"];

function scope(projectId: string, more: Partial<Scope> = {}): Scope {
  return { projectId, organisationId: ORGANISATION, status: "published", visibility: "people", version: 1, ...more };
}

let clock = fakeClock();
let all: Scope[];
let isAway: boolean;
let isFresh: boolean;
let reads: string[];
let hold: Promise<void> | undefined;
let view: PlacesView;

beforeEach(() => {
  clock = fakeClock();
  all = [
    scope("prj_1", { folderId: "fld_1" }),
    scope("prj_2", { visibility: "registered" }),
    scope("prj_3", { organisationId: "org_2" }),
  ];
  isAway = false;
  isFresh = true;
  reads = [];
  hold = undefined;
  const source = {
    read: async (of: { organisationId?: string; projectIds?: string[]; cursor: string }): Promise<ReadScopes> => {
      reads.push(of.projectIds?.join() ?? `${of.organisationId}@${of.cursor}`);
      await hold;
      if (isAway) throw new Error("projects is away");
      const matching = all.filter(
        ({ projectId, organisationId }) => of.projectIds?.includes(projectId) ?? organisationId === of.organisationId,
      );
      if (of.projectIds !== undefined) return { items: matching, nextCursor: "" };
      const from = Number(of.cursor || 0);
      return { items: matching.slice(from, from + 1), nextCursor: from + 1 < matching.length ? String(from + 1) : "" };
    },
  };
  view = new PlacesView({ source, fresh: () => isFresh, nowMs: clock.nowMs, capacity: 2 });
});

function change(projectId: string, version: number, more: Partial<Changed> = {}): void {
  const data = { ...scope(projectId), createdBy: "usr_1", ...more, version };
  view.broadcast.handle({ type: "org.partake.project.scope-changed.v1", data } as unknown as Arrived);
}

const places = () => view.of(ORGANISATION);

describe("places", () => {
  test("that are not known are unavailable, not absent", () => {
    expect(() => places().project("prj_1")).toThrow(
      expect.objectContaining({ code: "unavailable", reason: "places_unknown" }),
    );
  });

  test("are read at first use, page by page, once", async () => {
    await Promise.all([view.load(ORGANISATION), view.load(ORGANISATION)]);
    expect(view.load(ORGANISATION)).toBeUndefined();
    expect(reads).toEqual(["org_1@", "org_1@1"]);
    expect(places().project("prj_1")).toMatchObject({ folderId: "fld_1" });
    expect(places().projectsIn("fld_1")).toEqual(["prj_1"]);
    expect(places().openProjects(ORGANISATION)).toEqual(["prj_2"]);
    expect(places().deletedProjects(ORGANISATION)).toEqual([]);
  });

  test("of another organisation are not there", async () => {
    await view.load(ORGANISATION);
    await view.load("org_2");
    expect(places().project("prj_3")).toBeUndefined();
    expect(places().openProjects("org_2")).toEqual([]);
    expect(view.of("org_2").project("prj_3")).toBeDefined();
  });

  test("of the platform are none, and nobody is asked", () => {
    expect(view.load("platform")).toBeUndefined();
    expect(view.of("platform").project("prj_1")).toBeUndefined();
  });

  test("[P1] move with one message", async () => {
    await view.load(ORGANISATION);
    change("prj_1", 2, { folderId: "fld_2" });
    expect(places().projectsIn("fld_1")).toEqual([]);
    expect(places().projectsIn("fld_2")).toEqual(["prj_1"]);
    change("prj_1", 3);
    expect(places().projectsIn("fld_2")).toEqual([]);
    expect(places().project("prj_1")).not.toHaveProperty("folderId");
  });

  test("the highest version counts, in whatever order they come", async () => {
    await view.load(ORGANISATION);
    change("prj_2", 5, { status: "archived" });
    change("prj_2", 4, { status: "published", visibility: "public" });
    expect(places().project("prj_2")?.status).toBe("archived");
    expect(places().openProjects(ORGANISATION)).toEqual([]);
  });

  test("[P6] deleted ones are told apart, until they are restored", async () => {
    await view.load(ORGANISATION);
    change("prj_2", 2, { status: "deleted" });
    expect(places().deletedProjects(ORGANISATION)).toEqual(["prj_2"]);
    expect(places().deletedProjects("org_2")).toEqual([]);
    change("prj_2", 3, { status: "published" });
    expect(places().deletedProjects(ORGANISATION)).toEqual([]);
  });

  test("a change that arrives while they are read is not lost", async () => {
    let go = () => {};
    hold = new Promise((resolve) => (go = resolve));
    const loading = view.load(ORGANISATION);
    change("prj_9", 1);
    go();
    await loading;
    expect(places().project("prj_9")).toBeDefined();
  });

  test("when the topic is lost meanwhile, what was read is not kept and who asked waits for a new reading", async () => {
    let go = () => {};
    hold = new Promise((resolve) => (go = resolve));
    const loading = view.load(ORGANISATION);
    view.broadcast.lost();
    all = [scope("prj_1", { status: "archived", version: 2 })];
    go();
    await loading;
    expect(reads.filter((read) => read === `${ORGANISATION}@`)).toHaveLength(2);
    expect(places().project("prj_1")?.status).toBe("archived");
  });

  test("when the topic is lost later, calls under way go on and the next question reads anew", async () => {
    await view.load(ORGANISATION);
    view.broadcast.lost();
    expect(places().project("prj_1")).toBeDefined();
    all = [scope("prj_1", { status: "archived", version: 2 })];
    await view.load(ORGANISATION);
    expect(places().project("prj_1")?.status).toBe("archived");
  });

  test("a live handle tells what is held now, not what was when it was made", async () => {
    await view.load(ORGANISATION);
    const before = places();
    view.broadcast.lost();
    await view.load(ORGANISATION);
    change("prj_7", 1);
    expect(before.project("prj_7")).toBeDefined();
  });

  test("one that is not known may be asked for, at most twice a second", async () => {
    await view.load(ORGANISATION);
    all.push(scope("prj_8"));
    reads = [];
    await view.ask(ORGANISATION, "prj_8");
    await view.ask(ORGANISATION, "prj_8");
    expect(reads).toEqual(["prj_8"]);
    expect(places().project("prj_8")).toBeDefined();
  });

  test("two who ask for it at once both wait for the answer", async () => {
    await view.load(ORGANISATION);
    all.push(scope("prj_8"));
    const answer = Promise.withResolvers<void>();
    hold = answer.promise;
    const known: boolean[] = [];
    const asking = ["first", "second"].map(async () => {
      await view.ask(ORGANISATION, "prj_8");
      known.push(places().project("prj_8") !== undefined);
    });
    await Promise.resolve();
    answer.resolve();
    await Promise.all(asking);
    expect(known).toEqual([true, true]);
  });

  test("one of another organisation that is asked for stays out", async () => {
    await view.load(ORGANISATION);
    await view.ask(ORGANISATION, "prj_3");
    expect(places().project("prj_3")).toBeUndefined();
  });

  test("projects is away: what is held goes on, nothing rejects, and it is let alone for a second", async () => {
    await view.load(ORGANISATION);
    isAway = true;
    isFresh = false;
    clock.advance(3_001);
    reads = [];
    await view.load(ORGANISATION);
    await view.load(ORGANISATION);
    expect(reads).toHaveLength(1);
    expect(places().project("prj_1")).toBeDefined();
  });

  test("while changes do not reach us they are read again", async () => {
    await view.load(ORGANISATION);
    isFresh = false;
    clock.advance(3_001);
    all = [scope("prj_1", { status: "archived", version: 2 })];
    await view.load(ORGANISATION);
    expect(places().project("prj_1")?.status).toBe("archived");
  });

  test("no more organisations are held than there is room for", async () => {
    await view.load("org_1");
    await view.load("org_2");
    await view.load("org_3");
    expect(() => view.of("org_1").project("prj_1")).toThrow();
  });
});
