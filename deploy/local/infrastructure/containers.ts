import { freePorts, requireFreePorts } from "../processes/ports.ts";
import type { InfrastructurePorts } from "./binaries.ts";
import { dataLabel, images, removeContainers } from "./engine.ts";
import { sharedBrokerProperties } from "./kafka-broker.ts";
import { mongodbUri, replicaSetName, serverParameters } from "./mongodb-server.ts";
import type { Volumes } from "./volumes.ts";

const startTimeoutMs = 180_000;
const loopback = "127.0.0.1";

/** How long servers whose data stays may take to write it. */
const stopGraceMs = 15_000;

/** Kafka and MongoDB as containers. */
export async function startContainers(options: {
  /** Undefined keeps nothing. */
  volumes?: Volumes;
  /** Undefined takes free ones. */
  ports?: InfrastructurePorts;
}): Promise<{ mongodbUri: string; kafkaBrokers: string; stop(): Promise<void> }> {
  const { volumes } = options;
  if (volumes !== undefined) await removeContainers(volumes.dataId);
  const ports = options.ports ?? (await chooseFreePorts());
  await requireFreePorts([
    { port: ports.mongodb, user: "MongoDB", variable: "PARTAKE_MONGODB_PORT" },
    { port: ports.kafka, user: "Kafka", variable: "PARTAKE_KAFKA_PORT" },
  ]);
  const { getContainerRuntimeClient } = await import("testcontainers");
  const engineHost = (await getContainerRuntimeClient()).info.containerRuntime.host;
  // "localhost" may mean an IPv6 address, on which not every engine publishes.
  const host = engineHost === "localhost" ? loopback : engineHost;
  const starting = await Promise.allSettled([
    startMongodbContainer({ port: ports.mongodb, host, volumes }),
    startKafkaContainer({ port: ports.kafka, host, volumes }),
  ]);
  const [mongodb, kafka] = starting;
  if (mongodb.status === "rejected" || kafka.status === "rejected") {
    for (const container of starting) if (container.status === "fulfilled") await container.value.stop();
    throw starting.find((container) => container.status === "rejected")?.reason;
  }
  return {
    mongodbUri: mongodbUri({ host, port: ports.mongodb }),
    kafkaBrokers: `${host}:${ports.kafka}`,
    async stop() {
      const timeout = volumes === undefined ? 0 : stopGraceMs;
      await Promise.all([mongodb.value.stop({ timeout }), kafka.value.stop({ timeout })]);
    },
  };
}

interface Placement {
  port: number;
  host: string;
  volumes: Volumes | undefined;
}

/** Neither server asks who somebody is, so other machines must not reach them through this one. */
async function localContainer(image: string, { host, volumes }: Placement) {
  const { GenericContainer } = await import("testcontainers");
  class LocalContainer extends GenericContainer {
    protected override async beforeContainerCreated(): Promise<void> {
      if (host !== loopback) return;
      const published = Object.values(this.hostConfig.PortBindings ?? {}) as { HostIp?: string }[][];
      for (const binding of published.flat()) binding.HostIp = loopback;
    }
  }
  const labels = volumes === undefined ? {} : { [dataLabel]: volumes.dataId };
  return new LocalContainer(image).withLabels(labels).withStartupTimeout(startTimeoutMs);
}

async function startMongodbContainer(options: Placement) {
  const { Wait } = await import("testcontainers");
  const { volumes } = options;
  const prepared = await localContainer(images.mongodb, options);
  const container = await prepared
    .withCommand([
      "mongod",
      ...serverParameters,
      "--replSet",
      replicaSetName,
      "--bind_ip_all",
      "--wiredTigerCacheSizeGB",
      "0.25",
    ])
    .withExposedPorts({ container: 27017, host: options.port })
    .withBindMounts(volumes ? [{ source: volumes.mongodb, target: "/data/db" }] : [])
    .withWaitStrategy(Wait.forLogMessage(/Waiting for connections/i))
    .start();
  const member = `{ _id: 0, host: "localhost:27017" }`;
  const script = `
    try { rs.status() } catch { rs.initiate({ _id: "${replicaSetName}", members: [${member}] }) }
    for (let i = 0; i < 300 && !db.hello().isWritablePrimary; i++) sleep(100);
    if (!db.hello().isWritablePrimary) quit(1);`;
  const result = await container.exec(["mongosh", "--quiet", "--eval", script]);
  if (result.exitCode !== 0) {
    await container.stop();
    throw new Error(`The MongoDB container did not become a replica set:\n${result.output}`);
  }
  return container;
}

/**
 * The broker speaks to itself inside the container and to everybody else through the published port, so it has a listener
 * for each. The log tells when it serves: its port accepts connections before that.
 */
async function startKafkaContainer(options: Placement) {
  const { Wait } = await import("testcontainers");
  const { volumes } = options;
  const prepared = await localContainer(images.kafka, options);
  return prepared
    .withEnvironment({
      CLUSTER_ID: "cGFydGFrZS1sb2NhbC0wMQ",
      KAFKA_NODE_ID: "1",
      KAFKA_PROCESS_ROLES: "broker,controller",
      KAFKA_CONTROLLER_QUORUM_VOTERS: "1@localhost:9093",
      KAFKA_CONTROLLER_LISTENER_NAMES: "CONTROLLER",
      KAFKA_LISTENERS: "OUTSIDE://:9092,INSIDE://:9094,CONTROLLER://:9093",
      KAFKA_ADVERTISED_LISTENERS: `OUTSIDE://${options.host}:${options.port},INSIDE://localhost:9094`,
      KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: "OUTSIDE:PLAINTEXT,INSIDE:PLAINTEXT,CONTROLLER:PLAINTEXT",
      KAFKA_INTER_BROKER_LISTENER_NAME: "INSIDE",
      KAFKA_LOG_DIRS: "/var/lib/kafka/data",
      KAFKA_HEAP_OPTS: "-Xmx384m -Xms96m",
      ...brokerEnvironment(),
    })
    .withExposedPorts({ container: 9092, host: options.port })
    .withBindMounts(volumes ? [{ source: volumes.kafka, target: "/var/lib/kafka/data" }] : [])
    .withWaitStrategy(Wait.forLogMessage(/Kafka Server started/))
    .start();
}

/** The image reads `num.partitions` from KAFKA_NUM_PARTITIONS. */
function brokerEnvironment(): Record<string, string> {
  const variable = (name: string) => `KAFKA_${name.replaceAll(".", "_").toUpperCase()}`;
  return Object.fromEntries(
    Object.entries(sharedBrokerProperties).map(([name, value]) => [variable(name), `${value}`]),
  );
}

async function chooseFreePorts(): Promise<InfrastructurePorts> {
  const [mongodb = 0, kafka = 0] = await freePorts(2);
  return { mongodb, kafka };
}
