import { compile, may, policy, type RecordScope, type UserCaller } from "@partake/authz";
import { makesColleague } from "../domain/role-scopes.ts";
import type { GrantRecord } from "../store/grants.ts";
import { placesOf, roleOf } from "../store/powers.ts";
import type { ChangeFacts, Verdict } from "./change-verdicts.ts";

/** What changes of roles do to one person. */
export interface Effect {
  userId: string;
  gains: ScopeEffect[];
  loses: ScopeEffect[];
  leaves: boolean;
}

interface ScopeEffect {
  scope: string;
  permissions: string[];
}

const permissions = Object.keys(policy);
/** The process answers others between so many people. */
const peopleAtOnce = 20;

/**
 * What each person would gain and lose by all changes that are not refused: not the roles, but what they permit on each scope.
 * Who manages a project's folder, too, loses nothing with a role in it.
 */
export async function effectsOf(facts: ChangeFacts): Promise<Effect[]> {
  const byUser = Map.groupBy(facts.verdicts, ({ userId }) => userId);
  const effects: Effect[] = [];
  for (const [userId, verdicts] of byUser) {
    effects.push(effectOn(facts, userId, verdicts));
    if (effects.length % peopleAtOnce === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  return effects;
}

function effectOn(facts: ChangeFacts, userId: string, verdicts: readonly Verdict[]): Effect {
  const counted = verdicts.filter(({ refusal }) => refusal === undefined);
  const before = facts.held.filter((grant) => grant.userId === userId);
  const taken = new Set(counted.map((verdict) => verdict.taken?._id));
  const gifts = counted.flatMap(({ gives }): Held[] => (gives === undefined ? [] : [{ _id: "", ...gives }]));
  const callers = {
    before: callerWith(facts, userId, before),
    after: callerWith(facts, userId, [...before.filter(({ _id }) => !taken.has(_id)), ...gifts]),
  };
  const records = new Map(counted.map(({ scope, record }) => [scope, record]));
  const changed = [...records].map(([scope, record]) => ({ scope, ...difference(callers, record) }));
  const named = (which: "gains" | "loses") =>
    changed.flatMap((one) => (one[which].length === 0 ? [] : [{ scope: one.scope, permissions: one[which] }]));
  return { userId, gains: named("gains"), loses: named("loses"), leaves: isLeaving(facts, userId, counted) };
}

type Held = Pick<GrantRecord, "_id" | "role" | "scope"> & Partial<Pick<GrantRecord, "projectId" | "participant">>;

function callerWith(facts: ChangeFacts, userId: string, held: readonly Held[]): UserCaller {
  const { organisation, places, withheld } = facts;
  const theirs = withheld.filter((right) => right.userId === userId).map(({ projectId }) => projectId);
  return compile({
    userId,
    organisationId: organisation._id,
    live: held.map(roleOf),
    switches: organisation.switches,
    places: placesOf(places),
    withheld: theirs,
  });
}

function difference(callers: { before: UserCaller; after: UserCaller }, record: RecordScope | undefined) {
  if (record === undefined) return { gains: [], loses: [] };
  const held = (caller: UserCaller) => permissions.filter((permission) => may(caller, permission, record));
  const [before, after] = [held(callers.before), held(callers.after)];
  return {
    gains: after.filter((permission) => !before.includes(permission)),
    loses: before.filter((permission) => !after.includes(permission)),
  };
}

function isLeaving({ members }: ChangeFacts, userId: string, counted: readonly Verdict[]): boolean {
  const change = counted.map(({ role, takes }) => (!makesColleague(role) ? 0 : takes ? -1 : 1));
  const held = members.get(userId)?.colleagueGrantCount ?? 0;
  return held > 0 && change.reduce<number>((sum, one) => sum + one, held) <= 0;
}
