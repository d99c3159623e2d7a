import type { Events } from "@partake/contract";
import type { Cause, Transaction } from "@partake/store";

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
  /** Of a direct write made in its handling: who and why. */
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

export type Handlers = { [T in keyof Events]?: Handler<T, never> | Handler<T, unknown> };

/** A consumer of a group: each event is handled once by one replica. A failing one is retried, then set aside as a dead letter. */
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
