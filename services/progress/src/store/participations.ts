import type { CollectionDefinition, Stored } from "@partake/store";
import { Schema } from "mongoose";

export type ParticipationState = "enrolling" | "invited" | "active" | "paused" | "ended" | "refused";

/**
 * A participation as progress knows it: its place on a board, told by AddToBoard, and its state, told by the topic `contacts`.
 * What decides access to it stands at the top level under the names of RecordScope.
 */
export interface ParticipationRecord extends Stored {
  organisationId: string;
  projectId: string;
  boardId: string;
  contactId: string;
  contactProjectIds: string[];
  contactUserId?: string;
  participationId: string;
  /** Peer review is on and the participation is active: its peers may see it. */
  peerReview: boolean;
  /** Stands for the person on public topics; absent until AddToBoard. (X1) */
  pseudonym?: string;
  /** Once removed it stays so, even when a delayed AddToBoard comes after. */
  place: "none" | "on_board" | "removed";
  state: ParticipationState;
  /** The participation's version at contacts that this shows; 0: nothing was told yet. */
  sourceVersion: number;
  /** When what decides access is carried to its entries once more; absent: it lies long enough back. */
  settleAt?: Date | undefined;
}

export const participations: CollectionDefinition<ParticipationRecord> = {
  name: "participations",
  schema: new Schema<ParticipationRecord>({
    _id: { type: String, required: true },
    version: { type: Number, required: true },
    organisationId: { type: String, default: undefined },
    projectId: { type: String, default: undefined },
    boardId: { type: String, default: undefined },
    contactId: { type: String, default: undefined },
    contactProjectIds: { type: [String], required: true },
    contactUserId: String,
    participationId: { type: String, required: true },
    peerReview: { type: Boolean, required: true },
    pseudonym: String,
    place: { type: String, required: true },
    state: { type: String, required: true },
    sourceVersion: { type: Number, required: true },
    settleAt: Date,
  }),
  indexes: [{ keys: { contactId: 1, _id: 1 } }, { keys: { settleAt: 1 }, where: { settleAt: { $exists: true } } }],
};

/** A participation of which nothing is known but its id; with no organisation it is nobody's. */
export function unplaced(participationId: string): Omit<ParticipationRecord, "version"> {
  const nobodys = { organisationId: "", projectId: "", boardId: "", contactId: "", contactProjectIds: [] };
  const fresh = { peerReview: false, place: "none", state: "enrolling", sourceVersion: 0 } as const;
  return { _id: participationId, participationId, ...nobodys, ...fresh };
}
