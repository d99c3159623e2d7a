// What requests are aimed at: in the person's own scope, beside it, in another organisation, at nothing at all, or at a parent
// and a child that do not belong together.
import { type ContactName, type ParticipantName, type ProjectName, people, projects } from "../people.ts";
import type { Rule, Subject } from "../rules.ts";

/** The ids that a request may name; those of one target. */
export interface Ids {
  organisationId: string;
  folderId: string;
  projectId: string;
  boardId: string;
  /** Of another project of the same organisation. */
  otherProjectId: string;
  otherBoardId: string;
  otherMetricId: string;
  otherCommentId: string;
  metricId: string;
  questionId: string;
  contactId: string;
  /** A contact of the project without an e-mail address, which no enrolment can invite. */
  muteContactId: string;
  participationId: string;
  postId: string;
  commentId: string;
  noteId: string;
  fileId: string;
  /** The picture of the project "open". */
  imageId: string;
  notificationId: string;
  /** An invitation that is there already. */
  invitationId: string;
  withheldRightId: string;
  deletionRequestId: string;
  contactFieldId: string;
  orderId: string;
  /** A grant on the organisation, the folder, the project, the board or the contact. */
  grants: Readonly<Record<"organisation" | "folder" | "project" | "board" | "contact", string>>;
}

export interface Target {
  name: string;
  subject: Subject;
  /** It lies in another organisation. */
  foreign?: true;
  /** Parent and child do not belong together. */
  mismatch?: true;
}

/** One way to call an RPC, who may, and who is told that there is something they may not touch. */
export interface Case {
  /** Beside the RPC's name, where it has more than one case. */
  about?: string;
  targets: readonly Target[];
  request(at: Ids, own: Ids, foreign: Ids): Record<string, unknown>;
  acts: Rule;
  sees: Rule;
  /** "status reason" of answers that only somebody gets who may. Answers of success always are. */
  past?: readonly string[];
  /** Of parents and children that do not belong together: how those are told so who see both. */
  never?: readonly string[];
  /** Of a list: the id that it holds for whoever may see that thing. The rule `acts` is then asked of the item. */
  item?(at: Ids): string;
}

export type Expectations = Readonly<Record<string, readonly Case[]>>;

/** If-Match names a version that nothing has; an id is given that is taken: what is allowed changes nothing. */
export const stale: readonly string[] = ["412 version_mismatch"];
export const taken: readonly string[] = ["409 id_taken", "409 already_exists"];

/** That what is hidden answers as what does not exist is asked of every hidden one. */
const elsewhere: readonly Target[] = [{ name: "another organisation", subject: {}, foreign: true }];

export const organisation: readonly Target[] = [{ name: "the organisation", subject: {} }];

export const folders: readonly Target[] = [
  { name: "own folder", subject: { folder: "own" } },
  { name: "sibling folder", subject: { folder: "sibling" } },
  ...elsewhere,
];

function projectTarget(project: ProjectName): Target {
  return { name: `project "${project}"`, subject: { project } };
}

export const everyProject: readonly Target[] = [
  ...(Object.keys(projects) as ProjectName[]).map(projectTarget),
  ...elsewhere,
];
/** Those with boards and people. */
export const twoProjects: readonly Target[] = [projectTarget("own"), projectTarget("sibling"), ...elsewhere];

export const boards: readonly Target[] = [
  { name: "own board", subject: { project: "own", board: "own" } },
  { name: "sibling board", subject: { project: "sibling", board: "sibling" } },
  ...elsewhere,
];

export const contacts: readonly Target[] = [
  ...(["client", "far", "loose", "discuss", "ended"] as ContactName[]).map((contact) => ({
    name: `contact "${contact}"`,
    subject: { contact },
  })),
  ...elsewhere,
];

export function participationOf(participation: ParticipantName | "far"): Subject {
  const contact = participation;
  const holder = people.find((person) => person.participant === participation)?.name;
  if (participation === "far") return { participation, contact, project: "sibling", board: "sibling" };
  return { participation, contact, project: "own", board: "own", ...(holder && { owner: holder }) };
}

export const everyParticipation: readonly Target[] = [
  ...(["see", "share", "discuss", "peer", "ended", "far"] as const).map((name) => ({
    name: `participation "${name}"`,
    subject: participationOf(name),
  })),
  ...elsewhere,
];

/** The posts of each participation; those of "see" and "far" were written by staff on their behalf. */
export const posts: readonly Target[] = everyParticipation.map(({ subject, ...target }) => {
  const { owner, ...rest } = subject;
  const isByStaff = subject.participation === "see" || subject.participation === "far";
  return { ...target, subject: isByStaff || owner === undefined ? rest : subject };
});

/** What belongs to "discuss": the only file, the only notification. */
export const ofDiscuss: readonly Target[] = [{ name: "of discuss", subject: participationOf("discuss") }, ...elsewhere];

export function mismatch(name: string, subject: Subject): Target {
  return { name, subject, mismatch: true };
}
