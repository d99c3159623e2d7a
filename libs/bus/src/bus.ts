// The door of @partake/bus.
import type { Bus, BusOptions } from "./types.ts";

export type * from "./types.ts";

/** Connects when it is first used: it opens while Kafka is away. */
export function openBus(options: BusOptions): Bus {
  throw new Error(`not there yet: ${options.clientId}`);
}
