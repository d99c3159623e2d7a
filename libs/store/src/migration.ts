import type { Connection, mongo } from "mongoose";
import { journalName } from "./journal.ts";
import { collectionOf } from "./sending.ts";
import type { AnyCollection } from "./types.ts";

const namespaceExists = 48;

/** Creates collections and indexes that are missing. An index that is there with other options stops it: nothing is dropped. */
export async function migrate(connection: Connection, collections: readonly AnyCollection[]): Promise<void> {
  for (const { name, indexes } of collections) {
    await create(connection, name);
    for (const { keys, unique, expireAfterSeconds, where } of indexes)
      await collectionOf(connection, name).createIndex(keys, {
        ...(unique && { unique }),
        ...(expireAfterSeconds !== undefined && { expireAfterSeconds }),
        ...(where && { partialFilterExpression: where as mongo.Document }),
      });
  }
  for (const name of [journalName, "leases"]) await create(connection, name);
  await collectionOf(connection, journalName).createIndex({ expiresAt: 1 }, { expireAfterSeconds: 0, sparse: true });
}

async function create(connection: Connection, name: string): Promise<void> {
  try {
    await connection.db?.createCollection(name);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === namespaceExists) return;
    throw error;
  }
}
