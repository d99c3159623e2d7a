import { relative } from "node:path/posix";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * The files that take longest, in that order. They wait more than they work, for a platform to do something or for Kafka to be
 * missed, so each goes well beside others; begun last it would go alone.
 */
export const longest = [
  "deploy/test/platform/platform.test.ts",
  "libs/bus/test/outage.test.ts",
  "deploy/test/outages.test.ts",
  "libs/service/test/outages.test.ts",
  "libs/bus/test/crashes.test.ts",
  "libs/store/test/leases.test.ts",
  "services/contacts/test/saga.test.ts",
  "services/identity/test/redacted-access.test.ts",
  "libs/service/test/run.test.ts",
  "services/identity/test/grants.test.ts",
  "libs/bus/test/broadcast.test.ts",
  "libs/bus/test/idle.test.ts",
  "libs/store/test/outage.test.ts",
];

/** Begins with the longest files, the same on every machine; then as vitest does, by what it remembers or by size. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.toSorted((a, b) => place(a) - place(b));
  }
}

function place({ moduleId, project }: TestSpecification): number {
  const index = longest.indexOf(relative(project.config.root, moduleId));
  return index === -1 ? longest.length : index;
}
