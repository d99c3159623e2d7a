import { connect as connectPlain } from "node:net";
import { connect as connectTls } from "node:tls";
import type { Log } from "@partake/store";
import { type ISocketFactory, Kafka, type LogEntry, logLevel } from "kafkajs";
import { skipEmptyBatches } from "./empty-batches.ts";
import { guardRequestQueue } from "./request-queue.ts";

const keepAliveMs = 30_000;
const defaultRequestTimeoutMs = 20_000;
/**
 * How long a broker keeps a fetch that finds nothing. What arrives meanwhile is answered at once, so it costs no latency; it
 * bounds how long a consumer takes to stop, and each answer wakes the process.
 */
export const idleFetchMs = 2000;

interface KafkaOptions {
  brokers: readonly string[];
  clientId: string;
  log: Log;
  requestTimeoutMs?: number | undefined;
}

/** A kafkajs client whose timers are guarded and whose lines go to our log. It connects when it is first used. */
export function openKafka(options: KafkaOptions): Kafka {
  const { brokers, clientId, log, requestTimeoutMs = defaultRequestTimeoutMs } = options;
  guardRequestQueue();
  skipEmptyBatches();
  return new Kafka({
    clientId,
    brokers: [...brokers],
    connectionTimeout: 3000,
    requestTimeout: requestTimeoutMs,
    enforceRequestTimeout: true,
    retry: { initialRetryTime: 100, maxRetryTime: 3000, retries: 5 },
    socketFactory,
    logLevel: logLevel.INFO,
    logCreator: () => (entry) => writeLine(log, entry),
  });
}

/** Without Nagle's delay: a request of Kafka is one write that waits for its answer. */
const socketFactory: ISocketFactory = ({ host, port, ssl, onConnect }) => {
  const socket = ssl
    ? connectTls({ host, port, servername: host, ...ssl }, onConnect)
    : connectPlain({ host, port }, onConnect);
  socket.setNoDelay(true);
  socket.setKeepAlive(true, keepAliveMs);
  return socket;
};

/** Each refused request, which kafkajs then retries, and that a publisher's retries are bounded, which is meant. */
const expected = /^Response |^Limiting retries for the idempotent producer/;

/**
 * kafkajs calls an error what it then retries (a coordinator that loads, a group that rebalances), so its errors are warnings
 * here; what stays wrong is told by the consumer, relay or publisher. Its stacks and buffers stay out.
 */
function writeLine(log: Log, { namespace, level, log: line }: LogEntry): void {
  const { message, error, groupId, broker, retryCount } = line;
  const fields = {
    kafka: namespace,
    ...(groupId && { groupId }),
    ...(broker && { broker }),
    ...(retryCount && { retryCount }),
  };
  const told = typeof error === "string" ? { ...fields, error } : fields;
  switch (level) {
    case logLevel.ERROR:
    case logLevel.WARN:
      if (expected.test(message)) log.debug(told, message);
      else log.warn(told, message);
      return;
    case logLevel.INFO:
      log.debug(told, message);
      return;
    default:
      return;
  }
}
