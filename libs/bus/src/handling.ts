import { Failure } from "@partake/failure";
import type { Log, Store } from "@partake/store";
import { causeOf } from "./causes.ts";
import { deadLetterMessage } from "./dead-letters.ts";
import { type ArrivedEvent, claimedType, type Place, toEvent, UnreadableMessage } from "./envelope.ts";
import type { Publisher } from "./publisher.ts";
import { deadLetterTopic } from "./topics.ts";
import { traced } from "./tracing.ts";
import type { Arrived, Handler, Handlers } from "./types.ts";

const mostAttempts = 5;
/** How long a failure that may be nobody's fault here (a dependency is away) is retried. */
const patienceMs = 10 * 60 * 1000;
const patient: ReadonlySet<string> = new Set(["unavailable", "deadline_exceeded", "rate_limited"]);
const mostRemembered = 1000;

export type Handled =
  | { kind: "done" | "repeated" | "ignored" | "set_aside" }
  /** Not yet: it is to be handled again after this time, and nothing of its key before it. */
  | { kind: "later"; afterMs: number };

export interface Handling {
  handle(place: Place): Promise<Handled>;
}

interface HandlingOptions {
  /** With the prefix. */
  groupId: string;
  /** Without it. */
  group: string;
  actorId: string;
  handlers: Handlers;
  store: Store;
  publisher: Publisher;
  log: Log;
}

interface Attempts {
  count: number;
  since: number;
}

/** Handles messages one at a time: does, ignores, puts off or sets aside each of them. It rejects only when Kafka itself fails. */
export function createHandling(options: HandlingOptions): Handling {
  const { group, log } = options;
  const failed = new Map<string, Attempts>();

  async function failedOnce(place: Place, error: unknown): Promise<Handled> {
    const name = `${place.readFrom}/${place.partition}/${place.message.offset}`;
    const now = performance.now();
    const attempts = failed.get(name) ?? { count: 0, since: now };
    attempts.count += 1;
    const told = causeOf(error);
    const where = {
      group,
      topic: place.topic,
      partition: place.partition,
      offset: place.message.offset,
      attempt: attempts.count,
    };
    if (isFinal(error, attempts, now)) {
      await options.publisher.send([
        {
          topic: deadLetterTopic(options.groupId),
          messages: [deadLetterMessage(place, { cause: told.cause, attempts: attempts.count })],
        },
      ]);
      failed.delete(name);
      log.error({ ...told, ...where }, "an event was set aside as a dead letter");
      return { kind: "set_aside" };
    }
    if (failed.size >= mostRemembered) failed.delete(failed.keys().next().value ?? name);
    failed.set(name, attempts);
    log.warn({ ...told, ...where }, "an event could not be handled; it will be tried again");
    return { kind: "later", afterMs: backOffMs(attempts.count) };
  }

  return {
    async handle(place) {
      try {
        const kind = await handleOnce(options, place);
        failed.delete(`${place.readFrom}/${place.partition}/${place.message.offset}`);
        return { kind };
      } catch (error) {
        return failedOnce(place, error);
      }
    },
  };
}

async function handleOnce(
  options: HandlingOptions,
  { message, topic }: Place,
): Promise<"done" | "repeated" | "ignored"> {
  const { group, handlers, store, actorId } = options;
  // A tombstone of a compacted topic says that a key is forgotten; the event that said so came before it.
  if (message.value === null) return "ignored";
  const type = claimedType(message);
  if (!Object.hasOwn(handlers, type)) return "ignored";
  const event = toEvent(message, topic);
  const handler = handlers[event.type] as Handler<typeof event.type> | undefined;
  if (!handler) return "ignored";
  return traced(event, group, async (traceparent) => {
    const arrived = arrive(event, { actorId, traceparent });
    const prepared = await handler.prepare?.(arrived);
    const of = { group, source: event.source, eventId: event.id, cause: arrived.cause };
    return store.effect(of, (tx) => handler.apply(arrived, tx, prepared));
  });
}

export function arrive(
  event: ArrivedEvent,
  { actorId, traceparent }: { actorId: string; traceparent: string | undefined },
): Arrived {
  return { ...event, cause: { actorId, traceparent } };
}

function isFinal(error: unknown, attempts: Attempts, now: number): boolean {
  if (error instanceof UnreadableMessage) return true;
  if (error instanceof Failure && patient.has(error.code)) return now - attempts.since > patienceMs;
  return attempts.count >= mostAttempts;
}

/** 100 ms, 400 ms, 1.6 s, 6.4 s, then every ten seconds; not quite the same for all, so that they do not come together. */
function backOffMs(attempts: number): number {
  return Math.min(100 * 4 ** (attempts - 1), 10_000) * (0.8 + Math.random() * 0.4);
}
