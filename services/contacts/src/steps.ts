import { failure } from "@partake/failure";
import type { Parts } from "@partake/service";
import type { Step, Undoing } from "./domain/enrolment.ts";
import { contacts } from "./store/contacts.ts";
import type { ParticipationRecord } from "./store/participations.ts";
import { pseudonyms } from "./store/pseudonyms.ts";

const STEP = { timeoutMs: 5_000 };

/** What each step of an enrolment asks of another service. Each is idempotent by the participation's id. */
export async function take(parts: Parts, participation: ParticipationRecord, step: Step): Promise<void> {
  const { Identity: identity, Billing: billing, Progress: progress } = parts.clients;
  const { _id: participationId, organisationId, projectId, boardId, contactId, ownerId: actorId } = participation;
  switch (step) {
    case "account": {
      const invited = await invitedPerson(parts, participation);
      const request = { participationId, organisationId, projectId, contactId, ...invited, actorId };
      await identity.reserveAccount(request, STEP);
      return;
    }
    case "credit": {
      const pseudonym = await pseudonymOf(parts, contactId);
      await billing.holdCredit({ participationId, organisationId, projectId, pseudonym }, STEP);
      return;
    }
    case "board": {
      const pseudonym = await pseudonymOf(parts, contactId);
      await progress.addToBoard({ participationId, organisationId, projectId, boardId, contactId, pseudonym }, STEP);
      return;
    }
    case "invitation":
      // The mail names the organisation only: a project's title can tell why somebody is helped.
      await identity.inviteParticipant({ participationId, projectTitle: "" }, STEP);
      return;
    case "use":
      await billing.useCredit({ participationId }, STEP);
      return;
    case "role":
      await putRole(parts, participation);
      return;
    default:
      step satisfies never;
  }
}

/** Takes back what a step did, or may have done unrecorded. */
export async function undo(parts: Parts, participation: ParticipationRecord, step: Undoing): Promise<void> {
  const participationId = participation._id;
  switch (step) {
    case "board":
      await parts.clients.Progress.removeFromBoard({ participationId }, STEP);
      return;
    case "credit":
      await parts.clients.Billing.releaseCredit({ participationId }, STEP);
      return;
    case "account":
      await parts.clients.Identity.releaseAccount({ participationId }, STEP);
      return;
    default:
      step satisfies never;
  }
}

async function putRole(parts: Parts, participation: ParticipationRecord): Promise<void> {
  const { _id, organisationId, projectId, contactId, boardId, level, peerReview, state } = participation;
  const userId = participation.contactUserId;
  if (!userId || (state !== "active" && state !== "paused" && state !== "ended")) return;
  const participant = { participationId: _id, contactId, boardId, level, peerReview, state };
  const version = participation.revision;
  await parts.clients.Identity.putParticipantRole({ organisationId, userId, projectId, participant, version }, STEP);
}

/** A printed invitation is bound to no address, also where the contact has one: whoever has the code accepts it. */
async function invitedPerson(parts: Parts, { contactId, invitedBy }: ParticipationRecord) {
  const contact = await parts.store.get(contacts, contactId);
  if (!contact) throw failure("unprocessable", "contact_deleted");
  if (invitedBy === "printed") return { email: "", name: contact.name, inviteBy: "printed" as const };
  if (!contact.email) throw failure("unprocessable", "no_email");
  return { email: contact.email, name: contact.name };
}

async function pseudonymOf(parts: Parts, contactId: string): Promise<string> {
  const record = await parts.store.get(pseudonyms, contactId);
  if (!record) throw failure("unprocessable", "contact_deleted");
  return record.pseudonym;
}
