// The door of @partake/uploads: records of what people upload, and the bytes that go with them.
import { failure } from "@partake/failure";
import type { Implementation } from "@partake/rpc";
import { type CollectionDefinition, type Store, type Stored, type Transaction, trusted } from "@partake/store";
import { type LeavingBytes, leavingBytes } from "./leaving-bytes.ts";

export { type Ended, emptyEnded, endUploads, uploadEndings } from "./endings.ts";
export { leavingBytes } from "./leaving-bytes.ts";

/** The record of something whose bytes lie in the gateway's store, under the same id. */
export interface UploadRecord extends Stored {
  state: "announced" | "stored";
  size: number;
  sha256: string;
}

/** What the gateway asks, to remove bytes; every service that owns such records has the same two. */
type Bytes = Pick<Implementation<"Progress">, "readLeavingBytes" | "forgetBytes">;

export interface Completion {
  size: number;
  sha256: string;
}

/**
 * A collection of upload records, and every way in which one comes, is completed and goes. What is to become of its bytes is
 * written in the same transaction, so that whatever stops in between, the gateway is told of them once they have no owner.
 */
export interface Uploads<T extends UploadRecord> {
  /** Before the bytes are taken in: unless they are completed, they leave. */
  announce(tx: Transaction, record: Omit<T, "version" | keyof Completion | "state">): Promise<T>;
  /** The bytes are there. Answers the record if it became complete by this, and nothing if it was; what was given up is not found. */
  complete(tx: Transaction, id: string, completion: Completion): Promise<T | undefined>;
  /** The records go, and their bytes after them. */
  remove(tx: Transaction, records: readonly T[]): Promise<void>;
  rpcs(store: Store): Bytes;
}

const hourMs = 3_600_000;
/** The gateway makes the same id again for a day, and no upload takes longer than minutes: after two days nothing completes it. */
const unfinishedMs = 48 * hourMs;
/** Longer than an upload or download takes that began before the record went: none brings bytes back. */
const settleMs = hourMs;
/** Bytes that could not be removed are told again, after the others. */
const againMs = hourMs;
const atOnce = 100;

export function uploadsIn<T extends UploadRecord>(records: CollectionDefinition<T>): Uploads<T> {
  /** The oldest that are due, at most so many. From here on nothing completes what was only announced, however late it comes. */
  async function giveUpDue(tx: Transaction): Promise<string[]> {
    const due = { leaveAt: trusted({ $lte: tx.now }) };
    const found = await tx.find(leavingBytes, due, { limit: atOnce, sort: { leaveAt: 1 } });
    const ids = found.map(({ _id }) => _id);
    const unfinished = { _id: trusted({ $in: ids }), state: "announced" };
    for (const record of await tx.find(records, unfinished)) await tx.remove(records, record);
    for (const each of found) await tx.update(leavingBytes, each, { leaveAt: after(tx, againMs) });
    return ids;
  }

  return {
    async announce(tx, record) {
      const announced = await tx.insert(records, { ...record, ...unknown } as unknown as Omit<T, "version">);
      await tx.insert(leavingBytes, { _id: announced._id, leaveAt: after(tx, unfinishedMs) });
      return announced;
    },

    async complete(tx, id, { size, sha256 }) {
      const record = await tx.get(records, id);
      if (!record) throw failure("not_found", "not_found");
      if (record.state === "stored") {
        if (record.sha256 !== sha256) throw failure("conflict", "already_exists");
        return undefined;
      }
      // Changed by whoever gives it up, too: of the two only one comes through.
      for (const each of await leaving(tx, [id])) await tx.remove(leavingBytes, each);
      return tx.update(records, record, { state: "stored", size, sha256 } as Partial<T>);
    },

    async remove(tx, gone) {
      // An announced one leaves when its upload can no longer be under way.
      const known = new Set((await leaving(tx, idsOf(gone))).map(({ _id }) => _id));
      for (const record of gone) {
        await tx.remove(records, record);
        if (!known.has(record._id)) await tx.insert(leavingBytes, { _id: record._id, leaveAt: after(tx, settleMs) });
      }
    },

    rpcs: (store) => ({
      async readLeavingBytes(_, { actorId, traceparent }) {
        let ids: string[] = [];
        await store.write({ actorId, traceparent }, async (tx) => {
          ids = await giveUpDue(tx);
          return ids[0] ?? "";
        });
        return { ids };
      },

      async forgetBytes({ ids }, { actorId, traceparent }) {
        await store.write({ actorId, traceparent }, async (tx) => {
          for (const each of await leaving(tx, ids)) await tx.remove(leavingBytes, each);
          return ids[0] ?? "";
        });
        return {};
      },
    }),
  };
}

const unknown = { state: "announced", size: 0, sha256: "" } as const;

function idsOf(records: readonly Stored[]): string[] {
  return records.map(({ _id }) => _id);
}

function leaving(tx: Transaction, ids: readonly string[]): Promise<LeavingBytes[]> {
  if (ids.length === 0) return Promise.resolve([]);
  return tx.find(leavingBytes, { _id: trusted({ $in: [...ids] }) }, { limit: ids.length });
}

function after(tx: Transaction, ms: number): Date {
  return new Date(tx.now.getTime() + ms);
}
