import type { CollectionDefinition, Stored } from "@partake/store";
import { Schema } from "mongoose";

/**
 * Bytes in the gateway's store that leave it at a time, under the id of their record: nothing more is known of them. An announced
 * record has one until it is completed; of a record that was removed it is what is left.
 */
export interface LeavingBytes extends Stored {
  leaveAt: Date;
}

export const leavingBytes: CollectionDefinition<LeavingBytes> = {
  name: "leaving_bytes",
  schema: new Schema<LeavingBytes>({
    _id: { type: String, required: true },
    version: { type: Number, required: true },
    leaveAt: { type: Date, required: true },
  }),
  indexes: [{ keys: { leaveAt: 1 } }],
};
