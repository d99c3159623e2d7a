import { readFileSync } from "node:fs";

export interface FeatureRow {
  id: string;
  feature: string;
}

export interface FeatureState extends FeatureRow {
  tests: string[];
  /** Every test that names it passed, and there is at least one. */
  passed: boolean;
}

export interface TestOutcome {
  name: string;
  passed: boolean;
}

/** The rows of docs/features.md. */
export function featureRows(file: string): FeatureRow[] {
  const rows = readFileSync(file, "utf8").matchAll(/^\| ([A-Z]\d+) \| (.+) \|$/gm);
  return [...rows].map(([, id = "", feature = ""]) => ({ id, feature }));
}

/** Each row with the tests whose names carry its id in brackets. */
export function featureStates(rows: readonly FeatureRow[], outcomes: readonly TestOutcome[]): FeatureState[] {
  return rows.map((row) => {
    const own = outcomes.filter(({ name }) => idsIn(name).includes(row.id));
    return { ...row, tests: own.map(({ name }) => name), passed: own.length > 0 && own.every(({ passed }) => passed) };
  });
}

/** The ids that a test's name carries: `[R11] …` and `[G1 G9] …`. */
export function idsIn(name: string): string[] {
  return [...name.matchAll(/\[([A-Z]\d+(?:[ ,]+[A-Z]\d+)*)\]/g)].flatMap(([, ids = ""]) => ids.split(/[ ,]+/));
}

/** The outcomes in vitest's JSON report. */
export function testOutcomes(report: unknown): TestOutcome[] {
  const { testResults = [] } = report as {
    testResults?: { assertionResults: { fullName: string; status: string }[] }[];
  };
  return testResults.flatMap(({ assertionResults }) =>
    assertionResults.map(({ fullName, status }) => ({ name: fullName, passed: status === "passed" })),
  );
}
