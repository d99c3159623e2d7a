import { failure } from "@partake/failure";
import type { Call, Implementation } from "@partake/rpc";
import type { Parts } from "@partake/service";
import { type Transaction, trusted } from "@partake/store";
import { projectOfBoard } from "../board-project.ts";
import { end } from "../domain/enrolment.ts";
import { type Enrolling, TAKE_OVER_AFTER_MS } from "../enrolling.ts";
import { addParticipation } from "../new-participation.ts";
import { contactScopeChanged, participationChanged } from "../outcomes.ts";
import { contacts } from "../store/contacts.ts";
import { type ParticipationRecord, participations } from "../store/participations.ts";

type Participations = Pick<
  Implementation<"Contacts">,
  | "enrolContact"
  | "getParticipation"
  | "listParticipations"
  | "listMyParticipations"
  | "updateParticipation"
  | "endParticipation"
  | "resendParticipantInvitation"
  | "acceptParticipation"
>;

/** Participations: a contact in a project, with a level of access. (R8, C2, C3) */
export function participationsApi({ store, clients }: Parts, { advance }: Enrolling): Participations {
  return {
    async enrolContact(request, call: Call) {
      const { id: _id, projectId, boardId, contactId, level, peerReview, inviteBy = "email" } = request;
      const { organisationId, actorId } = call;
      const isOnItsProject = (await projectOfBoard({ clients }, boardId, call)) === projectId;
      call.decide(isOnItsProject ? { organisationId, projectId, boardId } : undefined);
      const contact = await store.get(contacts, contactId);
      call.decide(contact, "contact.read");
      if (inviteBy === "email" && !contact.email) throw failure("unprocessable", "no_email");
      const written = await store.write(call, async (tx) => {
        const [open] = await tx.find(participations, { contactId, projectId, open: true }, { limit: 1 });
        if (open && open._id !== _id) throw failure("conflict", "already_enrolled");
        await addParticipation(tx, {
          ...{ _id, organisationId, projectId, boardId, contactId, ownerId: actorId, level, peerReview },
          ...(inviteBy === "printed" && { invitedBy: inviteBy }),
          nextAttemptAt: new Date(tx.now.getTime() + TAKE_OVER_AFTER_MS),
        });
        const current = await tx.get(contacts, contactId);
        if (!current) throw failure("not_found", "not_found");
        if (!current.contactProjectIds.includes(projectId)) {
          const contactProjectIds = [...current.contactProjectIds, projectId];
          tx.emit(contactScopeChanged(await tx.update(contacts, current, { contactProjectIds })));
        }
        return _id;
      });
      const enrolled = await advance(written.id, { actorId, traceparent: call.traceparent });
      if (enrolled?.refusal) throw failure("unprocessable", enrolled.refusal);
      return shown(enrolled);
    },

    async getParticipation({ participationId }, call: Call) {
      const participation = await store.get(participations, participationId);
      call.decide(participation);
      return shown(participation);
    },

    async listParticipations({ projectId, limit, cursor }, call: Call) {
      const page = await store.list(participations, {
        // Not every contact of the project may be known to everybody in it: a level can be lowered.
        visible: call.visible(),
        filter: { projectId },
        limit,
        cursor,
        call,
      });
      return { items: page.items.map(shown), nextCursor: page.nextCursor };
    },

    async listMyParticipations({ limit, cursor }, call: Call) {
      const page = await store.list(participations, { visible: call.visible(), limit, cursor, call });
      return { items: page.items.map(shown), nextCursor: page.nextCursor };
    },

    async updateParticipation({ participationId, level, peerReview }, call: Call) {
      const participation = await store.get(participations, participationId);
      call.decide(participation);
      await store.write(call, async (tx) => {
        if (!participation.open) throw failure("conflict", "participation_ended");
        const changed = await tx.update(participations, participation, {
          ...(level && { level }),
          ...(peerReview !== undefined && { peerReview }),
          revision: participation.revision + 1,
          pending: true,
          nextAttemptAt: tx.now,
        });
        const { organisationId, projectId } = changed;
        tx.emit(participationChanged(changed));
        tx.audit({ action: "participation.changed", organisationId, subjectId: participationId, scope: projectId });
        return participationId;
      });
      return shown(await advance(participationId, { actorId: call.actorId, traceparent: call.traceparent }));
    },

    async endParticipation({ participationId }, call: Call) {
      const participation = await store.get(participations, participationId);
      call.decide(participation);
      await store.write(call, async (tx) => {
        if (!participation.open) return participationId;
        const changed = await tx.update(participations, participation, {
          ...end(participation),
          pending: true,
          nextAttemptAt: tx.now,
        });
        const { organisationId, projectId } = changed;
        tx.emit(participationChanged(changed));
        tx.audit({ action: "participation.ended", organisationId, subjectId: participationId, scope: projectId });
        return participationId;
      });
      return shown(await advance(participationId, { actorId: call.actorId, traceparent: call.traceparent }));
    },

    async resendParticipantInvitation({ participationId }, call: Call) {
      const participation = await store.get(participations, participationId);
      call.decide(participation);
      if (!participation.open) throw failure("gone", "participation_ended");
      if (participation.state === "enrolling") throw failure("conflict", "not_invited");
      if (participation.invitedBy === "printed") throw failure("unprocessable", "printed_invitation");
      await clients.Identity.renewParticipantInvitation({ participationId, actorId: call.actorId }, { on: call });
      return shown(participation);
    },

    async acceptParticipation({ participationId, userId }, call: Call) {
      const cause = { actorId: userId, traceparent: call.traceparent };
      const participation = await store.get(participations, participationId);
      if (!participation) throw failure("not_found", "not_found");
      if (!participation.open) throw failure("gone", "participation_ended");
      if ((participation.acceptingUserId ?? userId) !== userId) throw failure("conflict", "invitation_used");
      if (!participation.acceptingUserId) {
        await store.write(cause, async (tx) => {
          await checkLink(tx, { contactId: participation.contactId, userId });
          const accepting = { acceptingUserId: userId, pending: true, nextAttemptAt: tx.now };
          return (await tx.update(participations, participation, accepting))._id;
        });
      }
      return shown(await advance(participationId, cause));
    },
  };
}

/** A contact is one person: who accepted first, whether or not what follows from that is done. */
async function checkLink(tx: Transaction, { contactId, userId }: { contactId: string; userId: string }): Promise<void> {
  const contact = await tx.get(contacts, contactId);
  if (!contact || contact.contactUserId === userId) return;
  const accepting = { contactId, open: true, acceptingUserId: trusted({ $exists: true, $ne: userId }) };
  const [other] = await tx.find(participations, accepting, { limit: 1 });
  if (contact.contactUserId || other) throw failure("conflict", "contact_linked");
  // Two who accept at once change the same record: one of them is then the second.
  await tx.update(contacts, contact, {});
}

function shown(participation: ParticipationRecord | undefined) {
  if (!participation) throw failure("not_found", "not_found");
  const {
    _id: id,
    organisationId,
    projectId,
    boardId,
    contactId,
    level,
    peerReview,
    state,
    refusal,
    endReason,
    version,
  } = participation;
  return {
    ...{ id, organisationId, projectId, boardId, contactId, level, peerReview, state, version },
    invitedBy: participation.invitedBy ?? ("email" as const),
    ...(refusal && { refusal }),
    ...(endReason && { endReason }),
    createdAt: participation.createdAt.toISOString(),
    ...(participation.acceptedAt && { acceptedAt: participation.acceptedAt.toISOString() }),
  };
}
