import type { Handler, Subscription } from "@partake/bus";
import type { Events } from "@partake/contract";
import { endUploads } from "@partake/uploads";
import { carryPeerReview, settleTime, takeScope } from "./carrying.ts";
import { contactScopes } from "./store/contact-scopes.ts";
import { organisations } from "./store/organisations.ts";
import { participations, unplaced } from "./store/participations.ts";

type ParticipationTold = Events["org.partake.participation.changed.v1"];

/**
 * What progress keeps of others: contacts' scopes, participations, organisations' time zones, by version, not by arrival; and what
 * ended for good, with which files go.
 */
export function consumers(): readonly Subscription[] {
  return [
    {
      group: "progress",
      handlers: {
        "org.partake.contact.scope-changed.v1": contactChanged,
        "org.partake.participation.changed.v1": participationChanged,
        "org.partake.organisation.changed.v1": organisationChanged,
        "org.partake.project.scope-changed.v1": projectChanged,
      },
    },
  ];
}

const contactChanged: Handler<"org.partake.contact.scope-changed.v1"> = {
  async apply({ data }, tx) {
    await takeScope(tx, data);
  },
};

const participationChanged: Handler<"org.partake.participation.changed.v1"> = {
  async apply({ data }, tx) {
    const contact = await tx.get(contactScopes, data.contactId);
    if (contact?.deleted) return;
    const held = await tx.get(participations, data.participationId);
    if (held && held.sourceVersion >= data.version) return;
    const told = fieldsTold(data);
    if (!held) {
      const contactProjectIds = contact?.contactProjectIds ?? [data.projectId];
      await tx.insert(participations, { ...unplaced(data.participationId), contactProjectIds, ...told });
      return;
    }
    const isOther = told.peerReview !== held.peerReview;
    await tx.update(participations, held, { ...told, ...(isOther && { settleAt: settleTime(tx) }) });
    if (isOther) await carryPeerReview(tx, { ...held, ...told });
  },
};

function fieldsTold(data: ParticipationTold) {
  const { organisationId, projectId, boardId, contactId, userId, peerReview, state, version } = data;
  return {
    ...{ organisationId, projectId, boardId, contactId, state },
    ...(userId && { contactUserId: userId }),
    peerReview: peerReview && state === "active",
    sourceVersion: version,
  };
}

const organisationChanged: Handler<"org.partake.organisation.changed.v1"> = {
  async apply({ data: { organisationId, timeZone, state, version } }, tx) {
    if (state === "closed") await endUploads(tx, { organisationId });
    if (timeZone === "") return;
    const held = await tx.get(organisations, organisationId);
    if (held && held.sourceVersion >= version) return;
    const told = { timeZone, sourceVersion: version };
    if (held) await tx.update(organisations, held, told);
    else await tx.insert(organisations, { _id: organisationId, ...told });
  },
};

/** Whatever else is told of a project is kept by the live view of places. */
const projectChanged: Handler<"org.partake.project.scope-changed.v1"> = {
  async apply({ data: { projectId, removed } }, tx) {
    if (removed) await endUploads(tx, { projectId });
  },
};
