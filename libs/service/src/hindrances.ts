import type { CollectionDefinition, Stored } from "@partake/store";
import { Schema } from "mongoose";

/** That something which a worker is to do did not work, so that it rests for a while and the others go on. */
export interface HindranceRecord extends Stored {
  work: string;
  /** The id of what is to be done. */
  item: string;
  attempts: number;
  restsUntil: Date;
}

/** From so many attempts on it is told in the figures and as an error: somebody should look. It is tried on all the same. */
export const HINDERED_ATTEMPTS = 8;
const firstRestMs = 1_000;
const longestRestMs = 10 * 60_000;
/** What nobody tried for so long is done by now, or is to be done no more. */
const keptSeconds = 24 * 3_600;

export const isHindered = { attempts: { $gte: HINDERED_ATTEMPTS } };

export const hindrances: CollectionDefinition<HindranceRecord> = {
  name: "hindrances",
  schema: new Schema<HindranceRecord>({
    _id: { type: String, required: true },
    version: { type: Number, required: true },
    work: { type: String, required: true },
    item: { type: String, required: true },
    attempts: { type: Number, required: true },
    restsUntil: { type: Date, required: true },
  }),
  indexes: [
    { keys: { work: 1, restsUntil: -1 } },
    { keys: { attempts: 1 }, where: isHindered },
    { keys: { restsUntil: 1 }, expireAfterSeconds: keptSeconds },
  ],
};

/** How long it rests after so many attempts. */
export function restMs(attempts: number): number {
  return Math.min(longestRestMs, firstRestMs * 2 ** Math.min(attempts, 12));
}
