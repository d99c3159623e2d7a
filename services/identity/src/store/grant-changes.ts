import { failure } from "@partake/failure";
import type { Transaction } from "@partake/store";
import { trusted } from "@partake/store";
import { keepGrant, keepOrganisation } from "./access-history.ts";
import { type GrantRecord, grants, hasEnded, type StoredParticipant } from "./grants.ts";
import { raiseGrantsVersion } from "./grants-version.ts";
import { countGrants } from "./members.ts";
import { type OrganisationRecord, organisations } from "./organisations.ts";
import { isAnyRemoved, type RemovalCause } from "./removed-scopes.ts";
import { users } from "./users.ts";

// Every way in which a grant changes. Each raises the organisation's grantsVersion in the transaction and tells the topic `roles`.

/** Looked at for one who stays. More than have the same role for good somewhere and are all disabled. */
const mostSuccessors = 1_000;
const mostAtOnce = 10_000;

/** An organisation is in the hands of people: what a service account holds does not count for that. */
export const byPeople = trusted({ $ne: "service_account" });

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
  const { id, organisationId, userId, role, scope, participant } = of;
  const participationId = participant?.participationId;
  const same = { organisationId, userId, role, scope, removed: false, ...(participationId && { participationId }) };
  const [held] = await tx.find(grants, same, { limit: 1 });
  if (held !== undefined && held._id !== id) {
    if (!hasEnded(held, tx.now)) throw failure("conflict", "already_granted");
    // It ended and is not recorded as ended yet: it makes way.
    await removeGrants(tx, [held], { action: "role.ended" });
  }
  const [grant] = await insertGrants(tx, [of]);
  if (grant === undefined) throw new Error("a grant was not made");
  return grant;
}

/** Gives roles of one organisation that nobody holds yet, by a fixed number of questions. */
export async function addGrants(tx: Transaction, given: readonly NewGrant[]): Promise<void> {
  const [first] = given;
  if (first === undefined) return;
  const userId = trusted({ $in: [...new Set(given.map((of) => of.userId))] });
  const scope = trusted({ $in: [...new Set(given.map((of) => of.scope))] });
  const due = { organisationId: first.organisationId, userId, scope, removed: false };
  const ended = await tx.find(grants, { ...due, expiresAt: trusted({ $lte: tx.now }) }, { limit: mostAtOnce });
  await removeGrants(tx, ended, { action: "role.ended" });
  await insertGrants(tx, given);
}

async function insertGrants(tx: Transaction, given: readonly NewGrant[]): Promise<GrantRecord[]> {
  await refuseRemoved(tx, given);
  const made: GrantRecord[] = [];
  for (const of of given) {
    const { id: _id, participant, projectId, participationVersion, reason, expiresAt, ...rest } = of;
    const grantsVersion = await raiseGrantsVersion(tx, of.organisationId);
    const grant = await tx.insert(grants, {
      ...{ ...rest, _id, grantsVersion, removed: false, grantedAt: tx.now },
      ...(projectId !== undefined && { projectId }),
      ...(participant !== undefined && { participant, participationId: participant.participationId }),
      ...(participationVersion !== undefined && { participationVersion }),
      ...(reason !== undefined && { reason }),
      ...(expiresAt !== undefined && { expiresAt }),
    });
    await tell(tx, grant);
    auditRole(tx, grant, "role.given");
    made.push(grant);
  }
  await countGrants(
    tx,
    made.map((grant) => ({ grant, change: 1 })),
  );
  return made;
}

/** Nothing is given any more where all has ended. A participant's role comes ended there, and stays so. */
async function refuseRemoved(tx: Transaction, given: readonly NewGrant[]): Promise<void> {
  const others = given.filter(({ origin }) => origin !== "participation");
  if (
    await isAnyRemoved(
      tx,
      others.flatMap(({ scope, projectId }) => [scope, projectId]),
    )
  )
    throw failure("not_found", "not_found");
}

/**
 * How a role goes: it is taken or ended at its date; with a cause where it follows from something else, or with what its taker
 * wrote.
 */
export interface Taking {
  action?: "role.taken" | "role.ended";
  because?: RemovalCause;
  reason?: string | undefined;
}

/** Takes a role away, or records that it ended. What is taken already stays as it is. */
export async function removeGrant(tx: Transaction, held: GrantRecord, how: Taking = {}): Promise<GrantRecord> {
  const [grant = held] = await removeGrants(tx, [held], how);
  return grant;
}

/** The same with several of one organisation, by a fixed number of questions. */
export async function removeGrants(
  tx: Transaction,
  held: readonly GrantRecord[],
  { action = "role.taken", because, reason }: Taking = {},
): Promise<GrantRecord[]> {
  const gone: GrantRecord[] = [];
  for (const grant of held) {
    if (grant.removed) continue;
    const grantsVersion = await raiseGrantsVersion(tx, grant.organisationId);
    const removed = await tx.update(grants, grant, {
      ...{ removed: true, grantsVersion },
      ...(because !== undefined && { endedBecause: because }),
      ...(reason !== undefined && { takenReason: reason }),
    });
    await tell(tx, removed);
    auditRole(tx, removed, action, because);
    gone.push(removed);
  }
  await countGrants(
    tx,
    gone.map((grant) => ({ grant, change: -1 })),
  );
  return gone;
}

type RoleAction = "role.given" | "role.taken" | "role.ended" | "role.changed" | "role.expiry_changed";

function auditRole(tx: Transaction, grant: GrantRecord, action: RoleAction, cause?: RemovalCause): void {
  const { _id: recordId, organisationId, userId: subjectId, role, scope } = grant;
  tx.audit({ action, organisationId, subjectId, scope, role, recordId, ...(cause !== undefined && { cause }) });
}

/** Sets, changes or lifts the time at which a role ends by itself. */
export async function changeExpiry(tx: Transaction, held: GrantRecord, expiresAt?: Date): Promise<GrantRecord> {
  const grantsVersion = await raiseGrantsVersion(tx, held.organisationId);
  const grant = await tx.update(grants, held, { expiresAt, grantsVersion });
  await tell(tx, grant);
  auditRole(tx, grant, "role.expiry_changed");
  return grant;
}

/** Changes what a participation allows. */
export async function changeParticipant(
  tx: Transaction,
  held: GrantRecord,
  changes: { participant: StoredParticipant; participationVersion: number },
  because?: RemovalCause,
): Promise<GrantRecord> {
  const grantsVersion = await raiseGrantsVersion(tx, held.organisationId);
  const grant = await tx.update(grants, held, { ...changes, grantsVersion });
  await tell(tx, grant);
  auditRole(tx, grant, "role.changed", because);
  return grant;
}

/** Tells everybody who enforces access what an organisation's state and switches are now. */
export async function tellOrganisation(tx: Transaction, organisation: OrganisationRecord): Promise<number> {
  const version = await raiseGrantsVersion(tx, organisation._id);
  const { _id: organisationId, state, switches, timeZone } = organisation;
  const data = { organisationId, state, ...switches, timeZone, version };
  tx.emit({ type: "org.partake.organisation.changed.v1", data });
  await keepOrganisation(tx, organisation, version);
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

async function tell(tx: Transaction, grant: GrantRecord): Promise<void> {
  await keepGrant(tx, grant);
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
