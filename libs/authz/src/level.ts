import { type Condition, inNoProject, nothing } from "./condition.ts";
import type { RecordScope } from "./facts.ts";
import { derivedProjects, derivesFromFolder, type Grants, holdsOnProject, projectsOf, rankOf } from "./grants.ts";
import { type ContactLevel, levelOfProjectRole, maskOf } from "./roles.ts";

const updates = rankOf("updates");
const adminMask = maskOf(["admin"]);
const folderMask = maskOf(["folder_manager"]);

/** The project roles that give at least a rank, from the highest rank to the lowest. */
function projectRoles(rank: number): number {
  return maskOf(Object.entries(levelOfProjectRole).flatMap(([role, level]) => (rankOf(level) >= rank ? [role] : [])));
}

const rolesByRank = [1, 2, 3].map((rank) => ({ rank, mask: projectRoles(rank) })).reverse();

/**
 * The caller's level for the contact that a record is about, as a rank of `contactLevels`: a direct grant decides, also
 * downwards; else admins have all of it, except in redacted projects; else the highest that a role in one of the contact's
 * projects gives. Who is no colleague has none. (R7, R12)
 */
export function contactRank(grants: Grants, record: RecordScope): number {
  if (!grants.isColleague || record.contactId == null) return 0;
  const direct = grants.contactRanks.get(record.contactId);
  if (direct !== undefined) return direct;
  const { redactedAccess } = grants.switches;
  if (grants.onOrganisation & adminMask && !(redactedAccess && !inNoProject.holds(record))) return updates;
  let found = 0;
  for (const projectId of record.contactProjectIds ?? projectOf(record)) {
    if (!redactedAccess && derivesFromFolder(grants, projectId, folderMask)) return updates;
    for (const { rank, mask } of rolesByRank) {
      if (rank > found && holdsOnProject(grants, projectId, mask)) found = rank;
    }
    if (found === updates) return updates;
  }
  return found;
}

/** A record that says nothing of the contact's projects belongs to one that the contact is or was in. */
function projectOf({ projectId }: RecordScope): readonly string[] {
  return projectId == null ? [] : [projectId];
}

/** Whoever it is about, the caller has that level for them; what is about nobody needs none. */
export function hasLevel(grants: Grants, level: ContactLevel): Condition {
  const rank = rankOf(level);
  return {
    holds: (record) => record.contactId == null || contactRank(grants, record) >= rank,
    filter: () =>
      grants.isColleague ? { $or: [{ contactId: null }, ...levelFilters(grants, rank)] } : { contactId: null },
  };
}

function levelFilters(grants: Grants, rank: number): Record<string, unknown>[] {
  const direct = [...grants.contactRanks];
  const granted = direct.filter(([, given]) => given >= rank).map(([contactId]) => contactId);
  const { redactedAccess } = grants.switches;
  const asAdmin = redactedAccess ? inNoProject.filter() : {};
  const projectIds = projectsOf(grants, projectRoles(rank));
  if (!redactedAccess) projectIds.push(...derivedProjects(grants, folderMask));
  return [
    { contactId: { $in: granted } },
    {
      contactId: { $nin: direct.map(([contactId]) => contactId) },
      $or: [
        grants.onOrganisation & adminMask ? asAdmin : nothing,
        { contactProjectIds: { $in: projectIds } },
        { contactProjectIds: null, projectId: { $in: projectIds } },
      ],
    },
  ];
}
