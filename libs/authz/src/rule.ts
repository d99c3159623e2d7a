import type { ParticipantRights, Switches } from "./facts.ts";
import type { ContactLevel, Role } from "./roles.ts";

/** How a role that somebody holds must relate to a record. The words are those that the reference prints. */
export const relations = {
  platform: "on the platform",
  organisation: "on the organisation",
  organisation_itself: "on the organisation, for what is in no folder and no project",
  somewhere: "anywhere in the organisation",
  folder: "on the folder",
  project_folder: "derived from the folder of the project",
  project_in_folder: "on a project in the folder",
  project: "on the project",
  project_outside_folders: "on the project, if it is in no folder",
  project_of_part: "on the project of the board, album or event, or on its folder",
  part_of_project: "on a board, album or event of the project",
  board: "on the board",
  album: "on the album",
  event: "on the event",
  contact: "by their level for the contact, for what belongs to no project",
  contact_grant: "by a direct grant on the contact",
  contact_project: "on a project that the contact is in, or on its folder",
  every_contact_project: "on every project that the contact is in, or on their folders",
  own_participation: "in their own participation",
  own_contact: "for the contact that they are themselves",
  own_writing: "for what they wrote themselves in a participation of theirs, also a paused or ended one",
  peer: "for those with peer review in the same project, both active",
  people_project: "in a published project for its own people",
  participant_project: "in the project, with an active participation",
  open_project: "in a published project that registered users see",
  folder_of_open_project: "on a folder with such a project",
  owner: "for what is their own",
} as const;

export type Relation = keyof typeof relations;
export type ParticipantLevel = ParticipantRights["level"];

/** One line of the table: who holds the permission, and on what. */
export interface Rule {
  /** Empty: any registered user. */
  roles: readonly Role[];
  on: Relation;
  /** One of these switches of the organisation must be on; `contactCreators`: must list the role. */
  when?: readonly (keyof Switches)[];
  /** Not where this switch is on. */
  unless?: "redactedAccess";
  /** The lowest level that they need for the contact, where the record is about one. */
  level?: ContactLevel;
  /** The participant's levels that allow it; absent: all. */
  levels?: readonly ParticipantLevel[];
  /** Paused and ended participations allow it, too. */
  anyState?: boolean;
  /** Only for what they made themselves. */
  made?: boolean;
  /** Not about the contact that is linked to their own account. */
  aboutOthers?: boolean;
  /** Redacted access does not limit it. */
  evenRedacted?: boolean;
  /** Also in a project that was deleted. */
  evenDeleted?: boolean;
}

export interface PermissionEntry {
  /** What it allows, as a person would say it. */
  is: string;
  holders: readonly Rule[];
  /** It reaches personal data: redacted access keeps admins and derived rights out. */
  personal?: boolean;
  /** Only people hold it, never a service account, whatever its roles: billing, roles, and what decides about either. (R22) */
  peopleOnly?: boolean;
  /** Which permissions let a caller see its record, so that a refusal may admit that there is one. Absent: `<thing>.read`. */
  seenBy?: readonly string[];
}

/** Roles held on one kind of relation. */
export function held(on: Relation, ...roles: Role[]): Rule {
  return { roles, on };
}

/** Any registered user, in one kind of relation. */
export function anyone(on: Relation): Rule {
  return { roles: [], on };
}

/** A participant's rights in one kind of relation, at some levels. */
export function participant(on: Relation, ...levels: ParticipantLevel[]): Rule {
  return levels.length === 0 ? { roles: ["participant"], on } : { roles: ["participant"], on, levels };
}

/** The same rules, for those who have at least that level for the contact. */
export function atLevel(level: ContactLevel, rules: readonly Rule[]): readonly Rule[] {
  return rules.map((rule) => ({ ...rule, level }));
}

/** The same rules, where one of the switches is on. */
export function whenOn(when: readonly (keyof Switches)[], rules: readonly Rule[]): readonly Rule[] {
  return rules.map((rule) => ({ ...rule, when }));
}
