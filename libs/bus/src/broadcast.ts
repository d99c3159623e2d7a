import { randomUUID } from "node:crypto";
import type { Log } from "@partake/store";
import type { EachBatchPayload, Kafka, Consumer as KafkaConsumer } from "kafkajs";
import { causeOf } from "./causes.ts";
import { toEvent } from "./envelope.ts";
import { arrive } from "./handling.ts";
import { idleFetchMs } from "./kafka.ts";
import { runSessions, type Session } from "./sessions.ts";
import { withAdmin } from "./topics.ts";
import type { Broadcast } from "./types.ts";
import { atMost } from "./waiting.ts";

const deleteMs = 3000;

export interface BroadcastOptions {
  kafka: Kafka;
  prefix: string;
  clientId: string;
  actorId: string;
  log: Log;
  onFatal(error: Error): void;
}

/** The next offset of each partition, by topic with prefix. */
type Positions = Map<string, Map<number, string>>;

/**
 * kafkajs cannot be told its partitions, so each process is a group of its own, which never commits. Its place is taken before it
 * joins, from the ends of the partitions, and kept in memory: a group that rebalances or a connection that comes back goes on
 * where it was. After a crash `lost` is called all the same, as nobody can tell how long it took.
 */
export async function startBroadcast(
  options: BroadcastOptions,
  broadcast: Broadcast,
): Promise<{ stop(): Promise<void> }> {
  const { kafka, prefix, clientId, log, onFatal } = options;
  const groupId = `${prefix}${clientId}.broadcast.${randomUUID()}`;
  const topics = broadcast.topics.map((topic) => `${prefix}${topic}`);
  let positions: Positions | undefined;
  let sessionsBegun = 0;
  const sessions = runSessions({
    name: groupId,
    log,
    onFatal,
    ended: () => undefined,
    create: () =>
      kafka.consumer({
        groupId,
        sessionTimeout: 10_000,
        heartbeatInterval: 3000,
        maxWaitTimeInMs: idleFetchMs,
        allowAutoTopicCreation: false,
        retry: { initialRetryTime: 100, maxRetryTime: 2000, retries: 5, restartOnFailure: async () => false },
      }),
    async begin(consumer, session) {
      positions ??= await ends(kafka, topics);
      const known = positions;
      await consumer.subscribe({ topics, fromBeginning: false });
      consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
        const missed = takePlaces(consumer, payload.memberAssignment, known);
        session.joined();
        if (sessionsBegun > 0 || missed) broadcast.lost();
        sessionsBegun += 1;
      });
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: true,
        eachBatch: (payload) => handleBatch(payload, { options, broadcast, positions: known, session }),
      });
    },
  });
  await sessions.joined;
  return {
    async stop() {
      await sessions.stop();
      // Where that does not work the group expires.
      await atMost(
        deleteMs,
        withAdmin(kafka, (admin) => admin.deleteGroups([groupId])),
      );
    },
  };
}

async function ends(kafka: Kafka, topics: readonly string[]): Promise<Positions> {
  return withAdmin(kafka, async (admin) => {
    const positions: Positions = new Map();
    for (const topic of topics) {
      const offsets = await admin.fetchTopicOffsets(topic);
      positions.set(topic, new Map(offsets.map(({ partition, high }) => [partition, high])));
    }
    return positions;
  });
}

/** True when a partition has come that was not there before: what was in it already may have been missed. */
function takePlaces(consumer: KafkaConsumer, assignment: Record<string, number[]>, positions: Positions): boolean {
  let missed = false;
  for (const [topic, partitions] of Object.entries(assignment))
    for (const partition of partitions) {
      const offset = positions.get(topic)?.get(partition);
      if (offset === undefined) missed = true;
      else consumer.seek({ topic, partition, offset });
    }
  return missed;
}

interface Context {
  options: BroadcastOptions;
  broadcast: Broadcast;
  positions: Positions;
  session: Session;
}

async function handleBatch(
  { batch }: EachBatchPayload,
  { options, broadcast, positions, session }: Context,
): Promise<void> {
  const { prefix, actorId, log } = options;
  const topic = batch.topic.slice(prefix.length);
  for (const message of batch.messages) {
    const next = String(BigInt(message.offset) + 1n);
    positions.get(batch.topic)?.set(batch.partition, next);
    if (message.value === null) continue;
    try {
      const event = toEvent(message, topic);
      broadcast.handle(arrive(event, { actorId, traceparent: event.traceparent }));
    } catch (error) {
      log.error(
        { ...causeOf(error), topic, offset: message.offset },
        "a broadcast event could not be applied; all is read anew",
      );
      broadcast.lost();
    }
  }
  session.progressed();
}
