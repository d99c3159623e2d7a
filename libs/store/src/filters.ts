import type { Filter } from "./types.ts";

const marked = new WeakSet<object>();
const combining = new Set(["$and", "$or", "$nor"]);

/** Marks an operator, or a whole filter, as written by code and not taken from a request. A copy of it is not marked. */
export function trusted<T extends object>(operators: T): T {
  marked.add(operators);
  return operators;
}

/**
 * Throws unless each field compares with a plain value or with operators that are marked. `undefined` is refused because the
 * driver would leave the field out and match everything; an unmarked list because mongoose would read it as `$in`.
 */
export function checked(filter: Filter): Filter {
  if (isMarked(filter)) return filter;
  for (const [field, value] of Object.entries(filter)) {
    if (isMarked(value)) continue;
    if (combining.has(field)) checkAll(field, value);
    else checkField(field, value);
  }
  return filter;
}

function checkAll(operator: string, filters: unknown): void {
  if (!Array.isArray(filters)) throw new TypeError(`${operator} needs a list of filters`);
  for (const filter of filters) checked(filter);
}

function checkField(field: string, value: unknown): void {
  if (field.startsWith("$")) throw new TypeError(`the filter has an operator ${field} that is not marked as trusted`);
  if (value === undefined) throw new TypeError(`the filter on ${field} is undefined`);
  if (Array.isArray(value)) throw new TypeError(`the filter on ${field} is a list: write trusted({ $in: … })`);
  if (isPlain(value) && Object.keys(value).some((key) => key.startsWith("$")))
    throw new TypeError(`the filter on ${field} has an operator: write trusted({ … })`);
}

function isMarked(value: unknown): boolean {
  return typeof value === "object" && value !== null && marked.has(value);
}

function isPlain(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
