import { rolesOfScope } from "@partake/authz";
import { failure } from "@partake/failure";
import type { Call, Implementation } from "@partake/rpc";
import type { Parts } from "@partake/service";
import { type Filter, type Store, trusted } from "@partake/store";
import { searchedWords } from "../domain/colleague-words.ts";
import { checkSeen } from "../record-facts.ts";
import { type GrantRecord, grants, notEnded } from "../store/grants.ts";
import { type MembershipRecord, membershipId, memberships, onlyTakesPart } from "../store/memberships.ts";
import { users } from "../store/users.ts";
import { handoverOf } from "./handover.ts";
import { explainedGrantMessage } from "./messages.ts";

type Colleagues = Pick<
  Implementation<"Identity">,
  "listColleagues" | "searchColleagues" | "getColleague" | "listColleagueGrants" | "getHandover"
>;
type Page = Awaited<ReturnType<Colleagues["listColleagues"]>>;
type Colleague = Page["items"][number];

/** Shown of one colleague in a list; who holds more has a list of their own. */
const shownGrants = 50;
const organisationRoles: readonly string[] = rolesOfScope.organisation;
/** On folders, projects and what lies in them. Levels for contacts are as many as the contacts that somebody made. */
const { folder, project, board, album, event } = rolesOfScope;
const otherRoles: readonly string[] = [folder, project, board, album, event]
  .flat()
  .filter((role) => role !== "participant");
const mostOnPage = 10_000;
/** People with a role on one scope. */
const mostOnScope = 10_000;

interface Wanted {
  role?: string | undefined;
  scope?: string | undefined;
  state?: string | undefined;
  words?: readonly string[];
  limit?: number;
  cursor?: string;
}

/** Manage Colleagues: the lists. Each page is a bounded number of indexed questions, however large the organisation. (R11) */
export function colleaguesApi(parts: Parts): Colleagues {
  const { store, clock } = parts;

  async function page(wanted: Wanted, call: Call): Promise<Page> {
    const { organisationId } = call;
    const { limit = 0, cursor = "" } = wanted;
    const sort = { field: "sortName", direction: 1 } as const;
    if (wanted.scope) await checkSeen(parts.clients, call, [wanted.scope]);
    const within = await withinScope(parts, organisationId, wanted);
    const visible = { organisationId, isColleague: true, ...within };
    const found = await store.list(memberships, { visible, filter: filterOf(wanted), sort, limit, cursor, call });
    const items = await shownColleagues(parts, { organisationId, listed: found.items });
    return { items, nextCursor: found.nextCursor };
  }

  /** Who only takes part is no more there than who is not in the organisation at all. */
  async function member(userId: string, organisationId: string): Promise<MembershipRecord> {
    const membership = await store.get(memberships, membershipId(organisationId, userId));
    if (membership === undefined || onlyTakesPart(membership)) throw failure("not_found", "not_found");
    return membership;
  }

  return {
    listColleagues: (wanted, call) => page(wanted, call),
    async searchColleagues({ text, ...wanted }, call) {
      const words = searchedWords(text);
      // A text of signs alone has no word to be found by; without this it would find everybody.
      return words.length === 0 ? { items: [], nextCursor: "" } : page({ ...wanted, words }, call);
    },
    async getColleague({ userId }, { organisationId }) {
      const membership = await member(userId, organisationId);
      const [colleague] = await shownColleagues(parts, { organisationId, listed: [membership] });
      if (colleague === undefined || !membership.isColleague) throw failure("not_found", "not_found");
      return colleague;
    },
    async listColleagueGrants({ userId, limit, cursor }, call) {
      const { organisationId } = call;
      await member(userId, organisationId);
      const visible = { organisationId, userId, ...notEnded(clock.now()), role: { $ne: "participant" } };
      const found = await store.list(grants, { visible, filter: { userId }, limit, cursor, call });
      return { items: found.items.map(explainedGrantMessage), nextCursor: found.nextCursor };
    },
    async getHandover({ userId }, { organisationId }) {
      await member(userId, organisationId);
      return handoverOf(parts, { organisationId, userId });
    },
  };
}

function filterOf({ role, scope, state, words = [] }: Wanted): Filter {
  return {
    // With a scope the role is asked for there, not on whatever.
    ...(role && !scope && { roles: role }),
    ...(state && { enabled: state === "active" }),
    ...(words.length > 0 && { $and: words.map((word) => ({ words: beginsWith(word) })) }),
  };
}

function beginsWith(word: string) {
  return trusted({ $elemMatch: { $gte: word, $lt: `${word}\u{10FFFF}` } });
}

/** The people with a role on a scope; it stands with what is visible, as it may change from page to page. */
async function withinScope({ store, clock }: Parts, organisationId: string, { role, scope }: Wanted): Promise<Filter> {
  if (!scope) return {};
  const there = { organisationId, scope, ...notEnded(clock.now()), role: role || trusted({ $ne: "participant" }) };
  const held = await store.find(grants, there, { limit: mostOnScope });
  // By the id, which the index of the order holds: nobody else's record is read.
  return { _id: { $in: [...new Set(held.map(({ userId }) => membershipId(organisationId, userId)))] } };
}

/** People as lists show them, in the order of their memberships. */
async function shownColleagues(
  { store, clock }: Parts,
  { organisationId, listed }: { organisationId: string; listed: readonly MembershipRecord[] },
): Promise<Colleague[]> {
  const userIds = listed.map(({ userId }) => userId);
  if (userIds.length === 0) return [];
  const people = await store.find(users, { _id: trusted({ $in: userIds }) }, { limit: userIds.length });
  const known = new Map(people.map((user) => [user._id, user]));
  const held = await grantsOf(store, { organisationId, listed, now: clock.now() });
  return listed.flatMap(({ userId, grantCount, roleCounts, lastActiveAt }): Colleague[] => {
    const user = known.get(userId);
    if (user === undefined) return [];
    const { name, email = "", enabled } = user;
    return [
      {
        ...{ userId, name, email },
        grants: (held.get(userId) ?? []).slice(0, shownGrants).map(explainedGrantMessage),
        grantCount: grantCount - (roleCounts?.["participant"] ?? 0),
        state: enabled ? "active" : "disabled",
        ...(lastActiveAt !== undefined && { lastActiveAt: lastActiveAt.toISOString() }),
      },
    ];
  });
}

/**
 * Their roles by one question, but for the few who hold more than is shown: they would use up its bound. What somebody is in the
 * organisation comes first, however much else they hold.
 */
async function grantsOf(
  store: Store,
  of: { organisationId: string; listed: readonly MembershipRecord[]; now: Date },
): Promise<Map<string, GrantRecord[]>> {
  const { organisationId, listed, now } = of;
  const [heavy, light] = [listed.filter(isHeavy), listed.filter((membership) => !isHeavy(membership))];
  const rolesOf = (people: readonly MembershipRecord[], roles: readonly string[], limit: number) => {
    if (people.length === 0) return [];
    const userId = trusted({ $in: people.map((membership) => membership.userId) });
    const counting = { organisationId, ...notEnded(now), userId, role: trusted({ $in: [...roles] }) };
    return store.find(grants, counting, { limit, sort: { role: 1, scope: 1 } });
  };
  const found = await Promise.all([
    rolesOf(listed, organisationRoles, mostOnPage),
    rolesOf(light, otherRoles, mostOnPage),
    ...heavy.map((membership) => rolesOf([membership], otherRoles, shownGrants)),
  ]);
  return Map.groupBy(found.flat(), ({ userId }) => userId);
}

function isHeavy({ roleCounts = {} }: MembershipRecord): boolean {
  return otherRoles.reduce((count, role) => count + (roleCounts[role] ?? 0), 0) > shownGrants;
}
