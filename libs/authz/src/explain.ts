import type { UserCaller } from "./caller.ts";
import { compile } from "./compile.ts";
import { holdsBy, may } from "./decide.ts";
import type { HeldRole, ParticipantRights, Places, RecordScope, Switches } from "./facts.ts";
import { holderText } from "./matrix.ts";
import { entryOf } from "./policy.ts";
import { isContactLevelRole, type Role, rolesOfScope, type ScopeKind } from "./roles.ts";
import type { Relation, Rule } from "./rule.ts";

// Why somebody may or may not do something. Nothing here knows a rule: each answer comes of asking `may` again with one thing
// otherwise (fewer roles, another switch, a right that is not withheld), so it cannot say anything else than `may` does. (Z1)

/** One thing without which the answer would be yes. */
export type Obstacle =
  | { kind: "switched_off"; switch: SwitchName }
  | { kind: "redacted" }
  | { kind: "withheld"; projectId: string }
  | { kind: "project_deleted"; projectId: string }
  | { kind: "participation_not_active" }
  | { kind: "participation_level" }
  | { kind: "level_lowered"; role: HeldRole }
  | { kind: "about_themselves" }
  | { kind: "role_ended"; role: HeldRole }
  | { kind: "account_limit" }
  | { kind: "no_role" };

export type ObstacleKind = Obstacle["kind"];
type SwitchName = Exclude<keyof Switches, "redactedAccess" | "visitorsSeeProjects">;

export interface RoleOnScope {
  role: Role;
  scope: string;
}

export type Explanation =
  | {
      allowed: true;
      /** The line of the table that lets them, in its words. */
      rule: string;
      relation: Relation;
      /** The fewest of their roles that are enough; none where any registered user may. */
      by: readonly HeldRole[];
    }
  | {
      allowed: false;
      obstacles: readonly Obstacle[];
      /** The roles any one of which, given to them, would make it a yes. */
      wouldAllow: readonly RoleOnScope[];
    };

/** Why the caller may or may not. `former` are roles that they held once: one that would still allow it is an obstacle by itself. */
export function explain(
  caller: UserCaller,
  permission: string,
  record: RecordScope,
  former: readonly HeldRole[] = [],
): Explanation {
  if (may(caller, permission, record)) return whyAllowed(caller, permission, record);
  const question = { caller, permission, record };
  const obstacles = [...ofOrganisation(question), ...ofRecord(question), ...ofRoles(question, former)];
  return {
    allowed: false,
    obstacles: obstacles.length > 0 ? obstacles : [{ kind: "no_role" }],
    wouldAllow: candidates(caller, permission, record).filter((role) =>
      wouldAllow(question, { add: heldBy(role, record) }),
    ),
  };
}

function whyAllowed(caller: UserCaller, permission: string, record: RecordScope): Explanation {
  const near = new Set(Object.values(record).flat());
  // What is held on the record itself is kept before what is held around it.
  const held = [...caller.rights.held].sort(
    (one, other) => Number(near.has(one.scope)) - Number(near.has(other.scope)),
  );
  const by = fewest(held, (roles) => may(variant(caller, { held: roles }), permission, record));
  const { grants } = variant(caller, { held: by }).rights;
  const rule = entryOf(permission).holders.find((holder) => holdsBy(grants, permission, [holder], record));
  if (rule === undefined) throw new Error(`${permission} is allowed by none of its rules`);
  return { allowed: true, rule: wordsOf(rule), relation: rule.on, by };
}

function wordsOf(rule: Rule): string {
  return holderText(rule).replaceAll("`", "").replaceAll("_", " ");
}

/** Takes away what is not needed, in halves first, so that it stays quick for somebody with thousands of roles. */
function fewest(held: readonly HeldRole[], areEnough: (held: readonly HeldRole[]) => boolean): readonly HeldRole[] {
  let kept = held;
  let size = kept.length;
  while (size > 0) {
    for (let at = 0; at < kept.length; ) {
      const rest = [...kept.slice(0, at), ...kept.slice(at + size)];
      if (areEnough(rest)) kept = rest;
      else at += size;
    }
    size = size === 1 ? 0 : Math.ceil(size / 2);
  }
  return kept;
}

interface Question {
  caller: UserCaller;
  permission: string;
  record: RecordScope;
}

interface Changes {
  held?: readonly HeldRole[];
  add?: HeldRole;
  switches?: Partial<Switches>;
  withheld?: readonly string[];
  places?: Places;
  /** Of a service account: without its creator's bound. */
  unlimited?: boolean;
}

/** The same person with something otherwise. */
function variant({ userId, organisationId, rights }: UserCaller, changes: Changes): UserCaller {
  const held = changes.held ?? rights.held;
  const withheld = changes.withheld ?? (rights.grants.withheld ? [...rights.grants.withheld] : "unknown");
  const made = compile({
    userId,
    ...(organisationId !== undefined && { organisationId }),
    live: changes.add ? [...held, changes.add] : held,
    switches: { ...rights.switches, ...changes.switches },
    places: changes.places ?? rights.places,
    withheld,
  });
  // A service account stays held to what its creator holds.
  if (rights.grants.limit !== undefined && !changes.unlimited) made.rights.grants.limit = rights.grants.limit;
  return made;
}

function wouldAllow({ caller, permission, record }: Question, changes: Changes): boolean {
  return may(variant(caller, changes), permission, record);
}

const switchesOn: { [S in SwitchName]: Partial<Switches> } = {
  managersGiveRoles: { managersGiveRoles: true },
  creatorsCreateProjects: { creatorsCreateProjects: true },
  contactCreators: { contactCreators: ["admin", "creator", "member", "manager", "reporter", "observer"] },
};

function ofOrganisation(question: Question): Obstacle[] {
  const found: Obstacle[] = [];
  const { switches, grants } = question.caller.rights;
  if (grants.limit !== undefined && wouldAllow(question, { unlimited: true })) found.push({ kind: "account_limit" });
  if (switches.redactedAccess && wouldAllow(question, { switches: { redactedAccess: false } }))
    found.push({ kind: "redacted" });
  for (const name of Object.keys(switchesOn) as SwitchName[]) {
    if (wouldAllow(question, { switches: switchesOn[name] })) found.push({ kind: "switched_off", switch: name });
  }
  return found;
}

function ofRecord(question: Question): Obstacle[] {
  const { caller, permission, record } = question;
  const { places, grants } = caller.rights;
  const found: Obstacle[] = [];
  for (const projectId of projectsOf(record)) {
    const withheld = grants.withheld === undefined ? undefined : [...grants.withheld].filter((id) => id !== projectId);
    if (withheld !== undefined && grants.withheld?.has(projectId) && wouldAllow(question, { withheld }))
      found.push({ kind: "withheld", projectId });
    const place = places.project(projectId);
    if (place?.status !== "deleted") continue;
    const restored: Places = {
      ...{ projectsIn: (id) => places.projectsIn(id), openProjects: (id) => places.openProjects(id) },
      deletedProjects: (id) => places.deletedProjects(id).filter((deleted) => deleted !== projectId),
      project: (id) => (id === projectId ? { ...place, status: "draft" } : places.project(id)),
    };
    if (wouldAllow(question, { places: restored })) found.push({ kind: "project_deleted", projectId });
  }
  if (record.contactUserId === caller.userId) {
    const { contactUserId: _themselves, ...ofAnother } = record;
    if (may(caller, permission, ofAnother)) found.push({ kind: "about_themselves" });
  }
  return found;
}

function ofRoles(question: Question, former: readonly HeldRole[]): Obstacle[] {
  const { caller, record } = question;
  const { held } = caller.rights;
  const found: Obstacle[] = [];
  const participating = (changes: Partial<ParticipantRights>) =>
    held.map((role) => (role.participant ? { ...role, participant: { ...role.participant, ...changes } } : role));
  if (held.some(({ participant }) => participant !== undefined)) {
    if (wouldAllow(question, { held: participating({ state: "active" }) }))
      found.push({ kind: "participation_not_active" });
    if (wouldAllow(question, { held: participating({ level: "discuss" }) }))
      found.push({ kind: "participation_level" });
  }
  const lowering = held.find(({ role, scope }) => isContactLevelRole(role) && scope === record.contactId);
  if (
    lowering &&
    wouldAllow(question, {
      held: held.filter(({ role, scope }) => !(isContactLevelRole(role) && scope === record.contactId)),
    })
  )
    found.push({ kind: "level_lowered", role: lowering });
  for (const role of former) if (wouldAllow(question, { add: role })) found.push({ kind: "role_ended", role });
  return found;
}

function projectsOf({ projectId, contactProjectIds = [] }: RecordScope): string[] {
  return [...new Set([...(projectId == null ? [] : [projectId]), ...contactProjectIds])];
}

const kindOfRole = new Map<Role, ScopeKind>(
  (Object.keys(rolesOfScope) as ScopeKind[]).flatMap((kind) => rolesOfScope[kind].map((role) => [role, kind] as const)),
);

/** The roles of the permission's rules on what the record is and what lies around it. A participation is not given by itself. */
function candidates({ rights }: UserCaller, permission: string, record: RecordScope): RoleOnScope[] {
  const projectIds = projectsOf(record);
  const folderIds = [record.folderId, ...projectIds.map((projectId) => rights.places.project(projectId)?.folderId)];
  const scopes: Record<ScopeKind, readonly (string | null | undefined)[]> = {
    platform: [],
    organisation: [record.organisationId],
    folder: folderIds,
    project: projectIds,
    board: [record.boardId],
    album: [record.albumId],
    event: [record.eventId],
    contact: [record.contactId],
  };
  const roles = new Set(entryOf(permission).holders.flatMap((rule) => rule.roles));
  return [...roles].flatMap((role) => {
    const kind = kindOfRole.get(role);
    if (kind === undefined || role === "participant") return [];
    const named = new Set(scopes[kind].filter((scope) => scope != null));
    return [...named].map((scope): RoleOnScope => ({ role, scope }));
  });
}

function heldBy({ role, scope }: RoleOnScope, { projectId }: RecordScope): HeldRole {
  const isPart = role.startsWith("board_") || role.startsWith("album_") || role.startsWith("event_");
  return { grantId: "", role, scope, ...(isPart && projectId != null && { projectId }) };
}
