import { failure } from "@partake/failure";
import type { ClientSession } from "mongoose";
import { auditEvent, type Emitted, emitted } from "./events.ts";
import { requestMark } from "./guards.ts";
import { castRecord, grantsField, type Models, requestField } from "./models.ts";
import { findRecords, getRecord } from "./reads.ts";
import type { Sending } from "./sending.ts";
import type { Cause, CollectionDefinition, Stored, Transaction } from "./types.ts";

/** A list of five hundred people, each with a new contact: two records that are told and audited. */
const mostEvents = 2_500;

/** One work's share of a transaction. */
export interface Share {
  transaction: Transaction;
  readonly events: readonly Emitted[];
  /** To be called once it is committed: tells the cause what it wrote, and the process which versions of grants it made. */
  committed(): void;
  /** Holds If-Match against what the work read and changed, once it is known which record it returned. */
  checkIfMatch(id: string): void;
  /** Waits for what the work started and did not wait for, refuses any further use, and tells the first step that failed. */
  close(): Promise<{ error: unknown } | undefined>;
}

interface ShareOptions {
  models: Models;
  session: ClientSession;
  sending: Sending;
  owner: number;
  cause: Cause;
  now: Date;
  source: string;
  grantsKnown: ((organisationId: string) => number) | undefined;
  grantsRaised: ((organisationId: string, version: number) => void) | undefined;
}

export function openShare(options: ShareOptions): Share {
  const { models, session, sending, owner, cause, now, source } = options;
  const events: Emitted[] = [];
  const versions = new Map<string, number>();
  const written = new Map<string, number>();
  const raised = new Map<string, number>();
  let firstChanged: string | undefined;
  let open = true;
  let last: Promise<unknown> = Promise.resolve();
  let failed: { error: unknown } | undefined;

  /**
   * MongoDB takes one command of a transaction at a time. A step that failed fails the write, also where the work caught its
   * error or did not wait for it.
   */
  function serial<T>(step: () => Promise<T>): Promise<T> {
    if (!open) throw new TypeError("the transaction is over");
    const result = last.then(async () => {
      if (failed) throw failed.error;
      try {
        return await step();
      } catch (error) {
        failed = { error };
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

  /** The version of grants that a record is to keep: as far as this process and the cause know, and never less than before. */
  function grantsOf(record: Stored & { organisationId?: unknown }): number {
    const { organisationId, _grants: before = 0 } = record;
    if (typeof organisationId !== "string") return before;
    const known = [
      options.grantsKnown?.(organisationId),
      cause.grantsKnown?.(organisationId),
      raised.get(organisationId),
    ];
    return Math.max(before, ...known.map((version = 0) => version));
  }

  function keptBy(record: Stored): number {
    const known = grantsOf(record);
    if (known > 0) written.set(record._id, known);
    return known;
  }

  function changing(record: Stored): void {
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
    insert: <T extends Stored>(collection: CollectionDefinition<T>, record: Omit<T, "version">) =>
      serial(async () => {
        const inserted = { ...record, version: 1 } as T;
        const cast = await castRecord(models.of(collection), inserted);
        const mark = requestMark(cause);
        const known = keptBy(inserted);
        const own = { ...(mark && { [requestField]: mark }), ...(known > 0 && { [grantsField]: known }) };
        const document = { ...cast, _id: inserted._id, ...own };
        sending.add({ owner, collection: collection.name, id: inserted._id, kind: "insert", document });
        return inserted;
      }),
    update: <T extends Stored>(
      collection: CollectionDefinition<T>,
      record: T,
      changes: Partial<Omit<T, "_id" | "version">>,
    ) =>
      serial(async () => {
        changing(record);
        const version = record.version + 1;
        const updated = { ...record, ...changes, _id: record._id, version };
        const update = await updateOf(models, collection, updated, Object.keys(changes));
        const known = keptBy(updated);
        if (known > 0) update.$set[grantsField] = known;
        sending.add({
          owner,
          collection: collection.name,
          id: record._id,
          kind: "update",
          version: record.version,
          update,
        });
        return updated;
      }),
    remove: (collection, record) =>
      serial(async () => {
        changing(record);
        const { name } = models.of(collection).collection;
        sending.add({ owner, collection: name, id: record._id, kind: "remove", version: record.version });
      }),
    emit(event) {
      if (!open) throw new TypeError("the transaction is over");
      if (events.length >= mostEvents) throw new RangeError(`more than ${mostEvents} events in one transaction`);
      events.push(emitted(event, { source, now, traceparent: cause.traceparent }));
    },
    audit(entry) {
      this.emit(auditEvent(entry, { cause, now }));
    },
    grantsRaised(organisationId, version) {
      raised.set(organisationId, Math.max(version, raised.get(organisationId) ?? 0));
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
    committed() {
      for (const [organisationId, version] of raised) options.grantsRaised?.(organisationId, version);
      if (written.size > 0) cause.wrote?.(written);
    },
    async close() {
      await last;
      open = false;
      return failed;
    },
  };
}

async function updateOf<T extends Stored>(
  models: Models,
  collection: CollectionDefinition<T>,
  updated: T,
  changed: string[],
): Promise<{ $set: Record<string, unknown>; $unset?: Record<string, ""> }> {
  const cast = await castRecord(models.of(collection), updated, changed);
  const set: Record<string, unknown> = { version: updated.version };
  const unset: Record<string, ""> = {};
  for (const field of changed) {
    if (field === "_id" || field === "version" || field === grantsField) continue;
    if (cast[field] === undefined) unset[field] = "";
    else set[field] = cast[field];
  }
  return Object.keys(unset).length > 0 ? { $set: set, $unset: unset } : { $set: set };
}
