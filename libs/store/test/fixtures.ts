import { randomBytes } from "node:crypto";
import mongoose, { type Connection, Schema } from "mongoose";
import { type AnyCollection, type CollectionDefinition, openStore, type Store, type Stored } from "../src/store.ts";

export interface Note extends Stored {
  organisationId: string;
  title: string;
  count?: number;
  at?: Date;
  tags?: string[];
}

export const notes: CollectionDefinition<Note> = {
  name: "notes",
  schema: new Schema<Note>({
    _id: String,
    version: Number,
    organisationId: { type: String, required: true },
    title: { type: String, required: true },
    count: Number,
    at: Date,
    tags: { type: [String], default: undefined },
  }),
  indexes: [{ keys: { organisationId: 1, title: 1 }, unique: true }],
};

export const silent = { debug() {}, info() {}, warn() {}, error() {} };

export function mongodbUri(): string {
  const uri = process.env["MONGODB_URI"];
  if (!uri) throw new Error("MONGODB_URI says where the MongoDB replica set for tests is");
  return uri;
}

/** A database of its own for a test file, dropped with it. */
export function newDatabase(): string {
  return `test_store_${randomBytes(5).toString("hex")}`;
}

export async function dropDatabase(name: string): Promise<void> {
  const connection = await mongoose.createConnection(mongodbUri(), { dbName: name }).asPromise();
  await endAbandonedTransactions(connection, name);
  await connection.dropDatabase();
  await connection.close();
}

/** The transaction of a killed process holds its locks for a minute; nobody needs to wait for that here. */
async function endAbandonedTransactions(connection: Connection, database: string): Promise<void> {
  const admin = connection.getClient().db("admin");
  const stages = [{ $currentOp: { allUsers: true, idleSessions: true } }, { $match: { appName: database } }];
  const open = await admin.aggregate<{ lsid?: { id: unknown } }>(stages).toArray();
  const sessions = open.flatMap(({ lsid }) => (lsid ? [{ id: lsid.id }] : []));
  if (sessions.length > 0) await admin.command({ killSessions: sessions });
}

export interface TestStoreOptions {
  database: string;
  collections?: readonly AnyCollection[];
  uri?: string;
  encryptionKeys?: readonly string[];
  grantsKnown?: (organisationId: string) => number;
  grantsRaised?: (organisationId: string, version: number) => void;
}

export function openTestStore(options: TestStoreOptions): Promise<Store> {
  return openStore({
    uri: options.uri ?? mongodbUri(),
    database: options.database,
    collections: options.collections ?? [notes],
    encryptionKeys: options.encryptionKeys ?? [Buffer.alloc(32, 1).toString("base64")],
    source: "/partake/test",
    log: silent,
    clock: { now: () => new Date() },
    ...(options.grantsKnown && { grantsKnown: options.grantsKnown }),
    ...(options.grantsRaised && { grantsRaised: options.grantsRaised }),
  });
}

export function uuid(number: number): string {
  return `00000000-0000-7000-8000-${number.toString(16).padStart(12, "0")}`;
}
