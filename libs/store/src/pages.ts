import { createHash } from "node:crypto";
import type { Caller } from "@partake/authz";
import { failure } from "@partake/failure";
import { queryTimeoutMs } from "./connection.ts";
import type { Cursors, Position } from "./cursors.ts";
import { checked } from "./filters.ts";
import type { StoredModel } from "./models.ts";
import type { Filter, ListOptions, Page, Stored } from "./types.ts";

const defaultLimit = 50;
const mostItems = 200;

type Sort = NonNullable<ListOptions["sort"]>;

/** One page. Each condition stands for itself under `$and`, so none can widen another, and a cursor only ever narrows. */
export async function listPage<T extends Stored>(
  model: StoredModel,
  options: ListOptions,
  cursors: Cursors,
): Promise<Page<T>> {
  const { visible, filter = {}, sort = { field: "_id", direction: -1 }, cursor = "", call } = options;
  const limit = pageLimit(options.limit);
  const bound = boundTo({ collection: model.collection.name, caller: call.caller, filter: checked(filter), sort });
  requireFields(model, filter);
  const conditions: Filter[] = [visible, filter];
  if (cursor !== "") conditions.push(after(cursors.open(cursor, bound), sort));
  const order: Record<string, 1 | -1> = { [sort.field]: sort.direction, _id: sort.direction };
  const found = (await model.find({ $and: conditions }, null, {
    lean: true,
    // `visible` names fields of access that this collection need not have: as they are missing, so they count.
    strictQuery: false,
    maxTimeMS: queryTimeoutMs,
    sort: order,
    limit: limit + 1,
  })) as unknown as T[];
  for (const record of found) call.saw?.(record);
  const items = found.slice(0, limit);
  const last = items.at(-1);
  if (found.length <= limit || !last) return { items, nextCursor: "" };
  const value: unknown = sort.field
    .split(".")
    .reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], last);
  return { items, nextCursor: cursors.seal({ value, id: last._id }, bound) };
}

/** A condition on a field that the schema lacks is a programmer's mistake. */
function requireFields(model: StoredModel, filter: Filter): void {
  for (const [field, value] of Object.entries(filter)) {
    if (Array.isArray(value) && field.startsWith("$")) for (const inner of value) requireFields(model, inner as Filter);
    else if (!field.startsWith("$") && !model.schema.path(field) && model.schema.pathType(field) === "adhocOrUndefined")
      throw new TypeError(`${model.collection.name} has no field ${field}`);
  }
}

function pageLimit(limit = 0): number {
  if (limit === 0) return defaultLimit;
  if (Number.isInteger(limit) && limit > 0 && limit <= mostItems) return limit;
  const errors = [{ pointer: "/limit", code: "too_large", message: `The limit is from 1 to ${mostItems}.` }];
  throw failure("invalid", "limit_invalid", { errors });
}

/** The records that come after a position. MongoDB sorts what is missing or null before everything else. */
function after({ value, id }: Position, { field, direction }: Sort): Filter {
  const beyond = direction === 1 ? "$gt" : "$lt";
  if (field === "_id") return { _id: { [beyond]: id } };
  const tie = { [field]: value, _id: { [beyond]: id } };
  if (value === null) return direction === 1 ? { $or: [{ [field]: { $ne: null } }, tie] } : tie;
  const further: Filter[] = [{ [field]: { [beyond]: value } }, tie];
  if (direction === -1) further.push({ [field]: null });
  return { $or: further };
}

function boundTo(list: { collection: string; caller: Caller; filter: Filter; sort: Sort }): string {
  const { collection, caller, filter, sort } = list;
  const parts = [collection, callerName(caller), canonical(filter), sort.field, sort.direction];
  return createHash("sha256").update(JSON.stringify(parts)).digest("base64url");
}

function callerName(caller: Caller): string {
  switch (caller.kind) {
    case "anonymous":
      return "anonymous";
    case "service":
      return `service:${caller.service}`;
    case "user":
      return `user:${caller.userId}:${caller.organisationId ?? ""}`;
    default:
      return caller satisfies never;
  }
}

/** JSON with sorted keys: equal filters give equal text, whatever the order in which they were written. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner !== "object" || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
