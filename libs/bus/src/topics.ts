import { eventTypes } from "@partake/contract";
import type { Admin, ITopicConfig, Kafka } from "kafkajs";
import type { MigrateOptions } from "./types.ts";
import { atMost, pause } from "./waiting.ts";

const defaultPartitions = 6;
const createTimeoutMs = 30_000;
const askAgainMs = 200;
const disconnectMs = 3000;
const day = 24 * 3600 * 1000;
/** Shorter than the inbox remembers, so that no message is delivered after its record is gone. */
const retentionMs = 7 * day;

export function deadLetterTopic(group: string): string {
  return `${group}.dead-letters`;
}

/** What is replayed to one group goes through a topic of its own: the others do not see it, and a compacted topic keeps its newest. */
export function replayTopic(group: string): string {
  return `${group}.replays`;
}

/**
 * Every topic of the contract, so that it does not matter which service migrates first, and those of the groups. What each
 * process hears whole gains nothing from partitions, and each that a consumer asks for costs it something at every answer.
 */
export function topicsOf(
  prefix: string,
  { groups, partitions = defaultPartitions, replicationFactor = -1 }: MigrateOptions,
): ITopicConfig[] {
  const make = (name: string, numPartitions: number, compacted: boolean): ITopicConfig => ({
    topic: `${prefix}${name}`,
    numPartitions,
    replicationFactor,
    configEntries: compacted
      ? [{ name: "cleanup.policy", value: "compact" }]
      : [
          { name: "cleanup.policy", value: "delete" },
          { name: "retention.ms", value: String(retentionMs) },
        ],
  });
  const declared = new Map(eventTypes.map((eventType) => [eventType.topic, eventType]));
  return [
    ...[...declared.values()].map(({ topic, broadcast, compacted }) =>
      make(topic, broadcast ? 1 : partitions, compacted),
    ),
    // A dead letter stays until it is replayed or dropped, which leaves a tombstone under its id.
    ...groups.map((group) => make(deadLetterTopic(group), 1, true)),
    ...groups.map((group) => make(replayTopic(group), 1, false)),
  ];
}

/**
 * Creates the topics that are missing; changes and deletes none. A broker answers for a new topic only after a while, with errors
 * until then, so this waits for the leader of each partition and asks again after whatever goes wrong, bounded.
 */
export async function createTopics(kafka: Kafka, topics: readonly ITopicConfig[]): Promise<void> {
  const deadline = performance.now() + createTimeoutMs;
  for (;;) {
    try {
      if (await withAdmin(kafka, (admin) => createMissing(admin, topics))) return;
      if (performance.now() > deadline) throw new Error("the new topics have no leaders yet");
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    await pause(askAgainMs);
  }
}

/** True when all are there and have leaders. */
async function createMissing(admin: Admin, topics: readonly ITopicConfig[]): Promise<boolean> {
  const existing = new Set(await admin.listTopics());
  const missing = topics.filter(({ topic }) => !existing.has(topic));
  // Another service may create the same ones at this moment: kafkajs answers false then.
  if (missing.length > 0) await admin.createTopics({ topics: missing, waitForLeaders: false, timeout: 15_000 });
  const { topics: found } = await admin.fetchTopicMetadata({ topics: topics.map(({ topic }) => topic) });
  return found.every(({ partitions }) => partitions.length > 0 && partitions.every(({ leader }) => leader >= 0));
}

export async function withAdmin<T>(kafka: Kafka, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await atMost(disconnectMs, admin.disconnect());
  }
}
