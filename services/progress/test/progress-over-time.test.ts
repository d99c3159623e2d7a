import { describe, expect, test } from "vitest";
import { type Cadence, isDue } from "../src/domain/cadence.ts";
import { milestonesReached } from "../src/domain/chart.ts";
import { joined } from "../src/domain/threads.ts";

describe("[G3] [G11] a card is open by its cadence", () => {
  const cases: [Cadence, newest: string | undefined, now: string, zone: string, due: boolean][] = [
    ["once", undefined, "2026-03-02T09:00Z", "UTC", true],
    ["once", "2020-01-01T00:00Z", "2026-03-02T09:00Z", "UTC", false],
    ["daily", "2026-03-01T23:59Z", "2026-03-02T00:00Z", "UTC", true],
    ["daily", "2026-03-02T00:00Z", "2026-03-02T23:59Z", "UTC", false],
    // 23:30 UTC is the next day in summer London, and in Auckland noon.
    ["daily", "2026-07-01T22:30Z", "2026-07-01T23:30Z", "Europe/London", true],
    ["daily", "2026-07-01T22:30Z", "2026-07-01T23:30Z", "Pacific/Auckland", false],
    // The clocks go forward on 29 March 2026 in London: the day has 23 hours.
    ["daily", "2026-03-28T23:30Z", "2026-03-29T22:59Z", "Europe/London", true],
    ["daily", "2026-03-29T00:30Z", "2026-03-29T22:59Z", "Europe/London", false],
    ["weekly", "2026-03-01T23:59Z", "2026-03-02T00:00Z", "UTC", true],
    ["weekly", "2026-03-02T00:00Z", "2026-03-08T23:59Z", "UTC", false],
    // An ISO week goes over the end of the year.
    ["weekly", "2025-12-29T00:00Z", "2026-01-04T23:00Z", "UTC", false],
    ["weekly", "2025-12-28T23:00Z", "2026-01-04T23:00Z", "UTC", true],
    // Given late, for the week before: this week is still open.
    ["weekly", "2026-02-27T10:00Z", "2026-03-04T10:00Z", "UTC", true],
    ["monthly", "2026-02-28T23:59Z", "2026-03-01T00:00Z", "UTC", true],
    ["monthly", "2026-02-01T00:00Z", "2026-02-28T23:59Z", "UTC", false],
    ["monthly", "2025-12-31T12:00Z", "2026-01-01T00:00Z", "UTC", true],
    ["monthly", "2024-03-31T23:30Z", "2024-04-01T00:30Z", "America/New_York", false],
  ];
  test.each(cases)("%s, answered for %s, at %s in %s: %s", (cadence, newest, now, timeZone, due) => {
    const newestAt = newest === undefined ? undefined : new Date(newest);
    expect(isDue({ cadence, newestAt, now: new Date(now), timeZone })).toBe(due);
  });
});

describe("[G9] milestones", () => {
  const day = (number: number) => new Date(Date.UTC(2026, 0, number));
  const points = [
    { recordedAt: day(3), number: 5 },
    { recordedAt: day(1), number: 1 },
    { recordedAt: day(2), number: 4 },
    { recordedAt: day(4), number: 2 },
    { recordedAt: day(5), number: undefined },
  ];
  const milestones = [
    { title: "begun", value: 1 },
    { title: "four", value: 4 },
    { title: "seven", value: 7 },
  ];

  test("are reached by the first answer in time that is as high", () => {
    expect(milestonesReached(points, { baseline: 0, target: 7, milestones })).toEqual([
      { title: "begun", value: 1, reachedAt: day(1) },
      { title: "four", value: 4, reachedAt: day(2) },
      { title: "seven", value: 7 },
    ]);
  });

  test("lie below where less is progress", () => {
    const downwards = [
      { title: "three", value: 3 },
      { title: "none", value: 0 },
    ];
    expect(milestonesReached(points.slice(2), { baseline: 8, target: 0, milestones: downwards })).toEqual([
      { title: "three", value: 3, reachedAt: day(4) },
      { title: "none", value: 0 },
    ]);
  });

  test("without a baseline the way goes up", () => {
    const [reached] = milestonesReached(points, { target: 0, milestones: [{ title: "five", value: 5 }] });
    expect(reached?.reachedAt).toEqual(day(3));
  });
});

test("[G5] a thread names each of its people once, the last to write last, and is bounded", () => {
  expect(joined(["a", "b"], "a")).toEqual(["b", "a"]);
  const many = Array.from({ length: 60 }, (_, index) => `usr_${index}`).reduce(joined, [] as string[]);
  expect(many).toHaveLength(50);
  expect(many.at(-1)).toBe("usr_59");
});
