import type { CollectionDefinition, Stored } from "@partake/store";
import { Schema } from "mongoose";
import type { Invitation } from "../domain/invitation.ts";

/** An invitation. Its secret is nowhere: only the hash, held against what the invited person brings. */
export interface InvitationRecord extends Stored, Invitation {
  organisationId: string;
  /** The invited address, normalised; absent on a printed one. */
  email?: string;
  role: string;
  /** What the role will be held on; absent: the organisation. */
  scope?: string;
  /** When the role will end by itself. */
  roleExpiresAt?: Date;
  projectId?: string;
  senderId: string;
  folderId?: string;
  /** Why; says something of a person. Once it is accepted it is the role's. */
  reason?: string | undefined;
  /** When it was last sent; absent on one from before that was noted. */
  sentAt?: Date;
  /** How often it was sent again; each time has its own secret. */
  round?: number;
  /** Of many that were sent at once: which, and its place among them. */
  batchId?: string;
  batchIndex?: number;
  /** The name under which a participant was enrolled, or a colleague listed. */
  name?: string;
  participationId?: string;
  contactId?: string;
  /** Of a printed one: the account that comes to be with it, so that it is one account however often that is tried. */
  newUserId?: string;
  secretHash: string;
  acceptedBy?: string;
  createdAt: Date;
  /** Its mail: sent once under one id, however often it is tried. */
  mailId: string;
  mailPending: boolean;
  nextMailAt: Date;
}

export const invitations: CollectionDefinition<InvitationRecord> = {
  name: "invitations",
  schema: new Schema<InvitationRecord>({
    _id: { type: String, required: true },
    version: { type: Number, required: true },
    kind: { type: String, required: true },
    state: { type: String, required: true },
    expiresAt: { type: Date, required: true },
    organisationId: { type: String, required: true },
    email: String,
    isPrinted: Boolean,
    role: { type: String, required: true },
    scope: String,
    roleExpiresAt: Date,
    projectId: String,
    folderId: String,
    reason: String,
    sentAt: Date,
    round: Number,
    batchId: String,
    batchIndex: Number,
    senderId: { type: String, required: true },
    name: String,
    participationId: String,
    contactId: String,
    newUserId: String,
    secretHash: { type: String, required: true },
    acceptedBy: String,
    createdAt: { type: Date, required: true },
    mailId: { type: String, required: true },
    mailPending: { type: Boolean, required: true },
    nextMailAt: { type: Date, required: true },
  }),
  indexes: [
    { keys: { secretHash: 1 }, unique: true },
    { keys: { participationId: 1 }, unique: true, where: { participationId: { $exists: true } } },
    { keys: { nextMailAt: 1 }, where: { mailPending: true } },
    { keys: { organisationId: 1, kind: 1, _id: -1 } },
    { keys: { organisationId: 1, email: 1, createdAt: 1 } },
    { keys: { organisationId: 1, senderId: 1, state: 1 } },
    { keys: { organisationId: 1, projectId: 1, state: 1 }, where: { projectId: { $exists: true } } },
    { keys: { organisationId: 1, folderId: 1, state: 1 }, where: { folderId: { $exists: true } } },
    { keys: { batchId: 1, batchIndex: 1 }, unique: true, where: { batchId: { $exists: true } } },
  ],
};
