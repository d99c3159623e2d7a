import { defineConfig } from "vitest/config";
import { summary } from "./deploy/local/test-run/summary.ts";

export default defineConfig({
  test: {
    include: ["{proto,libs,services,deploy}/**/test/**/*.test.ts"],
    globalSetup: ["deploy/local/test-run/setup.ts"],
    // The list of features is made from the last report.
    reporters: ["default", ["json", { outputFile: ".features/report.json" }], summary()],
    // Real servers answer these tests, on machines of two cores.
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 180_000,
    teardownTimeout: 60_000,
  },
});
