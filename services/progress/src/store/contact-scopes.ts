import type { CollectionDefinition, Stored } from "@partake/store";
import { Schema } from "mongoose";

/**
 * What of a contact decides access to what is said about it: our own copy of what contacts tells, ids only. The id is the
 * contact's. Of a deleted contact it stays, so that a late event brings nothing back.
 */
export interface ContactScopeRecord extends Stored {
  organisationId: string;
  contactId: string;
  contactProjectIds: string[];
  contactUserId?: string;
  deleted: boolean;
  /** The contact's version that this shows: an older one changes nothing. */
  sourceVersion: number;
  /** When it is carried to everything about the contact once more; absent: its last change lies long enough back. */
  settleAt?: Date | undefined;
}

export const contactScopes: CollectionDefinition<ContactScopeRecord> = {
  name: "contact_scopes",
  schema: new Schema<ContactScopeRecord>({
    _id: { type: String, required: true },
    version: { type: Number, required: true },
    organisationId: { type: String, required: true },
    contactId: { type: String, required: true },
    contactProjectIds: { type: [String], required: true },
    contactUserId: String,
    deleted: { type: Boolean, required: true },
    sourceVersion: { type: Number, required: true },
    settleAt: Date,
  }),
  indexes: [{ keys: { settleAt: 1 }, where: { settleAt: { $exists: true } } }],
};
