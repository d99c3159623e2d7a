import type { ProjectPlace, RecordScope } from "@partake/authz";
import { asFailure, failure } from "@partake/failure";
import type { Parts } from "@partake/service";
import type { Transaction } from "@partake/store";
import { byPeople } from "./store/grant-changes.ts";
import { grants } from "./store/grants.ts";
import { type InvitationRecord, invitations } from "./store/invitations.ts";
import { organisations } from "./store/organisations.ts";
import { holds, powers } from "./store/powers.ts";
import { isAnyRemoved } from "./store/removed-scopes.ts";

// What accepting an invitation takes, whether its person is logged in already or comes to have an account by it.

export type AcceptingParts = Pick<Parts, "store" | "clients" | "clock">;
export type KnownPlaces = ReadonlyMap<string, ProjectPlace>;

const timeoutMs = 8_000;

/**
 * Tells contacts, which uses the credit and gives the role. It comes before the invitation counts as used, as it may have to be
 * done again, and is idempotent.
 */
export async function takePart(
  { store, clients, clock }: AcceptingParts,
  of: { invitation: InvitationRecord; userId: string; places: KnownPlaces; traceparent: string | undefined },
): Promise<void> {
  const { invitation, userId, places, traceparent } = of;
  const { participationId } = invitation;
  // An invitation that cannot be accepted any more is refused by the transaction, which also knows a repeated request.
  if (invitation.state !== "pending" || invitation.expiresAt <= clock.now() || participationId === undefined) return;
  let isGiven = false;
  await store.write({ actorId: userId, traceparent }, async (tx) => {
    isGiven = await mayStillGive(tx, invitation, places);
    return invitation._id;
  });
  if (!isGiven) return;
  try {
    const accepted = { participationId, userId };
    await clients.Contacts.acceptParticipation(accepted, { timeoutMs, traceparent: traceparent ?? "" });
  } catch (error) {
    const { code } = asFailure(error);
    if (code !== "gone" && code !== "not_found") throw error;
    await withdraw({ store }, invitation);
    throw failure("gone", "invitation_withdrawn", { cause: error });
  }
}

/**
 * What is only set aside, a suspended organisation or a deleted project, refuses its invitations and keeps them: they count again
 * when it comes back. (P6, X7)
 */
export async function checkNotResting(
  { store, clock }: Pick<AcceptingParts, "store" | "clock">,
  invitation: InvitationRecord,
  places: KnownPlaces,
): Promise<void> {
  const { organisationId, projectId, state, expiresAt } = invitation;
  if (state !== "pending" || expiresAt <= clock.now()) return;
  const organisation = await store.get(organisations, organisationId);
  if (organisation?.state !== "active") throw failure("gone", "organisation_not_active");
  if (places.get(projectId ?? "")?.status === "deleted") throw failure("gone", "project_deleted");
}

/** The place of the invitation's project as its owner knows it now. */
export async function placesOfInvitation(
  { clients }: Pick<AcceptingParts, "clients">,
  { scope, projectId }: Pick<InvitationRecord, "scope" | "projectId">,
): Promise<KnownPlaces> {
  const id = projectId ?? (scope?.startsWith("prj_") ? scope : undefined);
  if (id === undefined) return new Map();
  const { items } = await clients.Projects.readScopes({ projectIds: [id] }, { timeoutMs });
  return new Map(
    items.map(({ projectId: known, organisationId, folderId, status, visibility }) => {
      return [known, { organisationId, status, visibility, ...(folderId !== undefined && { folderId }) }];
    }),
  );
}

/** Whether its sender may give now what the invitation gives. */
export async function mayStillGive(
  tx: Transaction,
  invitation: InvitationRecord,
  places: KnownPlaces,
): Promise<boolean> {
  const { kind, organisationId, senderId, scope, projectId, roleExpiresAt } = invitation;
  switch (kind) {
    case "first_admin": {
      const operator = { organisationId: "platform", userId: senderId, role: "platform_operator", removed: false };
      const [held] = await tx.find(grants, operator, { limit: 1 });
      return held !== undefined && !(await hasAdmin(tx, organisationId));
    }
    case "colleague": {
      if (await isAnyRemoved(tx, [scope])) return false;
      const record = recordOfScope(organisationId, scope);
      if (record.projectId !== undefined && !places.has(record.projectId)) return false;
      if (roleExpiresAt !== undefined && roleExpiresAt <= tx.now) return false;
      const question = { userId: senderId, permission: "role.give", record, places };
      return (await powers(tx, question, roleExpiresAt)).lasting;
    }
    case "participant":
      return mayEnrol(tx, { userId: senderId, organisationId, projectId, places });
    default:
      return kind satisfies never;
  }
}

/** Whether somebody may enrol people in a project by what they hold in this transaction. */
export async function mayEnrol(
  tx: Transaction,
  of: { userId: string; organisationId: string; projectId: string | undefined; places: KnownPlaces },
): Promise<boolean> {
  const { userId, organisationId, projectId, places } = of;
  if (projectId === undefined || !places.has(projectId)) return false;
  const record = { organisationId, projectId };
  return holds(tx, { userId, permission: "participation.create", record, places, onAnyBoard: true });
}

export async function hasAdmin(tx: Transaction, organisationId: string): Promise<boolean> {
  const held = { organisationId, role: "admin", removed: false, origin: byPeople };
  const admins = await tx.find(grants, held, { limit: 1 });
  return admins.length > 0;
}

/** An invitation that gives nothing any more is withdrawn, so that its sender sees it. */
export async function withdraw(
  { store }: Pick<AcceptingParts, "store">,
  { _id, organisationId }: Pick<InvitationRecord, "_id" | "organisationId">,
): Promise<void> {
  await store.write({ actorId: "service:identity", traceparent: undefined }, async (tx) => {
    const current = await tx.get(invitations, _id);
    if (current?.state !== "pending") return _id;
    await tx.update(invitations, current, { state: "withdrawn", mailPending: false });
    tx.audit({ action: "invitation.withdrawn", organisationId, subjectId: _id, outcome: "refused" });
    return _id;
  });
}

function recordOfScope(organisationId: string, scope: string | undefined): RecordScope {
  if (scope === undefined) return { organisationId };
  return scope.startsWith("fld_") ? { organisationId, folderId: scope } : { organisationId, projectId: scope };
}
