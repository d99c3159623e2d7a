import { writeSync } from "node:fs";
import type { Reporter, TestModule } from "vitest/node";

/** What a run came to. */
export interface Tally {
  passed: number;
  failed: number;
}

/**
 * Ends a run's output with the line `N passed, N failed`, for programs that read it. It is written when the process ends, after all
 * that the end of the servers says, and nothing that went wrong is missing from it: a file that could not be loaded, an error
 * outside of any test, servers that did not start or stop.
 */
export function summary(): Reporter {
  let tally: Tally = { passed: 0, failed: 0 };
  process.once("exit", (code) => {
    const failed = code === 0 ? tally.failed : Math.max(1, tally.failed);
    writeSync(process.stdout.fd, `${tally.passed} passed, ${failed} failed\n`);
  });
  return {
    onTestRunEnd(modules, errors) {
      const counted = count(modules);
      tally = { ...counted, failed: counted.failed + errors.length };
    },
  };
}

function count(modules: readonly TestModule[]): Tally {
  let [passed, failed] = [0, 0];
  for (const module of modules) {
    failed += module.errors().length;
    for (const suite of module.children.allSuites()) failed += suite.errors().length;
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      if (state === "passed") passed += 1;
      // A test that never got to run was not skipped by anybody: its run was broken off.
      if (state === "failed" || state === "pending") failed += 1;
    }
  }
  return { passed, failed };
}
