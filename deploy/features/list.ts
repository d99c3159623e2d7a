// `npm run features`: every feature with the tests that prove it, from the last test run. `-- --json` for programs.
import { existsSync, readFileSync } from "node:fs";
import { featureRows, featureStates, testOutcomes } from "./rows.ts";

const REPORT = ".features/report.json";

if (!existsSync(REPORT)) console.error("No test has run yet: run `npm test` first. Until then no feature is proven.");
const outcomes = existsSync(REPORT) ? testOutcomes(JSON.parse(readFileSync(REPORT, "utf8"))) : [];
const states = featureStates(featureRows("docs/features.md"), outcomes);

if (process.argv.includes("--json")) {
  console.log(JSON.stringify(states, undefined, 2));
} else {
  for (const { id, feature, tests, passed } of states) {
    const mark = passed ? "proven" : tests.length > 0 ? "FAILED" : "-";
    console.log(`${id.padEnd(4)} ${mark.padEnd(7)} ${String(tests.length).padStart(3)} tests  ${feature.slice(0, 90)}`);
  }
  const proven = states.filter(({ passed }) => passed).length;
  console.log(`\n${proven} of ${states.length} features are proven by the last test run.`);
}
