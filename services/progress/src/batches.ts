import type { CollectionDefinition, Filter, Stored, Transaction } from "@partake/store";
import { type EntryRecord, entries } from "./store/entries.ts";

const BATCH = 1_000;
/** Far more than is ever written about one person; beyond it something is wrong, and the event is set aside. */
const BATCHES_MAXIMUM = 100;

/** Changes every record that a filter matches, in the same transaction. What is changed must no longer match. */
export async function eachBatch<T extends Stored>(
  tx: Transaction,
  of: { collection: CollectionDefinition<T>; filter: Filter },
  change: (batch: readonly T[]) => Promise<unknown>,
): Promise<void> {
  for (let batch = 0; batch < BATCHES_MAXIMUM; batch++) {
    const found = await tx.find(of.collection, of.filter, { limit: BATCH });
    await change(found);
    if (found.length < BATCH) return;
  }
  throw new RangeError("more records of one person than can be changed at once");
}

/** The same of entries, one by one. */
export function eachEntry(
  tx: Transaction,
  filter: Filter,
  change: (entry: EntryRecord) => Promise<unknown>,
): Promise<void> {
  return eachBatch(tx, { collection: entries, filter }, async (batch) => {
    for (const entry of batch) await change(entry);
  });
}
