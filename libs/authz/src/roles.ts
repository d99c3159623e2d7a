/** Every role, by the kind of scope that it is held on. (roles.md) */
export const rolesOfScope = {
  platform: ["platform_operator", "billing_operator"],
  organisation: ["admin", "creator", "member"],
  folder: ["folder_manager"],
  // "redacted_consent" is a direct manager's consent that a service account reads the project's redacted data: held by it alone.
  project: ["manager", "reporter", "observer", "participant", "redacted_consent"],
  board: ["board_admin", "board_member"],
  album: ["album_manager", "album_member"],
  event: ["event_manager", "event_worker"],
  contact: ["contact_updates", "contact_profile", "contact_headline", "contact_none"],
} as const;

export type ScopeKind = keyof typeof rolesOfScope;
export type Role = (typeof rolesOfScope)[ScopeKind][number];

export const allRoles: readonly Role[] = Object.values(rolesOfScope).flat();

/** Who is a colleague: a user with an organisation, folder or project role. */
export const colleagueRoles = [
  "admin",
  "creator",
  "member",
  "folder_manager",
  "manager",
  "reporter",
  "observer",
] as const;

/** What a colleague may see of a contact, from nothing to everything; each level includes those before it. (R7) */
export const contactLevels = ["none", "headline", "profile", "updates"] as const;
export type ContactLevel = (typeof contactLevels)[number];

/** The level that a direct grant on a contact gives, or lowers to. */
export const levelOfRole = {
  contact_updates: "updates",
  contact_profile: "profile",
  contact_headline: "headline",
  contact_none: "none",
} as const satisfies Partial<Record<Role, ContactLevel>>;

/** The level that a role in a project gives for the contacts of that project, unless a direct grant says otherwise. */
export const levelOfProjectRole = {
  manager: "updates",
  reporter: "updates",
  observer: "profile",
} as const satisfies Partial<Record<Role, ContactLevel>>;

const bitOfRole = new Map<string, number>(allRoles.map((role, index) => [role, 1 << index]));

/** Roles as bits of one number, so that a question about several is one operation. An unknown role is no role. */
export function maskOf(roles: readonly string[]): number {
  return roles.reduce((mask, role) => mask | bitOf(role), 0);
}

/** The bit of one role. */
export function bitOf(role: string): number {
  return bitOfRole.get(role) ?? 0;
}

export function isRole(word: string): word is Role {
  return bitOfRole.has(word);
}

export function isContactLevelRole(role: Role): role is keyof typeof levelOfRole {
  return role in levelOfRole;
}
