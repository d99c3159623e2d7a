import { setTimeout as sleep } from "node:timers/promises";
import { eachDue, type Parts, type Running } from "@partake/service";
import { type CollectionDefinition, type Stored, type Transaction, trusted } from "@partake/store";
import { Schema } from "mongoose";

/** A project or organisation that ended for good, under its id: from a time on its upload records go, until none is left. */
export interface UploadEnding extends Stored {
  field: "projectId" | "organisationId";
  dueAt: Date;
}

export const uploadEndings: CollectionDefinition<UploadEnding> = {
  name: "upload_endings",
  schema: new Schema<UploadEnding>({
    _id: { type: String, required: true },
    version: { type: Number, required: true },
    field: { type: String, required: true },
    dueAt: { type: Date, required: true },
  }),
  indexes: [{ keys: { dueAt: 1 } }],
};

/** What ended: a project 30 days after it was deleted, or an organisation when it was closed. */
export type Ended = { projectId: string } | { organisationId: string };

/** Nobody reopens an organisation; but who closed the wrong one has as long to say so as who deleted a project. */
const closedForMs = 30 * 24 * 3_600_000;
const endingsAtOnce = 10;
const recordsAtOnce = 50;
const leaseMs = 60_000;

/** Has all uploads of it go. Again: nothing changes. */
export async function endUploads(tx: Transaction, ended: Ended): Promise<void> {
  const isProject = "projectId" in ended;
  const _id = isProject ? ended.projectId : ended.organisationId;
  if (await tx.get(uploadEndings, _id)) return;
  const dueAt = new Date(tx.now.getTime() + (isProject ? 0 : closedForMs));
  await tx.insert(uploadEndings, { _id, field: isProject ? "projectId" : "organisationId", dueAt });
}

export interface Emptying<T> {
  records: CollectionDefinition<T & Stored>;
  /** Removes them, after what shows them was told. */
  remove(tx: Transaction, records: readonly T[]): Promise<void>;
  everyMs: number;
}

type EndingParts = Pick<Parts, "store" | "clock" | "log">;

/**
 * Removes the upload records of what ended, on one replica at a time. Each piece is a transaction that finds what is left, so
 * after a crash the next one goes on.
 */
export function emptyEnded<T extends Stored>(parts: EndingParts, of: Emptying<T>): Running {
  const { store, clock } = parts;
  const oldest = { limit: endingsAtOnce, sort: { dueAt: 1 } } as const;
  return store.lead(
    "upload-endings",
    async (signal) => {
      while (!signal.aborted) {
        await eachDue(parts, {
          name: "upload-endings",
          find: (_id) => store.find(uploadEndings, { dueAt: trusted({ $lte: clock.now() }), _id }, oldest),
          work: (ending) => empty(parts, { ending, ...of, signal }),
          signal,
        });
        await sleep(of.everyMs, undefined, { signal }).catch(() => undefined);
      }
    },
    { leaseMs },
  );
}

async function empty<T extends Stored>(
  { store, log }: EndingParts,
  { ending, records, remove, signal }: Emptying<T> & { ending: UploadEnding; signal: AbortSignal },
): Promise<void> {
  const { _id, field } = ending;
  let removed = 0;
  for (let found = recordsAtOnce; found === recordsAtOnce; removed += found) {
    if (signal.aborted) return;
    await store.write({ actorId: "service:uploads", traceparent: undefined }, async (tx) => {
      const piece = await tx.find<T>(records, { [field]: _id }, { limit: recordsAtOnce });
      await remove(tx, piece);
      found = piece.length;
      const current = await tx.get(uploadEndings, _id);
      if (current && found < recordsAtOnce) await tx.remove(uploadEndings, current);
      return _id;
    });
  }
  log.info({ [field]: _id, removed }, "files of what ended are removed");
}
