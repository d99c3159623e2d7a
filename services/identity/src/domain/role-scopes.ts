import { failure } from "@partake/failure";

/** The kinds of scope that a role is held on, by the prefix of the scope's id. */
const kindOfPrefix = {
  org: "organisation",
  fld: "folder",
  prj: "project",
  brd: "board",
  alb: "album",
  evt: "event",
  con: "contact",
} as const;

export type GivenScopeKind = (typeof kindOfPrefix)[keyof typeof kindOfPrefix];

const kindOfRole: Readonly<Record<string, GivenScopeKind>> = {
  admin: "organisation",
  creator: "organisation",
  member: "organisation",
  folder_manager: "folder",
  manager: "project",
  reporter: "project",
  observer: "project",
  board_admin: "board",
  board_member: "board",
  album_manager: "album",
  album_member: "album",
  event_manager: "event",
  event_worker: "event",
  contact_updates: "contact",
  contact_profile: "contact",
  contact_headline: "contact",
  contact_none: "contact",
};

const colleagueKinds: ReadonlySet<string> = new Set(["organisation", "folder", "project"]);

/** The kind of a scope's id; throws where the role is not one that is held on such a scope. */
export function scopeKindOf(role: string, scope: string): GivenScopeKind {
  const kind = kindOfPrefix[scope.slice(0, 3) as keyof typeof kindOfPrefix];
  if (kind === undefined || kindOfRole[role] !== kind) {
    const errors = [
      { pointer: "/scope", code: "not_allowed", message: "is not of the kind that this role is held on" },
    ];
    throw failure("invalid", "role_scope_mismatch", { errors });
  }
  return kind;
}

/** Whether the role makes its holder a colleague: a user with an organisation, folder or project role. (roles.md) */
export function makesColleague(role: string): boolean {
  return colleagueKinds.has(kindOfRole[role] ?? "");
}

/** Nobody raises or lowers what they themselves see of a contact. */
export function isOwnContactLevel(of: { role: string; userId: string; actorId: string }): boolean {
  return kindOfRole[of.role] === "contact" && of.userId === of.actorId;
}

/** The kind of a scope's id that was stored. */
export function kindOfScope(scope: string): GivenScopeKind {
  return kindOfPrefix[scope.slice(0, 3) as keyof typeof kindOfPrefix] ?? "organisation";
}

/** Whether a role is held on scopes of the kind that an id has. */
export function fitsScope(role: string, scope: string): boolean {
  const kind = kindOfPrefix[scope.slice(0, 3) as keyof typeof kindOfPrefix];
  return kind !== undefined && kindOfRole[role] === kind;
}
