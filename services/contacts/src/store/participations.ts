import type { CollectionDefinition, Stored } from "@partake/store";
import { Schema } from "mongoose";
import type { Enrolment } from "../domain/enrolment.ts";

/** A participation with the state of its enrolment, the saga that contacts owns. */
export interface ParticipationRecord extends Stored, Enrolment {
  organisationId: string;
  projectId: string;
  boardId: string;
  contactId: string;
  /** The account that takes part, under the name that the rules of access know. */
  contactUserId?: string;
  participationId: string;
  ownerId: string;
  /** Absent: by e-mail. */
  invitedBy?: "printed";
  createdAt: Date;
  acceptedAt?: Date;
  /** Of many that were enrolled at once: which, and its place among them. */
  batchId?: string;
  batchIndex?: number;
  /** Whether a step is due, and when the worker may take it up. */
  pending: boolean;
  nextAttemptAt: Date;
  attempts: number;
}

export const participations: CollectionDefinition<ParticipationRecord> = {
  name: "participations",
  schema: new Schema<ParticipationRecord>({
    _id: { type: String, required: true },
    version: { type: Number, required: true },
    organisationId: { type: String, required: true },
    projectId: { type: String, required: true },
    boardId: { type: String, required: true },
    contactId: { type: String, required: true },
    contactUserId: String,
    participationId: { type: String, required: true },
    ownerId: { type: String, required: true },
    invitedBy: String,
    level: { type: String, required: true },
    peerReview: { type: Boolean, required: true },
    state: { type: String, required: true },
    refusal: String,
    endReason: String,
    open: { type: Boolean, required: true },
    done: { type: [String], required: true },
    undone: { type: [String], required: true },
    acceptingUserId: String,
    roleRevision: { type: Number, required: true },
    revision: { type: Number, required: true },
    createdAt: { type: Date, required: true },
    acceptedAt: Date,
    batchId: String,
    batchIndex: Number,
    pending: { type: Boolean, required: true },
    nextAttemptAt: { type: Date, required: true },
    attempts: { type: Number, required: true },
  }),
  indexes: [
    { keys: { organisationId: 1, projectId: 1, _id: -1 } },
    { keys: { organisationId: 1, contactUserId: 1, _id: -1 } },
    // One open participation of a contact in a project, whatever the race.
    { keys: { contactId: 1, projectId: 1 }, unique: true, where: { open: true } },
    { keys: { contactId: 1, _id: -1 } },
    { keys: { nextAttemptAt: 1 }, where: { pending: true } },
    { keys: { batchId: 1, batchIndex: 1 }, unique: true, where: { batchId: { $exists: true } } },
  ],
};
