import { failure } from "@partake/failure";
import type { Call, Implementation } from "@partake/rpc";
import type { Parts } from "@partake/service";
import type { Transaction } from "@partake/store";
import { hasAdmin } from "../accepting.ts";
import { parseEmail } from "../domain/email-address.ts";
import { INVITATION_LIFE_MS } from "../domain/invitation.ts";
import { takenUpAt } from "../domain/invitation-link.ts";
import type { InvitationMail } from "../invitation-mail.ts";
import { spendQuota } from "../store/invitation-quotas.ts";
import { type InvitationRecord, invitations } from "../store/invitations.ts";
import { organisations } from "../store/organisations.ts";
import { checkMayGive, endFrom } from "./checks.ts";
import { invitationMessage } from "./messages.ts";
import { placesAround, recordOf } from "./scopes.ts";

type Invitations = Pick<Implementation<"Identity">, "inviteColleague" | "inviteFirstAdmin">;

/** Inviting people by e-mail. What an invitation gives is asked of its sender now and again when it is accepted. (R21) */
export function invitationsApi(parts: Parts, mail: InvitationMail): Invitations {
  const { store, clock } = parts;

  async function sent(id: string) {
    await mail.send(id);
    const invitation = await store.get(invitations, id);
    if (invitation === undefined) throw failure("not_found", "not_found");
    return invitationMessage(invitation, clock.now());
  }

  return {
    async inviteColleague({ id, email, role, scope, roleExpiresAt: end, reason }, call: Call) {
      const { organisationId, actorId } = call;
      const record = await recordOf(parts, call, { role, scope });
      call.decide(record);
      const question = { userId: actorId, permission: "role.give", record, places: placesAround(call, record) };
      const roleExpiresAt = endFrom(end, { now: clock.now(), field: "roleExpiresAt" });
      const written = await store.write(call, async (tx) => {
        await checkMayGive(tx, question, roleExpiresAt);
        const invited = {
          id,
          kind: "colleague" as const,
          organisationId,
          email: addressOf(email),
          role,
          senderId: actorId,
          scope,
        };
        await spendQuota(tx, { organisationId, senderId: actorId, emails: [invited.email] });
        await insertInvitation(tx, {
          ...newInvitation(parts, mail, invited),
          ...(roleExpiresAt !== undefined && { roleExpiresAt }),
          ...(reason !== undefined && { reason }),
        });
        return id;
      });
      return sent(written.id);
    },

    async inviteFirstAdmin({ organisationId, id, email }, call) {
      const { actorId } = call;
      const written = await store.write(call, async (tx) => {
        const organisation = await tx.get(organisations, organisationId);
        if (organisation === undefined) throw failure("not_found", "organisation_not_found");
        if (await hasAdmin(tx, organisationId)) throw failure("conflict", "has_admin");
        const invited = {
          id,
          kind: "first_admin" as const,
          organisationId,
          email: addressOf(email),
          role: "admin",
          senderId: actorId,
        };
        await spendQuota(tx, { organisationId, senderId: actorId, emails: [invited.email] });
        await insertInvitation(tx, newInvitation(parts, mail, invited));
        return id;
      });
      return sent(written.id);
    },
  };
}

export type NewInvitation = Omit<InvitationRecord, "version">;

/** A new invitation, which whoever stores it is to mail. */
export function newInvitation(
  { clock, newId }: Pick<Parts, "clock" | "newId">,
  mail: InvitationMail,
  of: Pick<InvitationRecord, "kind" | "organisationId" | "email" | "role" | "senderId"> & {
    id: string;
    /** A folder or project; empty, absent or the organisation itself: the organisation. */
    scope?: string | undefined;
  },
): NewInvitation {
  const { id, scope, ...invited } = of;
  const now = clock.now();
  return {
    _id: id,
    ...invited,
    ...placeOf(scope),
    state: "pending",
    expiresAt: new Date(now.getTime() + INVITATION_LIFE_MS),
    secretHash: mail.secretHash(id),
    createdAt: now,
    sentAt: now,
    mailId: newId("eml"),
    mailPending: true,
    nextMailAt: takenUpAt(now),
  };
}

function placeOf(scope: string | undefined): Pick<NewInvitation, "scope" | "folderId" | "projectId"> {
  if (scope?.startsWith("prj_")) return { scope, projectId: scope };
  return scope?.startsWith("fld_") ? { scope, folderId: scope } : {};
}

export async function insertInvitation(tx: Transaction, invitation: NewInvitation): Promise<void> {
  const { _id, organisationId, role, scope } = invitation;
  await tx.insert(invitations, invitation);
  tx.audit({ action: "invitation.sent", organisationId, subjectId: _id, scope: scope ?? organisationId, role });
}

export function addressOf(email: string): string {
  const address = parseEmail(email);
  if (address !== undefined) return address;
  const errors = [{ pointer: "/email", code: "format", message: "is not an e-mail address" }];
  throw failure("invalid", "invalid_email", { errors });
}
