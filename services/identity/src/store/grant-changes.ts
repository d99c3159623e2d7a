import { failure } from "@partake/failure";
import type { Transaction } from "@partake/store";
import { trusted } from "@partake/store";
import { makesColleague } from "../domain/role-scopes.ts";
import { type GrantRecord, grants, hasEnded, type StoredParticipant } from "./grants.ts";
import { raiseGrantsVersion } from "./grants-version.ts";
import { membershipId, memberships } from "./memberships.ts";
import { type OrganisationRecord, organisations } from "./organisations.ts";
import { users } from "./users.ts";

// Every way in which a grant changes. Each raises the organisation's grantsVersion in the transaction and tells the topic `roles`.

/** Looked at for one who stays. More than have the same role for good somewhere and are all disabled. */
const mostSuccessors = 1_000;

export interface NewGrant {
  id: string;
  organisationId: string;
  userId: string;
  role: string;
  scope: string;
  projectId?: string | undefined;
  participant?: StoredParticipant;
  participationVersion?: number;
  origin: GrantRecord["origin"];
  grantedBy: string;
  reason?: string | undefined;
  expiresAt?: Date | undefined;
}

/** Gives a role; conflict `already_granted` where the person holds it. */
export async function addGrant(tx: Transaction, of: NewGrant): Promise<GrantRecord> {
  const { id, organisationId, userId, role, scope, projectId, participant, participationVersion, reason, expiresAt } =
    of;
  await makeRoom(tx, of);
  const grantsVersion = await raiseGrantsVersion(tx, organisationId);
  const grant = await tx.insert(grants, {
    _id: id,
    organisationId,
    userId,
    role,
    scope,
    ...(projectId !== undefined && { projectId }),
    ...(participant !== undefined && { participant, participationId: participant.participationId }),
    ...(participationVersion !== undefined && { participationVersion }),
    grantsVersion,
    removed: false,
    origin: of.origin,
    grantedBy: of.grantedBy,
    grantedAt: tx.now,
    ...(reason !== undefined && { reason }),
    ...(expiresAt !== undefined && { expiresAt }),
  });
  await count(tx, { grant, change: 1 });
  tell(tx, grant);
  tx.audit({ action: "role.given", organisationId, subjectId: userId, scope, role, recordId: grant._id });
  return grant;
}

/** Whoever holds the role already is given no second one; one that ended and is not recorded as ended yet makes way. */
async function makeRoom(tx: Transaction, of: NewGrant): Promise<void> {
  const { id, organisationId, userId, role, scope, participant } = of;
  const participationId = participant?.participationId;
  const same = { organisationId, userId, role, scope, removed: false, ...(participationId && { participationId }) };
  const [held] = await tx.find(grants, same, { limit: 1 });
  if (held === undefined || held._id === id) return;
  if (!hasEnded(held, tx.now)) throw failure("conflict", "already_granted");
  await removeGrant(tx, held, "role.ended");
  // Read, so that the one that ended is stored before the new one comes: the index allows one of them.
  await tx.get(grants, held._id);
}

/** Takes a role away, or records that it ended. What is taken already stays as it is. */
export async function removeGrant(
  tx: Transaction,
  held: GrantRecord,
  action: "role.taken" | "role.ended" = "role.taken",
): Promise<GrantRecord> {
  if (held.removed) return held;
  const { organisationId, userId, role, scope } = held;
  const grantsVersion = await raiseGrantsVersion(tx, organisationId);
  const grant = await tx.update(grants, held, { removed: true, grantsVersion });
  await count(tx, { grant, change: -1 });
  tell(tx, grant);
  tx.audit({ action, organisationId, subjectId: userId, scope, role, recordId: grant._id });
  return grant;
}

/** Sets, changes or lifts the time at which a role ends by itself. */
export async function changeExpiry(tx: Transaction, held: GrantRecord, expiresAt?: Date): Promise<GrantRecord> {
  const { organisationId, userId, role, scope } = held;
  const grantsVersion = await raiseGrantsVersion(tx, organisationId);
  const grant = await tx.update(grants, held, { expiresAt, grantsVersion });
  tell(tx, grant);
  tx.audit({ action: "role.expiry_changed", organisationId, subjectId: userId, scope, role, recordId: grant._id });
  return grant;
}

/** Changes what a participation allows. */
export async function changeParticipant(
  tx: Transaction,
  held: GrantRecord,
  changes: { participant: StoredParticipant; participationVersion: number },
): Promise<GrantRecord> {
  const grantsVersion = await raiseGrantsVersion(tx, held.organisationId);
  const grant = await tx.update(grants, held, { ...changes, grantsVersion });
  tell(tx, grant);
  tx.audit({
    action: "role.changed",
    organisationId: held.organisationId,
    subjectId: held.userId,
    scope: held.scope,
    role: held.role,
    recordId: held._id,
  });
  return grant;
}

/** Tells everybody who enforces access what an organisation's state and switches are now. */
export async function tellOrganisation(tx: Transaction, organisation: OrganisationRecord): Promise<number> {
  const version = await raiseGrantsVersion(tx, organisation._id);
  const { _id: organisationId, state, switches, timeZone } = organisation;
  const data = { organisationId, state, ...switches, timeZone, version };
  tx.emit({ type: "org.partake.organisation.changed.v1", data });
  return version;
}

/**
 * Throws unless somebody else stays as an admin, whose role has no end: one that ends by itself would leave nobody. Sound under
 * races: every change of a grant raises the same version.
 */
export async function checkNotLastAdmin(tx: Transaction, grant: GrantRecord): Promise<void> {
  if (grant.role !== "admin" || grant.removed || grant.expiresAt !== undefined) return;
  const { organisationId } = grant;
  if (!(await staysWith(tx, { organisationId, role: "admin", userId: grant.userId })))
    throw failure("unprocessable", "last_admin");
}

/**
 * With redacted access only direct managers give roles in a project: its last one names a successor before leaving, or nobody
 * ever could. (R12)
 */
export async function checkSuccessor(tx: Transaction, grant: GrantRecord): Promise<void> {
  if (grant.role !== "manager" || grant.removed || grant.expiresAt !== undefined) return;
  const organisation = await tx.get(organisations, grant.organisationId);
  if (organisation?.switches.redactedAccess !== true) return;
  const { organisationId, scope, userId } = grant;
  if (!(await staysWith(tx, { organisationId, role: "manager", scope, userId })))
    throw failure("unprocessable", "last_manager");
}

/** Whether somebody else holds the same for good, who can log in. */
async function staysWith(
  tx: Transaction,
  of: { organisationId: string; role: string; scope?: string; userId: string },
): Promise<boolean> {
  const { userId, ...same } = of;
  const others = { ...same, userId: trusted({ $ne: userId }), removed: false, expiresAt: null };
  const held = await tx.find(grants, others, { limit: mostSuccessors });
  if (held.length === 0) return false;
  const able = { _id: trusted({ $in: held.map((grant) => grant.userId) }), enabled: true };
  return (await tx.find(users, able, { limit: 1 })).length > 0;
}

async function count(tx: Transaction, { grant, change }: { grant: GrantRecord; change: 1 | -1 }): Promise<void> {
  const { organisationId, userId } = grant;
  const _id = membershipId(organisationId, userId);
  const colleague = makesColleague(grant.role) ? change : 0;
  const held = await tx.get(memberships, _id);
  const grantCount = (held?.grantCount ?? 0) + change;
  const colleagueGrantCount = (held?.colleagueGrantCount ?? 0) + colleague;
  const counts = { grantCount, colleagueGrantCount, isColleague: colleagueGrantCount > 0 };
  if (held === undefined) await tx.insert(memberships, { _id, organisationId, userId, ...counts });
  else if (grantCount > 0) await tx.update(memberships, held, counts);
  else await tx.remove(memberships, held);
}

function tell(tx: Transaction, grant: GrantRecord): void {
  const {
    _id: grantId,
    organisationId,
    userId,
    role,
    scope,
    projectId,
    participant,
    removed,
    grantedAt,
    expiresAt,
  } = grant;
  tx.emit({
    type: "org.partake.grant.changed.v1",
    data: {
      grantId,
      organisationId,
      userId,
      role,
      scope,
      ...(projectId !== undefined && { projectId }),
      ...(participant !== undefined && {
        participationId: participant.participationId,
        contactId: participant.contactId,
        boardId: participant.boardId,
        level: participant.level,
        state: participant.state,
      }),
      peerReview: participant?.peerReview ?? false,
      version: grant.grantsVersion,
      removed,
      grantedAt: grantedAt.toISOString(),
      ...(expiresAt !== undefined && { expiresAt: expiresAt.toISOString() }),
    },
  });
}
