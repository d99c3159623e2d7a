// The door of @partake/store.
import type { Connection } from "mongoose";
import { connect, queryTimeoutMs } from "./connection.ts";
import { openCursors } from "./cursors.ts";
import { query } from "./database-errors.ts";
import { idempotencyGuard, inboxGuard } from "./guards.ts";
import { type Leadership, lead } from "./leases.ts";
import { migrate } from "./migration.ts";
import { declareModels } from "./models.ts";
import { openOutbox } from "./outbox.ts";
import { listPage } from "./pages.ts";
import { countRecords, findRecords, getRecord } from "./reads.ts";
import type { Store, StoreOptions } from "./types.ts";
import { openWriter } from "./writer.ts";

export { trusted } from "./filters.ts";
export type * from "./types.ts";

/** Connects to the service's own database. Rejects when it does not answer within five seconds. */
export async function openStore(options: StoreOptions): Promise<Store> {
  const cursors = openCursors(options.encryptionKeys);
  const connection = await connect(options);
  try {
    return assemble(connection, cursors, options);
  } catch (error) {
    await connection.close();
    throw error;
  }
}

function assemble(connection: Connection, cursors: ReturnType<typeof openCursors>, options: StoreOptions): Store {
  const { collections, source, log, clock, grantsKnown, grantsRaised } = options;
  const models = declareModels(connection, collections);
  const { outbox, published } = openOutbox(connection, log);
  const monotonicMs = () => performance.now();
  const writer = openWriter({
    ...{ connection, models, source, grantsKnown, grantsRaised, monotonicMs, published },
    now: () => clock.now(),
  });
  const leaderships = new Set<Leadership>();
  return {
    outbox,
    write: (cause, work) => writer.write(cause, idempotencyGuard(cause), work),
    async effect(of, work) {
      const { repeated } = await writer.write(of.cause, inboxGuard(of), async (tx) => {
        await work(tx);
        return of.eventId;
      });
      return repeated ? "repeated" : "done";
    },
    get: (collection, id) => query(getRecord(models.of(collection), id)),
    find: (collection, filter, found) => query(findRecords(models.of(collection), filter, found)),
    count: (collection, filter) => query(countRecords(models.of(collection), filter)),
    list: (collection, listed) => query(listPage(models.of(collection), listed, cursors)),
    migrate: () => migrate(connection, collections),
    lead(name, work, { leaseMs } = {}) {
      const leadership = lead({ connection, name, work, log, monotonicMs, leaseMs });
      const stop = async () => {
        leaderships.delete(leadership);
        await leadership.stop();
      };
      leaderships.add(leadership);
      return { stop };
    },
    async ping() {
      await query(
        connection.db?.command({ ping: 1 }, { timeoutMS: queryTimeoutMs }) ?? Promise.reject(new Error("closed")),
      );
    },
    async close() {
      await Promise.all([...leaderships].map((leadership) => leadership.stop()));
      await writer.close();
      await connection.close();
    },
  };
}
