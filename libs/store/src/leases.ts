import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import type { Connection, mongo } from "mongoose";
import { isDuplicate, withoutValues } from "./database-errors.ts";
import { pause } from "./outbox.ts";
import { collectionOf } from "./sending.ts";
import type { Log } from "./types.ts";

/** How long a lease holds after its last renewal, by the clock of the database server. */
const defaultLeaseMs = 6000;
/** A holder renews so often while its lease lasts; one who does not hold it asks twice as often. */
const renewalsInLease = 3;
/** A holder stops this long before its lease could be another's, by its own monotonic clock from before it asked. */
const marginMs = 1000;
/** After work that ended or failed by itself, before it begins again. */
const restartMs = 500;

interface Lease {
  _id: string;
  holder: string;
  expiresAt: Date;
  /** Grows with each new holder. */
  term: number;
}

export interface Leadership {
  stop(): Promise<void>;
}

interface LeadOptions {
  connection: Connection;
  name: string;
  work(signal: AbortSignal): Promise<void>;
  log: Log;
  monotonicMs(): number;
  /** How long after a crash of the holder the work may rest. Each wait costs an idle process, so what can rest longer says so. */
  leaseMs?: number | undefined;
}

/**
 * Runs work while this process holds the lease. The database's clock alone says when a lease ends, so clocks of replicas do not
 * matter; the work is told to stop before that moment. Work must still bear an overlap: a process can be paused at any point.
 */
export function lead(options: LeadOptions): Leadership {
  const stopping = new AbortController();
  const holder = `${hostname()}/${process.pid}/${randomUUID()}`;
  const ended = contend({ ...options, leaseMs: options.leaseMs ?? defaultLeaseMs, holder, stopping: stopping.signal });
  return {
    async stop() {
      stopping.abort();
      await ended;
    },
  };
}

type Contending = LeadOptions & { holder: string; stopping: AbortSignal; leaseMs: number };

async function contend(contending: Contending): Promise<void> {
  const { name, log, stopping, leaseMs } = contending;
  const askEveryMs = leaseMs / renewalsInLease / 2;
  while (!stopping.aborted) {
    const asked = contending.monotonicMs();
    try {
      if (await acquire(contending)) {
        await hold(contending, asked);
        await release(contending);
        await pause(restartMs, stopping);
        continue;
      }
    } catch (error) {
      if (!stopping.aborted)
        log.warn({ err: withoutValues(error), lease: name }, "the lease could not be asked for; trying again");
    }
    await pause(askEveryMs * (0.8 + Math.random() * 0.4), stopping);
  }
}

/** Works and renews, until the work ends, the lease is lost or the leader is stopped; returns when the work has ended. */
async function hold(contending: Contending, acquiredAt: number): Promise<void> {
  const { name, log, stopping, monotonicMs, leaseMs } = contending;
  const renewEveryMs = leaseMs / renewalsInLease;
  const lost = new AbortController();
  const signal = AbortSignal.any([stopping, lost.signal]);
  let ending: NodeJS.Timeout | undefined;
  function holdUntil(ms: number): void {
    clearTimeout(ending);
    ending = setTimeout(
      () => {
        if (!signal.aborted) log.warn({ lease: name }, "the lease is lost; its work stops");
        lost.abort();
      },
      Math.max(0, ms - monotonicMs()),
    );
  }
  holdUntil(acquiredAt + leaseMs - marginMs);
  const renewing = (async () => {
    for (await pause(renewEveryMs, signal); !signal.aborted; await pause(renewEveryMs, signal)) {
      const asked = monotonicMs();
      try {
        if (!(await acquire(contending))) lost.abort();
        else if (!signal.aborted) holdUntil(asked + leaseMs - marginMs);
      } catch (error) {
        log.warn({ err: withoutValues(error), lease: name }, "the lease could not be renewed; trying again");
      }
    }
  })();
  try {
    await contending.work(signal);
  } catch (error) {
    if (!signal.aborted)
      log.error({ err: withoutValues(error), lease: name }, "work under a lease failed; it begins again");
  } finally {
    lost.abort();
    clearTimeout(ending);
    await renewing;
  }
}

/** Takes or renews the lease where it is free, ended or already held by this holder; else leaves it as it is. */
async function acquire({ connection, name, holder, leaseMs }: Contending): Promise<boolean> {
  const mine = { $eq: ["$holder", holder] };
  const free = { $or: [mine, { $lt: [{ $ifNull: ["$expiresAt", new Date(0)] }, "$$NOW"] }] };
  const term = { $cond: [mine, "$term", { $add: [{ $ifNull: ["$term", 0] }, 1] }] };
  const taken = { holder, term, expiresAt: { $add: ["$$NOW", leaseMs] } };
  const fields = Object.entries(taken).map(([field, value]) => [field, { $cond: [free, value, `$${field}`] }] as const);
  const leases = collectionOf(connection, "leases") as unknown as mongo.Collection<Lease>;
  try {
    const lease = await leases.findOneAndUpdate({ _id: name }, [{ $set: Object.fromEntries(fields) }], {
      upsert: true,
      returnDocument: "after",
      maxTimeMS: defaultLeaseMs - marginMs,
    });
    return lease?.holder === holder;
  } catch (error) {
    // Two asked for a lease that was never held before.
    if (isDuplicate(error)) return false;
    throw error;
  }
}

/** Lets the next one in at once. Not done in time, the lease ends by itself. */
async function release({ connection, name, holder, log }: Contending): Promise<void> {
  try {
    await collectionOf(connection, "leases").updateOne(
      { _id: name, holder },
      { $set: { expiresAt: new Date(0) } },
      { maxTimeMS: 1000 },
    );
  } catch (error) {
    log.warn({ err: withoutValues(error), lease: name }, "the lease could not be given back; it ends by itself");
  }
}
