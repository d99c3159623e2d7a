import type { ClientSession } from "mongoose";
import { queryTimeoutMs } from "./connection.ts";
import { checked } from "./filters.ts";
import type { StoredModel } from "./models.ts";
import type { Filter, FindOptions, Stored } from "./types.ts";

const unlimited = 1000;
const mostRecords = 10_000;

/** Filters are held by `checked`, which refuses what mongoose's `sanitizeFilter` would quietly rewrite. */
const always = { lean: true, strictQuery: "throw", maxTimeMS: queryTimeoutMs } as const;

export async function getRecord<T extends Stored>(
  model: StoredModel,
  id: string,
  session?: ClientSession,
): Promise<T | undefined> {
  if (typeof id !== "string") throw new TypeError("an id is a string");
  const found = await model.findOne({ _id: id }, null, { ...always, ...(session && { session }) });
  return (found ?? undefined) as T | undefined;
}

export async function findRecords<T extends Stored>(
  model: StoredModel,
  filter: Filter,
  options: FindOptions & { session?: ClientSession } = {},
): Promise<T[]> {
  const { limit = unlimited, sort, session, call } = options;
  if (!Number.isInteger(limit) || limit < 1 || limit > mostRecords) throw new RangeError("limit is from 1 to 10,000");
  const bound = options.limit === undefined ? limit + 1 : limit;
  const found = await model.find(checked(filter), null, {
    ...always,
    limit: bound,
    ...(sort && { sort }),
    ...(session && { session }),
  });
  if (found.length > limit)
    throw new RangeError(`more than ${unlimited} records of ${model.collection.name}: give a limit or page`);
  if (call?.saw) for (const record of found) call.saw(record);
  return found as unknown as T[];
}

export async function countRecords(model: StoredModel, filter: Filter): Promise<number> {
  return model.countDocuments(checked(filter), {
    strictQuery: "throw",
    maxTimeMS: queryTimeoutMs,
  });
}
