import { asFailure } from "@partake/failure";
import { type Store, type Transaction, trusted } from "@partake/store";
import { colleagueWords, sortName } from "../domain/colleague-words.ts";
import { makesColleague } from "../domain/role-scopes.ts";
import type { GrantRecord } from "./grants.ts";
import { type MembershipRecord, membershipId, memberships } from "./memberships.ts";
import { type UserRecord, users } from "./users.ts";

/** More organisations than one person is in. */
const mostOrganisations = 1_000;
const hourMs = 60 * 60_000;

/** A grant that came or went. */
export interface CountedGrant {
  grant: GrantRecord;
  change: 1 | -1;
}

/**
 * Counts grants of one organisation that came or went, by a fixed number of questions. Whoever loses their last role as a
 * colleague is told of in the audit trail.
 */
export async function countGrants(tx: Transaction, changed: readonly CountedGrant[]): Promise<void> {
  // A service account is nobody's colleague.
  const counted = changed.filter(({ grant }) => grant.origin !== "service_account");
  const byUser = Map.groupBy(counted, ({ grant }) => grant.userId);
  const organisationId = counted[0]?.grant.organisationId ?? "";
  const ids = [...byUser.keys()].map((userId) => membershipId(organisationId, userId));
  if (ids.length === 0) return;
  const found = await tx.find(memberships, { _id: trusted({ $in: ids }) }, { limit: ids.length });
  const known = new Map(found.map((membership) => [membership.userId, membership]));
  const newcomers = [...byUser.keys()].filter((userId) => !known.has(userId));
  const people =
    newcomers.length === 0
      ? []
      : await tx.find(users, { _id: trusted({ $in: newcomers }) }, { limit: newcomers.length });
  for (const [userId, changes] of byUser) {
    const held = known.get(userId);
    const counts = countsAfter(held, changes);
    if (held?.isColleague === true && !counts.isColleague)
      tx.audit({ action: "colleague.left", organisationId, subjectId: userId });
    const user = people.find(({ _id }) => _id === userId);
    const _id = membershipId(organisationId, userId);
    if (held === undefined) await tx.insert(memberships, { _id, organisationId, userId, ...counts, ...shownOf(user) });
    else if (counts.grantCount > 0) await tx.update(memberships, held, counts);
    else await tx.remove(memberships, held);
  }
}

type Counts = Required<
  Pick<MembershipRecord, "grantCount" | "colleagueGrantCount" | "isColleague" | "roleCounts" | "roles">
>;

function countsAfter(held: MembershipRecord | undefined, changes: readonly CountedGrant[]): Counts {
  let { grantCount, colleagueGrantCount } = held ?? { grantCount: 0, colleagueGrantCount: 0 };
  const counted = new Map(Object.entries(held?.roleCounts ?? {}));
  for (const { grant, change } of changes) {
    grantCount += change;
    if (makesColleague(grant.role)) colleagueGrantCount += change;
    counted.set(grant.role, (counted.get(grant.role) ?? 0) + change);
  }
  const roleCounts = Object.fromEntries([...counted].filter(([, count]) => count > 0));
  const roles = Object.keys(roleCounts).sort();
  return { grantCount, colleagueGrantCount, isColleague: colleagueGrantCount > 0, roleCounts, roles };
}

/** Carries a changed name, address or state of an account to where lists of colleagues find it. */
export async function followUser(tx: Transaction, user: UserRecord): Promise<void> {
  const held = await tx.find(memberships, { userId: user._id }, { limit: mostOrganisations });
  for (const membership of held) await tx.update(memberships, membership, shownOf(user));
}

function shownOf(user: UserRecord | undefined): Pick<MembershipRecord, "sortName" | "words" | "enabled"> {
  if (user === undefined) return { sortName: "", words: [], enabled: false };
  return { sortName: sortName(user), words: colleagueWords(user), enabled: user.enabled };
}

/** Notes that somebody uses an organisation, once an hour. */
export async function noteActivity(
  store: Store,
  of: { organisationId: string; userId: string; now: Date },
): Promise<void> {
  const { organisationId, userId, now } = of;
  const _id = membershipId(organisationId, userId);
  const hour = new Date(Math.floor(now.getTime() / hourMs) * hourMs);
  const isNoted = ({ lastActiveAt }: MembershipRecord) => lastActiveAt !== undefined && lastActiveAt >= hour;
  const held = await store.get(memberships, _id);
  if (held === undefined || isNoted(held)) return;
  await store
    .write({ actorId: userId, traceparent: undefined }, async (tx) => {
      const current = await tx.get(memberships, _id);
      if (current !== undefined && !isNoted(current)) await tx.update(memberships, current, { lastActiveAt: hour });
      return _id;
    })
    .catch((error: unknown) => {
      // Another replica noted it at the same moment, or the roles changed: the next token comes in minutes.
      if (asFailure(error).code !== "conflict") throw error;
    });
}
