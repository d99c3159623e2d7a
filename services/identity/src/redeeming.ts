import { asFailure, failure } from "@partake/failure";
import type { Parts } from "@partake/service";
import {
  type AcceptingParts,
  checkNotResting,
  mayEnrol,
  mayStillGive,
  placesOfInvitation,
  takePart,
  withdraw,
} from "./accepting.ts";
import { checkAcceptable } from "./domain/invitation.ts";
import { labelOr } from "./domain/passkey.ts";
import { printedCodeSecrets } from "./printed-codes.ts";
import { type InvitationRecord, invitations } from "./store/invitations.ts";
import { endSessions, openSessions } from "./store/login-sessions.ts";
import { followUser } from "./store/members.ts";
import { type OrganisationRecord, organisations } from "./store/organisations.ts";
import { keepPasskey, type MadePasskey, passkeys, passkeysOf } from "./store/passkeys.ts";
import { byCodeHash, isOpen, type PrintedCodeRecord, printedCodes, useUp } from "./store/printed-codes.ts";
import { reachOf } from "./store/reach.ts";
import { sealing as openSealing } from "./store/sealing.ts";
import { type UserRecord, users } from "./store/users.ts";

type RedeemingParts = AcceptingParts & Pick<Parts, "config" | "newId">;

/** What a printed code opens. */
export interface Opening {
  participationId: string;
  /** Which print of it: a newer one closes this. */
  printId: string;
  purpose: "accept" | "return";
  userId: string;
  organisationName: string;
  /** Whose it is, for the device's list of passkeys. */
  personName: string;
}

/** Logging in by a printed code, which is over when a passkey is there to log in with from then on. (R24) */
export interface Redeeming {
  /** What was typed; undefined for what opens nothing: no code, one that was used, ended, withdrawn or replaced. */
  open(typed: string): Promise<Opening | undefined>;
  /** The same code again, as long as it is the newest. */
  reopen(of: Pick<Opening, "participationId" | "printId">): Promise<Opening | undefined>;
  /**
   * Uses a code up, with the passkey that was just made. All of it happens or nothing; `gone` where the code opens nothing by now,
   * `conflict` where the contact's account is another one. `browserId`: the provider's session of the browser that asks.
   */
  redeem(opening: Opening, of: { made: MadePasskey; browserId: string | undefined }): Promise<void>;
}

/** What stands around a code. */
interface Found {
  code: PrintedCodeRecord;
  invitation: InvitationRecord;
  organisation: OrganisationRecord;
}

const nobody = "none";

export function redeeming(parts: RedeemingParts): Redeeming {
  const { store, clock, config } = parts;
  const secrets = printedCodeSecrets(openSealing(config.encryptionKeys));

  async function find(of: Pick<Opening, "participationId" | "printId">): Promise<Found | undefined> {
    const code = await store.get(printedCodes, of.participationId);
    return around(code?.printId === of.printId ? code : undefined);
  }

  /** Asks the same whether there is a code or not, so that one takes as long as the other. */
  async function around(code: PrintedCodeRecord | undefined): Promise<Found | undefined> {
    const [invitation, organisation, user] = await Promise.all([
      store.get(invitations, code?.invitationId ?? nobody),
      store.get(organisations, code?.organisationId ?? nobody),
      store.get(users, code?.userId ?? nobody),
    ]);
    const now = clock.now();
    if (!isOpen(code, now) || invitation === undefined || organisation?.state !== "active") return undefined;
    const counts =
      code.purpose === "accept"
        ? invitation.state === "pending" && invitation.expiresAt > now
        : invitation.state === "accepted" && isWithoutAddress(user);
    return counts ? { code, invitation, organisation } : undefined;
  }

  async function opening(found: Found | undefined): Promise<Opening | undefined> {
    if (found === undefined) return undefined;
    const { _id: participationId, printId, purpose, userId } = found.code;
    const known = purpose === "return" ? await store.get(users, userId) : undefined;
    const personName = known?.name ?? found.invitation.name ?? "";
    return { participationId, printId, purpose, userId, organisationName: found.organisation.name, personName };
  }

  return {
    open: async (typed) => opening(await around(await byCodeHash(store, secrets.hashesOf(typed)))),
    reopen: async (of) => opening(await find(of)),
    async redeem(of, { made, browserId }) {
      const found = await find(of);
      if (found === undefined) throw ended();
      if (of.purpose === "accept") await accept(parts, found, made);
      else await comeBack(parts, found, { made, browserId });
    },
  };
}

/**
 * Makes the account and accepts the invitation. The account is there first, but shut and without a name, since contacts gives it the
 * role; it opens together with everything else, in one transaction. Broken off in between, the code is as good as before.
 */
async function accept(parts: RedeemingParts, found: Found, made: MadePasskey): Promise<void> {
  const { store, newId } = parts;
  const { code, invitation, organisation } = found;
  const { userId } = code;
  const cause = { actorId: userId, traceparent: undefined };
  const places = await placesOfInvitation(parts, invitation);
  await checkNotResting(parts, invitation, places);
  await prepare(parts, { userId, language: organisation.language });
  await takePart(parts, { invitation, userId, places, traceparent: undefined });
  const id = newId("psk");
  try {
    await store.write(cause, async (tx) => {
      if (!(await useUp(tx, code))) throw ended();
      const [current, user] = [await tx.get(invitations, invitation._id), await tx.get(users, userId)];
      checkAcceptable({ invitation: current, email: undefined, hasCode: true, now: tx.now });
      if (current === undefined || user === undefined || user.enabled) throw ended();
      if (!(await mayStillGive(tx, current, places))) throw failure("gone", "invitation_withdrawn");
      const opened = await tx.update(users, user, { enabled: true, name: current.name ?? "" });
      await followUser(tx, opened);
      const { version } = opened;
      tx.emit({ type: "org.partake.user.changed.v1", data: { userId, enabled: true, version } });
      await keepPasskey(tx, { id, userId, label: labelOr("", made.device), made });
      await tx.update(invitations, current, { state: "accepted", acceptedBy: userId, mailPending: false });
      tx.audit({ action: "invitation.accepted", organisationId: current.organisationId, subjectId: current._id });
      return userId;
    });
  } catch (error) {
    if (asFailure(error).reason === "invitation_withdrawn") await withdraw(parts, invitation);
    throw error;
  }
}

async function prepare({ store }: RedeemingParts, of: { userId: string; language: string }): Promise<void> {
  const { userId, language } = of;
  if ((await store.get(users, userId)) !== undefined) return;
  await store
    .write({ actorId: userId, traceparent: undefined }, async (tx) => {
      await tx.insert(users, { _id: userId, name: "", language, enabled: false, createdAt: tx.now });
      return userId;
    })
    .catch((error: unknown) => {
      // The same code is being used twice at this moment: it is one account.
      if (asFailure(error).code !== "conflict") throw error;
    });
}

/**
 * Lets somebody in again to their account with a new passkey, and puts out whoever was in: the device that was lost may be in other
 * hands. Only as long as the account reaches no more than when the code was printed, and its printer still may print.
 */
async function comeBack(
  parts: RedeemingParts,
  { code, invitation }: Found,
  of: { made: MadePasskey; browserId: string | undefined },
): Promise<void> {
  const { store, newId } = parts;
  const { userId, organisationId, projectId, printedBy, reach: known = [] } = code;
  const places = await placesOfInvitation(parts, invitation);
  const id = newId("psk");
  await store.write({ actorId: userId, traceparent: undefined }, async (tx) => {
    if (!(await useUp(tx, code))) throw ended();
    const user = await tx.get(users, userId);
    const reach = await reachOf(tx, { userId, organisationId, now: tx.now });
    const isWithin = reach?.participationIds.every((participationId) => known.includes(participationId)) === true;
    if (!isWithoutAddress(user) || !isWithin || !reach.open.includes(code._id)) throw ended();
    if (!(await mayEnrol(tx, { userId: printedBy, organisationId, projectId, places }))) throw ended();
    for (const passkey of await passkeysOf(tx, userId)) {
      await tx.remove(passkeys, passkey);
      tx.audit({ action: "passkey.removed", organisationId: "platform", subjectId: userId, scope: passkey._id });
    }
    await keepPasskey(tx, { id, userId, label: labelOr("", of.made.device), made: of.made });
    // The log-in that is under way in this browser is the one that comes of it.
    const endsBrowser = ({ browserId }: { browserId: string }) => browserId !== of.browserId;
    await endSessions(tx, await openSessions(tx, userId), { endsBrowser });
    await tx.update(users, user, { enteredByCodeAt: tx.now });
    return userId;
  });
}

function isWithoutAddress(user: UserRecord | undefined): user is UserRecord {
  return user?.enabled === true && user.email === undefined;
}

function ended() {
  return failure("gone", "code_ended");
}
