import { Failure, failure } from "@partake/failure";
import mongoose from "mongoose";
import { RefusedStep } from "./steps.ts";

const { MongoError, MongoServerError } = mongoose.mongo;
const { CastError, ValidationError } = mongoose.Error;
/** Names of the driver's errors that say that no server was found, after the time that it may look for one. */
const missing = new Set(["MongoServerSelectionError", "MongooseServerSelectionError", "MongoWaitQueueTimeoutError"]);
/** Of those that say that a server went away. */
const broken = new Set([
  "MongoNetworkError",
  "MongoNetworkTimeoutError",
  "MongoPoolClearedError",
  "PoolClearedOnNetworkError",
  "MongoNotConnectedError",
  "MongoTopologyClosedError",
  "MongoExpiredSessionError",
]);
const duplicateKey = 11000;
const maxTimeExpired = 50;
const writeConflict = 112;

export function hasLabel(error: unknown, label: string): boolean {
  return error instanceof MongoError && error.hasErrorLabel(label);
}

/** The transaction was aborted for a reason that may be gone the next time. */
export function isTransient(error: unknown): boolean {
  return hasLabel(error, "TransientTransactionError");
}

/** Another transaction changed the same record, and was first. */
export function isWriteConflict(error: unknown): boolean {
  return error instanceof MongoServerError && error.code === writeConflict;
}

/** The server did not say whether the commit took place; asking again is safe. */
export function isUnknownCommit(error: unknown): boolean {
  return hasLabel(error, "UnknownTransactionCommitResult");
}

/** No server was found for as long as that may take: trying again at once would take as long again. */
export function isServerMissing(error: unknown): boolean {
  return error instanceof Error && missing.has(error.name);
}

/** The database threw: whatever the work makes of that, its transaction is over. */
export function endsTransaction(error: unknown): boolean {
  return error instanceof MongoError || error instanceof RefusedStep;
}

export function isDuplicate(error: unknown): boolean {
  return error instanceof MongoServerError && error.code === duplicateKey;
}

/** Whether it was the id that is taken; else another unique index refused the record. */
export function isDuplicateId(error: unknown): boolean {
  const pattern: unknown = error instanceof MongoServerError ? error["keyPattern"] : undefined;
  return typeof pattern === "object" && pattern !== null && "_id" in pattern;
}

/** What the database or mongoose threw, without their texts: those repeat values of records, and errors are logged. */
export class DatabaseError extends Error {
  override readonly name = "DatabaseError";

  constructor(what: string, of: Error) {
    super(what);
    const at = (of.stack ?? "").split("\n").filter((line) => line.startsWith("    at "));
    this.stack = [`${this.name}: ${what}`, ...at].join("\n");
  }
}

/** Whatever was thrown, fit to leave the store: a failure where the database is away, else without values of records. */
export function databaseFailure(thrown: unknown): unknown {
  if (thrown instanceof Failure || !(thrown instanceof Error)) return thrown;
  const cause = withoutValues(thrown);
  if (missing.has(thrown.name) || broken.has(thrown.name) || hasLabel(thrown, "RetryableWriteError"))
    return failure("unavailable", "database_unavailable", { cause });
  if (thrown instanceof MongoServerError && thrown.code === maxTimeExpired)
    return failure("unavailable", "database_slow", { cause });
  return cause;
}

export function withoutValues(thrown: unknown): unknown {
  if (thrown instanceof RefusedStep) return withoutValues(thrown.cause);
  if (thrown instanceof ValidationError) {
    const wrong = Object.entries(thrown.errors).map(([path, { kind }]) => `${path} ${kind}`);
    return new DatabaseError(`the record does not fit its schema: ${wrong.join(", ")}`, thrown);
  }
  if (thrown instanceof CastError) return new DatabaseError(`${thrown.path} cannot be cast to ${thrown.kind}`, thrown);
  if (thrown instanceof MongoServerError)
    return new DatabaseError(`${thrown.name} ${thrown.code} ${thrown.codeName ?? ""}`, thrown);
  if (thrown instanceof MongoError) return new DatabaseError(thrown.name, thrown);
  return thrown;
}

/** Awaits a command of the database; what it throws becomes a failure. */
export async function query<T>(running: PromiseLike<T>): Promise<T> {
  try {
    return await running;
  } catch (error) {
    throw databaseFailure(error);
  }
}
