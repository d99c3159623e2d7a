import mongoose, { type Connection } from "mongoose";
import { slowPoolTimer } from "./pool-timer.ts";

/** The bound of every query and command outside of a transaction. */
export const queryTimeoutMs = 5000;
/** The bound of a write, from its call to its answer. */
export const writeTimeoutMs = 10_000;

const poolSize = 24;

/**
 * One connection per service. What is acknowledged is on the disks of a majority and what is read cannot be rolled back;
 * every wait has an end. Indexes are a job's work (`migrate`), never a start's.
 */
export async function connect(options: { uri: string; database: string }): Promise<Connection> {
  slowPoolTimer();
  const connection = mongoose.createConnection(options.uri, {
    dbName: options.database,
    appName: options.database,
    autoIndex: false,
    autoCreate: false,
    bufferCommands: false,
    ignoreUndefined: true,
    maxPoolSize: poolSize,
    minPoolSize: 0,
    maxIdleTimeMS: 60_000,
    waitQueueTimeoutMS: queryTimeoutMs,
    serverSelectionTimeoutMS: queryTimeoutMs,
    connectTimeoutMS: queryTimeoutMs,
    socketTimeoutMS: 30_000,
    heartbeatFrequencyMS: 10_000,
    writeConcern: { w: "majority", journal: true, wtimeoutMS: writeTimeoutMs },
    readConcern: { level: "majority" },
    readPreference: "primary",
    retryWrites: true,
    retryReads: true,
  });
  try {
    return await connection.asPromise();
  } catch (error) {
    await connection.destroy().catch(() => undefined);
    throw error;
  }
}
