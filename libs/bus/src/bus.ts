// The door of @partake/bus.
import { failure } from "@partake/failure";
import { startBroadcast } from "./broadcast.ts";
import { causeOf } from "./causes.ts";
import { startConsumer } from "./consumer.ts";
import { directMessage } from "./envelope.ts";
import { openKafka } from "./kafka.ts";
import { openPublisher } from "./publisher.ts";
import { startRelay } from "./relay.ts";
import { createTopics, topicsOf } from "./topics.ts";
import type { Bus, BusOptions, Consumer, Relay } from "./types.ts";

export { type DeadLetters, openDeadLetters } from "./dead-letters.ts";
export { guardRequestQueue } from "./request-queue.ts";
export type * from "./types.ts";

const publishTimeoutMs = 5000;
/** Of events that Kafka does not answer for, so that they do not pile up and come late all at once. */
const mostSending = 20;

/** Connects when it is first used: it opens while Kafka is away. */
export function openBus(options: BusOptions): Bus {
  const { prefix, clientId, store, source, log } = options;
  const kafka = openKafka(options);
  const publisher = openPublisher(kafka);
  const actorId = `service:${clientId}`;
  const onFatal = options.onFatal ?? ((error: Error) => exitFor(error, options));
  const consumers: Consumer[] = [];
  const broadcasts = new Set<{ stop(): Promise<void> }>();
  let relay: Relay | undefined;
  let sending = 0;

  return {
    relay() {
      relay ??= startRelay({ store, prefix, log, openPublisher: () => openPublisher(kafka) });
      return relay;
    },
    consume(subscription) {
      const consumer = startConsumer({ kafka, prefix, actorId, store, publisher, log, onFatal }, subscription);
      consumers.push(consumer);
      return consumer;
    },
    async broadcast(broadcast) {
      const started = await startBroadcast({ kafka, prefix, clientId, actorId, log, onFatal }, broadcast);
      broadcasts.add(started);
      return started;
    },
    async publish(event) {
      const { topic, message } = directMessage(event, { source, now: new Date() });
      if (sending >= mostSending) throw failure("unavailable", "event_not_sent");
      sending += 1;
      const sent = publisher.send([{ topic: `${prefix}${topic}`, messages: [message] }]).finally(() => {
        sending -= 1;
      });
      await inTime(sent);
    },
    migrate: (migration) => createTopics(kafka, topicsOf(prefix, migration)),
    lag: () => consumers.map(({ figures }) => figures),
    async close() {
      await Promise.all([...consumers, ...broadcasts].map((started) => started.stop()));
      await Promise.all([relay?.stop(), publisher.close()]);
    },
  };
}

async function inTime(sending: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(failure("unavailable", "event_not_sent")), publishTimeoutMs);
  });
  try {
    await Promise.race([sending, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** A consumer that cannot work does no good by living on: its supervisor starts the process anew. */
function exitFor(error: Error, { log }: BusOptions): void {
  log.error(causeOf(error), "a consumer crashed too often; the process ends");
  process.exit(1);
}
