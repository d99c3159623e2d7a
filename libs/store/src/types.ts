import type { Caller } from "@partake/authz";
import type { Events } from "@partake/contract";
import type { ClientSession, Schema } from "mongoose";

/** A stored record: its id, its version (grows with every change), and whatever else its collection declares. */
export interface Stored {
  _id: string;
  version: number;
}

/** A collection's shape and indexes, in one place beside its queries. */
export interface CollectionDefinition<T extends Stored> {
  name: string;
  schema: Schema<T>;
  indexes: readonly { keys: Record<string, 1 | -1>; unique?: boolean; expireAfterSeconds?: number; where?: Record<string, unknown> }[];
}

/** An event that a write publishes, of the types that the contract declares. */
export type Outgoing = { [T in keyof Events]: { type: T; data: Events[T] } }[keyof Events];

/** Something for the audit trail; ids only. */
export interface AuditEntry {
  action: string;
  organisationId: string;
  subjectId?: string;
  scope?: string;
  outcome?: "done" | "refused";
}

/** Who writes, and why: an RPC's call or an event that is handled. Structural, so that libs/rpc's Call fits. */
export interface Cause {
  actorId: string;
  traceparent: string | undefined;
  requestId?: string;
  /** Present on a call of a client: the write is done once for each key. */
  idempotencyKey?: string | undefined;
  requestHash?: string;
  operation?: { path: string };
  ifMatch?: number | undefined;
}

/** The inside of a transaction. All or nothing happens, with its events. No remote call belongs here. */
export interface Transaction {
  readonly session: ClientSession;
  readonly now: Date;
  find<T extends Stored>(collection: CollectionDefinition<T>, filter: Record<string, unknown>, options?: { limit?: number; sort?: Record<string, 1 | -1> }): Promise<T[]>;
  get<T extends Stored>(collection: CollectionDefinition<T>, id: string): Promise<T | undefined>;
  /**
   * Inserts a record at version 1. The same id with the same request again: nothing is inserted and the write ends as
   * `repeated`; with another request: conflict `id_taken`.
   */
  insert<T extends Stored>(collection: CollectionDefinition<T>, record: Omit<T, "version">): Promise<T>;
  /** Stores changed fields and raises the version by one; conflict `concurrent_change` when the stored version is not `record.version`. */
  update<T extends Stored>(collection: CollectionDefinition<T>, record: T, changes: Partial<Omit<T, "_id" | "version">>): Promise<T>;
  remove<T extends Stored>(collection: CollectionDefinition<T>, record: T): Promise<void>;
  /** Publishes an event with the write. */
  emit(event: Outgoing): void;
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
  filter?: Record<string, unknown>;
  /** Field and direction; the id breaks ties. Default: _id descending, the newest first. */
  sort?: { field: string; direction: 1 | -1 };
  /** 0 or absent: 50. At most 200. */
  limit?: number;
  cursor?: string;
  caller: Caller;
}

export interface Store {
  /** Runs `work` in one transaction, again on a transient conflict (bounded), and once for each idempotency key. */
  write(cause: Cause, work: (tx: Transaction) => Promise<string>): Promise<Written>;
  get<T extends Stored>(collection: CollectionDefinition<T>, id: string): Promise<T | undefined>;
  find<T extends Stored>(collection: CollectionDefinition<T>, filter: Record<string, unknown>, options?: { limit?: number; sort?: Record<string, 1 | -1> }): Promise<T[]>;
  count<T extends Stored>(collection: CollectionDefinition<T>, filter: Record<string, unknown>): Promise<number>;
  list<T extends Stored>(collection: CollectionDefinition<T>, options: ListOptions): Promise<Page<T>>;
  /** Creates the declared indexes and those of outbox, inbox, idempotency and leases; drops none. */
  migrate(): Promise<void>;
  /** Runs work on one replica at a time, while this process holds the lease of that name. */
  lead(name: string, work: (signal: AbortSignal) => Promise<void>): { stop(): Promise<void> };
  close(): Promise<void>;
}
