import { defineConfig } from "vitest/config";
import { LongestFirst } from "./deploy/local/test-run/longest-first.ts";
import { summary } from "./deploy/local/test-run/summary.ts";

export default defineConfig({
  test: {
    include: ["{proto,libs,services,deploy}/**/test/**/*.test.ts"],
    globalSetup: ["deploy/local/test-run/setup.ts"],
    // The list of features is made from the last report.
    reporters: ["default", ["json", { outputFile: ".features/report.json" }], summary()],
    // Real servers answer these tests, and half of their time is waiting for them: three at once keep two cores busy.
    pool: "forks",
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    testTimeout: 30_000,
    hookTimeout: 180_000,
    teardownTimeout: 60_000,
  },
});
