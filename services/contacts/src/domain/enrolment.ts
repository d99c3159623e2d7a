/**
 * The enrolment of a contact as a participant: a saga across identity, billing and progress, decided here and carried out by
 * `../enrolling.ts`. Every step is idempotent by the participation's id, so one that may have happened is simply done again.
 */
export type Refusal =
  | "no_credit"
  | "contact_deleted"
  | "no_email"
  | "project_archived"
  | "project_removed"
  | "board_not_found"
  | "gave_up";

/** Why a participation ended, where nobody ended it. */
export type EndReason = "contact_deleted" | "project_removed";

export type ParticipationState = "enrolling" | "invited" | "active" | "paused" | "ended" | "refused";

/** What other services do for a participation, and how it is undone. */
export type Step = "account" | "credit" | "board" | "invitation" | "use" | "role";
export type Undoing = "board" | "credit" | "account";

export interface Enrolment {
  level: "see" | "share" | "discuss";
  peerReview: boolean;
  state: ParticipationState;
  refusal?: Refusal;
  endReason?: EndReason;
  /** Neither ended nor refused, nor on its way there. */
  open: boolean;
  done: Step[];
  undone: Undoing[];
  /** Who accepted, while the credit is being used. */
  acceptingUserId?: string;
  /** The account that takes part, from acceptance on. */
  contactUserId?: string;
  /** Grows with what the participant role depends on; the role given last carries `roleRevision`. */
  revision: number;
  roleRevision: number;
}

export type Next =
  | { kind: "do"; step: Step }
  | { kind: "undo"; step: Undoing }
  | { kind: "become"; state: "invited" | "active" | "refused" }
  | { kind: "rest" };

const ENROLLING: readonly Step[] = ["account", "credit", "board", "invitation"];
const UNDOING: readonly Undoing[] = ["board", "credit", "account"];

/** A participation at its beginning. */
export function begin(options: Pick<Enrolment, "level" | "peerReview">): Enrolment {
  return { ...options, state: "enrolling", open: true, done: [], undone: [], revision: 1, roleRevision: 0 };
}

/** What is to be done next, from what is recorded alone: after a crash the answer is the same. */
export function next(of: Enrolment): Next {
  switch (of.state) {
    case "enrolling":
      return of.refusal ? undo(of, { kind: "become", state: "refused" }) : enrol(of);
    case "invited":
      return accept(of);
    case "active":
    case "paused":
      return giveRole(of);
    case "ended":
      return giveRole(of).kind === "rest" ? undo(of, { kind: "rest" }) : giveRole(of);
    case "refused":
      return { kind: "rest" };
    default:
      return of.state satisfies never;
  }
}

/**
 * The participation when a step said no: everything is undone, also what may have happened unrecorded. A credit that was used
 * stays used. (B1)
 */
export function refuse(of: Enrolment, refusal: Refusal): Partial<Enrolment> {
  return of.state === "enrolling" ? { refusal, open: false } : end(of);
}

/** The participation when what it is about goes: one that is not whole yet is refused, any other ends. */
export function goWith(of: Enrolment, reason: EndReason): Partial<Enrolment> {
  return of.state === "enrolling" ? refuse(of, reason) : { ...end(of), endReason: reason };
}

/** The participation when it ends: the role goes first, then the place on the board and a credit that was only held. */
export function end(of: Enrolment): Partial<Enrolment> {
  return { state: "ended", open: false, revision: of.revision + 1 };
}

function enrol(of: Enrolment): Next {
  const step = ENROLLING.find((each) => !of.done.includes(each));
  return step ? { kind: "do", step } : { kind: "become", state: "invited" };
}

function accept(of: Enrolment): Next {
  if (!of.acceptingUserId) return { kind: "rest" };
  return of.done.includes("use") ? { kind: "become", state: "active" } : { kind: "do", step: "use" };
}

function giveRole(of: Enrolment): Next {
  return of.contactUserId && of.roleRevision < of.revision ? { kind: "do", step: "role" } : { kind: "rest" };
}

function undo(of: Enrolment, after: Next): Next {
  const step = UNDOING.find((each) => !of.undone.includes(each));
  return step ? { kind: "undo", step } : after;
}
