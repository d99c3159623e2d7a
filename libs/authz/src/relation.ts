import { always, both, type Condition, inNoProject, madeBy, never, notAbout, notStaffOnly } from "./condition.ts";
import { PLATFORM, type RecordScope } from "./facts.ts";
import {
  derivedProjects,
  derivesFromFolder,
  type Grants,
  holdsOnProject,
  isGone,
  isOpen,
  projectsOf,
  seesOpenProjects,
} from "./grants.ts";
import { participantRelation } from "./participant.ts";
import { maskOf, type Role } from "./roles.ts";
import type { Rule } from "./rule.ts";

/** One rule of the table, for one caller: when it lets them, whatever level it asks for. */
export function ruleCondition(grants: Grants, rule: Rule, personal: boolean): Condition {
  const roles = rolesBySwitches(grants, rule);
  if (roles === undefined) return never;
  const redacted = personal && grants.switches.redactedAccess && !rule.evenRedacted;
  let condition = relationCondition({ grants, rule, mask: maskOf(roles), redacted });
  if (rule.made) condition = both(condition, madeBy(grants.userId));
  if (rule.aboutOthers) condition = both(condition, notAbout(grants.userId));
  return condition;
}

/** The rule's roles that the organisation's switches leave; none at all: the rule does not count. */
function rolesBySwitches({ switches }: Grants, rule: Rule): readonly Role[] | undefined {
  if (rule.unless && switches[rule.unless]) return undefined;
  if (!rule.when) return rule.roles;
  if (!rule.when.includes("contactCreators")) return rule.when.some((name) => switches[name]) ? rule.roles : undefined;
  // A folder's manager creates contacts where managers of projects do, as the derived right is theirs.
  return rule.roles.filter((role) => switches.contactCreators.includes(role === "folder_manager" ? "manager" : role));
}

interface Question {
  grants: Grants;
  rule: Rule;
  mask: number;
  /** Redacted access keeps derived and admins' rights from this permission. */
  redacted: boolean;
}

function relationCondition(question: Question): Condition {
  const { grants, rule, mask, redacted } = question;
  switch (rule.on) {
    case "platform":
      return grants.onPlatform & mask ? always : never;
    case "organisation":
      if (!(grants.onOrganisation & mask)) return never;
      if (redacted) return inNoProject;
      return rule.evenDeleted ? always : inNoDeletedProject(grants);
    case "organisation_itself":
      return grants.onOrganisation & mask ? inNothing : never;
    case "somewhere":
      return grants.anywhere & mask ? always : never;
    case "folder":
      return heldOn("folderId", grants.onFolder, mask);
    case "project_folder":
      return redacted || grants.onFolder.size === 0 ? never : derived(grants, mask);
    case "project_in_folder":
      return folderWithProject(grants, mask);
    case "project":
      return onProject(grants, mask);
    case "project_outside_folders":
      return both(onProject(grants, mask), outsideFolders(grants, mask));
    case "project_of_part":
      return partOfManaged(question);
    case "part_of_project":
      return partOfProject(grants, mask);
    case "board":
      return onPart("boardId", grants, mask);
    case "album":
      return onPart("albumId", grants, mask);
    case "event":
      return onPart("eventId", grants, mask);
    case "contact":
      return grants.isColleague ? contactItself : never;
    case "contact_grant":
      return grants.isColleague ? contactGranted(grants) : never;
    case "contact_project":
      return contactProject(question);
    case "every_contact_project":
      return everyContactProject(question);
    case "open_project":
      return both(openProject(grants), notStaffOnly);
    case "folder_of_open_project":
      return folderOfOpenProject(grants);
    case "owner":
      return madeBy(grants.userId);
    case "own_participation":
    case "own_contact":
    case "own_writing":
    case "peer":
    case "people_project":
    case "participant_project":
      return participantRelation(grants, rule, rule.on);
    default:
      return rule.on satisfies never;
  }
}

const inNothing: Condition = {
  holds: (record) => record.folderId == null && inNoProject.holds(record),
  filter: () => ({ folderId: null, ...inNoProject.filter() }),
};

const contactItself: Condition = {
  holds: (record) => record.contactId != null && record.projectId == null,
  filter: () => ({ contactId: { $ne: null }, projectId: null }),
};

const isPart: Condition = {
  holds: (record) => record.boardId != null || record.albumId != null || record.eventId != null,
  filter: () => ({ $or: [{ boardId: { $ne: null } }, { albumId: { $ne: null } }, { eventId: { $ne: null } }] }),
};

/** Rights that reach the whole organisation do not reach into what was deleted. (P6) */
function inNoDeletedProject(grants: Grants): Condition {
  const { places, organisationId } = grants;
  if (organisationId === undefined || organisationId === PLATFORM) return always;
  const isDeletedHere = (projectId: string): boolean => {
    const place = places.project(projectId);
    return place?.status === "deleted" && place.organisationId === organisationId;
  };
  return {
    holds: ({ projectId }) => projectId == null || !isDeletedHere(projectId),
    filter: () => {
      const deleted = places.deletedProjects(organisationId);
      return deleted.length === 0 ? {} : { projectId: { $nin: [...deleted] } };
    },
  };
}

function heldOn(field: "folderId", held: ReadonlyMap<string, number>, mask: number): Condition {
  if (held.size === 0) return never;
  return {
    holds: (record) => ((held.get(record[field] ?? "") ?? 0) & mask) !== 0,
    filter: () => ({ [field]: { $in: [...held].filter(([, roles]) => roles & mask).map(([id]) => id) } }),
  };
}

function onProject(grants: Grants, mask: number): Condition {
  if (grants.onProject.size === 0) return never;
  return {
    holds: (record) => record.projectId != null && holdsOnProject(grants, record.projectId, mask),
    filter: () => ({ projectId: { $in: projectsOf(grants, mask) } }),
  };
}

function derived(grants: Grants, mask: number): Condition {
  return {
    holds: (record) => record.projectId != null && derivesFromFolder(grants, record.projectId, mask),
    filter: () => ({ projectId: { $in: derivedProjects(grants, mask) } }),
  };
}

function outsideFolders(grants: Grants, mask: number): Condition {
  const isOutside = (projectId: string): boolean => {
    const place = grants.places.project(projectId);
    return place !== undefined && place.folderId === undefined;
  };
  return {
    holds: (record) => record.projectId != null && isOutside(record.projectId),
    filter: () => ({ projectId: { $in: projectsOf(grants, mask).filter(isOutside) } }),
  };
}

function folderWithProject(grants: Grants, mask: number): Condition {
  if (grants.onProject.size === 0) return never;
  const { places } = grants;
  return {
    holds: ({ folderId }) =>
      folderId != null && places.projectsIn(folderId).some((id) => holdsOnProject(grants, id, mask)),
    filter: () => ({ folderId: { $in: foldersOf(grants, projectsOf(grants, mask)) } }),
  };
}

function foldersOf({ places }: Grants, projectIds: readonly string[]): string[] {
  return [...new Set(projectIds.flatMap((projectId) => places.project(projectId)?.folderId ?? []))];
}

function partOfProject(grants: Grants, mask: number): Condition {
  if (grants.onPartOf.size === 0) return never;
  const isHeld = (projectId: string): boolean =>
    ((grants.onPartOf.get(projectId) ?? 0) & mask) !== 0 && !isGone(grants, projectId);
  return {
    holds: (record) => record.projectId != null && isHeld(record.projectId),
    filter: () => ({ projectId: { $in: [...grants.onPartOf.keys()].filter(isHeld) } }),
  };
}

function onPart(field: "boardId" | "albumId" | "eventId", grants: Grants, mask: number): Condition {
  if (grants.onPart.size === 0) return never;
  const isHeld = (partId: string): boolean => {
    if (!((grants.onPart.get(partId) ?? 0) & mask)) return false;
    const projectId = grants.projectOfPart.get(partId);
    return projectId === undefined || !isGone(grants, projectId);
  };
  return {
    holds: (record) => isHeld(record[field] ?? ""),
    filter: () => ({ [field]: { $in: [...grants.onPart.keys()].filter(isHeld) } }),
  };
}

function contactGranted(grants: Grants): Condition {
  return {
    holds: (record) => record.projectId == null && grants.contactRanks.has(record.contactId ?? ""),
    filter: () => ({ projectId: null, contactId: { $in: [...grants.contactRanks.keys()] } }),
  };
}

/** Whether the caller manages a project, themselves or through its folder. */
function managed({ grants, mask, redacted }: Question): { is(projectId: string): boolean; all(): string[] } {
  return {
    is: (projectId) =>
      holdsOnProject(grants, projectId, mask) || (!redacted && derivesFromFolder(grants, projectId, mask)),
    all: () => [...projectsOf(grants, mask), ...(redacted ? [] : derivedProjects(grants, mask))],
  };
}

function partOfManaged(question: Question): Condition {
  const { is, all } = managed(question);
  return both(isPart, {
    holds: (record) => record.projectId != null && is(record.projectId),
    filter: () => ({ projectId: { $in: all() } }),
  });
}

function contactProject(question: Question): Condition {
  const { is, all } = managed(question);
  return {
    holds: (record) => contactItself.holds(record) && (record.contactProjectIds ?? []).some(is),
    filter: () => ({ ...contactItself.filter(), contactProjectIds: { $in: all() } }),
  };
}

function everyContactProject(question: Question): Condition {
  const { is, all } = managed(question);
  const every = (ids: readonly string[]): boolean => ids.length > 0 && ids.every(is);
  return {
    holds: (record) => contactItself.holds(record) && every(record.contactProjectIds ?? []),
    filter: () => ({
      ...contactItself.filter(),
      "contactProjectIds.0": { $exists: true },
      contactProjectIds: { $not: { $elemMatch: { $nin: all() } } },
    }),
  };
}

function openProject(grants: Grants): Condition {
  const { places, organisationId } = grants;
  if (organisationId === undefined || !seesOpenProjects(grants)) return never;
  return {
    holds: ({ projectId }: RecordScope) => {
      const place = projectId == null ? undefined : places.project(projectId);
      return place !== undefined && place.organisationId === organisationId && isOpen(place);
    },
    filter: () => ({ projectId: { $in: [...places.openProjects(organisationId)] } }),
  };
}

function folderOfOpenProject(grants: Grants): Condition {
  const { places, organisationId } = grants;
  if (organisationId === undefined || !seesOpenProjects(grants)) return never;
  const isOpenHere = (projectId: string): boolean => {
    const place = places.project(projectId);
    return place !== undefined && place.organisationId === organisationId && isOpen(place);
  };
  return {
    holds: ({ folderId }) => folderId != null && places.projectsIn(folderId).some(isOpenHere),
    filter: () => ({ folderId: { $in: foldersOf(grants, places.openProjects(organisationId)) } }),
  };
}

/** Whether a rule may let the caller on some record, for a question that has no record yet. */
export function mayHold(grants: Grants, rule: Rule): boolean {
  if (rule.on === "owner") return true;
  if (rule.on === "open_project" || rule.on === "folder_of_open_project") return seesOpenProjects(grants);
  const condition = ruleCondition(grants, { ...rule, aboutOthers: false }, false);
  return condition !== never && (rule.roles.length === 0 || holdsOne(grants, rule));
}

function holdsOne(grants: Grants, rule: Rule): boolean {
  if (rule.on === "contact" || rule.on === "contact_grant") return true;
  return (grants.anywhere & maskOf(rule.roles)) !== 0;
}
