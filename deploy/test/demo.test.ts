import { allRoles, type Role } from "@partake/authz";
import { describe, expect, test } from "vitest";
import { COLLEAGUES, contacts, FIELDS, FOLDERS, FURTHER_ROLES, PROJECTS } from "../demo/cast.ts";
import { type DemoPost, history } from "../demo/history.ts";

const until = new Date("2026-03-02T09:00:00.000Z");
const monthMs = (365.25 / 12) * 24 * 3_600_000;

/** Not staff's, or on things that are not there yet. */
const notStaff: readonly Role[] = [
  ...(["platform_operator", "billing_operator", "participant", "redacted_consent"] as const),
  ...(["album_manager", "album_member", "event_manager", "event_worker"] as const),
];

describe("the demo organisation", () => {
  const people = contacts();
  const participants = people.filter(({ participation }) => participation !== undefined);
  const histories = participants.map((person) => history(person, until));

  test("has two folders with four projects, sixty contacts and forty participants", () => {
    expect([FOLDERS.length, PROJECTS.length, people.length, participants.length]).toEqual([2, 4, 60, 40]);
    for (const { id } of FOLDERS) expect(PROJECTS.filter(({ folderId }) => folderId === id)).toHaveLength(2);
    for (const index of PROJECTS.keys())
      expect(participants.filter(({ projectIndex }) => projectIndex === index)).toHaveLength(10);
    for (const key of ["id", "name", "email"] as const) expect(new Set(people.map((each) => each[key])).size).toBe(60);
    for (const { language } of people) expect(FIELDS[0].choices).toContain(language);
  });

  test("has somebody of every role that staff can hold, and participants of every level", () => {
    const roles = [...COLLEAGUES, ...FURTHER_ROLES].map(({ role }) => role);
    expect(new Set(roles)).toEqual(new Set(allRoles.filter((role) => !notStaff.includes(role))));
    expect(new Set(participants.map(({ participation }) => participation?.level))).toEqual(
      new Set(["see", "share", "discuss"]),
    );
  });

  test("has half a year of answers and stories, none of them from the future", () => {
    for (const posts of histories) {
      const times = posts.map(({ recordedAt }) => Date.parse(recordedAt)).sort((a, b) => a - b);
      expect(times.at(-1)).toBeLessThan(until.getTime());
      expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThan(5.5 * monthMs);
      expect(until.getTime() - (times[0] ?? 0)).toBeLessThan(6.1 * monthMs);
    }
    const posts = histories.flat();
    expect(posts.filter(({ kind }) => kind === "story").length).toBeGreaterThan(20);
    expect(new Set(posts.map(({ id }) => id)).size).toBe(posts.length);
  });

  test("tells of people who get on: on the whole, not each week", () => {
    const mean = (posts: readonly DemoPost[], from: number, to: number) => {
      const values = posts.slice(from, to).flatMap(({ value }) => value?.number ?? []);
      return values.reduce((sum, value) => sum + value, 0) / values.length;
    };
    const better = histories.map((all, index) => {
      const metric = all.filter(({ subjectId }) => subjectId?.startsWith("met_"));
      expect(metric, String(index)).toHaveLength(26);
      return mean(metric, 20, 26) - mean(metric, 0, 6);
    });
    expect(better.filter((gain) => gain > 0).length).toBeGreaterThan(35);
    const falls = histories.flatMap((all) => {
      const values = all
        .filter(({ subjectId }) => subjectId?.startsWith("met_"))
        .map(({ value }) => value?.number ?? 0);
      return values.filter((value, week) => week > 0 && value < (values[week - 1] ?? 0));
    });
    expect(falls.length).toBeGreaterThan(40);
  });

  test("is the same each time", () => {
    expect(contacts()).toEqual(people);
    expect(participants.map((person) => history(person, until))).toEqual(histories);
  });
});
