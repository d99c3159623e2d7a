import { failure } from "@partake/failure";
import type { ClientSession } from "mongoose";
import { auditEvent, type Emitted, emitted } from "./events.ts";
import { requestMark } from "./guards.ts";
import { castRecord, type Models, requestField } from "./models.ts";
import { findRecords, getRecord } from "./reads.ts";
import type { Sending } from "./sending.ts";
import type { Cause, CollectionDefinition, Stored, Transaction } from "./types.ts";

const mostEvents = 1000;

/** One work's share of a transaction. */
export interface Share {
  transaction: Transaction;
  readonly events: readonly Emitted[];
  /** Holds If-Match against what the work read and changed, once it is known which record it returned. */
  checkIfMatch(id: string): void;
  /** Waits for what the work started and did not wait for, then refuses any further use. Throws what the database threw. */
  close(): Promise<void>;
}

interface ShareOptions {
  models: Models;
  session: ClientSession;
  sending: Sending;
  owner: number;
  cause: Cause;
  now: Date;
  source: string;
}

export function openShare(options: ShareOptions): Share {
  const { models, session, sending, owner, cause, now, source } = options;
  const events: Emitted[] = [];
  const versions = new Map<string, number>();
  let firstChanged: string | undefined;
  let open = true;
  let last: Promise<unknown> = Promise.resolve();
  let broken: { error: unknown } | undefined;

  /** MongoDB takes one command of a transaction at a time; a database error ends the transaction even if the work catches it. */
  function serial<T>(step: () => Promise<T>): Promise<T> {
    if (!open) throw new TypeError("the transaction is over");
    const result = last.then(async () => {
      if (broken) throw broken.error;
      try {
        return await step();
      } catch (error) {
        broken = { error };
        throw error;
      }
    });
    last = result.catch(() => undefined);
    return result;
  }

  const read = async <R>(collection: { name: string }, reading: () => Promise<R>): Promise<R> =>
    serial(async () => {
      await sending.flush(collection.name);
      return reading();
    });

  function sawVersion(record: Stored): void {
    if (!versions.has(record._id)) versions.set(record._id, record.version);
  }

  function changing(record: Stored): void {
    if (!open) throw new TypeError("the transaction is over");
    sawVersion(record);
    firstChanged ??= record._id;
  }

  const transaction: Transaction = {
    session,
    now,
    find: async (collection, filter, found) =>
      read(collection, () => findRecords(models.of(collection), filter, { ...found, session })),
    async get<T extends Stored>(collection: CollectionDefinition<T>, id: string) {
      const record = await read(collection, () => getRecord<T>(models.of(collection), id, session));
      if (record) sawVersion(record);
      return record;
    },
    async insert<T extends Stored>(collection: CollectionDefinition<T>, record: Omit<T, "version">): Promise<T> {
      const inserted = { ...record, version: 1 } as T;
      const cast = await castRecord(models.of(collection), inserted);
      if (!open) throw new TypeError("the transaction is over");
      const mark = requestMark(cause);
      const document = { ...cast, _id: inserted._id, ...(mark && { [requestField]: mark }) };
      sending.add({ owner, collection: collection.name, id: inserted._id, kind: "insert", document });
      return inserted;
    },
    async update<T extends Stored>(
      collection: CollectionDefinition<T>,
      record: T,
      changes: Partial<Omit<T, "_id" | "version">>,
    ) {
      changing(record);
      const version = record.version + 1;
      const updated = { ...record, ...changes, _id: record._id, version };
      const update = await updateOf(models, collection, updated, Object.keys(changes));
      sending.add({
        owner,
        collection: collection.name,
        id: record._id,
        kind: "update",
        version: record.version,
        update,
      });
      return updated;
    },
    async remove(collection, record) {
      changing(record);
      sending.add({
        owner,
        collection: models.of(collection).collection.name,
        id: record._id,
        kind: "remove",
        version: record.version,
      });
    },
    emit(event) {
      if (!open) throw new TypeError("the transaction is over");
      if (events.length >= mostEvents) throw new RangeError(`more than ${mostEvents} events in one transaction`);
      events.push(emitted(event, { source, now, traceparent: cause.traceparent }));
    },
    audit(entry) {
      this.emit(auditEvent(entry, { cause, now }));
    },
  };

  return {
    transaction,
    events,
    checkIfMatch(id) {
      if (cause.ifMatch === undefined) return;
      const version = versions.get(id) ?? (firstChanged === undefined ? undefined : versions.get(firstChanged));
      if (version !== undefined && version !== cause.ifMatch) throw failure("precondition_failed", "version_mismatch");
    },
    async close() {
      await last;
      open = false;
      if (broken) throw broken.error;
    },
  };
}

async function updateOf<T extends Stored>(
  models: Models,
  collection: CollectionDefinition<T>,
  updated: T,
  changed: string[],
): Promise<Record<string, unknown>> {
  const cast = await castRecord(models.of(collection), updated, changed);
  const set: Record<string, unknown> = { version: updated.version };
  const unset: Record<string, ""> = {};
  for (const field of changed) {
    if (field === "_id" || field === "version") continue;
    if (cast[field] === undefined) unset[field] = "";
    else set[field] = cast[field];
  }
  return Object.keys(unset).length > 0 ? { $set: set, $unset: unset } : { $set: set };
}
