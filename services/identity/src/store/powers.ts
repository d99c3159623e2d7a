import {
  compile,
  type HeldRole,
  may,
  type Places,
  type ProjectPlace,
  type RecordScope,
  type Role,
} from "@partake/authz";
import { type Transaction, trusted } from "@partake/store";
import { type GrantRecord, grants } from "./grants.ts";
import { organisations } from "./organisations.ts";
import { users } from "./users.ts";

/** More grants than one person holds on one project and what lies around it. */
const mostRelevant = 500;

/** A question about somebody's present powers. */
export interface PowersQuestion {
  userId: string;
  permission: string;
  record: RecordScope;
  /** Where the record's projects lie. */
  places: ReadonlyMap<string, ProjectPlace>;
  /** A board's admin enrols on the board; which one it was is not told, so any of theirs in the project counts. */
  onAnyBoard?: boolean;
}

/**
 * Whether a person holds a permission on a record by the grants of this very transaction. Every change of a grant raises the
 * organisation's version, so of two that concern each other the later one sees the earlier: a power that is being taken away
 * gives nothing away at the same moment.
 */
export async function holds(tx: Transaction, question: PowersQuestion): Promise<boolean> {
  const { userId, permission, record, places } = question;
  const { organisationId } = record;
  const [user, organisation] = [await tx.get(users, userId), await tx.get(organisations, organisationId)];
  if (user?.enabled !== true || organisation?.state !== "active") return false;
  const around = [{ scope: trusted({ $in: scopesAround(record, places) }) }, ...boardsOf(record)];
  const held = await tx.find(grants, { organisationId, userId, removed: false, $or: around }, { limit: mostRelevant });
  const { switches } = organisation;
  const caller = compile({ userId, organisationId, live: held.map(roleOf), switches, places: placesOf(places) });
  if (may(caller, permission, record)) return true;
  if (question.onAnyBoard !== true) return false;
  const boards = held.filter(({ role, projectId }) => role === "board_admin" && projectId === record.projectId);
  return boards.some(({ scope }) => may(caller, permission, { ...record, boardId: scope }));
}

export function placesOf(known: ReadonlyMap<string, ProjectPlace>): Places {
  return {
    project: (projectId) => known.get(projectId),
    projectsIn: (folderId) =>
      [...known].filter(([, place]) => place.folderId === folderId).map(([projectId]) => projectId),
    openProjects: () => [],
  };
}

function scopesAround(record: RecordScope, places: ReadonlyMap<string, ProjectPlace>): string[] {
  const { organisationId, folderId, projectId, boardId, contactId, contactProjectIds = [] } = record;
  const projectIds = [...(projectId === undefined ? [] : [projectId]), ...contactProjectIds];
  const folderIds = projectIds.map((id) => places.get(id)?.folderId);
  const scopes = [organisationId, folderId, boardId, contactId, ...projectIds, ...folderIds];
  return [...new Set(scopes.filter((scope) => scope !== undefined))];
}

function boardsOf({ projectId }: RecordScope): Record<string, unknown>[] {
  return projectId === undefined ? [] : [{ projectId, role: "board_admin" }];
}

function roleOf({ _id, role, scope, projectId, participant }: GrantRecord): HeldRole {
  return {
    grantId: _id,
    role: role as Role,
    scope,
    ...(projectId !== undefined && { projectId }),
    ...(participant !== undefined && { participant }),
  };
}
