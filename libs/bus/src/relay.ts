import type { Log, OutboxEntry, Store } from "@partake/store";
import type { TopicMessages } from "kafkajs";
import { causeOf } from "./causes.ts";
import { toMessage } from "./envelope.ts";
import type { Publisher } from "./publisher.ts";
import type { Relay } from "./types.ts";
import { createWake, pause, unlessAborted } from "./waiting.ts";

const mostEntries = 500;
/** A partition's batch must stay below Kafka's max.message.bytes, 1 MiB by default. */
const mostBytes = 512 * 1024;
/** Should a wake-up be lost, this is how late an event can be. */
const safetyPollMs = 10_000;
const firstBackOffMs = 100;
const longestBackOffMs = 5000;
const flushPollMs = 20;
const lookAgainMs = 10;
const shownMs = 5000;

interface RelayOptions {
  store: Store;
  openPublisher(): Publisher;
  prefix: string;
  log: Log;
}

/**
 * Publishes the outbox in order and deletes what Kafka has. Killed at any point it begins again with what is left, so an event
 * is sent at least once, and the first time always in its place: entries are deleted only after they were acknowledged.
 */
export function startRelay(options: RelayOptions): Relay {
  const { store } = options;
  const leadership = store.lead("outbox-relay", (signal) => relayWhileLeading(options, signal));
  return {
    depth: () => store.outbox.depth(),
    async flush(timeoutMs) {
      const newest = await store.outbox.newest();
      if (newest === undefined) return;
      const deadline = performance.now() + timeoutMs;
      for (;;) {
        const [oldest] = await store.outbox.read(1);
        if (!oldest || oldest._id > newest) return;
        if (performance.now() > deadline) throw new Error("the outbox was not empty in time");
        await pause(flushPollMs);
      }
    },
    stop: () => leadership.stop(),
  };
}

async function relayWhileLeading(
  { store, openPublisher, prefix, log }: RelayOptions,
  signal: AbortSignal,
): Promise<void> {
  const publisher = openPublisher();
  const wake = createWake();
  store.outbox.watch(signal, () => wake.now());
  const sent = openSent();
  let backOffMs = firstBackOffMs;
  try {
    while (!signal.aborted) {
      try {
        const entries = await store.outbox.read(mostEntries);
        const fresh = sent.without(entries);
        for (const slice of slices(fresh)) {
          if (signal.aborted) return;
          await unlessAborted(signal, publisher.send(asTopics(slice, prefix)));
          const ids = slice.map(({ _id }) => _id);
          await store.outbox.remove(ids);
          sent.add(ids);
        }
        backOffMs = firstBackOffMs;
        if (entries.length < mostEntries) await wake.wait(safetyPollMs, signal);
        else if (fresh.length === 0) await pause(lookAgainMs, signal);
      } catch (error) {
        if (signal.aborted) return;
        log.warn(causeOf(error), "the outbox could not be published; trying again");
        await pause(backOffMs * (0.5 + Math.random()), signal);
        backOffMs = Math.min(backOffMs * 2, longestBackOffMs);
      }
    }
  } finally {
    await publisher.close();
  }
}

interface Sent {
  add(ids: readonly string[]): void;
  without(entries: readonly OutboxEntry[]): OutboxEntry[];
}

/**
 * What Kafka has and a reading may still show for a moment, since nobody waits until a removal is on the disks of a majority. An
 * entry that is shown for longer came back when the primary fell: it is published and removed again.
 */
function openSent(): Sent {
  const since = new Map<string, number>();
  return {
    add(ids) {
      for (const id of ids) since.set(id, performance.now());
    },
    without(entries) {
      const oldest = performance.now() - shownMs;
      for (const [id, at] of since) if (at < oldest) since.delete(id);
      return entries.filter(({ _id }) => !since.has(_id));
    },
  };
}

function* slices(entries: readonly OutboxEntry[]): Generator<OutboxEntry[]> {
  let slice: OutboxEntry[] = [];
  let bytes = 0;
  for (const entry of entries) {
    const size = Buffer.byteLength(entry.data) + 500;
    if (bytes + size > mostBytes && slice.length > 0) {
      yield slice;
      slice = [];
      bytes = 0;
    }
    slice.push(entry);
    bytes += size;
  }
  if (slice.length > 0) yield slice;
}

function asTopics(entries: readonly OutboxEntry[], prefix: string): TopicMessages[] {
  const byTopic = Map.groupBy(entries, ({ topic }) => topic);
  return [...byTopic].map(([topic, of]) => ({ topic: `${prefix}${topic}`, messages: of.map(toMessage) }));
}
