// What decides access: the facts about who somebody is, where things lie, and what a record belongs to.
import type { Role } from "./roles.ts";

/** The organisation of a token for operators of the platform. */
export const PLATFORM = "platform";

/** What a participation allows its participant. (roles.md, "A participant") */
export interface ParticipantRights {
  participationId: string;
  contactId: string;
  boardId: string;
  level: "see" | "share" | "discuss";
  peerReview: boolean;
  state: "active" | "paused" | "ended";
}

/** A role held on a scope: an organisation, folder, project, board, album, event or contact, by its id; or the platform. */
export interface HeldRole {
  grantId: string;
  role: Role;
  scope: string;
  /** The project that a board, album or event belongs to; of a participant the project itself. */
  projectId?: string;
  participant?: ParticipantRights;
}

/** The cells of the role tables that an organisation can change. */
export interface Switches {
  managersGiveRoles: boolean;
  creatorsCreateProjects: boolean;
  contactCreators: readonly string[];
  redactedAccess: boolean;
  visitorsSeeProjects: boolean;
}

/** Where projects lie and what of them decides access; a live view kept by libs/service. */
export interface Places {
  project(projectId: string): ProjectPlace | undefined;
  projectsIn(folderId: string): readonly string[];
  /** The organisation's projects that any registered user may see: those that `isOpen` says. */
  openProjects(organisationId: string): readonly string[];
  /** The organisation's deleted projects: whoever else may do everything does nothing in them. */
  deletedProjects(organisationId: string): readonly string[];
}

export interface ProjectPlace {
  organisationId: string;
  folderId?: string;
  status: "draft" | "published" | "archived" | "deleted";
  visibility: "public" | "registered" | "groups" | "people";
}

/**
 * What of a record decides access. Every record stores these; its folder is never stored, as the project's place tells it.
 */
export interface RecordScope {
  organisationId: string;
  /** The record is this folder. */
  folderId?: string;
  /** The project that it belongs to, or is. */
  projectId?: string;
  boardId?: string;
  albumId?: string;
  eventId?: string;
  /** The contact that it is about, or is. */
  contactId?: string;
  /** The projects which that contact is in; absent on a record of a project that the contact is in. */
  contactProjectIds?: readonly string[];
  /** The account linked to that contact. */
  contactUserId?: string;
  /** The participation that it came from, or is. */
  participationId?: string;
  /**
   * The participation has peer review on and is active: its peers may see it. Only for what the participant did: what staff
   * wrote on somebody's post belongs to that participation, but never to its peers.
   */
  peerReview?: boolean;
  /** Only for staff: case notes and staff posts. No participant ever sees it, their own included. (C5) */
  staffOnly?: boolean;
  /** Who made it. */
  ownerId?: string;
}
