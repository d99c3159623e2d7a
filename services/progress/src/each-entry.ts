import type { Filter, Transaction } from "@partake/store";
import { type EntryRecord, entries } from "./store/entries.ts";

const BATCH = 1_000;
/** Far more than is ever written about one person; beyond it something is wrong, and the event is set aside. */
const BATCHES_MAXIMUM = 100;

/** Changes every entry that a filter matches, in the same transaction. What is changed must no longer match. */
export async function eachEntry(
  tx: Transaction,
  filter: Filter,
  change: (entry: EntryRecord) => Promise<unknown>,
): Promise<void> {
  for (let batch = 0; batch < BATCHES_MAXIMUM; batch++) {
    const found = await tx.find(entries, filter, { limit: BATCH });
    for (const entry of found) await change(entry);
    if (found.length < BATCH) return;
  }
  throw new RangeError("more entries of one person than can be changed at once");
}
