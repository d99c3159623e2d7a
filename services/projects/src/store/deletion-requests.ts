import type { CollectionDefinition, Stored } from "@partake/store";
import { Schema } from "mongoose";

/** That the admins were asked to delete a project, and what became of it. (R17) */
export interface DeletionRequestRecord extends Stored {
  organisationId: string;
  projectId: string;
  /** Who asked. */
  ownerId: string;
  /** Why; may say something of a person. */
  reason: string;
  state: "open" | "withdrawn" | "declined" | "granted";
  createdAt: Date;
  answeredBy?: string;
  answeredAt?: Date;
  /** What an admin who declined said to it; may say something of a person. */
  answer?: string;
}

export const deletionRequests: CollectionDefinition<DeletionRequestRecord> = {
  name: "deletion_requests",
  schema: new Schema<DeletionRequestRecord>({
    _id: { type: String, required: true },
    version: { type: Number, required: true },
    organisationId: { type: String, required: true },
    projectId: { type: String, required: true },
    ownerId: { type: String, required: true },
    reason: { type: String, required: true },
    state: { type: String, required: true },
    createdAt: { type: Date, required: true },
    answeredBy: String,
    answeredAt: Date,
    answer: String,
  }),
  indexes: [
    { keys: { organisationId: 1, _id: -1 } },
    { keys: { organisationId: 1, state: 1, _id: -1 } },
    { keys: { projectId: 1 } },
    { keys: { projectId: 1, state: 1 }, unique: true, where: { state: "open" } },
  ],
};
