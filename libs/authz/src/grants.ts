import type { Condition } from "./condition.ts";
import {
  type HeldRole,
  type ParticipantRights,
  PLATFORM,
  type Places,
  type ProjectPlace,
  type Switches,
} from "./facts.ts";
import {
  bitOf,
  type ContactLevel,
  colleagueRoles,
  contactLevels,
  isContactLevelRole,
  levelOfRole,
  maskOf,
} from "./roles.ts";

/** A participation of the caller's own. */
export interface OwnParticipation extends ParticipantRights {
  projectId: string;
}

/** What somebody holds, by scope: what every question of `may` and `visible` is answered from. Roles are bits (`maskOf`). */
export interface Grants {
  userId: string;
  organisationId: string | undefined;
  switches: Switches;
  places: Places;
  onPlatform: number;
  onOrganisation: number;
  onFolder: ReadonlyMap<string, number>;
  onProject: ReadonlyMap<string, number>;
  /** Boards, albums, events, by their id, and by the project that they belong to. */
  onPart: ReadonlyMap<string, number>;
  onPartOf: ReadonlyMap<string, number>;
  projectOfPart: ReadonlyMap<string, string>;
  /** Direct grants on contacts, as ranks of `contactLevels`; of several on one contact the lowest, as a grant may lower. */
  contactRanks: ReadonlyMap<string, number>;
  participations: readonly OwnParticipation[];
  /** Projects for which the right derived from the folder was taken away; undefined: nobody can say which. (R16) */
  withheld: ReadonlySet<string> | undefined;
  /** All roles held anywhere. */
  anywhere: number;
  isColleague: boolean;
  /** The permissions that were asked about, each compiled at its first question. */
  checks: Map<string, Condition>;
  /** Of a service account, and of the admin to whom it is held. What is any registered user's is not a system's. (R22) */
  ofSystem: boolean;
  /** Of a service account. */
  limit?: AccountLimit;
}

/** What a service account's own roles are held to. (R22) */
export interface AccountLimit {
  /** What the admin who made it holds now. */
  creator: Grants;
  /** With redacted access on: what personal data of projects it reaches, by consent of their direct managers. */
  reach: Condition;
}

export interface GrantsInput {
  userId: string;
  organisationId: string | undefined;
  held: readonly HeldRole[];
  switches: Switches;
  places: Places;
  withheld: readonly string[] | "unknown";
  ofSystem?: boolean;
}

const colleagueMask = maskOf(colleagueRoles);
const platformMask = maskOf(["platform_operator", "billing_operator"]);
const organisationMask = maskOf(["admin", "creator", "member"]);
const folderMask = maskOf(["folder_manager"]);
const projectMask = maskOf(["manager", "reporter", "observer"]);
const partMask = maskOf([
  "board_admin",
  "board_member",
  "album_manager",
  "album_member",
  "event_manager",
  "event_worker",
]);

/** Sorts what is held by scope. A role on a scope that it does not fit is no role: a role of another organisation gives nothing. */
export function collectGrants(input: GrantsInput): Grants {
  const { organisationId } = input;
  const found = {
    onPlatform: 0,
    onOrganisation: 0,
    anywhere: 0,
    onFolder: new Map<string, number>(),
    onProject: new Map<string, number>(),
    onPart: new Map<string, number>(),
    onPartOf: new Map<string, number>(),
    projectOfPart: new Map<string, string>(),
    contactRanks: new Map<string, number>(),
    participations: [] as OwnParticipation[],
  };
  for (const { role, scope, projectId, participant } of input.held) {
    const bit = bitOf(role);
    if (bit & platformMask) {
      if (scope !== PLATFORM || organisationId !== PLATFORM) continue;
      found.onPlatform |= bit;
    } else if (organisationId === PLATFORM) {
      continue;
    } else if (bit & organisationMask) {
      if (scope !== organisationId) continue;
      found.onOrganisation |= bit;
    } else if (bit & folderMask) add(found.onFolder, scope, bit);
    else if (bit & projectMask) add(found.onProject, scope, bit);
    else if (bit & partMask) {
      add(found.onPart, scope, bit);
      if (projectId !== undefined) {
        add(found.onPartOf, projectId, bit);
        found.projectOfPart.set(scope, projectId);
      }
    } else if (role === "participant") {
      if (!participant) continue;
      found.participations.push({ ...participant, projectId: projectId ?? scope });
    } else if (isContactLevelRole(role)) {
      const rank = rankOf(levelOfRole[role]);
      found.contactRanks.set(scope, Math.min(rank, found.contactRanks.get(scope) ?? rank));
    }
    found.anywhere |= bit;
  }
  const { userId, switches, places } = input;
  const isColleague = (found.anywhere & colleagueMask) !== 0;
  return {
    ...found,
    userId,
    organisationId,
    switches,
    places,
    withheld: input.withheld === "unknown" ? undefined : new Set(input.withheld),
    isColleague,
    ofSystem: input.ofSystem === true,
    checks: new Map(),
  };
}

function add(to: Map<string, number>, scope: string, bit: number): void {
  to.set(scope, (to.get(scope) ?? 0) | bit);
}

export function rankOf(level: ContactLevel): number {
  return contactLevels.indexOf(level);
}

/** Whether any registered user of the organisation may see a project. */
export function isOpen(place: ProjectPlace): boolean {
  return place.status === "published" && (place.visibility === "public" || place.visibility === "registered");
}

/** Whether they see what every registered user sees: people do, and a system with a role on the organisation. (R10, R22) */
export function seesOpenProjects({ ofSystem, onOrganisation }: Grants): boolean {
  return !ofSystem || onOrganisation !== 0;
}

/** Roles in a deleted project give nothing: only admins see it, as they may restore it. (P6) */
export function isGone(grants: Grants, projectId: string): boolean {
  return grants.places.project(projectId)?.status === "deleted";
}

/** The folder from which the caller derives the manager right for a project. */
export function derivesFromFolder(grants: Grants, projectId: string, mask: number): boolean {
  if (grants.onFolder.size === 0 || grants.withheld === undefined) return false;
  const place = grants.places.project(projectId);
  if (place?.folderId === undefined || place.status === "deleted") return false;
  return ((grants.onFolder.get(place.folderId) ?? 0) & mask) !== 0 && !grants.withheld.has(projectId);
}

/** The projects of `derivesFromFolder`. */
export function derivedProjects(grants: Grants, mask: number): string[] {
  const folders = [...grants.onFolder].filter(([, roles]) => roles & mask).map(([folderId]) => folderId);
  return folders
    .flatMap((folderId) => grants.places.projectsIn(folderId))
    .filter((projectId) => derivesFromFolder(grants, projectId, mask));
}

/** The projects on which one of the roles is held directly. */
export function projectsOf(grants: Grants, mask: number): string[] {
  const found = [...grants.onProject].filter(([, roles]) => roles & mask).map(([projectId]) => projectId);
  return found.filter((projectId) => !isGone(grants, projectId));
}

/** Whether one of the roles is held directly on a project. */
export function holdsOnProject(grants: Grants, projectId: string, mask: number): boolean {
  return ((grants.onProject.get(projectId) ?? 0) & mask) !== 0 && !isGone(grants, projectId);
}
