import type { Caller } from "@partake/authz";
import type { AuditAction, Events } from "@partake/contract";
import type { ClientSession, Schema } from "mongoose";

/** A stored record: its id, its version (grows with every change), and whatever else its collection declares. */
export interface Stored {
  _id: string;
  version: number;
  /**
   * The highest version of its organisation's grants that whoever wrote it knew of; kept by the store, and absent where there is
   * none. No older rights may decide who reads it.
   */
  readonly _grants?: number;
}

/** Who reads, with the rights that decide what they may. Structural, so that libs/rpc's Call fits. */
export interface Reader {
  caller: Caller;
  /** Throws where the reader's rights are older than the record: what to decide by must be read anew. Absent: no rights are asked. */
  saw?(record: object): void;
}

/** A collection's shape and indexes, in one place beside its queries. */
export interface CollectionDefinition<T extends Stored> {
  name: string;
  schema: Schema<T>;
  indexes: readonly {
    keys: Record<string, 1 | -1>;
    unique?: boolean;
    expireAfterSeconds?: number;
    where?: Record<string, unknown>;
  }[];
}

/** A collection of whatever record. */
// biome-ignore lint/suspicious/noExplicitAny: collections of different records stand in one list
export type AnyCollection = CollectionDefinition<Stored & any>;

/** An event that a write publishes, of the types that the contract declares. */
export type Outgoing = { [T in keyof Events]: { type: T; data: Events[T] } }[keyof Events];

/** Something for the audit trail; ids only. */
export interface AuditEntry {
  action: AuditAction;
  organisationId: string;
  /** Whom or what it was done to. */
  subjectId?: string;
  /** Within which scope, by its id. */
  scope?: string;
  outcome?: "done" | "refused";
  /** Of what was done to a role: the role. */
  role?: string;
  /** The record that it left, where details lie that may be erased. */
  recordId?: string;
  /** Of a refusal: what was asked for, and how often within the same minute. */
  operation?: string;
  times?: number;
  /** Why it was refused; of what it follows, where nobody did it. */
  cause?: string;
}

/**
 * Who writes, and why: an RPC's call or an event that is handled. Structural, so that libs/rpc's Call fits.
 *
 * `ifMatch` is held against the record whose id the write returns (at the version that the transaction read or changed), else
 * against the first record that it changed; another version is `precondition_failed` / `version_mismatch`.
 */
export interface Cause {
  actorId: string;
  traceparent: string | undefined;
  requestId?: string;
  /** Present on a call of a client: the write is done once for each key. */
  idempotencyKey?: string | undefined;
  requestHash?: string;
  operation?: { path: string };
  ifMatch?: number | undefined;
  /** The version of that organisation's grants that whoever writes knows of; 0 where none. */
  grantsKnown?(organisationId: string): number;
  /** Told after the commit what was written, by id, with the version of grants that it keeps: whoever wrote it need not ask to see it. */
  wrote?(records: ReadonlyMap<string, number>): void;
}

/**
 * The inside of a transaction. All or nothing happens, with its events. No remote call belongs here, and nothing that must not
 * happen twice: the work runs again after a conflict. Writes are sent when the transaction next reads their collection, or at
 * its end, so a refusal of the database (a duplicate, a changed version) ends the write, not the single step.
 */
export interface Transaction {
  /** For a query of the driver that this interface lacks. Use `find` and `get` where they do: they also see what is not sent yet. */
  readonly session: ClientSession;
  readonly now: Date;
  find<T extends Stored>(collection: CollectionDefinition<T>, filter: Filter, options?: FindOptions): Promise<T[]>;
  get<T extends Stored>(collection: CollectionDefinition<T>, id: string): Promise<T | undefined>;
  /**
   * Inserts a record at version 1. The same id with the same request again: nothing is inserted and the write ends as
   * `repeated`; with another request: conflict `id_taken`. Where another unique index refuses it: conflict `already_exists`.
   * Records are written in full: defaults of the schema are not applied, fields that it lacks are refused (left out where they are nested).
   */
  insert<T extends Stored>(collection: CollectionDefinition<T>, record: Omit<T, "version">): Promise<T>;
  /** Stores changed fields and raises the version by one; conflict `concurrent_change` when the stored version is not `record.version`. */
  update<T extends Stored>(
    collection: CollectionDefinition<T>,
    record: T,
    changes: Partial<Omit<T, "_id" | "version">>,
  ): Promise<T>;
  remove<T extends Stored>(collection: CollectionDefinition<T>, record: T): Promise<void>;
  /** Publishes an event with the write. */
  emit(event: Outgoing): void;
  /** For whoever makes versions of grants: what is written from here on knows of that one, and so does this process after the commit. */
  grantsRaised(organisationId: string, version: number): void;
  audit(entry: AuditEntry): void;
}

/** How a write ended: with the id that its work returned, done now or by an earlier identical request. */
export interface Written {
  id: string;
  repeated: boolean;
}

export interface Page<T> {
  items: T[];
  nextCursor: string;
}

export interface ListOptions {
  /** The caller's `visible` filter, or a filter that an RPC's own decision made enough. */
  visible: Record<string, unknown>;
  filter?: Filter;
  /** Field and direction; the id breaks ties. Default: _id descending, the newest first. */
  sort?: { field: string; direction: 1 | -1 };
  /** 0 or absent: 50. At most 200. */
  limit?: number;
  cursor?: string;
  /** The call in whose course it is read; its caller binds the cursor. */
  call: Reader;
}

/**
 * Filters of `find`, `count`, `list` and `Transaction.find`: a field compares with a plain value. Operators of MongoDB count only
 * where the code that wrote them says so, `{ createdAt: trusted({ $gte: from }) }` (`trusted` is exported here); `$and`, `$or` and
 * `$nor` may stand at the top. An unmarked operator throws, so a value from outside can never become a query.
 */
export type Filter = Record<string, unknown>;

export interface FindOptions {
  /** At most 10,000. Without it more than 1,000 records are a defect and throw: a list that people page through is `list`. */
  limit?: number;
  sort?: Record<string, 1 | -1>;
  /** Where what is found is shown without a decision on each record: the call in whose course it is. */
  call?: Reader;
}

export interface Store {
  /** Runs `work` in one transaction, again on a transient conflict (bounded), and once for each idempotency key. */
  write(cause: Cause, work: (tx: Transaction) => Promise<string>): Promise<Written>;
  /**
   * Runs `work` in one transaction that also records what it is the effect of: the second time with the same group, source and
   * event id nothing happens. For libs/bus.
   */
  effect(of: EffectOf, work: (tx: Transaction) => Promise<void>): Promise<"done" | "repeated">;
  get<T extends Stored>(collection: CollectionDefinition<T>, id: string): Promise<T | undefined>;
  find<T extends Stored>(collection: CollectionDefinition<T>, filter: Filter, options?: FindOptions): Promise<T[]>;
  count<T extends Stored>(collection: CollectionDefinition<T>, filter: Filter): Promise<number>;
  list<T extends Stored>(collection: CollectionDefinition<T>, options: ListOptions): Promise<Page<T>>;
  /** Creates the declared indexes and those of outbox, inbox, idempotency and leases; one that is declared otherwise now is replaced. */
  migrate(): Promise<void>;
  /**
   * Runs work on one replica at a time, while this process holds the lease of that name. After a crash of its holder the work rests
   * up to `leaseMs` (default: 6 s); what can rest longer says so, and an idle process wakes up less.
   */
  lead(
    name: string,
    work: (signal: AbortSignal) => Promise<void>,
    options?: { leaseMs?: number },
  ): { stop(): Promise<void> };
  /** What is written and not yet published. For libs/bus. */
  readonly outbox: Outbox;
  /** Throws when the database does not answer. For readiness. */
  ping(): Promise<void>;
  /** Ends what is under way, bounded, and closes the connection. */
  close(): Promise<void>;
}

export interface EffectOf {
  group: string;
  source: string;
  eventId: string;
  cause: Cause;
}

/** An event as the outbox keeps it, in the order of its id. */
export interface OutboxEntry {
  /** Sorts after every entry on which it depends, and is the CloudEvents id. */
  _id: string;
  type: string;
  topic: string;
  key: string;
  source: string;
  time: Date;
  traceparent?: string;
  /** The checked data as JSON: no key or value of it means anything to the database. */
  data: string;
}

export interface Outbox {
  /** The oldest entries, in order. */
  read(limit: number): Promise<OutboxEntry[]>;
  remove(ids: readonly string[]): Promise<void>;
  /** The id of the last entry in order. */
  newest(): Promise<string | undefined>;
  /** How many wait. */
  depth(): Promise<number>;
  /** Calls back when something was written, by this process or another, until the signal; reconnects by itself. */
  watch(signal: AbortSignal, written: () => void): void;
}

export interface StoreOptions {
  uri: string;
  database: string;
  collections: readonly AnyCollection[];
  /** Base64 of 32 bytes each; the first encrypts cursors, all decrypt. */
  encryptionKeys: readonly string[];
  /** CloudEvents source of what is emitted, as "/partake/projects". */
  source: string;
  log: Log;
  clock: { now(): Date };
  /** The version of an organisation's grants that this process knows of; what is written keeps it. */
  grantsKnown?(organisationId: string): number;
  /** Told of a version that a write of this process made. */
  grantsRaised?(organisationId: string, version: number): void;
}

/** The part of pino that is used here. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
