import { failure } from "@partake/failure";
import type { Call, Implementation } from "@partake/rpc";
import type { Parts } from "@partake/service";
import { type Transaction, trusted } from "@partake/store";
import { parseEmail } from "../domain/email-address.ts";
import { INVITATION_LIFE_MS } from "../domain/invitation.ts";
import type { InvitationMail } from "../invitation-mail.ts";
import { grants } from "../store/grants.ts";
import { type InvitationRecord, invitations } from "../store/invitations.ts";
import { organisations } from "../store/organisations.ts";
import { checkMayGive, endFrom } from "./checks.ts";
import { invitationMessage } from "./messages.ts";
import { placesAround, recordOf } from "./scopes.ts";

type Invitations = Pick<Implementation<"Identity">, "inviteColleague" | "inviteFirstAdmin">;

const dayMs = 24 * 60 * 60_000;
/** Of one sender, in one organisation: a flood of invitations is a flood of mail. */
const mostADay = 500;

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
    async inviteColleague({ id, email, role, scope, roleExpiresAt: end }, call: Call) {
      const { organisationId, actorId } = call;
      const record = await recordOf(parts, call, { role, scope });
      call.decide(record);
      await checkFlood(parts, { organisationId, senderId: actorId });
      const question = { userId: actorId, permission: "role.give", record, places: placesAround(call, record) };
      const roleExpiresAt = endFrom(end, { now: clock.now(), field: "roleExpiresAt" });
      const held = {
        ...(scope !== undefined && scope !== organisationId && { scope }),
        ...(roleExpiresAt !== undefined && { roleExpiresAt }),
      };
      const written = await store.write(call, async (tx) => {
        await checkMayGive(tx, question, roleExpiresAt);
        const invited = {
          id,
          kind: "colleague" as const,
          organisationId,
          email: addressOf(email),
          role,
          senderId: actorId,
        };
        await insertInvitation(tx, { ...newInvitation(parts, mail, invited), ...held });
        return id;
      });
      return sent(written.id);
    },

    async inviteFirstAdmin({ organisationId, id, email }, call) {
      const { actorId } = call;
      await checkFlood(parts, { organisationId, senderId: actorId });
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
        await insertInvitation(tx, newInvitation(parts, mail, invited));
        return id;
      });
      return sent(written.id);
    },
  };
}

export type NewInvitation = Omit<InvitationRecord, "version">;

/** A new invitation that is to be mailed. */
export function newInvitation(
  { clock, newId }: Pick<Parts, "clock" | "newId">,
  mail: InvitationMail,
  of: Pick<InvitationRecord, "kind" | "organisationId" | "email" | "role" | "senderId"> & { id: string },
): NewInvitation {
  const { id, ...invited } = of;
  const now = clock.now();
  return {
    _id: id,
    ...invited,
    state: "pending",
    expiresAt: new Date(now.getTime() + INVITATION_LIFE_MS),
    secretHash: mail.secretHash(id),
    createdAt: now,
    mailId: newId("eml"),
    mailPending: true,
    nextMailAt: now,
    mailAttempts: 0,
  };
}

export async function insertInvitation(tx: Transaction, invitation: NewInvitation): Promise<void> {
  const { _id, organisationId, role, scope } = invitation;
  await tx.insert(invitations, invitation);
  tx.audit({ action: "invitation.sent", organisationId, subjectId: _id, scope: scope ?? organisationId, role });
}

export async function hasAdmin(tx: Transaction, organisationId: string): Promise<boolean> {
  const admins = await tx.find(grants, { organisationId, role: "admin", removed: false }, { limit: 1 });
  return admins.length > 0;
}

export function addressOf(email: string): string {
  const address = parseEmail(email);
  if (address !== undefined) return address;
  const errors = [{ pointer: "/email", code: "format", message: "is not an e-mail address" }];
  throw failure("invalid", "invalid_email", { errors });
}

async function checkFlood({ store, clock }: Parts, of: { organisationId: string; senderId: string }): Promise<void> {
  const since = new Date(clock.now().getTime() - dayMs);
  const sent = await store.count(invitations, { ...of, createdAt: trusted({ $gte: since }) });
  if (sent >= mostADay) throw failure("rate_limited", "too_many_invitations", { retryAfterMs: 60 * 60_000 });
}
