import { freePorts, requireFreePorts } from "../processes/ports.ts";
import type { InfrastructurePorts } from "./binaries.ts";
import { sharedBrokerProperties } from "./kafka-broker.ts";
import { mongodbUri, replicaSetName, serverParameters } from "./mongodb-server.ts";

const kafkaImage = "apache/kafka:4.1.0";
const mongodbImage = "mongo:7.0.14";
const startTimeoutMs = 180_000;
const probeTimeoutMs = 10_000;

/** Named volumes keep the data of `npm start` between runs; tests get none. */
export const volumes = { mongodb: "partake-mongodb", kafka: "partake-kafka" } as const;

/** Whether a Docker engine answers, in bounded time. */
export async function isDockerAnswering(): Promise<boolean> {
  const { getContainerRuntimeClient } = await import("testcontainers");
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), probeTimeoutMs);
  });
  const answering = getContainerRuntimeClient().then(
    () => true,
    () => false,
  );
  return Promise.race([answering, late]).finally(() => clearTimeout(timer));
}

/** Kafka and MongoDB as containers. */
export async function startContainers(options: {
  persistent: boolean;
  /** Undefined takes free ones. */
  ports?: InfrastructurePorts;
}): Promise<{ mongodbUri: string; kafkaBrokers: string; stop(): Promise<void> }> {
  const ports = options.ports ?? (await chooseFreePorts());
  await requireFreePorts([
    { port: ports.mongodb, user: "MongoDB", variable: "PARTAKE_MONGODB_PORT" },
    { port: ports.kafka, user: "Kafka", variable: "PARTAKE_KAFKA_PORT" },
  ]);
  const { getContainerRuntimeClient } = await import("testcontainers");
  const engineHost = (await getContainerRuntimeClient()).info.containerRuntime.host;
  // "localhost" may mean an IPv6 address, on which not every engine publishes.
  const host = engineHost === "localhost" ? "127.0.0.1" : engineHost;
  const starting = await Promise.allSettled([
    startMongodbContainer({ port: ports.mongodb, persistent: options.persistent }),
    startKafkaContainer({ port: ports.kafka, host, persistent: options.persistent }),
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
      await Promise.all([mongodb.value.stop(), kafka.value.stop()]);
    },
  };
}

/** Removes the data that containers keep for `npm start`. */
export async function removeVolumes(): Promise<void> {
  const { getContainerRuntimeClient } = await import("testcontainers");
  const docker = (await getContainerRuntimeClient()).container.dockerode;
  for (const name of Object.values(volumes)) {
    await docker
      .getVolume(name)
      .remove()
      .catch((error: { statusCode?: number }) => {
        // A volume that was never made is as good as removed.
        if (error.statusCode !== 404) throw error;
      });
  }
}

async function startMongodbContainer(options: { port: number; persistent: boolean }) {
  const { GenericContainer, Wait } = await import("testcontainers");
  const mounts = options.persistent ? [{ source: volumes.mongodb, target: "/data/db" }] : [];
  const container = await new GenericContainer(mongodbImage)
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
    .withBindMounts(mounts)
    .withWaitStrategy(Wait.forLogMessage(/Waiting for connections/i))
    .withStartupTimeout(startTimeoutMs)
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
async function startKafkaContainer(options: { port: number; host: string; persistent: boolean }) {
  const { GenericContainer, Wait } = await import("testcontainers");
  const mounts = options.persistent ? [{ source: volumes.kafka, target: "/var/lib/kafka/data" }] : [];
  return new GenericContainer(kafkaImage)
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
    .withBindMounts(mounts)
    .withWaitStrategy(Wait.forLogMessage(/Kafka Server started/))
    .withStartupTimeout(startTimeoutMs)
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
