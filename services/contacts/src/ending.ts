import type { Transaction } from "@partake/store";
import { type EndReason, goWith } from "./domain/enrolment.ts";
import { participationChanged } from "./outcomes.ts";
import { type ParticipationRecord, participations } from "./store/participations.ts";

/** In one transaction. */
export const PIECE = 50;

/** Whose participations end: a contact's, or all in a project. */
export type Ending = { contactId: string } | { organisationId: string; projectId: string };

/** Ends a piece of what is open, and gives what that was; less than a piece: nothing is open any more. */
export async function endPiece(tx: Transaction, of: Ending, reason: EndReason): Promise<ParticipationRecord[]> {
  const open = await tx.find(participations, { ...of, open: true }, { limit: PIECE });
  const ended: ParticipationRecord[] = [];
  for (const participation of open) {
    const changes: Partial<ParticipationRecord> = goWith(participation, reason);
    const waiting = { pending: true, nextAttemptAt: tx.now };
    const changed = await tx.update(participations, participation, { ...changes, ...waiting });
    tx.emit(participationChanged(changed));
    const { _id: subjectId, organisationId, projectId: scope } = changed;
    tx.audit({ action: "participation.ended", organisationId, subjectId, scope, cause: reason });
    ended.push(changed);
  }
  return ended;
}
