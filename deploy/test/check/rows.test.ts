import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { featureRows, featureStates, idsIn, testOutcomes } from "../../features/rows.ts";

const file = join(import.meta.dirname, "..", "..", "..", "docs", "features.md");

test("every row of docs/features.md is read, and has an id of its own", () => {
  const rows = featureRows(file);
  const written = readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line.startsWith("|") && !/^\|( id |-)/.test(line));
  expect(rows.length).toBeGreaterThan(100);
  expect(rows.length).toBe(written.length);
  expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
  expect(rows.every(({ feature }) => feature.trim() !== "")).toBe(true);
});

test.each([
  ["[R11] an admin gives a role", ["R11"]],
  ["[G1 G9] a card is answered", ["G1", "G9"]],
  ["[G1, G9,C2] a card is answered", ["G1", "G9", "C2"]],
  ["roles > [R1] of an admin > [R2] of a manager", ["R1", "R2"]],
  ["R11 without brackets", []],
  ["[r11] in lower case", []],
  ["[object Object]", []],
  ["[R] or [11]", []],
])("%s names %j", (name, ids) => {
  expect(idsIn(name)).toEqual(ids);
});

test("a feature is proven by the tests that name it, if there are any and all pass", () => {
  const rows = ["R1", "R2", "R11"].map((id) => ({ id, feature: `feature ${id}` }));
  const outcomes = [
    { name: "[R1] one", passed: true },
    { name: "[R1 R2] two", passed: true },
    { name: "[R2] three", passed: false },
  ];
  expect(featureStates(rows, outcomes)).toEqual([
    { id: "R1", feature: "feature R1", tests: ["[R1] one", "[R1 R2] two"], passed: true },
    { id: "R2", feature: "feature R2", tests: ["[R1 R2] two", "[R2] three"], passed: false },
    { id: "R11", feature: "feature R11", tests: [], passed: false },
  ]);
});

test("only what passed has passed in vitest's report", () => {
  const assertionResults = ["passed", "failed", "pending", "skipped", "todo"].map((status) => ({
    fullName: status,
    status,
  }));
  const passed = testOutcomes({ testResults: [{ assertionResults }] }).filter((outcome) => outcome.passed);
  expect(passed).toEqual([{ name: "passed", passed: true }]);
  expect(testOutcomes({})).toEqual([]);
});
