import type { CollectionDefinition, Store, Stored } from "@partake/store";
import type { Subscription } from "@partake/bus";
import type { Client, Implementation } from "@partake/rpc";
import type { Services, ServiceName } from "@partake/contract";
import type { Logger } from "pino";
import type { Config } from "./config.ts";

/** What a running service is given. Everything that a test would fake (time, ids) comes from here. */
export interface Parts {
  config: Config;
  log: Logger;
  store: Store;
  /** Clients of the other services, made at first use. */
  clients: { [S in keyof Services]: Client<S> };
  clock: Clock;
  /** A new id: the prefix and a UUIDv7. */
  newId(prefix: string): string;
}

export interface Clock {
  now(): Date;
}

export interface Running {
  stop(): Promise<void>;
}

/** A whole service on one page. `run` starts it: config, logs, metrics, store, RPC server, relay, consumers, health, drain. */
export interface ServiceDefinition {
  name: ServiceName;
  // biome-ignore lint/suspicious/noExplicitAny: a list of collections of different records
  collections: readonly CollectionDefinition<Stored & any>[];
  api(parts: Parts): { [S in keyof Services]?: Implementation<S> };
  consumers?(parts: Parts): readonly Subscription[];
  /** Further things that run as long as the service does: workers under a lease, an HTTP listener. */
  background?(parts: Parts): readonly Promise<Running>[];
}
