import type { Transaction } from "@partake/store";
import { begin, type Enrolment } from "./domain/enrolment.ts";
import { participationChanged } from "./outcomes.ts";
import { participations } from "./store/participations.ts";

export interface NewParticipation {
  _id: string;
  organisationId: string;
  projectId: string;
  boardId: string;
  contactId: string;
  ownerId: string;
  level: Enrolment["level"];
  peerReview: boolean;
  invitedBy?: "printed";
  /** When the worker takes it up, unless whoever began it did. */
  nextAttemptAt: Date;
  batch?: { batchId: string; batchIndex: number };
}

/** Records the beginning of an enrolment, and tells of it. */
export async function addParticipation(tx: Transaction, of: NewParticipation): Promise<void> {
  const { level, peerReview, batch, ...rest } = of;
  const { _id, organisationId, projectId } = rest;
  const participation = await tx.insert(participations, {
    ...{ ...begin({ level, peerReview }), ...rest, participationId: _id, createdAt: tx.now },
    ...{ pending: true, attempts: 0, ...batch },
  });
  tx.emit(participationChanged(participation));
  tx.audit({ action: "participation.created", organisationId, subjectId: _id, scope: projectId });
}
