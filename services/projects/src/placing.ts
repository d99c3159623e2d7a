import { failure } from "@partake/failure";
import { type CollectionDefinition, type Stored, type Transaction, trusted } from "@partake/store";
import { after, before, between, type Ordered, spread } from "./domain/order.ts";

/** Where a place has become too narrow, so many of those after it make room. */
const mostMoved = 50;

interface Placed extends Stored {
  organisationId: string;
  order: string;
}

export interface Placing<T extends Placed> {
  collection: CollectionDefinition<T>;
  kind: Ordered;
  record: T;
  /** The one that it is to come after; absent: before the first one of `group`. */
  behind: T | undefined;
  /** Among which it is to be the first. */
  group: Record<string, unknown>;
  /** What of a record follows from its place. */
  changes(order: string): Partial<Omit<T, "_id" | "version">>;
}

/** Puts a record somewhere in its organisation's order. It alone changes, unless there is no room left. */
export async function place<T extends Placed>(tx: Transaction, placing: Placing<T>): Promise<void> {
  const { collection, record, behind, kind, changes } = placing;
  const first = behind ?? (await find(tx, placing, { filter: placing.group, direction: 1, limit: 1 }))[0];
  if (first === undefined || first._id === record._id) return;
  const [low, high] = behind
    ? await neighbours(tx, placing, { low: behind })
    : await neighbours(tx, placing, { high: first });
  if (low?._id === record._id || high?._id === record._id) return;
  const order = orderBetween({ low, high, kind });
  if (order !== undefined) {
    await tx.update(collection, record, changes(order));
    return;
  }
  await makeRoom(tx, placing, low);
}

/** The record before and the record after the wanted place. One that is there already finds itself. */
async function neighbours<T extends Placed>(
  tx: Transaction,
  placing: Placing<T>,
  of: { low: T } | { high: T },
): Promise<[T | undefined, T | undefined]> {
  if ("low" in of) {
    const [high] = await find(tx, placing, { filter: beyond(of.low, "$gt"), direction: 1, limit: 1 });
    return [of.low, high];
  }
  const [low] = await find(tx, placing, { filter: beyond(of.high, "$lt"), direction: -1, limit: 1 });
  return [low, of.high];
}

function orderBetween(of: { low: Placed | undefined; high: Placed | undefined; kind: Ordered }): string | undefined {
  const { low, high, kind } = of;
  if (low && high) return between(low.order, high.order);
  if (low) return after(low.order, kind);
  return high && before(high.order, kind);
}

/** Gives the record and those that come next places anew, evenly, up to one that is far enough. */
async function makeRoom<T extends Placed>(tx: Transaction, placing: Placing<T>, low: T | undefined): Promise<void> {
  const { collection, record, changes, kind } = placing;
  const filter = low ? beyond(low, "$gt") : {};
  const found = await find(tx, placing, { filter, direction: 1, limit: mostMoved + 2 });
  const next = found.filter(({ _id }) => _id !== record._id);
  const end = next[mostMoved]?.order ?? after(next.at(-1)?.order ?? "", kind) ?? "";
  const moved = [record, ...next.slice(0, mostMoved)];
  const places = spread(low?.order ?? "", end, moved.length);
  if (!places) throw failure("conflict", "concurrent_change");
  for (const [index, one] of moved.entries()) await tx.update(collection, one, changes(places[index] ?? ""));
}

function beyond({ order, _id }: Placed, side: "$gt" | "$lt"): Record<string, unknown> {
  return { $or: [{ order: trusted({ [side]: order }) }, { order, _id: trusted({ [side]: _id }) }] };
}

function find<T extends Placed>(
  tx: Transaction,
  { collection, record }: Placing<T>,
  of: { filter: Record<string, unknown>; direction: 1 | -1; limit: number },
): Promise<T[]> {
  const { organisationId } = record;
  const sort = { order: of.direction, _id: of.direction };
  return tx.find(collection, { organisationId, deletedAt: null, ...of.filter }, { limit: of.limit, sort });
}
