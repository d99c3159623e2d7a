import { CompressionTypes, type Kafka, Partitioners, type Producer, type TopicMessages } from "kafkajs";
import { atMost } from "./waiting.ts";

/** kafkajs waits for answers before it disconnects; a Kafka that does not answer must not hold up an end. */
const closeMs = 3000;

export interface Publisher {
  /** Resolves when all in-sync replicas have the messages. After a failure the next call begins with a new connection. */
  send(topics: TopicMessages[]): Promise<void>;
  close(): Promise<void>;
}

/**
 * A producer that acknowledges by all replicas and writes each batch once. After an error its sequence may be broken for good
 * (kafkajs keeps it), so it is thrown away: sending again may then repeat messages, which consumers bear.
 */
export function openPublisher(kafka: Kafka): Publisher {
  let current: Promise<Producer> | undefined;
  let closed = false;

  async function open(): Promise<Producer> {
    const producer = kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: Partitioners.DefaultPartitioner,
      retry: { initialRetryTime: 50, maxRetryTime: 500, retries: 3 },
    });
    await producer.connect();
    return producer;
  }

  async function discard(failed: Promise<Producer>): Promise<void> {
    if (current === failed) current = undefined;
    await atMost(
      closeMs,
      failed.then((producer) => producer.disconnect()),
    );
  }

  return {
    async send(topics) {
      if (closed) throw new Error("the publisher is closed");
      current ??= open();
      const used = current;
      try {
        const producer = await used;
        await producer.sendBatch({
          topicMessages: topics,
          acks: -1,
          timeout: 10_000,
          compression: CompressionTypes.None,
        });
      } catch (error) {
        await discard(used);
        throw error;
      }
    },
    async close() {
      closed = true;
      if (current) await discard(current);
    },
  };
}
