import { createHash } from "node:crypto";
import type { Connection, mongo } from "mongoose";
import { journalName } from "./journal.ts";
import { collectionOf } from "./sending.ts";
import type { AnyCollection } from "./types.ts";

const namespaceExists = 48;

/**
 * Creates collections and indexes that are missing. An index over the same keys with other options than are declared now is replaced:
 * the new one is built under another name before the old one goes, so that no moment is without one. Nothing else is dropped.
 */
export async function migrate(connection: Connection, collections: readonly AnyCollection[]): Promise<void> {
  for (const { name, indexes } of collections) {
    await create(connection, name);
    await index(collectionOf(connection, name), indexes);
  }
  for (const name of [journalName, "leases"]) await create(connection, name);
  await collectionOf(connection, journalName).createIndex({ expiresAt: 1 }, { expireAfterSeconds: 0, sparse: true });
}

type Declared = AnyCollection["indexes"][number];
type Collection = ReturnType<typeof collectionOf>;

/** What makes an index another one than a second over the same keys. */
interface Form {
  unique?: boolean;
  expireAfterSeconds?: number;
  partialFilterExpression?: mongo.Document;
}

async function index(collection: Collection, declared: readonly Declared[]): Promise<void> {
  const present = (await collection.indexes()).map((found) => ({
    name: String(found.name),
    keys: found.key,
    form: formOf(found),
  }));
  const wanted = declared.map(({ keys, where, ...options }) => ({
    keys,
    form: formOf({ ...options, ...(where && { partialFilterExpression: where as mongo.Document }) }),
  }));
  for (const { keys, form } of wanted) {
    const sameKeys = present.filter((found) => isSame(found.keys, keys));
    if (sameKeys.some((found) => isSame(found.form, form))) continue;
    const name = nameOf(keys);
    const isTaken = sameKeys.some((found) => found.name === name);
    await collection.createIndex(keys, { ...form, name: isTaken ? `${name}_${digestOf(form)}` : name });
    const isWanted = (found: { form: Form }) =>
      wanted.some((one) => isSame(one.keys, keys) && isSame(one.form, found.form));
    for (const old of sameKeys.filter((found) => !isWanted(found))) await collection.dropIndex(old.name);
  }
}

/** The options of an index that are declared; one that is off or absent says nothing. */
function formOf({ unique, expireAfterSeconds, partialFilterExpression }: Form): Form {
  return {
    ...(unique && { unique }),
    ...(expireAfterSeconds !== undefined && { expireAfterSeconds }),
    ...(partialFilterExpression && { partialFilterExpression }),
  };
}

/** Keys count in their order. */
function isSame(one: object, other: object): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** As MongoDB itself would call it. */
function nameOf(keys: Declared["keys"]): string {
  return Object.entries(keys).flat().join("_");
}

function digestOf(form: Form): string {
  return createHash("sha256").update(JSON.stringify(form)).digest("hex").slice(0, 8);
}

async function create(connection: Connection, name: string): Promise<void> {
  try {
    await connection.db?.createCollection(name);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === namespaceExists) return;
    throw error;
  }
}
