import type { RecordScope } from "@partake/authz";
import { failure } from "@partake/failure";
import type { Call, Implementation } from "@partake/rpc";
import type { Parts } from "@partake/service";
import { type Transaction, trusted } from "@partake/store";
import { INVITATION_LIFE_MS, MOST_SENDINGS, RESEND_PAUSE_MS } from "../domain/invitation.ts";
import { takenUpAt } from "../domain/invitation-link.ts";
import type { InvitationMail } from "../invitation-mail.ts";
import { spendQuota } from "../store/invitation-quotas.ts";
import { type InvitationRecord, invitations } from "../store/invitations.ts";
import { type PowersQuestion, powers } from "../store/powers.ts";
import { invitationMessage } from "./messages.ts";
import { placesAround } from "./scopes.ts";

type Care = Pick<Implementation<"Identity">, "listInvitations" | "resendInvitation" | "withdrawInvitation">;

/** Invitations after they were sent: seen, sent again, withdrawn. Never their secret, nor whether the address is known. (R21) */
export function invitationCareApi(parts: Parts, mail: InvitationMail): Care {
  const { store, clock, newId } = parts;

  async function present(id: string, call: Call): Promise<InvitationRecord> {
    const invitation = await store.get(invitations, id);
    const isThere = invitation?.organisationId === call.organisationId && invitation.state !== "reserved";
    if (!isThere) call.decide(undefined);
    return invitation as InvitationRecord;
  }

  return {
    async listInvitations({ limit, cursor, state }, call: Call) {
      const now = clock.now();
      // The time stands with what is visible, as it is another on the next page.
      const visible = { $and: [call.visible(), inState(state, now)] };
      const filter = { kind: trusted({ $in: ["colleague", "first_admin"] }) };
      const page = await store.list(invitations, { visible, filter, limit, cursor, call });
      return { items: page.items.map((one) => invitationMessage(one, now)), nextCursor: page.nextCursor };
    },

    async resendInvitation({ invitationId }, call: Call) {
      const invitation = await present(invitationId, call);
      const permission = invitation.kind === "participant" ? "participation.create" : "role.give";
      const record = recordOfInvitation(invitation);
      decideOn(call, invitation, { record, permission });
      const question = { userId: call.actorId, permission, record, places: placesAround(call, record) };
      const renewal = { mail, mailId: newId("eml"), senderId: call.actorId };
      await store.write(call, async (tx) => {
        const current = await tx.get(invitations, invitationId);
        checkOpen(current);
        await checkResendable(tx, current, question);
        await renew(tx, current, renewal);
        return invitationId;
      });
      await mail.send(invitationId);
      const sent = await store.get(invitations, invitationId);
      if (sent === undefined) throw failure("not_found", "not_found");
      return invitationMessage(sent, clock.now());
    },

    async withdrawInvitation({ invitationId }, call: Call) {
      const invitation = await present(invitationId, call);
      const record = recordOfInvitation(invitation);
      decideOn(call, invitation, { record, permission: "role.take" });
      if (invitation.kind === "participant") throw failure("unprocessable", "ends_with_participation");
      await store.write(call, async (tx) => {
        const current = await tx.get(invitations, invitationId);
        checkOpen(current);
        const { organisationId } = current;
        await tx.update(invitations, current, { state: "withdrawn", mailPending: false });
        tx.audit({ action: "invitation.withdrawn", organisationId, subjectId: invitationId });
        return invitationId;
      });
      return {};
    },
  };
}

interface Renewal {
  mail: InvitationMail;
  mailId: string;
  senderId: string;
}

/** A new link with its full time, within what one invitation, its sender and its address bear. The former link is worth nothing. */
export async function renew(tx: Transaction, current: InvitationRecord, of: Renewal): Promise<void> {
  const { mail, mailId, senderId } = of;
  const { _id: invitationId, organisationId, email } = current;
  // What is printed has no address to be sent to.
  if (email === undefined) throw failure("unprocessable", "printed_invitation");
  checkRested(current, tx.now);
  await spendQuota(tx, { organisationId, senderId, emails: [email] });
  const round = (current.round ?? 0) + 1;
  await tx.update(invitations, current, {
    ...{ round, mailId, mailPending: true, nextMailAt: takenUpAt(tx.now), sentAt: tx.now },
    secretHash: mail.secretHash(invitationId, round),
    expiresAt: new Date(tx.now.getTime() + INVITATION_LIFE_MS),
    senderId,
  });
  tx.audit({ action: "invitation.resent", organisationId, subjectId: invitationId });
}

/** A participant's invitation is their project's; whoever may not enrol there sees none. */
function decideOn(call: Call, { kind }: InvitationRecord, of: { record: RecordScope; permission: string }): void {
  if (kind === "participant" && !call.may("participation.create", of.record)) call.decide(undefined);
  call.decide(of.record, of.permission);
}

function recordOfInvitation({ organisationId, projectId, folderId }: InvitationRecord): RecordScope {
  if (projectId !== undefined) return { organisationId, projectId };
  return folderId === undefined ? { organisationId } : { organisationId, folderId };
}

function inState(state: string | undefined, now: Date): Record<string, unknown> {
  switch (state) {
    case "pending":
      return { state: "pending", expiresAt: { $gt: now } };
    case "expired":
      return { state: "pending", expiresAt: { $lte: now } };
    case "accepted":
    case "withdrawn":
      return { state };
    default:
      return { state: { $ne: "reserved" } };
  }
}

export function checkOpen(current: InvitationRecord | undefined): asserts current is InvitationRecord {
  if (current === undefined || current.state === "reserved") throw failure("not_found", "not_found");
  if (current.state === "accepted") throw failure("gone", "invitation_used");
  if (current.state === "withdrawn") throw failure("gone", "invitation_withdrawn");
}

/** Whoever sends it again answers for it, as if they had sent it first. */
async function checkResendable(tx: Transaction, current: InvitationRecord, question: PowersQuestion): Promise<void> {
  const { kind, roleExpiresAt } = current;
  if (roleExpiresAt !== undefined && roleExpiresAt <= tx.now) throw failure("unprocessable", "expiry_in_past");
  const isParticipant = kind === "participant";
  const held = await powers(tx, { ...question, onAnyBoard: isParticipant }, roleExpiresAt);
  if (!held.now) throw failure("forbidden", "no_role");
  if (!held.lasting && !isParticipant) throw failure("forbidden", "beyond_own_powers");
}

function checkRested({ createdAt, sentAt = createdAt, round = 0 }: InvitationRecord, now: Date): void {
  const waitMs = sentAt.getTime() + RESEND_PAUSE_MS - now.getTime();
  if (waitMs > 0 || round + 1 >= MOST_SENDINGS)
    throw failure("rate_limited", "too_many_invitations", { retryAfterMs: Math.max(waitMs, 60_000) });
}
