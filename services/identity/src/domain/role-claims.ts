/** What of a grant a token tells. */
export interface ClaimedGrant {
  role: string;
  scope: string;
}

/** A type, not an interface: oidc-provider takes claims as an indexed object. */
export type RoleClaims = { grants_version: number; roles: string[] } | { grants_version: number; roles_ref: true };

/** Beyond this a token would not fit into a header; the enforcer then goes by the live grants alone. */
export const ROLES_IN_TOKEN = 100;

/** The claims of an access token for one organisation. */
export function roleClaims(grants: readonly ClaimedGrant[], grantsVersion: number): RoleClaims {
  const roles = [...new Set(grants.map(({ role, scope }) => `${role}:${scope}`))].sort();
  if (roles.length > ROLES_IN_TOKEN) return { grants_version: grantsVersion, roles_ref: true };
  return { grants_version: grantsVersion, roles };
}
