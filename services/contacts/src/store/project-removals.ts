import type { CollectionDefinition, Stored } from "@partake/store";
import { Schema } from "mongoose";

/** A project, whose id it has, that was removed for good. Kept for ever: nobody is enrolled in it again. (P6) */
export interface ProjectRemovalRecord extends Stored {
  organisationId: string;
  removedAt: Date;
  /** Something may still be in it. */
  pending: boolean;
}

export const projectRemovals: CollectionDefinition<ProjectRemovalRecord> = {
  name: "project_removals",
  schema: new Schema<ProjectRemovalRecord>({
    _id: { type: String, required: true },
    version: { type: Number, required: true },
    organisationId: { type: String, required: true },
    removedAt: { type: Date, required: true },
    pending: { type: Boolean, required: true },
  }),
  indexes: [{ keys: { removedAt: 1 }, where: { pending: true } }],
};
