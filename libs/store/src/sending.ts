// Writes of a transaction on their way to the database.
import mongoose, { type ClientSession, type Connection, type mongo } from "mongoose";
import { isDuplicate } from "./database-errors.ts";
import { journalName } from "./journal.ts";
import { changedRecord, type Document, RefusedStep, type Step } from "./steps.ts";

const { MongoServerError } = mongoose.mongo;

export interface Sending {
  add(step: Step): void;
  /** Sends what waits for that collection. */
  flush(collection: string): Promise<void>;
  /** Sends what waits for the declared collections. */
  flushRecords(): Promise<void>;
  /** Sends what waits for the journal, in one command. */
  flushJournal(): Promise<void>;
  /** Forgets what waits of one owner; false when some of it was sent already. */
  drop(owner: number): boolean;
  /** The record among those that one owner is about to change of which this holds; nothing where some of it was sent already. */
  changing(owner: number, holds: (record: string) => boolean): string | undefined;
  /** The collection of the last step that failed. */
  readonly failedIn: string | undefined;
  /** The steps of the command that failed last. */
  readonly failed: readonly Step[];
}

/** `singly` costs a round trip for each step, and tells exactly which one was refused. It is for one owner. */
export function startSending(connection: Connection, session: ClientSession, singly: boolean): Sending {
  const waiting = new Map<string, Step[]>();
  const sentOwners = new Set<number>();
  let failedIn: string | undefined;
  let sent: readonly Step[] = [];

  async function flush(collection: string): Promise<void> {
    const steps = waiting.get(collection);
    if (!steps) return;
    waiting.delete(collection);
    for (const { owner } of steps) sentOwners.add(owner);
    failedIn = collection;
    sent = steps;
    const target = collectionOf(connection, collection);
    if (collection === journalName) await sendJournal(connection, { steps, singly }, session);
    else if (singly || steps.length === 1) for (const step of steps) await sendOne(target, step, session);
    else await sendMany(target, steps, session);
    failedIn = undefined;
    sent = [];
  }

  return {
    add(step) {
      const steps = waiting.get(step.collection);
      if (steps) steps.push(step);
      else waiting.set(step.collection, [step]);
    },
    flush,
    async flushRecords() {
      for (const collection of [...waiting.keys()]) if (collection !== journalName) await flush(collection);
    },
    flushJournal: () => flush(journalName),
    drop(owner) {
      if (sentOwners.has(owner)) return false;
      for (const [collection, steps] of waiting) {
        const kept = steps.filter((step) => step.owner !== owner);
        if (kept.length > 0) waiting.set(collection, kept);
        else waiting.delete(collection);
      }
      return true;
    },
    changing(owner, holds) {
      if (sentOwners.has(owner)) return undefined;
      for (const steps of waiting.values()) {
        for (const step of steps) {
          const record = step.owner === owner ? changedRecord(step) : undefined;
          if (record !== undefined && holds(record)) return record;
        }
      }
      return undefined;
    },
    get failedIn() {
      return failedIn;
    },
    get failed() {
      return sent;
    },
  };
}

export function collectionOf(connection: Connection, name: string): mongo.Collection<Document> {
  if (!connection.db) throw new Error("the connection is not open");
  return connection.db.collection<Document>(name);
}

async function sendOne(target: mongo.Collection<Document>, step: Step, session: ClientSession): Promise<void> {
  try {
    if (step.kind === "insert") {
      await target.insertOne(step.document, { session });
      return;
    }
    const where = { _id: step.id, version: step.version };
    const count =
      step.kind === "update"
        ? (await target.updateOne(where, step.update, { session })).matchedCount
        : (await target.deleteOne(where, { session })).deletedCount;
    if (count !== 1) throw new RefusedStep(step);
  } catch (error) {
    throw isDuplicate(error) ? new RefusedStep(step, error) : error;
  }
}

/**
 * Inserts go first, so that a run of them is one command. Where the order would matter (a removed unique value that is taken
 * again) the database refuses, and the steps are sent one by one in their own order.
 */
async function sendMany(
  target: mongo.Collection<Document>,
  steps: readonly Step[],
  session: ClientSession,
): Promise<void> {
  const inserts = steps.flatMap((step) => (step.kind === "insert" ? [step.document] : []));
  const changes = steps.flatMap((step) => (step.kind === "insert" ? [] : [asBulk(step)]));
  try {
    if (inserts.length > 0) await target.insertMany(inserts, { session });
    if (changes.length === 0) return;
    const result = await target.bulkWrite(changes, { session });
    if (result.matchedCount + result.deletedCount !== changes.length) throw new RefusedStep(undefined);
  } catch (error) {
    throw isDuplicate(error) ? new RefusedStep(undefined, error) : error;
  }
}

/**
 * The command itself: what the driver throws of a bulk write hides whether it may be tried again. Of what one owner adds to the
 * journal its guard is first, and nothing else can be refused.
 */
async function sendJournal(
  connection: Connection,
  { steps, singly }: { steps: readonly Step[]; singly: boolean },
  session: ClientSession,
): Promise<void> {
  const documents = steps.flatMap((step) => (step.kind === "insert" ? [step.document] : []));
  const reply = await connection.db?.command({ insert: journalName, documents, ordered: true }, { session });
  const refused: unknown = reply?.["writeErrors"]?.[0];
  if (refused) throw new RefusedStep(singly ? steps[0] : undefined, new MongoServerError(refused));
}

function asBulk(step: Exclude<Step, { kind: "insert" }>): mongo.AnyBulkWriteOperation<Document> {
  const filter = { _id: step.id, version: step.version };
  return step.kind === "update" ? { updateOne: { filter, update: step.update } } : { deleteOne: { filter } };
}
