import { asFailure, failure } from "@partake/failure";
import type { Implementation } from "@partake/rpc";
import type { Parts } from "@partake/service";
import type { Store, Transaction } from "@partake/store";
import { INVITATION_LIFE_MS } from "../domain/invitation.ts";
import { takenUpAt } from "../domain/invitation-link.ts";
import { scopeKindOf } from "../domain/role-scopes.ts";
import type { InvitationMail } from "../invitation-mail.ts";
import { giveCreator } from "../store/creator-grants.ts";
import { addGrant, changeParticipant } from "../store/grant-changes.ts";
import { grants, type StoredParticipant } from "../store/grants.ts";
import { type InvitationRecord, invitations } from "../store/invitations.ts";
import { printedCodes } from "../store/printed-codes.ts";
import { isAnyRemoved } from "../store/removed-scopes.ts";
import { users } from "../store/users.ts";
import { checkOpen, renew } from "./invitation-care.ts";
import { addressOf, insertInvitation, newInvitation } from "./invitations.ts";

type Participants = Pick<
  Implementation<"Identity">,
  | "reserveAccount"
  | "inviteParticipant"
  | "renewParticipantInvitation"
  | "releaseAccount"
  | "putParticipantRole"
  | "giveCreatorRole"
>;

/** The steps of an enrolment, and roles that follow from what happens elsewhere. Each can be repeated. (C2, C3, R8) */
export function participantsApi(parts: Parts, mail: InvitationMail): Participants {
  const { store, clock, newId } = parts;
  return {
    async reserveAccount(request, call) {
      const { participationId, organisationId, projectId, contactId, name, actorId: senderId } = request;
      const known = await byParticipation(store, participationId);
      if (known !== undefined) return { invitationId: known._id };
      const isPrinted = request.inviteBy === "printed";
      const invited = { id: newId("inv"), kind: "participant" as const, organisationId, role: "participant", senderId };
      const bound = isPrinted ? { isPrinted, newUserId: newId("usr") } : { email: addressOf(request.email) };
      const invitation = { ...newInvitation(parts, mail, invited), ...bound };
      const reserved = {
        state: "reserved" as const,
        mailPending: false,
        participationId,
        contactId,
        projectId,
        scope: projectId,
      };
      await store
        .write({ actorId: senderId, traceparent: call.traceparent }, async (tx) => {
          await insertInvitation(tx, { ...invitation, ...reserved, name });
          return invitation._id;
        })
        .catch((error: unknown) => {
          // The same step ran twice at once: the other one's reservation counts.
          if (asFailure(error).reason !== "already_exists") throw error;
        });
      const stored = await byParticipation(store, participationId);
      if (stored === undefined) throw failure("unavailable", "reservation_not_ready");
      return { invitationId: stored._id };
    },

    async inviteParticipant({ participationId }, call) {
      const reserved = await byParticipation(store, participationId);
      if (reserved === undefined) throw failure("not_found", "not_found");
      if (reserved.state !== "reserved") return {};
      await store.write({ actorId: reserved.senderId, traceparent: call.traceparent }, async (tx) => {
        const current = await tx.get(invitations, reserved._id);
        if (current?.state !== "reserved") return reserved._id;
        const now = clock.now();
        const expiresAt = new Date(now.getTime() + INVITATION_LIFE_MS);
        const mailed = { mailPending: current.isPrinted !== true, nextMailAt: takenUpAt(now) };
        await tx.update(invitations, current, { state: "pending", ...mailed, expiresAt });
        return reserved._id;
      });
      if (reserved.isPrinted !== true) await mail.send(reserved._id);
      return {};
    },

    async renewParticipantInvitation({ participationId, actorId }, call) {
      const known = await byParticipation(store, participationId);
      if (known === undefined) throw failure("not_found", "not_found");
      const renewal = { mail, mailId: newId("eml"), senderId: actorId };
      await store.write({ actorId, traceparent: call.traceparent }, async (tx) => {
        const current = await tx.get(invitations, known._id);
        checkOpen(current);
        await renew(tx, current, renewal);
        return known._id;
      });
      await mail.send(known._id);
      return {};
    },

    async releaseAccount({ participationId }, call) {
      const known = await byParticipation(store, participationId);
      if (known === undefined) return {};
      await store.write({ actorId: call.actorId, traceparent: call.traceparent }, async (tx) => {
        const current = await tx.get(invitations, known._id);
        const code = await tx.get(printedCodes, participationId);
        if (code !== undefined) await tx.remove(printedCodes, code);
        if (current?.state !== "reserved" && current?.state !== "pending") return known._id;
        await tx.update(invitations, current, { state: "withdrawn", mailPending: false });
        tx.audit({ action: "invitation.withdrawn", organisationId: current.organisationId, subjectId: known._id });
        return known._id;
      });
      return {};
    },

    async putParticipantRole({ organisationId, userId, projectId, participant: told, version }, call) {
      const given = wholeParticipant(told);
      const { participationId } = given;
      const id = newId("grn");
      await store.write({ actorId: call.actorId, traceparent: call.traceparent }, async (tx) => {
        const [held] = await tx.find(grants, { participationId }, { limit: 1 });
        const participant = await allowedNow(tx, projectId, given);
        if (held === undefined) {
          if ((await tx.get(users, userId)) === undefined) throw failure("not_found", "user_not_found");
          const role = { id, organisationId, userId, role: "participant", scope: projectId, projectId };
          const grant = { ...role, participant, participationVersion: version };
          await addGrant(tx, { ...grant, origin: "participation", grantedBy: call.actorId });
          return participationId;
        }
        if (held.userId !== userId || held.organisationId !== organisationId)
          throw failure("conflict", "other_account");
        const isOlder = (held.participationVersion ?? 0) >= version;
        if (!isOlder && !held.removed)
          await changeParticipant(tx, held, { participant, participationVersion: version });
        return participationId;
      });
      return {};
    },

    async giveCreatorRole({ organisationId, userId, role, scope, projectId }, call) {
      scopeKindOf(role, scope);
      const id = newId("grn");
      await store
        .write({ actorId: call.actorId, traceparent: call.traceparent }, async (tx) => {
          await giveCreator(tx, { id, organisationId, userId, role, scope, projectId, grantedBy: call.actorId });
          return scope;
        })
        .catch((error: unknown) => {
          // The event came at the same moment as the call: the role is given.
          if (asFailure(error).code !== "conflict") throw error;
        });
      return {};
    },
  };
}

/** What was on its way while the project was removed allows no more than what has ended. */
async function allowedNow(tx: Transaction, projectId: string, given: StoredParticipant): Promise<StoredParticipant> {
  return (await isAnyRemoved(tx, [projectId])) ? { ...given, state: "ended" } : given;
}

type Told = Parameters<Participants["putParticipantRole"]>[0]["participant"];

/** What a participation allows, all of it: with a part missing it would allow nothing, or too much. */
function wholeParticipant(told: Told): StoredParticipant {
  if (told === undefined || told.level === "" || told.state === "") throw failure("invalid", "participant_incomplete");
  const { participationId, contactId, boardId, level, peerReview, state } = told;
  return { participationId, contactId, boardId, level, peerReview, state };
}

async function byParticipation(store: Store, participationId: string): Promise<InvitationRecord | undefined> {
  const [invitation] = await store.find(invitations, { participationId }, { limit: 1 });
  return invitation;
}
