import type { Handler, Subscription } from "@partake/bus";
import type { Events } from "@partake/contract";
import { type Transaction, trusted } from "@partake/store";
import { takeScope } from "./contacts.ts";
import { eachEntry } from "./each-entry.ts";
import { contactScopes } from "./store/contact-scopes.ts";
import { entries } from "./store/entries.ts";
import { organisations } from "./store/organisations.ts";
import { type ParticipationRecord, participations, unplaced } from "./store/participations.ts";

type ParticipationTold = Events["org.partake.participation.changed.v1"];

/** What progress keeps of others: contacts' scopes, participations, organisations' time zones. By version, not by arrival. */
export function consumers(): readonly Subscription[] {
  return [
    {
      group: "progress",
      handlers: {
        "org.partake.contact.scope-changed.v1": contactChanged,
        "org.partake.participation.changed.v1": participationChanged,
        "org.partake.organisation.changed.v1": organisationChanged,
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
    await tx.update(participations, held, told);
    if (told.peerReview !== held.peerReview) await carryPeerReview(tx, { ...held, ...told });
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

/** Everything of the participation follows at once, but for what staff said to the person alone. (G6) */
async function carryPeerReview(tx: Transaction, { _id, peerReview }: ParticipationRecord): Promise<void> {
  const staffs = { kind: "comment", part: "staff" };
  const behind = trusted({ participationId: _id, peerReview: !peerReview, $nor: [staffs] });
  await eachEntry(tx, behind, (entry) => tx.update(entries, entry, { peerReview }));
}

const organisationChanged: Handler<"org.partake.organisation.changed.v1"> = {
  async apply({ data: { organisationId, timeZone, version } }, tx) {
    if (timeZone === "") return;
    const held = await tx.get(organisations, organisationId);
    if (held && held.sourceVersion >= version) return;
    const told = { timeZone, sourceVersion: version };
    if (held) await tx.update(organisations, held, told);
    else await tx.insert(organisations, { _id: organisationId, ...told });
  },
};
