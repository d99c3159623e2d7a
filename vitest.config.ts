import { defineConfig } from "vitest/config";
import { LongestFirst } from "./deploy/local/test-run/longest-first.ts";
import { proofs } from "./deploy/local/test-run/proofs.ts";
import { summary } from "./deploy/local/test-run/summary.ts";

const isProof = process.env["PARTAKE_PROVE"] !== undefined;

export default defineConfig({
  test: {
    include: isProof ? proofs : ["{proto,libs,services,deploy}/**/test/**/*.test.ts"],
    globalSetup: ["deploy/local/test-run/setup.ts"],
    // The list of features is made from the last report of all tests.
    reporters: ["default", ["json", { outputFile: `.features/${isProof ? "proofs" : "report"}.json` }], summary()],
    // Real servers answer these tests, and half of their time is waiting for them: three at once keep two cores busy.
    pool: "forks",
    maxWorkers: isProof ? 1 : 3,
    sequence: { sequencer: LongestFirst },
    testTimeout: 30_000,
    hookTimeout: 180_000,
    teardownTimeout: 60_000,
  },
});
