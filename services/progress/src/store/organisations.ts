import type { CollectionDefinition, Stored } from "@partake/store";
import { Schema } from "mongoose";

/** In which time zone an organisation's days begin: our own copy of what identity tells. */
export interface OrganisationRecord extends Stored {
  timeZone: string;
  /** The organisation's version that this shows: an older one changes nothing. */
  sourceVersion: number;
}

export const organisations: CollectionDefinition<OrganisationRecord> = {
  name: "organisations",
  schema: new Schema<OrganisationRecord>({
    _id: { type: String, required: true },
    version: { type: Number, required: true },
    timeZone: { type: String, required: true },
    sourceVersion: { type: Number, required: true },
  }),
  indexes: [],
};
