import type { ParticipantRights } from "@partake/authz";
import type { Call } from "@partake/rpc";

/** A participation of the caller's own, with its project. */
export interface OwnParticipation extends ParticipantRights {
  projectId: string;
}

/** The caller's participations as their live grants tell: newer than any copy of ours. */
export function ownParticipations({ caller }: Pick<Call, "caller">): OwnParticipation[] {
  if (caller.kind !== "user") return [];
  return caller.rights.held.flatMap(({ participant, projectId, scope }) =>
    participant ? [{ ...participant, projectId: projectId ?? scope }] : [],
  );
}
