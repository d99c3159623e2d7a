import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { ClientSession, Connection, mongo } from "mongoose";
import { queryTimeoutMs } from "./connection.ts";
import { query, withoutValues } from "./database-errors.ts";
import { eventIds, journalName } from "./journal.ts";
import { collectionOf } from "./sending.ts";
import type { Log, Outbox, OutboxEntry } from "./types.ts";

const reopenMs = 1000;
const mostRecent = 2000;

/**
 * An entry's id and place: the database's cluster time as this transaction last heard it, then its place in the transaction.
 * A transaction that builds on another one has read its commit, so it has heard a later cluster time than the other one had:
 * sorting by id never puts a consequence before its cause. Neither the clocks of replicas nor a new primary can change that,
 * which the natural order of a collection does not promise.
 */
export function entryId(session: ClientSession, place: number): string {
  const heard = session.clusterTime?.clusterTime;
  if (!heard) throw new Error("the database tells no cluster time: it must be a replica set");
  return `${hex(heard.high, 8)}${hex(heard.low, 8)}${hex(place, 6)}${randomBytes(5).toString("hex")}`;
}

function hex(value: number, length: number): string {
  return (value >>> 0).toString(16).padStart(length, "0");
}

/** The outbox, and the call that tells the watchers of this process of a commit before the change stream does. */
export function openOutbox(connection: Connection, log: Log): { outbox: Outbox; published(): void } {
  const watchers = new Set<() => void>();
  const removed = openRecent();
  const entries = () => collectionOf(connection, journalName) as unknown as mongo.Collection<OutboxEntry>;
  const outbox: Outbox = {
    // One point in time: a longer scan could pass the place of an entry, see it committed meanwhile, and find what follows from it.
    read: (limit) =>
      query(
        entries()
          .find(
            { _id: eventIds },
            {
              sort: { _id: 1 },
              limit,
              batchSize: limit,
              maxTimeMS: queryTimeoutMs,
              readConcern: { level: "snapshot" },
            },
          )
          .toArray(),
      ),
    // Nobody waits for disks: what comes back after a fall of the primary is published again, which consumers bear.
    async remove(ids) {
      const writeConcern = { w: 1, journal: false };
      await query(entries().deleteMany({ _id: { $in: [...ids] } }, { maxTimeMS: queryTimeoutMs, writeConcern }));
      for (const id of ids) removed.add(id);
    },
    async newest() {
      const [newest] = await query(
        entries()
          .find({ _id: eventIds }, { sort: { _id: -1 }, limit: 1, projection: { _id: 1 }, maxTimeMS: queryTimeoutMs })
          .toArray(),
      );
      return newest?._id;
    },
    depth: () => query(entries().countDocuments({ _id: eventIds }, { maxTimeMS: queryTimeoutMs })),
    watch(signal, written) {
      watchers.add(written);
      signal.addEventListener("abort", () => watchers.delete(written), { once: true });
      void follow(connection, { signal, written, removed, log });
    },
  };
  return {
    outbox,
    published() {
      for (const written of watchers) written();
    },
  };
}

/** What was published from here before the change stream told of it: no reason to look again. */
interface Recent {
  add(id: string): void;
  /** True when it was there. */
  forget(id: string): boolean;
}

function openRecent(): Recent {
  const ids = new Set<string>();
  return {
    add(id) {
      if (ids.size >= mostRecent) ids.delete(ids.values().next().value ?? id);
      ids.add(id);
    },
    forget: (id) => ids.delete(id),
  };
}

interface Following {
  signal: AbortSignal;
  written(): void;
  removed: Recent;
  log: Log;
}

/** The change stream only wakes; what is to be published is read from the collection. So a lost stream loses nothing. */
async function follow(connection: Connection, { signal, written, removed, log }: Following): Promise<void> {
  while (!signal.aborted) {
    try {
      // From a moment before the reading that this wakes: nothing falls between the two.
      const now = await connection.db?.command({ ping: 1 });
      written();
      const pipeline = [
        { $match: { operationType: "insert", "documentKey._id": eventIds } },
        { $project: { documentKey: 1 } },
      ];
      const stream = collectionOf(connection, journalName).watch(pipeline, {
        maxAwaitTimeMS: 10_000,
        startAtOperationTime: now?.["operationTime"],
      });
      const close = () => void stream.close().catch(() => undefined);
      signal.addEventListener("abort", close, { once: true });
      try {
        for await (const event of stream)
          if (!("documentKey" in event && removed.forget(String(event.documentKey._id)))) written();
      } finally {
        signal.removeEventListener("abort", close);
        close();
      }
    } catch (error) {
      if (signal.aborted) return;
      log.warn({ err: withoutValues(error) }, "the change stream of the outbox ended; it is opened again");
    }
    await pause(reopenMs, signal);
  }
}

/** Waits, at most until the signal. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { ...(signal && { signal }) }).catch(() => undefined);
}
