import type { Services } from "@partake/contract";
import { shownState } from "../domain/invitation.ts";
import type { GrantRecord } from "../store/grants.ts";
import type { InvitationRecord } from "../store/invitations.ts";
import type { OrganisationRecord } from "../store/organisations.ts";

export type Organisation = Services["Identity"]["getOrganisation"]["response"];
export type Grant = Services["Identity"]["giveRole"]["response"];
export type Invitation = Services["Identity"]["inviteColleague"]["response"];

export function organisationMessage(record: OrganisationRecord): Organisation {
  const { _id: id, name, preset, timeZone, language, state, switches, version, createdAt } = record;
  return { id, name, preset, timeZone, language, state, switches, version, createdAt: createdAt.toISOString() };
}

export function grantMessage(record: GrantRecord): Grant {
  const { _id: id, organisationId, userId, role, scope, projectId, participant, removed } = record;
  return {
    ...{ id, organisationId, userId, role, scope, removed },
    ...(projectId !== undefined && { projectId }),
    ...(participant !== undefined && { participant }),
    version: record.grantsVersion,
    grantedAt: record.grantedAt.toISOString(),
  };
}

/** What its sender sees of an invitation: never the secret, nor whether the address is known. */
export function invitationMessage(record: InvitationRecord, now: Date): Invitation {
  const { _id: id, organisationId, email, role, scope, expiresAt, version } = record;
  return {
    ...{ id, organisationId, email, version, role: role as Invitation["role"] },
    ...(scope !== undefined && { scope }),
    state: shownState(record, now),
    expiresAt: expiresAt.toISOString(),
  };
}
