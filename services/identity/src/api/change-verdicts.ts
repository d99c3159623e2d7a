import { createHash } from "node:crypto";
import type { ProjectPlace, RecordScope } from "@partake/authz";
import { failure } from "@partake/failure";
import type { Call } from "@partake/rpc";
import { trusted } from "@partake/store";
import { type GrantRecord, grants, hasEnded, notEnded } from "../store/grants.ts";
import { type MembershipRecord, membershipId, memberships } from "../store/memberships.ts";
import { type OrganisationRecord, organisations } from "../store/organisations.ts";
import { powersOver, type Reader, scopesAround } from "../store/powers.ts";
import { users } from "../store/users.ts";
import { type WithheldRightRecord, withheldRights } from "../store/withheld-rights.ts";
import { type PreparedChange, sees } from "./prepared-changes.ts";

/** Roles of all the people concerned, on the scopes concerned. */
const mostHeld = 10_000;
const mostKeepers = 1_000;

/** What would become of one change. */
export interface Verdict extends PreparedChange {
  role: string;
  scope: string;
  takes: boolean;
  taken?: GrantRecord;
  refusal?: string;
}

/** Everything that a preview follows from. */
export interface ChangeFacts {
  verdicts: Verdict[];
  organisation: OrganisationRecord;
  places: ReadonlyMap<string, ProjectPlace>;
  members: ReadonlyMap<string, MembershipRecord>;
  held: readonly GrantRecord[];
  withheld: readonly WithheldRightRecord[];
}

/** Judges every change by the state that the reader sees, and all of them together. */
export async function judge(
  reader: Reader,
  of: { call: Call; prepared: readonly PreparedChange[] },
): Promise<ChangeFacts> {
  const { call, prepared } = of;
  const { organisationId, actorId } = call;
  const organisation = await reader.get(organisations, organisationId);
  if (organisation === undefined) throw failure("not_found", "not_found");
  const places = new Map(prepared.flatMap((change) => [...change.places]));
  const records = prepared.flatMap(({ record }) => record ?? []);
  const facts = await factsAbout(reader, { organisationId, prepared, records, places });
  const over = await powersOver(reader, { userId: actorId, records, places });
  const takenIds = new Set(prepared.map(({ takeGrantId }) => takeGrantId));
  const verdicts = prepared.map((change) => verdictOf(change, { call, over, now: reader.now, takenIds, ...facts }));
  const judged = { ...facts, organisation, places, verdicts };
  await refuseLast(reader, judged, "admin");
  if (organisation.switches.redactedAccess) await refuseLast(reader, judged, "manager");
  return judged;
}

/** Stands for a preview: the same only as long as everything that it follows from is. */
export function digestOf({ verdicts, organisation, members, held, withheld, places }: ChangeFacts): string {
  const said = {
    verdicts: verdicts.map(({ userId, role, scope, takes, takeGrantId, gives, refusal }) => {
      return [userId, role, scope, takes, takeGrantId ?? "", gives?.expiresAt?.toISOString() ?? "", refusal ?? ""];
    }),
    switches: organisation.switches,
    members: [...members.keys()].sort(),
    held: held.map(({ _id, grantsVersion }) => [_id, grantsVersion]).sort(byText),
    withheld: withheld.map(({ _id, grantsVersion }) => [_id, grantsVersion]).sort(byText),
    places: [...places].map(([id, { folderId, status }]) => [id, folderId ?? "", status]).sort(byText),
  };
  return createHash("sha256").update(JSON.stringify(said)).digest("base64url");
}

function byText(one: readonly unknown[], other: readonly unknown[]): number {
  return String(one[0]) < String(other[0]) ? -1 : 1;
}

interface About {
  organisationId: string;
  prepared: readonly PreparedChange[];
  records: readonly RecordScope[];
  places: ReadonlyMap<string, ProjectPlace>;
}

/** What is stored of the people concerned: a fixed number of questions, however many they are. */
async function factsAbout(reader: Reader, about: About): Promise<Pick<ChangeFacts, "members" | "held" | "withheld">> {
  const { organisationId, prepared, records, places } = about;
  const userIds = [...new Set(prepared.map(({ userId }) => userId))];
  const ids = userIds.map((userId) => membershipId(organisationId, userId));
  const found = await reader.find(memberships, { _id: trusted({ $in: ids }) }, { limit: ids.length });
  const scopes = [...new Set(records.flatMap((record) => scopesAround(record, places)))];
  const theirs = { organisationId, userId: trusted({ $in: userIds }) };
  const here = { ...theirs, scope: trusted({ $in: scopes }), ...notEnded(reader.now) };
  const held = await reader.find(grants, here, { limit: mostHeld });
  const projectIds = [...places.keys()];
  const withheld =
    projectIds.length === 0
      ? []
      : await reader.find(
          withheldRights,
          { ...theirs, projectId: trusted({ $in: projectIds }), restored: false },
          { limit: mostHeld },
        );
  return { members: new Map(found.map((member) => [member.userId, member])), held, withheld };
}

interface Against {
  call: Call;
  over: Awaited<ReturnType<typeof powersOver>>;
  now: Date;
  takenIds: ReadonlySet<string | undefined>;
  members: ReadonlyMap<string, MembershipRecord>;
  held: readonly GrantRecord[];
}

function verdictOf(change: PreparedChange, against: Against): Verdict {
  return change.takeGrantId === undefined ? verdictOfGift(change, against) : verdictOfTaking(change, against);
}

function verdictOfTaking(change: PreparedChange, { call, over, now, held }: Against): Verdict {
  const { userId, takeGrantId, record } = change;
  const taken = held.find(({ _id }) => _id === takeGrantId);
  const missing = { ...change, role: "", scope: "", takes: true, refusal: "not_found" };
  if (taken === undefined || taken.userId !== userId || hasEnded(taken, now) || record === undefined) return missing;
  const verdict = { ...change, role: taken.role, scope: taken.scope, takes: true };
  if (over({ permission: "role.take", record }).now) return { ...verdict, taken };
  return sees(call, record) ? { ...verdict, refusal: "no_role" } : missing;
}

function verdictOfGift(change: PreparedChange, { call, over, members, held, takenIds }: Against): Verdict {
  const { userId, gives, record } = change;
  const { role = "", scope = "", expiresAt } = gives ?? {};
  const verdict = { ...change, role, scope, takes: false };
  if (record === undefined) return { ...verdict, refusal: "scope_not_found" };
  const { now, lasting } = over({ permission: "role.give", record }, expiresAt);
  if (!now) return { ...verdict, refusal: sees(call, record) ? "no_role" : "scope_not_found" };
  if (!lasting) return { ...verdict, refusal: "beyond_own_powers" };
  if (!members.has(userId)) return { ...verdict, refusal: "user_not_found" };
  const isSame = (grant: GrantRecord) => grant.userId === userId && grant.role === role && grant.scope === scope;
  const isHeld = held.some((grant) => isSame(grant) && !takenIds.has(grant._id));
  return isHeld ? { ...verdict, refusal: "already_granted" } : verdict;
}

/** Refuses what would leave nobody who holds the role for good, by all changes together. */
async function refuseLast(reader: Reader, facts: ChangeFacts, role: "admin" | "manager"): Promise<void> {
  const { verdicts, organisation } = facts;
  const isEnd = ({ taken }: Verdict) => taken?.role === role && taken.expiresAt === undefined;
  for (const scope of new Set(verdicts.filter(isEnd).map((verdict) => verdict.scope))) {
    const kept = { organisationId: organisation._id, role, scope, removed: false, expiresAt: null };
    const keepers = await reader.find(grants, kept, { limit: mostKeepers });
    const ending = verdicts.filter((verdict) => isEnd(verdict) && verdict.scope === scope);
    const taken = new Set(ending.map((verdict) => verdict.taken?._id));
    const gifts = verdicts.filter(({ gives, refusal }) => gives?.role === role && refusal === undefined);
    const given = gifts.filter(({ gives }) => gives?.scope === scope && gives.expiresAt === undefined);
    const stay = keepers.filter(({ _id }) => !taken.has(_id)).map(({ userId }) => userId);
    const left = [...stay, ...given.map(({ userId }) => userId)];
    const able = { _id: trusted({ $in: left }), enabled: true };
    if ((await reader.find(users, able, { limit: 1 })).length > 0) continue;
    for (const verdict of ending) verdict.refusal = `last_${role}`;
  }
}
