import { asFailure, failure } from "@partake/failure";
import type { Call, Implementation } from "@partake/rpc";
import type { Parts } from "@partake/service";
import type { Store, Transaction } from "@partake/store";
import { checkNotResting, mayStillGive, placesOfInvitation, takePart, withdraw } from "../accepting.ts";
import { checkAcceptable } from "../domain/invitation.ts";
import type { InvitationMail } from "../invitation-mail.ts";
import { type PrintedCodeSecrets, printedCodeSecrets } from "../printed-codes.ts";
import { addGrant } from "../store/grant-changes.ts";
import { grants, notEnded } from "../store/grants.ts";
import { type InvitationRecord, invitations } from "../store/invitations.ts";
import { followUser } from "../store/members.ts";
import { byCodeHash, isOpen, type PrintedCodeRecord, useUp } from "../store/printed-codes.ts";
import { sealing as openSealing } from "../store/sealing.ts";
import { type UserRecord, users } from "../store/users.ts";

type Acceptance = Pick<Implementation<"Identity">, "acceptInvitation">;
type Request = Parameters<Acceptance["acceptInvitation"]>[0];
type Accepted = Awaited<ReturnType<Acceptance["acceptInvitation"]>>;

/** An invitation with what proves that it is somebody's: its address, or the printed code that they have. */
interface Brought {
  invitation: InvitationRecord;
  code?: PrintedCodeRecord;
}

/** Accepting an invitation: once, in time, by its address or its code, and only as far as its sender may still give it. (R21) */
export function acceptanceApi(parts: Parts, mail: InvitationMail): Acceptance {
  const { store, clock, newId, config } = parts;
  const secrets = printedCodeSecrets(openSealing(config.encryptionKeys));

  async function bring(request: Request, user: UserRecord): Promise<Brought> {
    const brought =
      (request.token === "") === (request.printedCode === "")
        ? undefined
        : request.token === ""
          ? await byCode({ store, clock, secrets }, request.printedCode, user)
          : await byLink(store, mail.hashOf(request.token), user);
    if (brought === undefined) throw failure("not_found", "invitation_not_found");
    return brought;
  }

  return {
    async acceptInvitation(request, call: Call) {
      const user = await store.get(users, call.actorId);
      if (user === undefined) throw failure("not_found", "invitation_not_found");
      const { invitation, code } = await bring(request, user);
      const places = await placesOfInvitation(parts, invitation);
      await checkNotResting(parts, invitation, places);
      const { traceparent } = call;
      if (invitation.kind === "participant")
        await takePart(parts, { invitation, userId: user._id, places, traceparent });
      const grantId = newId("grn");
      let version: number | undefined;
      try {
        await store.write(call, async (tx) => {
          const current = await tx.get(invitations, invitation._id);
          checkAcceptable({ invitation: current, email: user.email, hasCode: code !== undefined, now: clock.now() });
          if (code !== undefined) await redeem(tx, code);
          if (current === undefined || !(await mayStillGive(tx, current, places)))
            throw failure("gone", "invitation_withdrawn");
          if (current.kind !== "participant") version = await giveRole(tx, { invitation: current, user, grantId });
          await tx.update(invitations, current, {
            ...{ state: "accepted", acceptedBy: user._id, mailPending: false, reason: undefined },
          });
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

async function byLink(store: Store, secretHash: string, { email }: UserRecord): Promise<Brought | undefined> {
  const [invitation] = await store.find(invitations, { secretHash }, { limit: 1 });
  return invitation !== undefined && invitation.email !== undefined && invitation.email === email
    ? { invitation }
    : undefined;
}

/** A code that does not count any more is like one that never was, but for whoever accepted by it. */
async function byCode(
  parts: Pick<Parts, "store" | "clock"> & { secrets: PrintedCodeSecrets },
  typed: string,
  user: UserRecord,
): Promise<Brought | undefined> {
  const { store, clock, secrets } = parts;
  const code = await byCodeHash(store, secrets.hashesOf(typed));
  const invitation = await store.get(invitations, code?.invitationId ?? "");
  if (code?.purpose !== "accept" || invitation === undefined) return undefined;
  const isTheirs = isOpen(code, clock.now()) || invitation.acceptedBy === user._id;
  return isTheirs && invitation.state !== "withdrawn" ? { invitation, code } : undefined;
}

/** Of two who have the same code one is the first; to the other it is one that never was. */
async function redeem(tx: Transaction, code: PrintedCodeRecord): Promise<void> {
  if (!(await useUp(tx, code))) throw failure("not_found", "invitation_not_found");
}

async function giveRole(
  tx: Transaction,
  of: { invitation: InvitationRecord; user: UserRecord; grantId: string },
): Promise<number | undefined> {
  const { invitation, user, grantId: id } = of;
  const { organisationId, role, senderId: grantedBy, roleExpiresAt: expiresAt, reason } = invitation;
  const scope = invitation.scope ?? organisationId;
  const userId = user._id;
  const same = { organisationId, userId, role, scope, ...notEnded(tx.now) };
  const [held] = await tx.find(grants, same, { limit: 1 });
  if (held !== undefined) return undefined;
  const given = { id, organisationId, userId, role, scope, grantedBy, expiresAt, reason };
  return (await addGrant(tx, { ...given, origin: "invitation" })).grantsVersion;
}

/** The name under which somebody was enrolled is theirs until they choose another. */
async function takeName(tx: Transaction, user: UserRecord, { name }: InvitationRecord): Promise<void> {
  const current = await tx.get(users, user._id);
  if (current?.name === "" && name) await followUser(tx, await tx.update(users, current, { name }));
}

function acceptedMessage({ organisationId, role, scope, participationId }: InvitationRecord): Accepted {
  return {
    organisationId,
    role: role as Accepted["role"],
    ...(scope !== undefined && { scope }),
    ...(participationId !== undefined && { participationId }),
  };
}
