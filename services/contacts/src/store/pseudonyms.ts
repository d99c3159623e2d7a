import type { CollectionDefinition, Stored } from "@partake/store";
import { Schema } from "mongoose";

/** Which pseudonym stands for a contact on public topics. Kept apart, because erasure destroys exactly this record. (X1) */
export interface PseudonymRecord extends Stored {
  organisationId: string;
  pseudonym: string;
}

/** The id of a record is the contact's. */
export const pseudonyms: CollectionDefinition<PseudonymRecord> = {
  name: "pseudonyms",
  schema: new Schema<PseudonymRecord>({
    _id: { type: String, required: true },
    version: { type: Number, required: true },
    organisationId: { type: String, required: true },
    pseudonym: { type: String, required: true },
  }),
  indexes: [{ keys: { pseudonym: 1 }, unique: true }],
};
