import { execFile } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

const checkout = join(import.meta.dirname, "..", "..", "..");
const vitest = join(checkout, "node_modules", "vitest", "vitest.mjs");
const config = join(import.meta.dirname, "fixtures", "run", "vitest.config.ts");

/** The exit code of a run of the fixtures, and the last line of what it says. */
function run(...filters: string[]): Promise<{ code: number; last: string | undefined }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [vitest, "run", "--config", config, ...filters], (error, stdout) => {
      resolve({ code: typeof error?.code === "number" ? error.code : 0, last: stdout.trimEnd().split("\n").at(-1) });
    });
  });
}

test.each([
  { filters: ["passing"], ends: { code: 0, last: "2 passed, 0 failed" } },
  // A test, a suite's preparation, an error of a timer, a file.
  { filters: [], ends: { code: 1, last: "3 passed, 4 failed" } },
  { filters: ["unreadable"], ends: { code: 1, last: "0 passed, 1 failed" } },
  { filters: ["no-such-file"], ends: { code: 1, last: "0 passed, 1 failed" } },
])("a run of $filters ends with the line $ends.last", async ({ filters, ends }) => {
  expect(await run(...filters)).toEqual(ends);
});
