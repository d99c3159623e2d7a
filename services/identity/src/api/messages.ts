import type { Services } from "@partake/contract";
import { shownState } from "../domain/invitation.ts";
import type { GrantRecord } from "../store/grants.ts";
import type { InvitationRecord } from "../store/invitations.ts";
import type { OrganisationRecord } from "../store/organisations.ts";
import type { WithheldRightRecord } from "../store/withheld-rights.ts";

export type Organisation = Services["Identity"]["getOrganisation"]["response"];
export type Grant = Services["Identity"]["giveRole"]["response"];
export type WithheldRight = Services["Identity"]["withholdRight"]["response"];
export type Invitation = Services["Identity"]["inviteColleague"]["response"];

export function organisationMessage(record: OrganisationRecord): Organisation {
  const { _id: id, name, preset, timeZone, language, state, switches, version, createdAt } = record;
  const { redactedUntil, languages = [] } = record;
  return {
    ...{ id, name, preset, timeZone, language, state, switches, version, createdAt: createdAt.toISOString() },
    languages: [...new Set([language, ...languages])],
    ...(redactedUntil !== undefined && { redactedUntil: redactedUntil.toISOString() }),
  };
}

/** A grant as its holder and the other services see it: without the reason. */
export function grantMessage(record: GrantRecord): Grant {
  const {
    _id: id,
    organisationId,
    userId,
    role,
    scope,
    projectId,
    participant,
    removed,
    expiresAt,
    grantedBy,
  } = record;
  return {
    ...{ id, organisationId, userId, role, scope, removed },
    ...(projectId !== undefined && { projectId }),
    ...(participant !== undefined && { participant }),
    version: record.grantsVersion,
    grantedAt: record.grantedAt.toISOString(),
    ...(expiresAt !== undefined && { expiresAt: expiresAt.toISOString() }),
    grantedBy,
  };
}

/** The same with the reasons, for those who give and take roles there. */
export function explainedGrantMessage(record: GrantRecord): Grant {
  const { reason, takenReason } = record;
  return {
    ...grantMessage(record),
    ...(reason !== undefined && { reason }),
    ...(takenReason !== undefined && { takenReason }),
  };
}

export function withheldRightMessage(record: WithheldRightRecord): WithheldRight {
  const { _id: id, organisationId, userId, projectId, withheldBy, grantsVersion, restored } = record;
  const { reason, restoredReason } = record;
  return {
    ...{ id, organisationId, userId, projectId, withheldBy, restored, version: grantsVersion },
    withheldAt: record.withheldAt.toISOString(),
    ...(reason !== undefined && { reason }),
    ...(restoredReason !== undefined && { restoredReason }),
  };
}

/** What its sender sees of an invitation: never the secret, nor whether the address is known. */
export function invitationMessage(record: InvitationRecord, now: Date): Invitation {
  const { _id: id, organisationId, email = "", role, scope, expiresAt, roleExpiresAt, reason, version } = record;
  return {
    ...{ id, organisationId, email, version, role: role as Invitation["role"] },
    ...(scope !== undefined && { scope }),
    state: shownState(record, now),
    expiresAt: expiresAt.toISOString(),
    ...(roleExpiresAt !== undefined && { roleExpiresAt: roleExpiresAt.toISOString() }),
    sentBy: record.senderId,
    sentAt: (record.sentAt ?? record.createdAt).toISOString(),
    ...(reason !== undefined && { reason }),
  };
}
