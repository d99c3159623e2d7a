import type { CollectionDefinition, Stored } from "@partake/store";
import { Schema } from "mongoose";
import type { FieldKind } from "../domain/custom-values.ts";

/** A custom field of an organisation's contacts. */
export interface ContactFieldRecord extends Stored {
  organisationId: string;
  name: string;
  kind: FieldKind;
  choices: string[];
  position: number;
}

/** More than an organisation needs, and few enough to be read with each write of a contact. */
export const FIELDS_MAXIMUM = 60;

export const contactFields: CollectionDefinition<ContactFieldRecord> = {
  name: "contact_fields",
  schema: new Schema<ContactFieldRecord>({
    _id: { type: String, required: true },
    version: { type: Number, required: true },
    organisationId: { type: String, required: true },
    name: { type: String, required: true },
    kind: { type: String, required: true },
    choices: { type: [String], required: true },
    position: { type: Number, required: true },
  }),
  indexes: [{ keys: { organisationId: 1, position: 1, _id: 1 } }],
};
