import { createWriteStream } from "node:fs";
import { mkdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Child, startChild } from "../processes/children.ts";

/** Any fixed value will do: it says which cluster a data folder belongs to, and there is one cluster in a folder. */
const clusterId = "cGFydGFrZS1sb2NhbC0wMQ";
const heapMb = 384;
const startTimeoutMs = 90_000;
const stopGraceMs = 15_000;
const keptLines = 30;

export interface BrokerOptions {
  java: string;
  jarFolder: string;
  folder: string;
  port: number;
  controllerPort: number;
}

export interface Broker {
  brokers: string;
  pid: number | undefined;
  exited: Promise<unknown>;
  stop(): Promise<void>;
}

/** One Kafka node that is broker and controller in one (KRaft), on the loopback interface only. */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const files = await writeConfiguration(options);
  if (!(await isFormatted(files.data))) await formatStorage({ ...options, ...files });
  const lines: string[] = [];
  const log = createWriteStream(files.log);
  let announce: () => void = () => {};
  const started = new Promise<void>((resolve) => {
    announce = resolve;
  });
  const child = runJava({
    ...options,
    logging: files.logging,
    mainClass: "kafka.Kafka",
    args: [files.properties],
    onLine(line) {
      log.write(`${line}\n`);
      lines.push(line);
      if (lines.length > keptLines) lines.shift();
      if (line.includes("Kafka Server started")) announce();
    },
  });
  await waitForStart({ child, started, lines, log: files.log });
  return {
    brokers: `127.0.0.1:${options.port}`,
    pid: child.pid,
    exited: child.exited,
    async stop() {
      await child.stop({ graceMs: stopGraceMs });
      log.end();
    },
  };
}

async function waitForStart(options: {
  child: Child;
  started: Promise<void>;
  lines: readonly string[];
  log: string;
}): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), startTimeoutMs);
  });
  const ended = options.child.exited.then(() => "ended" as const);
  const outcome = await Promise.race([options.started.then(() => "started" as const), ended, late]);
  clearTimeout(timer);
  if (outcome === "started") return;
  options.child.kill("SIGKILL");
  const what = outcome === "late" ? `was not ready after ${startTimeoutMs / 1000} s` : "ended while it started";
  throw new Error(`Kafka ${what}. Its log, ${options.log}, ends with:\n${options.lines.join("\n")}`);
}

async function writeConfiguration(options: BrokerOptions) {
  const data = join(options.folder, "data");
  await mkdir(data, { recursive: true });
  const properties = join(options.folder, "server.properties");
  const logging = join(options.folder, "log4j2.properties");
  await writeFile(properties, serverProperties({ ...options, data }));
  await writeFile(logging, loggingProperties);
  return { data, properties, logging, log: join(options.folder, "kafka.log") };
}

async function isFormatted(data: string): Promise<boolean> {
  return stat(join(data, "meta.properties")).then(
    () => true,
    () => false,
  );
}

async function formatStorage(options: BrokerOptions & { properties: string; logging: string }): Promise<void> {
  const lines: string[] = [];
  const child = runJava({
    ...options,
    mainClass: "kafka.tools.StorageTool",
    args: ["format", "--cluster-id", clusterId, "--config", options.properties],
    onLine: (line) => lines.push(line),
  });
  const exit = await child.exited;
  if (exit.code !== 0) throw new Error(`Kafka could not prepare its storage:\n${lines.slice(-keptLines).join("\n")}`);
}

function runJava(options: {
  java: string;
  jarFolder: string;
  folder: string;
  logging: string;
  mainClass: string;
  args: readonly string[];
  onLine: (line: string) => void;
}): Child {
  // One collector thread and quick compilation: the machine's few cores belong to the services.
  const virtualMachine = [`-Xmx${heapMb}m`, "-Xms96m", "-XX:+UseSerialGC", "-XX:MaxDirectMemorySize=96m", "-Xss512k"];
  const settings = [`-Dlog4j2.configurationFile=${options.logging}`, "-Djava.awt.headless=true"];
  const classPath = ["-cp", join(options.jarFolder, "*")];
  return startChild({
    command: options.java,
    args: [...virtualMachine, ...settings, ...classPath, options.mainClass, ...options.args],
    cwd: options.folder,
    onLine: options.onLine,
  });
}

/** Small buffers and few partitions for a developer's machine; replication of one because there is one node. */
function serverProperties(options: BrokerOptions & { data: string }): string {
  const properties: Record<string, string | number | boolean> = {
    "process.roles": "broker,controller",
    "node.id": 1,
    "controller.quorum.voters": `1@127.0.0.1:${options.controllerPort}`,
    listeners: `PLAINTEXT://127.0.0.1:${options.port},CONTROLLER://127.0.0.1:${options.controllerPort}`,
    "advertised.listeners": `PLAINTEXT://127.0.0.1:${options.port}`,
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "inter.broker.listener.name": "PLAINTEXT",
    "log.dirs": options.data,
    ...sharedBrokerProperties,
    "num.network.threads": 2,
    "num.io.threads": 3,
    "background.threads": 2,
    "num.recovery.threads.per.data.dir": 1,
    "log.cleaner.threads": 1,
    "log.cleaner.dedupe.buffer.size": 16_777_216,
    "log.index.size.max.bytes": 1_048_576,
    "log.segment.bytes": 67_108_864,
    "metadata.log.segment.bytes": 16_777_216,
  };
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${value}`)
    .join("\n");
}

/** What a local Kafka has to be like however it is started: topics are made on purpose, consumers join without a wait. */
export const sharedBrokerProperties = {
  "auto.create.topics.enable": false,
  "group.initial.rebalance.delay.ms": 0,
  "offsets.topic.replication.factor": 1,
  "offsets.topic.num.partitions": 8,
  "transaction.state.log.replication.factor": 1,
  "transaction.state.log.min.isr": 1,
  "transaction.state.log.num.partitions": 4,
  "share.coordinator.state.topic.replication.factor": 1,
  "share.coordinator.state.topic.min.isr": 1,
  "share.coordinator.state.topic.num.partitions": 1,
  "num.partitions": 3,
  "default.replication.factor": 1,
  "min.insync.replicas": 1,
} as const;

const loggingProperties = `status=ERROR
appender.console.type=Console
appender.console.name=console
appender.console.layout.type=PatternLayout
appender.console.layout.pattern=%d{ISO8601} %p %c{1} %m%n
rootLogger.level=WARN
rootLogger.appenderRef.console.ref=console
logger.server.name=kafka.server.KafkaRaftServer
logger.server.level=INFO
`;
