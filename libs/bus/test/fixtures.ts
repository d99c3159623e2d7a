import { randomBytes } from "node:crypto";
import { type CollectionDefinition, openStore, type Store, type Stored, type Transaction } from "@partake/store";
import { Kafka, logLevel, type Message } from "kafkajs";
import mongoose, { Schema } from "mongoose";
import { openBus } from "../src/bus.ts";
import { guardRequestQueue } from "../src/request-queue.ts";
import type { Bus, BusOptions } from "../src/types.ts";

/** What a consumer's effects leave: for each user the versions in the order in which they were applied. */
export interface History extends Stored {
  versions: number[];
  newest: number;
}

export const histories: CollectionDefinition<History> = {
  name: "histories",
  schema: new Schema<History>({ _id: String, version: Number, versions: [Number], newest: Number }),
  indexes: [],
};

export const silent = { debug() {}, info() {}, warn() {}, error() {} };
export const USER_CHANGED = "org.partake.user.changed.v1";
export const NOTIFICATION = "org.partake.notification.created.v1";

export function mongodbUri(): string {
  return required("MONGODB_URI");
}

export function brokers(): string[] {
  return required("KAFKA_BROKERS").split(",");
}

function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} says where the servers for tests are`);
  return value;
}

export function uuid(number: number): string {
  return `00000000-0000-7000-8000-${number.toString(16).padStart(12, "0")}`;
}

export function user(number: number): string {
  return `usr_${uuid(number)}`;
}

/** Names of its own for a test file; the database and the topics go with it. */
export function newNames(): { database: string; prefix: string } {
  const run = randomBytes(5).toString("hex");
  return { database: `test_bus_${run}`, prefix: `test-bus-${run}.` };
}

export function openTestStore(database: string): Promise<Store> {
  return openStore({
    uri: mongodbUri(),
    database,
    collections: [histories],
    encryptionKeys: [Buffer.alloc(32, 1).toString("base64")],
    source: "/partake/test",
    log: silent,
    clock: { now: () => new Date() },
  });
}

export function openTestBus(options: Pick<BusOptions, "store" | "prefix"> & Partial<BusOptions>): Bus {
  const onFatal = (error: Error) => {
    throw error;
  };
  return openBus({ brokers: brokers(), clientId: "test", source: "/partake/test", log: silent, onFatal, ...options });
}

/** A plain kafkajs client, as an outsider would use it. */
export function plainKafka(): Kafka {
  guardRequestQueue();
  return new Kafka({ clientId: "outsider", brokers: brokers(), logLevel: logLevel.NOTHING });
}

export async function send(topic: string, messages: Message[]): Promise<void> {
  const producer = plainKafka().producer({ allowAutoTopicCreation: false });
  await producer.connect();
  await producer.send({ topic, messages, acks: -1 });
  await producer.disconnect();
}

/** Makes `roles` as installations have it that are older than its single partition. To be called before `migrate`. */
export async function makeOldRoles(prefix: string): Promise<void> {
  const admin = plainKafka().admin();
  await admin.connect();
  const topic = { topic: `${prefix}roles`, numPartitions: 3, replicationFactor: -1 };
  await admin.createTopics({ topics: [topic], waitForLeaders: false });
  await admin.disconnect();
}

/** Everything that is in a topic now, in the order of each partition. */
export async function readTopic(topic: string) {
  const kafka = plainKafka();
  const admin = kafka.admin();
  await admin.connect();
  const ends = (await admin.fetchTopicOffsets(topic)).map(({ partition, high }) => ({ partition, end: Number(high) }));
  const left = new Set(ends.filter(({ end }) => end > 0).map(({ partition }) => partition));
  const groupId = `read-${randomBytes(5).toString("hex")}`;
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 100 });
  const messages: { key: string; partition: number; value: string; headers: Record<string, string> }[] = [];
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  const { promise, resolve } = Promise.withResolvers<void>();
  if (left.size === 0) resolve();
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch }) => {
      for (const { key, value, headers } of batch.messages)
        messages.push({
          key: key?.toString() ?? "",
          partition: batch.partition,
          value: value?.toString() ?? "",
          headers: Object.fromEntries(Object.entries(headers ?? {}).map(([name, of]) => [name, String(of)])),
        });
      const end = ends.find(({ partition }) => partition === batch.partition)?.end ?? 0;
      if (Number(batch.lastOffset()) >= end - 1) left.delete(batch.partition);
      if (left.size === 0) resolve();
    },
  });
  await promise;
  await consumer.disconnect();
  await admin.deleteGroups([groupId]).catch(() => undefined);
  await admin.disconnect();
  return messages;
}

/** Writes an event of a user and nothing else. */
export async function emitUser(store: Store, number: number, version: number): Promise<void> {
  await store.write({ actorId: "usr_test", traceparent: undefined }, async (tx) => {
    tx.emit({ type: USER_CHANGED, data: { userId: user(number), enabled: true, version } });
    return user(number);
  });
}

/** Keeps every version that is applied, and the newest as a handler should: by comparing. */
export async function keepHistory(tx: Transaction, userId: string, version: number): Promise<void> {
  const history = await tx.get(histories, userId);
  if (history)
    await tx.update(histories, history, {
      versions: [...history.versions, version],
      newest: Math.max(history.newest, version),
    });
  else await tx.insert(histories, { _id: userId, versions: [version], newest: version });
}

export async function removeAll(names: { database: string; prefix: string }): Promise<void> {
  const admin = plainKafka().admin();
  await admin.connect();
  const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(names.prefix));
  if (topics.length > 0) await admin.deleteTopics({ topics });
  await admin.disconnect();
  await endOpenTransactions(names.database);
  const connection = await mongoose.createConnection(mongodbUri(), { dbName: names.database }).asPromise();
  await connection.dropDatabase();
  await connection.close();
}

/** The transaction of a killed process holds its locks for a minute; nobody needs to wait for that here. */
export async function endOpenTransactions(database: string): Promise<void> {
  const connection = await mongoose.createConnection(mongodbUri()).asPromise();
  const server = connection.getClient().db("admin");
  const stages = [{ $currentOp: { allUsers: true, idleSessions: true } }, { $match: { appName: database } }];
  const open = await server.aggregate<{ lsid?: { id: unknown } }>(stages).toArray();
  const sessions = open.flatMap(({ lsid }) => (lsid ? [{ id: lsid.id }] : []));
  if (sessions.length > 0) await server.command({ killSessions: sessions });
  await connection.close();
}
