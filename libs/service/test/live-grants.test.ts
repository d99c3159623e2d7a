import type { Arrived } from "@partake/bus";
import type { Events } from "@partake/contract";
import { GrantsView, type ReadGrants } from "@partake/service";
import { fakeClock } from "@partake/testing";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { grant, ORGANISATION, of, PROJECT, seeded, switches, USER } from "./held-by-one.ts";

type Changed = Events["org.partake.grant.changed.v1"];

let clock = fakeClock();
let answer: ReadGrants | undefined;
let reads: number;
let hold: Promise<void> | undefined;
let view: GrantsView;

beforeEach(() => {
  clock = fakeClock();
  reads = 0;
  hold = undefined;
  answer = {
    grants: [grant("grn_1", "manager", 3)],
    version: 5,
    enabled: true,
    switches,
    withheld: [],
    endedSessionIds: [],
  };
  view = create();
});

function create(capacity = 100): GrantsView {
  const source = {
    read: async () => {
      reads += 1;
      const read = answer;
      await hold;
      if (read === undefined) throw new Error("identity is away");
      return read;
    },
  };
  return new GrantsView({ source, nowMs: clock.nowMs, capacity });
}

function arrive<T extends keyof Events>(type: T, data: Events[T]): void {
  view.broadcast.handle({ type, data } as unknown as Arrived);
}

const beat = () =>
  arrive("org.partake.identity.heartbeat.v1", { source: "identity", sentAt: clock.now().toISOString() });

function change(grantId: string, version: number, more: Partial<Changed> = {}): void {
  const base = {
    grantId,
    organisationId: ORGANISATION,
    userId: USER,
    role: "manager",
    scope: PROJECT,
    peerReview: false,
  };
  arrive("org.partake.grant.changed.v1", {
    ...base,
    version,
    removed: false,
    grantedAt: "2026-01-01T00:00:00Z",
    ...more,
  });
}

const organisation = (version: number, state: "active" | "suspended" | "closed", more: object = {}) =>
  arrive("org.partake.organisation.changed.v1", {
    organisationId: ORGANISATION,
    state,
    ...switches,
    timeZone: "Europe/London",
    version,
    ...more,
  });

const rolesNow = async () => (await view.read(of))?.roles.map(({ role }) => role);

describe("grants that are held", () => {
  const random = seeded(20_261_122);
  const withhold = (version: number, more: object = {}) =>
    arrive("org.partake.withheld-right.changed.v1", {
      withheldRightId: "whr_1",
      organisationId: ORGANISATION,
      userId: USER,
      projectId: PROJECT,
      version,
      restored: false,
      ...more,
    });
  const withheldNow = async () => (await view.read(of))?.withheld;

  beforeEach(async () => {
    beat();
    await view.read(of);
  });

  test("are read once", async () => {
    expect(await rolesNow()).toEqual(["manager"]);
    expect(reads).toBe(1);
  });

  test("[R18] change with the topic, and what was compiled from them is no longer current", async () => {
    const before = await view.read(of);
    change("grn_1", 6, { removed: true });
    expect(before?.current).toBe(false);
    expect(await rolesNow()).toEqual([]);
    expect([...((await view.read(of))?.taken ?? [])]).toEqual([[`manager:${PROJECT}`, 6]]);
    expect(reads).toBe(1);
  });

  test.each([
    ["an older form of a grant changes nothing", () => change("grn_1", 2, { removed: true }), ["manager"]],
    ["the same version changes nothing", () => change("grn_1", 3, { removed: true }), ["manager"]],
    ["a grant that was taken before the reading does not come back", () => change("grn_0", 4), ["manager"]],
    ["a new grant is added", () => change("grn_2", 6, { role: "reporter" }), ["manager", "reporter"]],
    ["another person's grant changes nothing", () => change("grn_2", 6, { userId: "usr_x" }), ["manager"]],
    [
      "another organisation's grant changes nothing",
      () => change("grn_2", 6, { organisationId: "org_x" }),
      ["manager"],
    ],
    [
      "removed, then an old message of it arrives: it stays removed",
      () => [change("grn_1", 9, { removed: true }), change("grn_1", 7)],
      [],
    ],
  ])("%s", async (_, happen, expected) => {
    happen();
    expect(await rolesNow()).toEqual(expected);
  });

  test("the order of messages does not matter", async () => {
    change("grn_2", 8, { role: "observer" });
    change("grn_2", 7, { role: "reporter" });
    expect(await rolesNow()).toEqual(["manager", "observer"]);
  });

  test("a participation's level comes with its grant", async () => {
    const participation = {
      participationId: "par_1",
      contactId: "con_1",
      boardId: "brd_1",
      level: "see" as const,
      state: "active" as const,
    };
    change("grn_3", 6, { role: "participant", ...participation });
    const level = async () =>
      (await view.read(of))?.roles.find(({ role }) => role === "participant")?.participant?.level;
    expect(await level()).toBe("see");
    change("grn_3", 7, { role: "participant", ...participation, level: "discuss" });
    expect(await level()).toBe("discuss");
  });

  test("[R18] [R16] delivered twice, late and swapped, all end with the highest version of each, at every gateway", async () => {
    const states = (version: number) => ({
      grant: () => change("grn_9", version, { role: "reporter", removed: version % 3 === 0 }),
      right: () => withhold(version, { withheldRightId: "whr_9", restored: version % 2 === 0 }),
    });
    for (let round = 0; round < 400; round += 1) {
      // The same events reach the first and the second of two gateways, each in an order of its own.
      const last = 6 + ((round >> 1) % 8);
      view = create();
      beat();
      await view.read(of);
      const events = Array.from({ length: last - 5 }, (_, index) => states(6 + index)).flatMap(Object.values);
      const often = events.flatMap((event) => Array.from({ length: 1 + Math.floor(random() * 3) }, () => event));
      for (const event of often.sort(() => random() - 0.5)) event();
      const expected = last % 3 === 0 ? ["manager"] : ["manager", "reporter"];
      expect(await rolesNow()).toEqual(expected);
      expect(await withheldNow()).toEqual(last % 2 === 0 ? [] : [PROJECT]);
    }
  });

  test("a disabled person is disabled at once; an enabled one is read anew", async () => {
    arrive("org.partake.user.changed.v1", { userId: USER, enabled: false, version: 2 });
    expect(await view.read(of)).toMatchObject({ enabled: false });
    expect(reads).toBe(1);
    arrive("org.partake.user.changed.v1", { userId: USER, enabled: true, version: 3 });
    expect(await view.read(of)).toMatchObject({ enabled: true });
    expect(reads).toBe(2);
  });

  test("another person's disabling is theirs", async () => {
    arrive("org.partake.user.changed.v1", { userId: "usr_x", enabled: false, version: 2 });
    expect(await view.read(of)).toMatchObject({ enabled: true });
  });

  test.each(["suspended", "closed"] as const)("a %s organisation refuses at once", async (state) => {
    organisation(6, state);
    expect(await view.read(of)).toMatchObject({ enabled: false });
  });

  test("an older change of the organisation changes nothing", async () => {
    organisation(4, "suspended");
    expect(await view.read(of)).toMatchObject({ enabled: true });
  });

  test("a switch counts at once", async () => {
    organisation(6, "active", { redactedAccess: true });
    expect((await view.read(of))?.switches.redactedAccess).toBe(true);
  });

  test("[R16] a derived right is withheld and given back; the highest version counts, whatever the order", async () => {
    const before = await view.read(of);
    withhold(6);
    expect(before?.current).toBe(false);
    expect(await withheldNow()).toEqual([PROJECT]);
    withhold(8, { restored: true });
    expect(await withheldNow()).toEqual([]);
    withhold(6);
    withhold(7);
    expect(await withheldNow()).toEqual([]);
    withhold(9);
    withhold(9);
    withhold(8, { restored: true });
    expect(await withheldNow()).toEqual([PROJECT]);
    expect(reads).toBe(1);
  });

  test.each([
    ["another person's", { userId: "usr_x" }],
    ["another organisation's", { organisationId: "org_x" }],
  ])("[R16] %s right withheld changes nothing", async (_, more) => {
    withhold(6, more);
    expect(await withheldNow()).toEqual([]);
  });

  test("[R18] a role ends at its time, though nobody says so, and what was compiled from it is no longer current", async () => {
    change("grn_2", 6, { role: "reporter", expiresAt: new Date(clock.nowMs() + 1_000).toISOString() });
    const before = await view.read(of);
    expect(before?.untilMs).toBe(clock.nowMs() + 1_000);
    expect(before?.roles.map(({ role }) => role)).toEqual(["manager", "reporter"]);
    clock.advance(999);
    expect(await rolesNow()).toEqual(["manager", "reporter"]);
    clock.advance(1);
    beat();
    expect(await rolesNow()).toEqual(["manager"]);
    expect(before?.current).toBe(false);
    expect(reads).toBe(1);
    change("grn_2", 7, { role: "reporter", expiresAt: new Date(clock.nowMs() + 1_000).toISOString() });
    expect(await rolesNow()).toEqual(["manager", "reporter"]);
  });

  test("what ends at a time that cannot be read has ended", async () => {
    change("grn_2", 6, { role: "reporter", expiresAt: "soon" });
    expect(await rolesNow()).toEqual(["manager"]);
  });

  test("when the topic was lost all is read anew", async () => {
    const before = await view.read(of);
    view.broadcast.lost();
    expect(before?.current).toBe(false);
    await view.read(of);
    expect(reads).toBe(2);
  });
});

describe("reading", () => {
  beforeEach(beat);

  test("many at once read once", async () => {
    await Promise.all(Array.from({ length: 50 }, () => view.read(of)));
    expect(reads).toBe(1);
  });

  test("a change that arrives meanwhile is not lost", async () => {
    let go = () => {};
    hold = new Promise((resolve) => (go = resolve));
    const reading = view.read(of);
    change("grn_1", 6, { removed: true });
    go();
    expect((await reading)?.roles).toEqual([]);
    expect(await rolesNow()).toEqual([]);
  });

  test("when the topic is lost meanwhile the result is not kept", async () => {
    let go = () => {};
    hold = new Promise((resolve) => (go = resolve));
    const reading = view.read(of);
    view.broadcast.lost();
    go();
    expect((await reading)?.current).toBe(false);
    expect(view.size).toBe(0);
  });

  test("a call that saw a newer version makes it be asked for", async () => {
    await view.read(of);
    answer = { grants: [], version: 7, enabled: true, switches, withheld: [], endedSessionIds: [] };
    expect((await view.read({ ...of, version: 7 }))?.roles).toEqual([]);
    await view.read({ ...of, version: 7 });
    expect(reads).toBe(2);
  });

  test("identity is away: nothing where nothing was held, and it is let alone for a second", async () => {
    answer = undefined;
    expect(await view.read(of)).toBeUndefined();
    expect(await view.read(of)).toBeUndefined();
    expect(reads).toBe(1);
    clock.advance(1_001);
    await view.read(of);
    expect(reads).toBe(2);
  });

  test("identity is away: what is held goes on counting", async () => {
    await view.read(of);
    answer = undefined;
    expect((await view.read({ ...of, version: 9 }))?.version).toBe(5);
  });

  test("no more people are held than there is room for, and those who were dropped are told", async () => {
    view = create(2);
    beat();
    const first = await view.read({ ...of, userId: "usr_1" });
    await view.read({ ...of, userId: "usr_2" });
    await view.read({ ...of, userId: "usr_3" });
    expect(view.size).toBe(2);
    expect(first?.current).toBe(false);
  });

  test("who was asked for lately is not the one who is dropped", async () => {
    view = create(2);
    beat();
    const first = await view.read({ ...of, userId: "usr_1" });
    await view.read({ ...of, userId: "usr_2" });
    await view.read({ ...of, userId: "usr_1" });
    await view.read({ ...of, userId: "usr_3" });
    expect(first?.current).toBe(true);
  });
});

describe("identity's heartbeat", () => {
  test("silence of more than three seconds is stale", () => {
    expect(view.fresh()).toBe(false);
    beat();
    clock.advance(3_000);
    expect(view.fresh()).toBe(true);
    clock.advance(1);
    expect(view.fresh()).toBe(false);
  });

  test("the first one is told, and none before it", async () => {
    const told = vi.fn();
    void view.heardFirst.then(told);
    change("grn_1", 6);
    await Promise.resolve();
    expect(told).not.toHaveBeenCalled();
    beat();
    await view.heardFirst;
    expect(told).toHaveBeenCalledOnce();
  });

  test("while stale, what was read counts for two seconds", async () => {
    await view.read(of);
    clock.advance(1_999);
    await view.read(of);
    expect(reads).toBe(1);
    clock.advance(2);
    await view.read(of);
    expect(reads).toBe(2);
  });

  test("what was read in the silence is read anew after it", async () => {
    const read = await view.read(of);
    beat();
    expect(read?.current).toBe(false);
    await view.read(of);
    expect(reads).toBe(2);
  });

  test("what was held before a silence had every change, and stays", async () => {
    beat();
    clock.advance(1);
    beat();
    const before = await view.read(of);
    clock.advance(1);
    beat();
    clock.advance(10_000);
    beat();
    expect(before?.current).toBe(true);
  });
});
