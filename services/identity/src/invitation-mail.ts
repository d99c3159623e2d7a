import { createHash } from "node:crypto";
import { asFailure } from "@partake/failure";
import { eachDue, type Parts } from "@partake/service";
import { type Cause, trusted } from "@partake/store";
import { invitationLink } from "./domain/invitation-link.ts";
import { type InvitationRecord, invitations } from "./store/invitations.ts";
import { type OrganisationRecord, organisations } from "./store/organisations.ts";
import { sealing as openSealing, type Sealing } from "./store/sealing.ts";
import { users } from "./store/users.ts";

/** The mails of invitations. An invitation is stored first and mailed after; what messaging does not take is tried again. */
export interface InvitationMail {
  /** Of the secret of an invitation: made from its id and how often it was sent, so that it need not be stored to be mailed. */
  secretHash(invitationId: string, round?: number): string;
  hashOf(secret: string): string;
  /** Hands the mail over now, if messaging is there; else later. Never rejects. */
  send(invitationId: string): Promise<void>;
  /** Hands over what is due. */
  sendDue(): Promise<void>;
}

type MailParts = Pick<Parts, "config" | "store" | "clients" | "log" | "clock">;

const purpose = "invitation secret";
const mostAtOnce = 50;
const timeoutMs = 5_000;
/** A suspended organisation mails nobody; whether it came back is looked at so often. (X7) */
const suspendedPauseMs = 60_000;

export function invitationMail(parts: MailParts): InvitationMail {
  const { store, clock, log } = parts;
  const sealing = openSealing(parts.config.encryptionKeys);

  async function sendDue(): Promise<void> {
    await eachDue(parts, {
      name: "invitation-mails",
      find: (_id) => {
        const due = { mailPending: true, nextMailAt: trusted({ $lte: clock.now() }), _id };
        return store.find(invitations, due, { limit: mostAtOnce, sort: { nextMailAt: 1 } });
      },
      work: ({ _id }) => deliver(parts, sealing, _id),
    });
  }

  async function send(invitationId: string): Promise<void> {
    try {
      await deliver(parts, sealing, invitationId);
    } catch (error) {
      // The worker comes to it soon.
      log.warn({ err: error, invitationId }, "an invitation's mail is still to be sent");
    }
  }

  return {
    secretHash: (invitationId, round = 0) => hashOf(sealing.mac(secretName(invitationId, round), purpose)),
    hashOf,
    send,
    sendDue,
  };
}

async function deliver(parts: MailParts, sealing: Sealing, invitationId: string): Promise<void> {
  const { store, clients, clock } = parts;
  const invitation = await store.get(invitations, invitationId);
  if (invitation === undefined || !invitation.mailPending) return;
  const { email } = invitation;
  const organisation = await store.get(organisations, invitation.organisationId);
  const isOver =
    invitation.state !== "pending" || invitation.expiresAt <= clock.now() || organisation?.state === "closed";
  const name = secretName(invitationId, invitation.round);
  const secret = sealing.macs(name, purpose).find((candidate) => hashOf(candidate) === invitation.secretHash);
  if (isOver || secret === undefined || email === undefined)
    return await settle(parts, invitation, { mailPending: false });
  if (organisation?.state === "suspended")
    return await settle(parts, invitation, { nextMailAt: new Date(clock.now().getTime() + suspendedPauseMs) });
  const mail = await mailOf(parts, { invitation: { ...invitation, email }, organisation, secret });
  await clients.Messaging.sendMail(mail, { timeoutMs });
  await settle(parts, invitation, { mailPending: false });
}

function secretName(invitationId: string, round = 0): string {
  return round === 0 ? invitationId : `${invitationId}#${round}`;
}

async function mailOf(
  { store, config }: MailParts,
  of: {
    invitation: InvitationRecord & { email: string };
    organisation: OrganisationRecord | undefined;
    secret: string;
  },
) {
  const { invitation, organisation, secret } = of;
  const sender = await store.get(users, invitation.senderId);
  const values = { link: invitationLink(config.origin, secret), organisation: organisation?.name ?? "" };
  const common = {
    id: invitation.mailId,
    to: invitation.email,
    language: organisation?.language ?? "en",
    expiresAt: invitation.expiresAt.toISOString(),
  };
  switch (invitation.kind) {
    case "participant":
      // The project is not named: its title can tell why somebody is helped.
      return { ...common, template: "participant_invitation" as const, values };
    case "colleague":
    case "first_admin": {
      const named = sender?.name ? { sender: sender.name } : {};
      return {
        ...common,
        template: "colleague_invitation" as const,
        values: { ...values, role: invitation.role, ...named },
      };
    }
    default:
      return invitation.kind satisfies never;
  }
}

async function settle(
  { store }: MailParts,
  invitation: InvitationRecord,
  changes: Partial<InvitationRecord>,
): Promise<void> {
  const cause: Cause = { actorId: "service:identity", traceparent: undefined };
  await store
    .write(cause, async (tx) => {
      const current = await tx.get(invitations, invitation._id);
      if (current !== undefined) await tx.update(invitations, current, changes);
      return invitation._id;
    })
    .catch((error: unknown) => {
      // Somebody accepted it at this very moment. The mail went under its own id: sending it again sends nothing.
      if (asFailure(error).code !== "conflict") throw error;
    });
}

function hashOf(secret: string): string {
  return createHash("sha256").update(secret).digest("base64url");
}
