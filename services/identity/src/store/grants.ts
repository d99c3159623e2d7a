import { type CollectionDefinition, type Filter, type Stored, trusted } from "@partake/store";
import { Schema } from "mongoose";
import type { RemovalCause } from "./removed-scopes.ts";

/** What a participation allows its participant. */
export interface StoredParticipant {
  participationId: string;
  contactId: string;
  boardId: string;
  level: "see" | "share" | "discuss";
  peerReview: boolean;
  state: "active" | "paused" | "ended";
}

/** A role that a person holds on a scope. Taking it away marks it: what was taken must not come back by a replay. */
export interface GrantRecord extends Stored {
  /** Or "platform". */
  organisationId: string;
  userId: string;
  role: string;
  scope: string;
  /** Of a board, album or event: its project; of a participant: the project itself. */
  projectId?: string;
  participant?: StoredParticipant;
  /** One person may take part in a project more than once; this keeps those grants apart. */
  participationId?: string;
  /** The participation's version that the grant tells; an older one changes nothing. */
  participationVersion?: number;
  /** The organisation's version at which it took this form. */
  grantsVersion: number;
  removed: boolean;
  origin: "given" | "creator" | "invitation" | "participation" | "operator" | "service_account";
  grantedBy: string;
  grantedAt: Date;
  /** Why; says something of a person. */
  reason?: string | undefined;
  /** Why it was taken, by whoever took it. */
  takenReason?: string | undefined;
  /** What it ended with, where nobody took it. */
  endedBecause?: RemovalCause;
  /** When it ends by itself. From then on it counts for nothing, recorded as ended or not. */
  expiresAt?: Date | undefined;
}

/** Whether a grant ended by itself. */
export function hasEnded({ expiresAt }: Pick<GrantRecord, "expiresAt">, now: Date): boolean {
  return expiresAt !== undefined && expiresAt <= now;
}

/** The part of a filter that leaves what counts at that time: what was not taken and has not ended. */
export function notEnded(now: Date): Filter {
  return { removed: false, expiresAt: trusted({ $not: { $lte: now } }) };
}

const participant = new Schema<StoredParticipant>(
  {
    participationId: { type: String, required: true },
    contactId: { type: String, required: true },
    boardId: { type: String, required: true },
    level: { type: String, required: true },
    peerReview: { type: Boolean, required: true },
    state: { type: String, required: true },
  },
  { _id: false },
);

export const grants: CollectionDefinition<GrantRecord> = {
  name: "grants",
  schema: new Schema<GrantRecord>({
    _id: { type: String, required: true },
    version: { type: Number, required: true },
    organisationId: { type: String, required: true },
    userId: { type: String, required: true },
    role: { type: String, required: true },
    scope: { type: String, required: true },
    projectId: String,
    participant,
    participationId: String,
    participationVersion: Number,
    grantsVersion: { type: Number, required: true },
    removed: { type: Boolean, required: true },
    origin: { type: String, required: true },
    grantedBy: { type: String, required: true },
    grantedAt: { type: Date, required: true },
    reason: String,
    takenReason: String,
    endedBecause: String,
    expiresAt: Date,
  }),
  indexes: [
    {
      keys: { organisationId: 1, userId: 1, role: 1, scope: 1, participationId: 1 },
      unique: true,
      where: { removed: false },
    },
    { keys: { organisationId: 1, userId: 1, removed: 1 } },
    { keys: { userId: 1, removed: 1 } },
    { keys: { organisationId: 1, role: 1, scope: 1, removed: 1 } },
    { keys: { organisationId: 1, _id: -1 } },
    { keys: { scope: 1, removed: 1 } },
    { keys: { organisationId: 1, projectId: 1, role: 1, removed: 1 }, where: { projectId: { $exists: true } } },
    { keys: { organisationId: 1, userId: 1, _id: -1 } },
    { keys: { expiresAt: 1 }, where: { removed: false, expiresAt: { $exists: true } } },
    { keys: { participationId: 1 }, unique: true, where: { participationId: { $exists: true } } },
    { keys: { "participant.contactId": 1 }, where: { "participant.contactId": { $exists: true } } },
  ],
};
