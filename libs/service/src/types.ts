import type { UserCaller } from "@partake/authz";
import type { Broadcast, Bus, Subscription } from "@partake/bus";
import type { Operation, ServiceName, Services } from "@partake/contract";
import type { Client, Enforcer, Implementation, KeySource, Outgoing } from "@partake/rpc";
import type { CollectionDefinition, Store, Stored } from "@partake/store";
import type { Registry } from "@prometheus-io/client";
import type { Logger } from "pino";
import type { Config } from "./config.ts";
import type { GrantsSource } from "./live-grants.ts";
import type { PlacesSource } from "./live-places.ts";

/** What a running service is given. Everything that a test would fake (time, ids) comes from here. */
export interface Parts {
  config: Config;
  log: Logger;
  store: Store;
  bus: Bus;
  /** Clients of the other services, made at first use. */
  clients: { [S in keyof Services]: Client<S> };
  /** Calls any operation of another service, with the message as an object: for transcoding. */
  invoke(operation: Operation, request: object, outgoing: Outgoing): Promise<object>;
  /** Who calls and what they may, decided by the same code as for RPCs: for the gateway. */
  enforcer: Enforcer;
  /** What somebody holds in an organisation now, whoever asks, by the live grants; undefined: they may not log in there. */
  rightsOf(of: { organisationId: string; userId: string; version: number }): Promise<UserCaller | undefined>;
  /** Where a service adds figures of its own; served at /metrics. */
  metrics: Registry;
  clock: Clock;
  /** A new id: the prefix and a UUIDv7. */
  newId(prefix: string): string;
}

export interface Clock {
  now(): Date;
}

export interface Running {
  /** Told before the grace begins: who still comes is answered, and sent elsewhere for the next time. */
  leave?(): void;
  stop(): Promise<void>;
}

/** A whole service on one page. `run` starts it: config, logs, metrics, store, RPC server, relay, consumers, health, drain. */
export interface ServiceDefinition {
  name: ServiceName;
  // biome-ignore lint/suspicious/noExplicitAny: a list of collections of different records
  collections: readonly CollectionDefinition<Stored & any>[];
  /** The proto services that it hosts. Absent, or none: it answers no RPCs. */
  api?(parts: Parts): { [S in keyof Services]?: Implementation<S> };
  consumers?(parts: Parts): readonly Subscription[];
  /** Events that every replica is to see. */
  broadcasts?(parts: Parts): readonly Broadcast[];
  /** Further things that run as long as the service does: workers under a lease, an HTTP listener. */
  background?(parts: Parts): readonly Promise<Running>[];
  /** Of identity alone, which does not ask itself over the network: where grants are read. */
  grantsSource?(parts: Parts): GrantsSource;
  /** Of projects alone: where places are read. */
  placesSource?(parts: Parts): PlacesSource;
  /** Of identity alone: the keys that sign access tokens. */
  keysSource?(parts: Parts): KeySource;
}
