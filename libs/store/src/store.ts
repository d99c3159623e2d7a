// The door of @partake/store.
import type { Store, StoreOptions } from "./types.ts";

export { trusted } from "./filters.ts";
export type * from "./types.ts";

/** Connects to the service's own database. Rejects when it does not answer within ten seconds. */
export async function openStore(options: StoreOptions): Promise<Store> {
  throw new Error(`not there yet: ${options.database}`);
}
