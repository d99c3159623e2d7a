import type { Rights, UserCaller } from "./caller.ts";
import { always, type Condition, inProjectsOf } from "./condition.ts";
import type { HeldRole, Places, Switches } from "./facts.ts";
import { collectGrants } from "./grants.ts";
import { isContactLevelRole, isRole } from "./roles.ts";

export interface CompileInput {
  userId: string;
  /** The organisation of the token, or PLATFORM; absent in a token for one's own account. */
  organisationId?: string;
  /** The token's `role:scope` claims; absent: the token refers to the live grants, which then count alone. */
  claims?: readonly string[];
  /** What the person holds now in that organisation. */
  live: readonly HeldRole[];
  switches: Switches;
  places: Places;
  /**
   * Projects for which their right derived from the folder was taken away (R16). "unknown", where nobody can say which: then no
   * such right counts. Absent: none.
   */
  withheld?: readonly string[] | "unknown";
  /** Of a service account: the admin who made it, with what they hold now. It never may more than they. (R22) */
  creator?: { userId: string; live: readonly HeldRole[]; withheld: readonly string[] };
}

/**
 * Who calls, with the rights that count: claims ∩ live grants. Levels for contacts are live alone, so that a lowered one counts
 * at once; so is what a participation allows.
 */
export function compile(input: CompileInput): UserCaller {
  const { userId, organisationId, claims, live } = input;
  const claimed = claims && new Set(claims);
  const held = claimed
    ? live.filter(({ role, scope }) => isContactLevelRole(role) || claimed.has(`${role}:${scope}`))
    : live;
  const caller: UserCaller = { kind: "user", userId, rights: rightsOf(input, held) };
  if (organisationId !== undefined) caller.organisationId = organisationId;
  if (held.length < live.length) caller.fresh = rightsOf(input, live);
  if (input.creator !== undefined) caller.isServiceAccount = true;
  return caller;
}

/** The roles that a token's claims name, for the minutes in which nobody can say what is live. */
export function claimedRoles(claims: readonly string[]): HeldRole[] {
  return claims.flatMap((claim) => {
    const colon = claim.indexOf(":");
    const [role, scope] = [claim.slice(0, colon), claim.slice(colon + 1)];
    return colon > 0 && scope !== "" && isRole(role) ? [{ grantId: "", role, scope }] : [];
  });
}

function rightsOf(input: CompileInput, held: readonly HeldRole[]): Rights {
  const { userId, organisationId, switches, places, withheld = [], creator } = input;
  const rolesOn = Map.groupBy(held, ({ scope }) => scope);
  if (creator === undefined) {
    const grants = collectGrants({ userId, organisationId, held, switches, places, withheld });
    return { held, rolesOn, switches, places, grants };
  }
  // Redacted access keeps a service account out by what it reaches, and consent lets it in: neither its own roles nor its
  // creator's are asked whether they are direct.
  const common = { organisationId, switches: { ...switches, redactedAccess: false }, places, ofSystem: true };
  const grants = collectGrants({ userId, held, withheld, ...common });
  const { live, ...who } = creator;
  grants.limit = { creator: collectGrants({ ...who, held: live, ...common }), reach: reachOf(held, switches) };
  return { held, rolesOn, switches, places, grants };
}

function reachOf(held: readonly HeldRole[], { redactedAccess }: Switches): Condition {
  if (!redactedAccess) return always;
  return inProjectsOf(held.filter(({ role }) => role === "redacted_consent").map(({ scope }) => scope));
}
