import type { ProjectPlace, RecordScope } from "@partake/authz";
import { asFailure, failure } from "@partake/failure";
import type { Call, Implementation } from "@partake/rpc";
import type { Parts } from "@partake/service";
import type { Transaction } from "@partake/store";
import { checkAcceptable } from "../domain/invitation.ts";
import type { InvitationMail } from "../invitation-mail.ts";
import { addGrant } from "../store/grant-changes.ts";
import { grants, notEnded } from "../store/grants.ts";
import { type InvitationRecord, invitations } from "../store/invitations.ts";
import { followUser } from "../store/members.ts";
import { organisations } from "../store/organisations.ts";
import { holds, powers } from "../store/powers.ts";
import { isAnyRemoved } from "../store/removed-scopes.ts";
import { type UserRecord, users } from "../store/users.ts";
import { hasAdmin } from "./invitations.ts";

type Acceptance = Pick<Implementation<"Identity">, "acceptInvitation">;
type Accepted = Awaited<ReturnType<Acceptance["acceptInvitation"]>>;

const timeoutMs = 8_000;

/** Accepting an invitation: once, in time, by its address, and only as far as its sender may still give it. (R21) */
export function acceptanceApi(parts: Parts, mail: InvitationMail): Acceptance {
  const { store, clock, newId } = parts;
  return {
    async acceptInvitation({ token }, call: Call) {
      const user = await store.get(users, call.actorId);
      if (user === undefined) throw failure("not_found", "invitation_not_found");
      const [invitation] = await store.find(invitations, { secretHash: mail.hashOf(token) }, { limit: 1 });
      if (invitation === undefined || invitation.email !== user.email)
        throw failure("not_found", "invitation_not_found");
      const places = await placesOfInvitation(parts, invitation);
      await checkNotResting(parts, invitation, places);
      if (invitation.kind === "participant") await takePart(parts, { invitation, user, places, call });
      const grantId = newId("grn");
      let version: number | undefined;
      try {
        await store.write(call, async (tx) => {
          const current = await tx.get(invitations, invitation._id);
          checkAcceptable({ invitation: current, email: user.email, now: clock.now() });
          if (current === undefined || !(await mayStillGive(tx, current, places)))
            throw failure("gone", "invitation_withdrawn");
          if (current.kind !== "participant") version = await giveRole(tx, { invitation: current, user, grantId });
          await tx.update(invitations, current, { state: "accepted", acceptedBy: user._id, mailPending: false });
          await takeName(tx, user, current);
          const { organisationId, _id: subjectId } = current;
          tx.audit({ action: "invitation.accepted", organisationId, subjectId });
          return invitation._id;
        });
      } catch (error) {
        if (asFailure(error).reason === "invitation_withdrawn") await withdraw(parts, invitation);
        throw error;
      }
      if (version !== undefined) call.grantsChanged(version);
      return acceptedMessage(invitation);
    },
  };
}

/**
 * Tells contacts, which uses the credit and gives the role. It comes before the invitation counts as used, as it may have to be
 * done again, and is idempotent.
 */
async function takePart(
  parts: Parts,
  of: { invitation: InvitationRecord; user: UserRecord; places: Places; call: Call },
): Promise<void> {
  const { store, clients, clock } = parts;
  const { invitation, user, places, call } = of;
  const { participationId } = invitation;
  // An invitation that cannot be accepted any more is refused by the transaction, which also knows a repeated request.
  if (invitation.state !== "pending" || invitation.expiresAt <= clock.now() || participationId === undefined) return;
  let isGiven = false;
  await store.write({ actorId: call.actorId, traceparent: call.traceparent }, async (tx) => {
    isGiven = await mayStillGive(tx, invitation, places);
    return invitation._id;
  });
  if (!isGiven) return;
  try {
    await clients.Contacts.acceptParticipation(
      { participationId, userId: user._id },
      { timeoutMs, traceparent: call.traceparent ?? "" },
    );
  } catch (error) {
    const { code } = asFailure(error);
    if (code !== "gone" && code !== "not_found") throw error;
    await withdraw(parts, invitation);
    throw failure("gone", "invitation_withdrawn", { cause: error });
  }
}

type Places = ReadonlyMap<string, ProjectPlace>;

/**
 * What is only set aside, a suspended organisation or a deleted project, refuses its invitations and keeps them: they count again
 * when it comes back. (P6, X7)
 */
async function checkNotResting({ store, clock }: Parts, invitation: InvitationRecord, places: Places): Promise<void> {
  const { organisationId, projectId, state, expiresAt } = invitation;
  if (state !== "pending" || expiresAt <= clock.now()) return;
  const organisation = await store.get(organisations, organisationId);
  if (organisation?.state !== "active") throw failure("gone", "organisation_not_active");
  if (places.get(projectId ?? "")?.status === "deleted") throw failure("gone", "project_deleted");
}

/** The place of the invitation's project as its owner knows it now. */
async function placesOfInvitation({ clients }: Parts, { scope, projectId }: InvitationRecord): Promise<Places> {
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
async function mayStillGive(tx: Transaction, invitation: InvitationRecord, places: Places): Promise<boolean> {
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
    case "participant": {
      if (projectId === undefined || !places.has(projectId)) return false;
      const record = { organisationId, projectId };
      return holds(tx, { userId: senderId, permission: "participation.create", record, places, onAnyBoard: true });
    }
    default:
      return kind satisfies never;
  }
}

function recordOfScope(organisationId: string, scope: string | undefined): RecordScope {
  if (scope === undefined) return { organisationId };
  return scope.startsWith("fld_") ? { organisationId, folderId: scope } : { organisationId, projectId: scope };
}

async function giveRole(
  tx: Transaction,
  of: { invitation: InvitationRecord; user: UserRecord; grantId: string },
): Promise<number | undefined> {
  const { invitation, user, grantId: id } = of;
  const { organisationId, role, senderId: grantedBy, roleExpiresAt: expiresAt } = invitation;
  const scope = invitation.scope ?? organisationId;
  const userId = user._id;
  const same = { organisationId, userId, role, scope, ...notEnded(tx.now) };
  const [held] = await tx.find(grants, same, { limit: 1 });
  if (held !== undefined) return undefined;
  const given = { id, organisationId, userId, role, scope, origin: "invitation" as const, grantedBy, expiresAt };
  return (await addGrant(tx, given)).grantsVersion;
}

/** The name under which somebody was enrolled is theirs until they choose another. */
async function takeName(tx: Transaction, user: UserRecord, { name }: InvitationRecord): Promise<void> {
  const current = await tx.get(users, user._id);
  if (current?.name === "" && name) await followUser(tx, await tx.update(users, current, { name }));
}

async function withdraw({ store }: Parts, { _id, organisationId }: InvitationRecord): Promise<void> {
  await store.write({ actorId: "service:identity", traceparent: undefined }, async (tx) => {
    const current = await tx.get(invitations, _id);
    if (current?.state !== "pending") return _id;
    await tx.update(invitations, current, { state: "withdrawn", mailPending: false });
    tx.audit({ action: "invitation.withdrawn", organisationId, subjectId: _id, outcome: "refused" });
    return _id;
  });
}

function acceptedMessage({ organisationId, role, scope, participationId }: InvitationRecord): Accepted {
  return {
    organisationId,
    role: role as Accepted["role"],
    ...(scope !== undefined && { scope }),
    ...(participationId !== undefined && { participationId }),
  };
}
