import { eventType } from "@partake/contract";
import type { Log, Store } from "@partake/store";
import type { EachBatchPayload, Kafka } from "kafkajs";
import { originOf } from "./dead-letters.ts";
import type { Place } from "./envelope.ts";
import { createHandling, type Handled, type Handling } from "./handling.ts";
import { idleFetchMs } from "./kafka.ts";
import type { Publisher } from "./publisher.ts";
import { runSessions } from "./sessions.ts";
import { replayTopic } from "./topics.ts";
import type { Consumer, ConsumerFigures, Subscription } from "./types.ts";
import { forEachAtOnce, pause } from "./waiting.ts";

const mostInSlice = 256;
/** Keys of one partition that are handled at the same time; the store commits them together. */
const keysAtOnce = 32;
const partitionsAtOnce = 8;
const heartbeatMs = 2000;
const commitMs = 1000;
/** A wait up to this long is spent in place; for a longer one the partition rests and the others go on. */
const shortWaitMs = 500;

export interface ConsumerOptions {
  kafka: Kafka;
  prefix: string;
  actorId: string;
  store: Store;
  publisher: Publisher;
  log: Log;
  onFatal(error: Error): void;
}

type Figures = { -readonly [F in keyof ConsumerFigures]: ConsumerFigures[F] };

export function startConsumer(options: ConsumerOptions, { group, handlers }: Subscription): Consumer {
  const { kafka, prefix, log, actorId, store, publisher } = options;
  const groupId = `${prefix}${group}`;
  const types = Object.keys(handlers);
  const topics = [...new Set(types.map((type) => eventType(type).topic))].map((topic) => `${prefix}${topic}`);
  const replays = replayTopic(groupId);
  topics.push(replays);
  const figures: Figures = {
    group,
    joined: false,
    lag: 0,
    lastProgressAt: Date.now(),
    handled: 0,
    repeated: 0,
    retried: 0,
    setAside: 0,
  };
  const lags = new Map<string, number>();
  const handling = createHandling({ groupId, group, actorId, handlers, store, publisher, log });
  const sessions = runSessions({
    name: group,
    log,
    onFatal: options.onFatal,
    create: () =>
      kafka.consumer({
        groupId,
        sessionTimeout: 10_000,
        rebalanceTimeout: 30_000,
        heartbeatInterval: heartbeatMs,
        maxWaitTimeInMs: idleFetchMs,
        allowAutoTopicCreation: false,
        retry: { initialRetryTime: 100, maxRetryTime: 2000, retries: 5, restartOnFailure: async () => false },
      }),
    async begin(consumer, session) {
      const progress = () => {
        figures.lastProgressAt = Date.now();
      };
      consumer.on(consumer.events.FETCH, progress);
      consumer.on(consumer.events.HEARTBEAT, progress);
      consumer.on(consumer.events.GROUP_JOIN, () => {
        figures.joined = true;
        lags.clear();
        figures.lag = 0;
        session.joined();
      });
      await consumer.subscribe({ topics, fromBeginning: true });
      const commitSoon = commitBehind(session.signal);
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: partitionsAtOnce,
        eachBatch: async (payload) => {
          // Also while it is being handled, which may take long.
          noteLag(payload, { lags, figures, reached: firstOf(payload) });
          const reached = await handleBatch({ payload, handling, prefix, replays, figures, signal: session.signal });
          commitSoon(payload);
          session.progressed();
          progress();
          noteLag(payload, { lags, figures, reached });
        },
      });
    },
    ended() {
      figures.joined = false;
    },
  });
  return { figures, joined: sessions.joined, stop: sessions.stop };
}

interface Reached {
  lags: Map<string, number>;
  figures: Figures;
  /** The first offset that is not handled. */
  reached: number;
}

function firstOf({ batch }: EachBatchPayload): number {
  return Number(batch.messages[0]?.offset ?? batch.highWatermark);
}

function noteLag({ batch }: EachBatchPayload, { lags, figures, reached }: Reached): void {
  lags.set(`${batch.topic}/${batch.partition}`, Math.max(0, Number(batch.highWatermark) - reached));
  figures.lag = [...lags.values()].reduce((sum, lag) => sum + lag, 0);
}

/**
 * Commits what was handled soon after, beside the handling: kafkajs would await it after each batch, before it fetches again.
 * What a crash or a rebalance leaves uncommitted comes once more, and the inbox knows it.
 */
function commitBehind(signal: AbortSignal): (payload: EachBatchPayload) => void {
  let latest: EachBatchPayload | undefined;
  let timer: NodeJS.Timeout | undefined;
  const commit = () => {
    clearTimeout(timer);
    timer = undefined;
    const offsets = latest?.uncommittedOffsets();
    // A commit that fails is made by the next one; a membership that is lost is noticed by its heartbeat.
    if (latest && offsets && offsets.topics.length > 0) latest.commitOffsetsIfNecessary(offsets).catch(() => undefined);
  };
  signal.addEventListener("abort", commit, { once: true });
  return (payload) => {
    latest = payload;
    if (!signal.aborted) timer ??= setTimeout(commit, commitMs);
  };
}

interface Batch {
  payload: EachBatchPayload;
  handling: Handling;
  prefix: string;
  replays: string;
  figures: Figures;
  signal: AbortSignal;
}

/** Handles a batch in slices; what of it is done is committed with the next commit of the group. Returns the first offset left. */
async function handleBatch(batch: Batch): Promise<number> {
  const { payload, signal } = batch;
  const { messages } = payload.batch;
  const beating = startBeating(payload);
  let reached = firstOf(payload);
  try {
    for (let from = 0; from < messages.length; from += mostInSlice) {
      if (!payload.isRunning() || payload.isStale() || signal.aborted) break;
      const slice = messages.slice(from, from + mostInSlice).map((message) => placeOf(batch, message));
      const { restMs, lastDone } = await handleSlice(batch, slice, beating);
      if (lastDone !== undefined) {
        payload.resolveOffset(lastDone);
        reached = Number(lastDone) + 1;
      }
      beating.check();
      if (restMs !== undefined) {
        rest(payload, restMs, signal);
        break;
      }
    }
  } finally {
    beating.stop();
  }
  return reached;
}

function placeOf({ payload, prefix, replays }: Batch, message: Place["message"]): Place {
  const { topic, partition } = payload.batch;
  const origin = topic === replays ? originOf(message) : undefined;
  return { message, readFrom: topic, partition, topic: origin ?? topic.slice(prefix.length) };
}

interface HandledSlice {
  /** How long the partition must rest, where a message is put off. */
  restMs: number | undefined;
  /** The offset up to which everything is done. */
  lastDone: string | undefined;
}

/** Each key's messages in their order, several keys at once. */
async function handleSlice(
  { payload, handling, figures, signal }: Batch,
  slice: readonly Place[],
  beating: Beating,
): Promise<HandledSlice> {
  const left = new Set(slice);
  let restMs: number | undefined;
  const chains = Map.groupBy(slice, ({ message }) => message.key?.toString("latin1") ?? "");
  await forEachAtOnce(chains.values(), keysAtOnce, async (chain) => {
    for (const place of chain) {
      for (;;) {
        if (signal.aborted || beating.lost() || !payload.isRunning()) return;
        const handled = await handling.handle(place);
        count(figures, handled);
        if (handled.kind !== "later") break;
        if (handled.afterMs > shortWaitMs) {
          restMs = Math.min(restMs ?? handled.afterMs, handled.afterMs);
          return;
        }
        await pause(handled.afterMs, signal);
      }
      left.delete(place);
    }
  });
  const firstLeft = slice.findIndex((place) => left.has(place));
  const lastDone = firstLeft === -1 ? slice.at(-1) : slice[firstLeft - 1];
  return { restMs, lastDone: lastDone?.message.offset };
}

function count(figures: Figures, handled: Handled): void {
  switch (handled.kind) {
    case "done":
      figures.handled += 1;
      return;
    case "repeated":
      figures.repeated += 1;
      return;
    case "set_aside":
      figures.setAside += 1;
      return;
    case "later":
      figures.retried += 1;
      return;
    case "ignored":
      return;
    default:
      handled satisfies never;
  }
}

/** The partition is fetched again after its rest, from the first message that was put off; the inbox knows those done since. */
function rest(payload: EachBatchPayload, ms: number, signal: AbortSignal): void {
  const resume = payload.pause();
  void pause(ms, signal).then(() => {
    if (!signal.aborted) resume();
  });
}

interface Beating {
  lost(): boolean;
  /** Throws what a heartbeat threw: kafkajs joins the group again. */
  check(): void;
  stop(): void;
}

/** Heartbeats while handlers take their time, so that a slow one does not cost the membership. */
function startBeating(payload: EachBatchPayload): Beating {
  let thrown: { error: unknown } | undefined;
  const timer = setInterval(() => {
    payload.heartbeat().catch((error: unknown) => {
      thrown ??= { error };
    });
  }, heartbeatMs);
  return {
    lost: () => thrown !== undefined,
    check() {
      if (thrown) throw thrown.error;
    },
    stop: () => clearInterval(timer),
  };
}
