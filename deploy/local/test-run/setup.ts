import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { type Infrastructure, startInfrastructure } from "../infrastructure/infrastructure.ts";
import { terminalReporter } from "../terminal/reporter.ts";
import { removeTestData } from "./data.ts";
import { startTestDoor } from "./door.ts";

declare module "vitest" {
  interface ProvidedContext {
    mongodbUri: string;
    kafkaBrokers: string;
    databasePrefix: string;
    kafkaPrefix: string;
    /** Where `testPlatform` asks for the platform. */
    testDoorUrl: string;
  }
}

/**
 * Starts Kafka and MongoDB once for a whole test run. The platform is started when the first test asks for it through the
 * door, so a run of unit tests does not pay for it.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const reporter = terminalReporter();
  const infrastructure = await startInfrastructure({ data: { kind: "ephemeral" }, reporter });
  reporter.line(describe(infrastructure));
  const runId = randomBytes(4).toString("hex");
  const folder = await mkdtemp(join(tmpdir(), "partake-test-"));
  const context = {
    mongodbUri: infrastructure.mongodbUri,
    kafkaBrokers: infrastructure.kafkaBrokers,
    databasePrefix: `test_${runId}`,
    kafkaPrefix: `test-${runId}-`,
  };
  const door = await startTestDoor({ ...context, folder, reporter });
  for (const [name, value] of Object.entries({ ...context, testDoorUrl: door.url })) {
    project.provide(name as keyof typeof context, value);
  }
  Object.assign(process.env, {
    MONGODB_URI: context.mongodbUri,
    KAFKA_BROKERS: context.kafkaBrokers,
    MONGODB_DATABASE_PREFIX: context.databasePrefix,
    KAFKA_PREFIX: context.kafkaPrefix,
    PARTAKE_TEST_DOOR: door.url,
  });
  return async () => {
    await door.stop();
    // Servers of this run alone go with all their data; given ones are left as they were found.
    if (infrastructure.kind === "environment") await removeTestData(context);
    await infrastructure.stop();
    await rm(folder, { recursive: true, force: true });
  };
}

function describe(infrastructure: Infrastructure): string {
  switch (infrastructure.kind) {
    case "environment":
      return "Infrastructure: environment (MONGODB_URI and KAFKA_BROKERS are set); containers and binaries are not proven by this run";
    case "containers":
      return "Infrastructure: containers (apache/kafka and mongo through testcontainers)";
    case "binaries":
      return `Infrastructure: binaries (Apache Kafka 4.1.0 and MongoDB 6.0.5 as programs of this machine); ${infrastructure.because}, so the way through containers is not proven by this run`;
    default:
      return infrastructure satisfies never;
  }
}
