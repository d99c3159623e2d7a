import type { CollectionDefinition, Stored } from "@partake/store";
import { Schema } from "mongoose";
import type { StoredCustomValue } from "../domain/custom-values.ts";

export type ContactKind = "client" | "service_user" | "referral_partner" | "funder" | "volunteer" | "other";

/** A contact. What decides access to it stands at the top level under the names of RecordScope, so that `visible` works as it is. */
export interface ContactRecord extends Stored {
  organisationId: string;
  /** Its own id once more: the rules about contacts ask for `contactId` on every record. */
  contactId: string;
  contactProjectIds: string[];
  contactUserId?: string;
  ownerId: string;
  kind: ContactKind;
  name: string;
  /** The words of the name as they are searched: lower case, without accents. */
  nameWords: string[];
  email?: string;
  /** The address as it is found: in lower case. */
  emailKey?: string;
  phone?: string;
  customValues: StoredCustomValue[];
  createdAt: Date;
}

const customValue = new Schema<StoredCustomValue>(
  {
    fieldId: { type: String, required: true },
    text: String,
    number: Number,
    date: String,
    choice: String,
    consent: { type: { given: Boolean, givenOn: String, wording: String }, _id: false },
  },
  { _id: false },
);

export const contacts: CollectionDefinition<ContactRecord> = {
  name: "contacts",
  schema: new Schema<ContactRecord>({
    _id: { type: String, required: true },
    version: { type: Number, required: true },
    organisationId: { type: String, required: true },
    contactId: { type: String, required: true },
    contactProjectIds: { type: [String], required: true },
    contactUserId: String,
    ownerId: { type: String, required: true },
    kind: { type: String, required: true },
    name: { type: String, required: true },
    nameWords: { type: [String], required: true },
    email: String,
    emailKey: String,
    phone: String,
    customValues: { type: [customValue], required: true },
    createdAt: { type: Date, required: true },
  }),
  indexes: [
    { keys: { organisationId: 1, _id: -1 } },
    { keys: { organisationId: 1, contactProjectIds: 1, _id: -1 } },
    { keys: { organisationId: 1, nameWords: 1 } },
    { keys: { organisationId: 1, emailKey: 1 }, where: { emailKey: { $exists: true } } },
  ],
};
