import type { Log } from "@partake/store";
import type { Consumer as KafkaConsumer } from "kafkajs";
import { causeOf } from "./causes.ts";
import { atMost, pause } from "./waiting.ts";

const mostCrashes = 5;
const firstBackOffMs = 250;
const longestBackOffMs = 5000;
const disconnectMs = 5000;
/** Names of kafkajs's errors that mean that Kafka is away. That is waited out: it is no defect of the consumer. */
const away = new Set([
  "KafkaJSConnectionError",
  "KafkaJSConnectionClosedError",
  "KafkaJSRequestTimeoutError",
  "KafkaJSNoBrokerAvailableError",
  "KafkaJSBrokerNotFound",
  "KafkaJSMetadataNotLoaded",
  "KafkaJSTopicMetadataNotLoaded",
  "KafkaJSGroupCoordinatorNotFound",
]);

/** One life of a kafkajs consumer. */
export interface Session {
  /** Ends with the session. */
  signal: AbortSignal;
  joined(): void;
  /** Something was handled: earlier crashes do not count any more. */
  progressed(): void;
}

interface SessionsOptions {
  name: string;
  log: Log;
  create(): KafkaConsumer;
  /** Subscribes and runs a connected consumer. */
  begin(consumer: KafkaConsumer, session: Session): Promise<void>;
  ended(): void;
  onFatal(error: Error): void;
}

export interface Sessions {
  joined: Promise<void>;
  stop(): Promise<void>;
}

/**
 * Keeps a consumer alive. kafkajs restarts a crashed one for ever while its health looks fine (tulios/kafkajs#1721), so here each
 * crash ends the session and a new one begins: without bound while Kafka is away or the group was never joined, else at most
 * five times in a row without a message handled between. Then the process is told to end, and its supervisor starts it again.
 */
export function runSessions(options: SessionsOptions): Sessions {
  const { name, log } = options;
  const stopping = new AbortController();
  const joined = Promise.withResolvers<void>();
  // Nobody may be waiting for it.
  joined.promise.catch(() => undefined);
  let everJoined = false;
  let crashes = 0;

  async function keep(): Promise<void> {
    for (
      let backOffMs = firstBackOffMs;
      !stopping.signal.aborted;
      backOffMs = Math.min(backOffMs * 2, longestBackOffMs)
    ) {
      const error = await runSession(options, stopping.signal, {
        joined() {
          everJoined = true;
          backOffMs = firstBackOffMs;
          joined.resolve();
        },
        progressed() {
          crashes = 0;
          backOffMs = firstBackOffMs;
        },
      });
      options.ended();
      if (!error) return;
      if (everJoined && !isAway(error)) crashes += 1;
      log.warn({ ...causeOf(error), consumer: name, crashes }, "a consumer crashed; it begins again");
      if (crashes >= mostCrashes) {
        options.onFatal(error);
        return;
      }
      await pause(backOffMs * (0.5 + Math.random()), stopping.signal);
    }
  }

  const ended = keep();
  return {
    joined: joined.promise,
    async stop() {
      stopping.abort();
      joined.reject(new Error("the consumer was stopped"));
      await ended;
    },
  };
}

/** Resolves with the error of a crash, or with nothing when it was stopped. */
async function runSession(
  { create, begin }: SessionsOptions,
  stopping: AbortSignal,
  events: Pick<Session, "joined" | "progressed">,
): Promise<Error | undefined> {
  const consumer = create();
  const ending = new AbortController();
  const crashed = new Promise<Error | undefined>((resolve) => {
    consumer.on(consumer.events.CRASH, ({ payload }) => resolve(payload.error));
    stopping.addEventListener("abort", () => resolve(undefined), { once: true, signal: ending.signal });
  });
  try {
    await consumer.connect();
    await begin(consumer, { ...events, signal: ending.signal });
    return stopping.aborted ? undefined : await crashed;
  } catch (error) {
    return error instanceof Error ? error : new Error("a consumer threw no error");
  } finally {
    ending.abort();
    await atMost(disconnectMs, consumer.disconnect());
  }
}

function isAway(error: Error): boolean {
  return away.has(error.name) || (error.cause instanceof Error && isAway(error.cause));
}
