import type { CollectionDefinition, Stored } from "@partake/store";
import { Schema } from "mongoose";

/**
 * That something happened which a person is told of: ids only, the rest is read where it lies with the rights they have then.
 * What decides whether they may read it stands under the names of RecordScope, but for `ownerId`: that is who is told.
 */
export interface NotificationRecord extends Stored {
  organisationId: string;
  ownerId: string;
  projectId?: string;
  contactId?: string;
  /** As they were when it happened. */
  contactProjectIds?: readonly string[];
  contactUserId?: string;
  participationId?: string;
  /** They are told as staff: what they take part in, or wrote there themselves, does not open it to them. */
  staffOnly?: boolean;
  kind: "post" | "comment" | "reply" | "deletion_requested" | "deletion_declined" | "deletion_granted";
  postId?: string;
  deletionRequestId?: string;
  read: boolean;
  createdAt: Date;
}

const KEPT_SECONDS = 365 * 24 * 3600;

export const notifications: CollectionDefinition<NotificationRecord> = {
  name: "notifications",
  schema: new Schema<NotificationRecord>({
    _id: { type: String, required: true },
    version: { type: Number, required: true },
    organisationId: { type: String, required: true },
    ownerId: { type: String, required: true },
    projectId: String,
    contactId: String,
    contactProjectIds: { type: [String], default: undefined },
    contactUserId: String,
    participationId: String,
    staffOnly: Boolean,
    kind: { type: String, required: true },
    postId: String,
    deletionRequestId: String,
    read: { type: Boolean, required: true },
    createdAt: { type: Date, required: true },
  }),
  indexes: [
    { keys: { organisationId: 1, ownerId: 1, _id: -1 } },
    { keys: { createdAt: 1 }, expireAfterSeconds: KEPT_SECONDS },
  ],
};
