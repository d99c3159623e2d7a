import type { Outgoing } from "@partake/store";
import type { ContactRecord } from "./store/contacts.ts";
import type { ParticipationRecord } from "./store/participations.ts";

/** The event that tells other services what of a contact decides access. Ids only. */
export function contactScopeChanged(contact: ContactRecord, deleted = false): Outgoing {
  return {
    type: "org.partake.contact.scope-changed.v1",
    data: {
      contactId: contact._id,
      organisationId: contact.organisationId,
      projectIds: contact.contactProjectIds,
      ...(contact.contactUserId && { userId: contact.contactUserId }),
      deleted,
      createdBy: contact.ownerId,
      version: deleted ? contact.version + 1 : contact.version,
    },
  };
}

/** The event that tells other services in which state a participation is. Ids only. */
export function participationChanged(participation: ParticipationRecord): Outgoing {
  return {
    type: "org.partake.participation.changed.v1",
    data: {
      participationId: participation._id,
      organisationId: participation.organisationId,
      projectId: participation.projectId,
      boardId: participation.boardId,
      contactId: participation.contactId,
      ...(participation.contactUserId && { userId: participation.contactUserId }),
      level: participation.level,
      peerReview: participation.peerReview,
      state: participation.state,
      version: participation.version,
    },
  };
}
