import type { CollectionDefinition, Stored } from "@partake/store";
import { Schema } from "mongoose";

/**
 * An organisation's grantsVersion, or the platform's. Every change of a grant, a switch or a state raises it in its own
 * transaction, so two changes of one organisation never run side by side: that keeps the last admin, too.
 */
export interface GrantVersionRecord extends Stored {
  grantsVersion: number;
}

export const grantVersions: CollectionDefinition<GrantVersionRecord> = {
  name: "grant_versions",
  schema: new Schema<GrantVersionRecord>({
    _id: { type: String, required: true },
    version: { type: Number, required: true },
    grantsVersion: { type: Number, required: true },
  }),
  indexes: [],
};
