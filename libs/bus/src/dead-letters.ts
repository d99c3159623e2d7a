import { randomUUID } from "node:crypto";
import type { Log } from "@partake/store";
import type { IHeaders, Kafka, KafkaMessage, Message } from "kafkajs";
import type { Place } from "./envelope.ts";
import { openKafka } from "./kafka.ts";
import { openPublisher, type Publisher } from "./publisher.ts";
import { deadLetterTopic, replayTopic, withAdmin } from "./topics.ts";
import type { DeadLetter } from "./types.ts";

/** Below Kafka's max.message.bytes with room for the headers that are added. */
const mostBytes = 900_000;
const readTimeoutMs = 20_000;
const mostLetters = 10_000;
const suffix = deadLetterTopic("");
const added = "dl_";

/** A message as it is set aside: as it came, with where it came from and why it could not be handled. */
export function deadLetterMessage(
  { message, topic, readFrom, partition }: Place,
  why: { cause: string; attempts: number },
): Message {
  const tooLarge = sizeOf(message) > mostBytes;
  const kept = tooLarge ? {} : originalHeaders(message.headers);
  return {
    key: `${readFrom}-${partition}-${message.offset}`,
    value: tooLarge || !message.value ? Buffer.alloc(0) : message.value,
    headers: {
      ...kept,
      dl_topic: topic,
      dl_partition: String(partition),
      dl_offset: message.offset,
      ...(message.key && !tooLarge && { dl_key: message.key }),
      dl_cause: why.cause,
      dl_attempts: String(why.attempts),
      dl_at: new Date().toISOString(),
    },
  };
}

/** Of a message of the replay topic: the topic that it first came from, without the prefix. */
export function originOf(message: KafkaMessage): string | undefined {
  return plain(message.headers, "dl_topic");
}

function originalHeaders(headers: IHeaders | undefined): IHeaders {
  return Object.fromEntries(Object.entries(headers ?? {}).filter(([name]) => !name.startsWith(added)));
}

function sizeOf({ key, value, headers }: KafkaMessage): number {
  const inHeaders = Object.entries(headers ?? {}).map(
    ([name, of]) => name.length + [of].flat().reduce((sum, one) => sum + (one?.length ?? 0), 0),
  );
  return (key?.length ?? 0) + (value?.length ?? 0) + inHeaders.reduce((sum, size) => sum + size, 0);
}

function plain(headers: IHeaders | undefined, name: string): string | undefined {
  const value = headers?.[name];
  return value === undefined || Array.isArray(value) ? undefined : value.toString();
}

/** What was set aside, for the command and for tests. */
export interface DeadLetters {
  /** The groups that have a dead-letter topic. */
  groups(): Promise<string[]>;
  list(group: string): Promise<DeadLetter[]>;
  /** Gives events to their group again, in the order in which they were set aside; all where no ids are named. */
  replay(group: string, ids?: readonly string[]): Promise<DeadLetter[]>;
  /** Forgets them for good. */
  drop(group: string, ids: readonly string[]): Promise<DeadLetter[]>;
  close(): Promise<void>;
}

type Letter = DeadLetter & { message: KafkaMessage };

export function openDeadLetters(options: { brokers: readonly string[]; prefix: string; log: Log }): DeadLetters {
  const { prefix } = options;
  const kafka = openKafka({ ...options, clientId: "dead-letters" });
  const publisher = openPublisher(kafka);
  const chosen = async (group: string, ids?: readonly string[]) => {
    const letters = await readLetters(kafka, { prefix, group });
    return ids ? letters.filter(({ id }) => ids.includes(id)) : letters;
  };
  return {
    async groups() {
      const topics = await withAdmin(kafka, (admin) => admin.listTopics());
      const mine = topics.filter((topic) => topic.startsWith(prefix) && topic.endsWith(suffix));
      return mine.map((topic) => topic.slice(prefix.length, -suffix.length)).sort();
    },
    list: async (group) => (await chosen(group)).map(withoutMessage),
    async replay(group, ids) {
      const letters = await chosen(group, ids);
      for (const letter of letters) {
        await publisher.send([{ topic: replayTopic(`${prefix}${group}`), messages: [replayed(letter)] }]);
        await forget(publisher, { topic: deadLetterTopic(`${prefix}${group}`), id: letter.id });
      }
      return letters.map(withoutMessage);
    },
    async drop(group, ids) {
      const letters = await chosen(group, ids);
      for (const { id } of letters) await forget(publisher, { topic: deadLetterTopic(`${prefix}${group}`), id });
      return letters.map(withoutMessage);
    },
    close: () => publisher.close(),
  };
}

function withoutMessage({ message: _, ...letter }: Letter): DeadLetter {
  return letter;
}

function replayed({ message, topic }: Letter): Message {
  const key = message.headers?.["dl_key"];
  return {
    key: key === undefined || Array.isArray(key) ? null : key,
    value: message.value,
    headers: { ...originalHeaders(message.headers), dl_topic: topic },
  };
}

async function forget(publisher: Publisher, { topic, id }: { topic: string; id: string }): Promise<void> {
  await publisher.send([{ topic, messages: [{ key: id, value: null }] }]);
}

/** Reads the whole dead-letter topic; the newest message of an id counts, and a tombstone ends it. */
async function readLetters(kafka: Kafka, { prefix, group }: { prefix: string; group: string }): Promise<Letter[]> {
  const letters = new Map<string, Letter>();
  for (const message of await readAll(kafka, {
    topic: deadLetterTopic(`${prefix}${group}`),
    groupId: `${prefix}${group}${suffix}.${randomUUID()}`,
  })) {
    const id = message.key?.toString() ?? "";
    letters.delete(id);
    if (message.value !== null) letters.set(id, asLetter(message, { id, group }));
    if (letters.size > mostLetters) throw new Error(`more than ${mostLetters} dead letters of ${group}`);
  }
  return [...letters.values()];
}

function asLetter(message: KafkaMessage, { id, group }: { id: string; group: string }): Letter {
  const of = (name: string) => plain(message.headers, name) ?? "";
  return {
    id,
    group,
    topic: of("dl_topic"),
    partition: Number(of("dl_partition")),
    offset: of("dl_offset"),
    type: of("ce_type"),
    eventId: of("ce_id"),
    cause: of("dl_cause"),
    attempts: Number(of("dl_attempts")),
    setAsideAt: of("dl_at"),
    message,
  };
}

async function readAll(kafka: Kafka, { topic, groupId }: { topic: string; groupId: string }): Promise<KafkaMessage[]> {
  const [offsets] = await withAdmin(kafka, (admin) => admin.fetchTopicOffsets(topic));
  const end = Number(offsets?.high ?? 0);
  if (end === Number(offsets?.low ?? 0)) return [];
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 500, allowAutoTopicCreation: false });
  const read: KafkaMessage[] = [];
  const { promise: complete, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(() => reject(new Error("the dead letters could not be read in time")), readTimeoutMs);
  consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch }) => {
        read.push(...batch.messages);
        if (Number(batch.lastOffset()) >= end - 1) resolve();
      },
    });
    await complete;
  } finally {
    clearTimeout(timer);
    await consumer.disconnect();
    await withAdmin(kafka, (admin) => admin.deleteGroups([groupId])).catch(() => undefined);
  }
  return read.filter(({ offset }) => Number(offset) < end);
}
