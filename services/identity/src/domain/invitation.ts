import { failure } from "@partake/failure";

const dayMs = 24 * 60 * 60_000;
/** How long an invitation can be accepted. */
export const INVITATION_LIFE_MS = 14 * dayMs;

/** How often one invitation is sent at most, and how long after each another may follow. */
export const MOST_SENDINGS = 10;
export const RESEND_PAUSE_MS = 60_000;

export interface Invitation {
  kind: "colleague" | "first_admin" | "participant";
  /** Bound to no address: it is accepted by a code that is printed for it, and never mailed. */
  isPrinted?: boolean;
  /** reserved: of an enrolment under way, not mailed yet. */
  state: "reserved" | "pending" | "accepted" | "withdrawn";
  expiresAt: Date;
}

export type ShownState = "pending" | "accepted" | "expired" | "withdrawn";

/** The state as its sender sees it. */
export function shownState(invitation: Invitation, now: Date): ShownState {
  switch (invitation.state) {
    case "accepted":
    case "withdrawn":
      return invitation.state;
    case "reserved":
    case "pending":
      return invitation.expiresAt <= now ? "expired" : "pending";
    default:
      return invitation.state satisfies never;
  }
}

/**
 * Throws unless that person may accept it now. Who is not the invited one learns nothing, not even that there is something.
 */
export function checkAcceptable(of: {
  invitation: (Invitation & { email?: string | undefined }) | undefined;
  email: string | undefined;
  /** They have the code that was printed for it. */
  hasCode?: boolean;
  now: Date;
}): void {
  const { invitation, email, hasCode = false, now } = of;
  // A printed invitation has no address, like some accounts; that both lack one makes it nobody's.
  const isTheirs = invitation?.isPrinted === true ? hasCode : email !== undefined && invitation?.email === email;
  if (invitation === undefined || !isTheirs) throw failure("not_found", "invitation_not_found");
  switch (invitation.state) {
    case "reserved":
      throw failure("not_found", "invitation_not_found");
    case "withdrawn":
      throw failure("gone", "invitation_withdrawn");
    case "accepted":
      throw failure("gone", "invitation_used");
    case "pending":
      if (invitation.expiresAt <= now) throw failure("gone", "invitation_expired");
      return;
    default:
      invitation.state satisfies never;
  }
}
