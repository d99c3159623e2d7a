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
 * What is then unknown of a person (contacts' levels, switches, in what they take part) makes of a refusal a guess.
 */
export function effectiveCaller(claims: UserClaims, held: HeldGrants | undefined, places: Places): UserCaller {
  if (held !== undefined && !held.enabled) throw failure("unauthenticated", "token_invalid");
  const { userId, organisationId, roles } = claims;
  const whose = organisationId === undefined ? { userId } : { userId, organisationId };
  if (roles === undefined) {
    if (held === undefined) throw failure("unavailable", "grants_unknown");
    return compile({ ...whose, live: held.roles, switches: held.switches, places, withheld: held.withheld ?? [] });
  }
  if (held === undefined || held.version < claims.grantsVersion) {
    const live = rolesOfClaims({ ...claims, roles }, held);
    const caller = compile({
      ...whose,
      live,
      switches: held?.switches ?? strictSwitches,
      places,
      // Which rights were withheld is data, never a claim: with nothing known of it no derived right counts.
      withheld: held === undefined ? "unknown" : (held.withheld ?? []),
    });
    return held === undefined || live.some(lacksParticipation) ? { ...caller, isPartial: true } : caller;
  }
  const { roles: live, switches, withheld = [] } = held;
  return compile({ ...whose, claims: roles, live, switches, places, withheld });
}

/**
 * A service account as it counts now: held to what the admin who made it holds now. Where either cannot be had nobody can say
 * that, and the claims never count alone. (R22)
 */
export function effectiveAccount(
  claims: UserClaims & { creatorId: string },
  of: { held: HeldGrants | undefined; creator: HeldGrants | undefined; places: Places },
): UserCaller {
  const { held, creator, places } = of;
  if (held?.enabled === false || creator?.enabled === false) throw failure("unauthenticated", "token_invalid");
  const { userId, organisationId, roles, creatorId, grantsVersion } = claims;
  const isKnown = (known: HeldGrants | undefined) => known !== undefined && known.version >= grantsVersion;
  if (held === undefined || creator === undefined || !isKnown(held) || !isKnown(creator))
    throw failure("unavailable", "grants_unknown");
  return compile({
    userId,
    ...(organisationId !== undefined && { organisationId }),
    ...(roles !== undefined && { claims: roles }),
    live: held.roles,
    switches: held.switches,
    places,
    withheld: held.withheld ?? [],
    creator: { userId: creatorId, live: creator.roles, withheld: creator.withheld ?? [] },
  });
}

/** A claim says that somebody takes part, not in what. */
function lacksParticipation({ role, participant }: HeldRole): boolean {
  return role === "participant" && participant === undefined;
}

type ClaimedRoles = Pick<UserClaims, "grantsVersion"> & { roles: readonly string[] };

/** The claims, without those of which we heard that they were taken after the token was made. */
function rolesOfClaims({ roles, grantsVersion }: ClaimedRoles, held: HeldGrants | undefined): HeldRole[] {
  const known = new Map(held?.roles.map((role) => [`${role.role}:${role.scope}`, role]));
  return claimedRoles(roles).flatMap((role) => {
    const claim = `${role.role}:${role.scope}`;
    const isTaken = (held?.taken?.get(claim) ?? 0) > grantsVersion;
    return known.get(claim) ?? (isTaken ? [] : role);
  });
}
