import type { Events } from "@partake/contract";
import type { Cause, Log, Outgoing, Store, Transaction } from "@partake/store";

/** An event as it arrived: CloudEvents 1.0 attributes and checked data. */
export interface Arrived<T extends keyof Events = keyof Events> {
  id: string;
  type: T;
  source: string;
  subject: string;
  time: string;
  key: string;
  data: Events[T];
  traceparent: string | undefined;
  /** Of a direct write made in its handling: who (`service:<name>`) and why. It has no idempotency key: `apply` happens once. */
  cause: Cause;
}

/**
 * The effect of an event, in the transaction that also records its id: it happens once. `prepare` runs before, outside of the
 * transaction, and is the place for remote reads.
 */
export interface Handler<T extends keyof Events, P = unknown> {
  prepare?(event: Arrived<T>): Promise<P>;
  apply(event: Arrived<T>, tx: Transaction, prepared: P): Promise<void>;
}

/** By event type. A handler with `prepare` names the type of what that returns at its `apply`. */
export type Handlers = { [T in keyof Events]?: Handler<T> };

/**
 * A consumer of a group: each event is handled once by one replica. A failing one is retried, then set aside as a dead letter.
 * Failures of code `unavailable`, `deadline_exceeded` or `rate_limited` are retried for ten minutes, all others five times.
 * The group's name is short and stable: the service's, or `<service>.<what>`.
 */
export interface Subscription {
  group: string;
  handlers: Handlers;
}

/** A broadcast: each process gets every event from now on, in memory, without commits; `lost` says to read everything anew. */
export interface Broadcast {
  topics: readonly string[];
  handle(event: Arrived): void;
  lost(): void;
}

export interface BusOptions {
  /** host:port of some brokers. */
  brokers: readonly string[];
  /** Before the names of topics and groups; may be empty. */
  prefix: string;
  /** The service's name; also the actor (`service:<clientId>`) of what events cause. */
  clientId: string;
  store: Store;
  /** CloudEvents source of what `publish` sends, the same that the store was given. */
  source: string;
  log: Log;
  /** How long a broker that does not answer is waited for; default 20 seconds. Longer than a fetch that finds nothing. */
  requestTimeoutMs?: number;
  /** Called when a consumer cannot work any more. Default: logs and exits with status 1, to be started again. */
  onFatal?: (error: Error) => void;
}

export interface Bus {
  /** Publishes the outbox of the store, on one replica at a time. Kafka away: it goes on trying; writes are not held up. */
  relay(): Relay;
  /** Joins the group in the background and handles its events; errors of the first join are retried. */
  consume(subscription: Subscription): Consumer;
  /** Resolves when the position in every partition is taken: what is read from its owner afterwards misses nothing. */
  broadcast(broadcast: Broadcast): Promise<{ stop(): Promise<void> }>;
  /** Sends an event that no transaction belongs to (a heartbeat). Rejects when it could not be sent within five seconds. */
  publish(event: Outgoing): Promise<void>;
  /** Creates every topic of the contract, and the dead-letter and replay topics of the groups; changes and deletes none. */
  migrate(options: MigrateOptions): Promise<void>;
  /** Of every consumer started here, for metrics and health. */
  lag(): readonly ConsumerFigures[];
  /** Stops consumers, then the relay (without flushing: call `relay.flush` before), then the connections. */
  close(): Promise<void>;
}

export interface MigrateOptions {
  groups: readonly string[];
  /** Of topics whose work a group shares. Default 6. Those that are broadcast have one. */
  partitions?: number;
  /** Default: what the broker has as its default. */
  replicationFactor?: number;
}

export interface Relay {
  /** Entries that wait in the outbox, of all replicas. */
  depth(): Promise<number>;
  /** Resolves when everything written before the call is published, by whichever replica; rejects after the time. For the drain. */
  flush(timeoutMs: number): Promise<void>;
  stop(): Promise<void>;
}

export interface Consumer {
  readonly figures: ConsumerFigures;
  /** Resolves when the group has been joined. */
  readonly joined: Promise<void>;
  stop(): Promise<void>;
}

export interface ConsumerFigures {
  group: string;
  joined: boolean;
  /** Messages not handled yet, over the assigned partitions, as of their last fetch; those under way count. */
  lag: number;
  /** Epoch milliseconds of the last fetch, heartbeat or handled event: old means stuck. */
  lastProgressAt: number;
  handled: number;
  repeated: number;
  retried: number;
  setAside: number;
}

/** An event that was set aside. */
export interface DeadLetter {
  /** Names it within its group. */
  id: string;
  group: string;
  topic: string;
  partition: number;
  offset: string;
  type: string;
  eventId: string;
  /** Code and reason of the failure; never a value of the event. */
  cause: string;
  attempts: number;
  setAsideAt: string;
}
