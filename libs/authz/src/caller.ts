import type { HeldRole, Places, Switches } from "./facts.ts";
import type { Grants } from "./grants.ts";

/** Who calls, with the rights that count for this call. Made once for each verified token and set of live grants. */
export type Caller = { kind: "anonymous" } | { kind: "service"; service: string } | UserCaller;

export interface UserCaller {
  kind: "user";
  userId: string;
  /** The organisation that the token is for; absent in a token for one's own account. */
  organisationId?: string;
  /** Claims that are also live grants, indexed for `may`. */
  rights: Rights;
  /** All live grants, where the token's claims lack some of them: what a fresh token would allow. */
  fresh?: Rights;
  /** Not all that they hold could be had: what the rights allow is allowed, but a refusal by them is a guess. */
  isPartial?: true;
  /** It is no person but a service account, whose rights are held to those of the admin who made it. (R22) */
  isServiceAccount?: true;
  /** The log-in that their token came of, when they last proved who they are, and how (RFC 8176). */
  sessionId?: string;
  authenticatedAtMs?: number;
  methods?: readonly string[];
}

/** Grants compiled for questions: built once by `compile`, asked often. Another switch or grant needs another compilation. */
export interface Rights {
  held: readonly HeldRole[];
  /** The roles held on a scope; a role on the organisation stands under its id. */
  rolesOn: ReadonlyMap<string, readonly HeldRole[]>;
  switches: Switches;
  places: Places;
  /** The same for this package's own use. */
  grants: Grants;
}
