import type { CollectionDefinition, Stored } from "@partake/store";
import { Schema } from "mongoose";

/** A contact, whose id it has, that was deleted while it took part in more than ends in one transaction. Gone when all has ended. */
export interface ContactRemovalRecord extends Stored {
  removedAt: Date;
}

export const contactRemovals: CollectionDefinition<ContactRemovalRecord> = {
  name: "contact_removals",
  schema: new Schema<ContactRemovalRecord>({
    _id: { type: String, required: true },
    version: { type: Number, required: true },
    removedAt: { type: Date, required: true },
  }),
  indexes: [{ keys: { removedAt: 1 } }],
};
