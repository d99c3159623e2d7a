import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { guardRequestQueue } from "@partake/bus";
import { Kafka, logLevel } from "kafkajs";
import mongoose from "mongoose";
import { expect, inject, test } from "vitest";
import { startInfrastructure } from "../../local/infrastructure/infrastructure.ts";
import { silentReporter } from "../../local/terminal/reporter.ts";

const script = join(import.meta.dirname, "..", "..", "local", "infrastructure.ts");

test("MongoDB has transactions and a journal", async () => {
  const connection = await mongoose.createConnection(inject("mongodbUri")).asPromise();
  const database = connection.useDb(`${inject("databasePrefix")}_probe`);
  await connection.withSession((session) =>
    session.withTransaction(async () => {
      await database.collection("things").insertOne({ name: "one" }, { session });
    }),
  );
  const status = await database.db?.admin().command({ serverStatus: 1 });
  await connection.close();
  expect(status?.["storageEngine"]).toMatchObject({ name: "wiredTiger" });
  expect(status?.["wiredTiger"]).toHaveProperty("log");
});

test("Kafka makes no topic by itself and lets consumers join without a wait", async () => {
  guardRequestQueue();
  const kafka = new Kafka({ brokers: inject("kafkaBrokers").split(","), logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  const topic = `${inject("kafkaPrefix")}probe`;
  await admin.createTopics({ topics: [{ topic, numPartitions: 2 }], waitForLeaders: true });
  const unknown = admin.fetchTopicMetadata({ topics: [`${topic}-unknown`] });
  await expect(unknown).rejects.toThrow(/does not host this topic-partition/);
  await admin.disconnect();
});

test("given servers are used as they are, and only both together", async () => {
  const options = { data: { kind: "ephemeral" }, reporter: silentReporter } as const;
  const environment = { MONGODB_URI: "mongodb://given", KAFKA_BROKERS: "given:9092" };
  const given = await startInfrastructure({ ...options, environment });
  expect(given).toMatchObject({ kind: "environment", mongodbUri: "mongodb://given", kafkaBrokers: "given:9092" });
  const half = startInfrastructure({ ...options, environment: { KAFKA_BROKERS: "given:9092" } });
  await expect(half).rejects.toThrow("KAFKA_BROKERS is set, but MONGODB_URI is not.");
});

test("without Docker and without the download clients, a sentence says what to do", async () => {
  const empty = await mkdtemp(join(tmpdir(), "partake-empty-"));
  const environment = { PATH: empty, HOME: empty, PARTAKE_DATA: empty, DOCKER_HOST: "tcp://127.0.0.1:1" };
  const ports = { PARTAKE_MONGODB_PORT: "31991", PARTAKE_KAFKA_PORT: "31992" };
  const { code, output } = await new Promise<{ code: unknown; output: string }>((resolve) => {
    execFile(process.execPath, [script], { env: { ...environment, ...ports } }, (error, stdout, stderr) =>
      resolve({ code: error?.code, output: stdout + stderr }),
    );
  });
  await rm(empty, { recursive: true, force: true });
  expect(code).toBe(1);
  expect(output).toContain("no Docker engine can run it, and Python's pip is not installed.");
  expect(output).toContain("npm run doctor");
  expect(output).not.toMatch(/^\s+at /m);
});
