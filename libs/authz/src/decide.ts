import type { Caller, Rights, UserCaller } from "./caller.ts";
import { anyOf, both, type Condition, type MongoFilter, never, nothing } from "./condition.ts";
import type { RecordScope, Switches } from "./facts.ts";
import type { AccountLimit, Grants } from "./grants.ts";
import { contactRank, hasLevel } from "./level.ts";
import { entryOf, policy } from "./policy.ts";
import { mayHold, ruleCondition } from "./relation.ts";
import { type ContactLevel, contactLevels } from "./roles.ts";
import type { Rule } from "./rule.ts";

/** Why a caller is refused who may know that the record exists. */
export type RefusalReason = "no_role" | "switched_off" | "redacted" | "participation_not_active" | "level_too_low";

export type Decision = { allowed: true } | { allowed: false; visible: boolean; reason: RefusalReason };

/** Whether the caller holds a permission on a record. */
export function may(caller: Caller, permission: string, record: RecordScope): boolean {
  if (caller.kind !== "user") return false;
  const { grants } = caller.rights;
  return (grants.checks.get(permission) ?? compileCheck(grants, permission)).holds(record);
}

/** The records on which the caller holds a permission, as a filter: it matches a record exactly if `may` says yes to it. */
export function visible(caller: Caller, permission: string): MongoFilter {
  if (caller.kind !== "user") return nothing;
  const { grants } = caller.rights;
  return (grants.checks.get(permission) ?? compileCheck(grants, permission)).filter();
}

/** Whether the caller may hold a permission on some record: the coarse question of a gateway that has not loaded any. */
export function mayAnywhere(caller: Caller, permission: string): boolean {
  const entry = entryOf(permission);
  if (caller.kind !== "user" || caller.organisationId === undefined) return false;
  const { grants } = caller.rights;
  const somewhere = (of: Grants) => entry.holders.some((rule) => mayHold(of, rule));
  if (grants.limit === undefined) return somewhere(grants);
  return entry.peopleOnly !== true && somewhere(grants) && somewhere(grants.limit.creator);
}

/** Whether the caller may see some record that the permission is about; where nothing tells who sees it, they may. */
export function maySeeAnywhere(caller: Caller, permission: string): boolean {
  const readers = readersOf(permission);
  return readers.length === 0 || readers.some((reader) => mayAnywhere(caller, reader));
}

/** Decides, and says of a refusal whether the caller may know that the record exists (403) or not (404). */
export function decide(caller: Caller, permission: string, record: RecordScope): Decision {
  if (may(caller, permission, record)) return { allowed: true };
  if (caller.kind !== "user" || !sees(caller, permission, record)) {
    return { allowed: false, visible: false, reason: "no_role" };
  }
  return { allowed: false, visible: true, reason: refusalReason(caller.rights.grants, permission, record) };
}

/** How much of the contact that a record is, or is about, the caller sees. */
export function contactLevel(caller: Caller, record: RecordScope): ContactLevel {
  if (caller.kind !== "user" || record.organisationId !== caller.organisationId) return "none";
  const { grants } = caller.rights;
  const rank = contactRank(grants, record);
  if (grants.limit === undefined) return contactLevels[rank] ?? "none";
  const { creator, reach } = grants.limit;
  return reach.holds(record) ? (contactLevels[Math.min(rank, contactRank(creator, record))] ?? "none") : "none";
}

/** Whether a question that was denied would have been allowed by a live grant which the token does not know yet. */
export function staleFor(caller: Caller, permission: string, record: RecordScope): boolean {
  return (
    caller.kind === "user" && caller.fresh !== undefined && may(withRights(caller, caller.fresh), permission, record)
  );
}

/** The same of `mayAnywhere`. */
export function staleAnywhere(caller: Caller, permission: string): boolean {
  return (
    caller.kind === "user" && caller.fresh !== undefined && mayAnywhere(withRights(caller, caller.fresh), permission)
  );
}

function withRights(caller: UserCaller, rights: Rights): UserCaller {
  return { ...caller, rights };
}

/** Whether some rules of a permission alone allow it. */
export function holdsBy(grants: Grants, permission: string, holders: readonly Rule[], record: RecordScope): boolean {
  return checkOf(grants, permission, holders).holds(record);
}

function compileCheck(grants: Grants, permission: string): Condition {
  const { personal = false, peopleOnly = false } = entryOf(permission);
  const own = checkOf(grants, permission, mergedHolders(permission));
  const compiled = grants.limit === undefined ? own : limited({ own, permission, personal, peopleOnly }, grants.limit);
  grants.checks.set(permission, compiled);
  return compiled;
}

/** What some rules of a permission allow by the caller's own roles. */
function checkOf(grants: Grants, permission: string, holders: readonly Rule[]): Condition {
  const { personal = false } = entryOf(permission);
  // Rules that ask for the same level ask for it once: of somebody with thousands of roles it is a long filter.
  const byLevel = [...Map.groupBy(holders, ({ level }) => level)].map(([level, rules]) => {
    const check = anyOf(rules.map((rule) => ruleCondition(grants, rule, personal)));
    return level === undefined ? check : both(check, hasLevel(grants, level));
  });
  return inScope(
    grants,
    anyOf(byLevel),
    holders.every((rule) => rule.on === "platform"),
  );
}

interface OwnCheck {
  own: Condition;
  permission: string;
  personal: boolean;
  peopleOnly: boolean;
}

/** A service account may what its own roles allow, as far as the admin who made it may the same now. (R22) */
function limited({ own, permission, personal, peopleOnly }: OwnCheck, { creator, reach }: AccountLimit): Condition {
  if (peopleOnly) return never;
  const capped = both(own, creator.checks.get(permission) ?? compileCheck(creator, permission));
  return personal ? both(capped, reach) : capped;
}

const merged = new Map<string, readonly Rule[]>();

/** The rules of a permission, those that differ only in their roles as one: each is asked for every record. */
function mergedHolders(permission: string): readonly Rule[] {
  const known = merged.get(permission);
  if (known) return known;
  const alike = Map.groupBy(entryOf(permission).holders, ({ roles, ...rest }) =>
    JSON.stringify([roles.length === 0, Object.entries(rest).sort()]),
  );
  const rules = [...alike.values()].flatMap(([first, ...more]) =>
    first ? [{ ...first, roles: [first, ...more].flatMap(({ roles }) => roles) }] : [],
  );
  merged.set(permission, rules);
  return rules;
}

/**
 * A token is for one organisation, whose records alone it opens; operators of the platform act on all. Nobody reads what is
 * only for staff about the contact that is linked to their own account.
 */
function inScope(grants: Grants, check: Condition, ofPlatform: boolean): Condition {
  const { organisationId, userId } = grants;
  if (check === never || organisationId === undefined) return never;
  if (ofPlatform) return check;
  return {
    holds: (record) =>
      record.organisationId === organisationId &&
      !(record.staffOnly === true && record.contactUserId === userId) &&
      check.holds(record),
    filter: () => ({
      $and: [{ organisationId, $nor: [{ staffOnly: true, contactUserId: userId }] }, check.filter()],
    }),
  };
}

/** Whether the caller may know of the record. The organisation of their own token is known to them. */
function sees(caller: UserCaller, permission: string, record: RecordScope): boolean {
  if (record.organisationId !== caller.organisationId) return false;
  const { organisationId: _organisation, projectId, folderId, ...more } = record;
  if (Object.values(more).some((value) => value !== undefined && value !== null)) {
    return readersOf(permission).some((reader) => reader !== permission && may(caller, reader, record));
  }
  if (projectId != null) return may(caller, "project.read", record);
  if (folderId != null) return may(caller, "folder.read", record);
  return true;
}

function readersOf(permission: string): readonly string[] {
  const thing = `${permission.slice(0, permission.indexOf("."))}.read`;
  return [...(thing in policy ? [thing] : []), ...(entryOf(permission).seenBy ?? [])];
}

/** What would have to be otherwise for the answer to be yes. Asked only where the caller may know of the record. */
function refusalReason(grants: Grants, permission: string, record: RecordScope): RefusalReason {
  const wouldHold = (changes: Partial<Grants>): boolean =>
    compileCheck({ ...grants, ...changes, checks: new Map() }, permission).holds(record);
  const switches = (changes: Partial<Switches>): Partial<Grants> => ({ switches: { ...grants.switches, ...changes } });
  if (grants.switches.redactedAccess && wouldHold(switches({ redactedAccess: false }))) return "redacted";
  if (wouldHold(switches(allOn))) return "switched_off";
  const { participations } = grants;
  if (wouldHold({ participations: participations.map((own) => ({ ...own, state: "active" })) })) {
    return "participation_not_active";
  }
  if (wouldHold({ participations: participations.map((own) => ({ ...own, level: "discuss" })) }))
    return "level_too_low";
  const lifted = record.contactId == null ? undefined : new Map([[record.contactId, contactLevels.length - 1]]);
  return lifted && wouldHold({ contactRanks: lifted }) ? "level_too_low" : "no_role";
}

const allOn: Partial<Switches> = {
  managersGiveRoles: true,
  creatorsCreateProjects: true,
  contactCreators: ["admin", "creator", "member", "manager", "reporter", "observer"],
};
