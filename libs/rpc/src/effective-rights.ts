import { claimedRoles, compile, type HeldRole, type Places, type Switches, type UserCaller } from "@partake/authz";
import { failure } from "@partake/failure";
import type { HeldGrants } from "./live.ts";
import type { UserClaims } from "./user-token.ts";

/** With no grants to be had the switches are at their strictest. */
const strictSwitches: Switches = {
  managersGiveRoles: false,
  creatorsCreateProjects: false,
  contactCreators: [],
  redactedAccess: true,
  visitorsSeeProjects: false,
};

/**
 * The caller as they count now: claims that are also live grants. Where live grants cannot be had, or are older than the token,
 * the claims alone count for the token's few minutes; what is known of a role besides (a participation's level) still applies.
 */
export function effectiveCaller(claims: UserClaims, held: HeldGrants | undefined, places: Places): UserCaller {
  if (held !== undefined && !held.enabled) throw failure("unauthenticated", "token_invalid");
  const { userId, organisationId, roles } = claims;
  const whose = organisationId === undefined ? { userId } : { userId, organisationId };
  if (roles === undefined) {
    if (held === undefined) throw failure("unavailable", "grants_unknown");
    return compile({ ...whose, live: held.roles, switches: held.switches, places });
  }
  if (held === undefined || held.version < claims.grantsVersion) {
    return compile({ ...whose, live: rolesOfClaims(roles, held), switches: held?.switches ?? strictSwitches, places });
  }
  return compile({ ...whose, claims: roles, live: held.roles, switches: held.switches, places });
}

function rolesOfClaims(claims: readonly string[], held: HeldGrants | undefined): HeldRole[] {
  const known = new Map(held?.roles.map((role) => [`${role.role}:${role.scope}`, role]));
  return claimedRoles(claims).map((role) => known.get(`${role.role}:${role.scope}`) ?? role);
}
