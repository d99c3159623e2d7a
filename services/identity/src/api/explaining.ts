import {
  compile,
  type Explanation,
  explain,
  type HeldRole,
  type Obstacle,
  type Places,
  policy,
  type RecordScope,
  type RoleOnScope,
} from "@partake/authz";
import type { Services } from "@partake/contract";
import { failure } from "@partake/failure";
import type { Call, Implementation } from "@partake/rpc";
import type { Parts } from "@partake/service";
import { recordFacts, seesRecord } from "../record-facts.ts";
import { readPlaces, readStanding, type Standing, type ToldRole } from "../store/standing.ts";

type Explaining = Pick<Implementation<"Identity">, "explainAccess">;
type Answer = Services["Identity"]["explainAccess"]["response"];
type ObstacleMessage = Answer["obstacles"][number];

/** Why somebody may or may not, then or now. Who may not see what is asked about learns nothing of it, not that it is there. (Z1) */
export function explainingApi({ store, clients, clock }: Parts): Explaining {
  return {
    async explainAccess({ userId, permission, scope, at: atText }, call: Call) {
      const { organisationId, actorId } = call;
      call.decide({ organisationId, ownerId: userId });
      const now = clock.now();
      const at = atText === "" ? undefined : new Date(atText);
      requireQuestion({ permission, at, now });
      const record = (await recordFacts(clients, call, [scope])).get(scope);
      if (record === undefined || !seesRecord(call, scope, record)) throw failure("not_found", "not_found");
      const standing = await readStanding(store, { organisationId, userId, now, at });
      if (!standing.isKnown && userId !== actorId) throw failure("not_found", "not_found");
      const places = at === undefined ? placesNow(call) : await readPlaces(store, { organisationId, record, at });
      const why = explainStanding({ organisationId, userId, permission, record, standing, places });
      if (userId !== actorId) await note(userId, scope, call);
      return {
        ...{ userId, permission, allowsTo: policyOf(permission).is, scope, at: (at ?? now).toISOString() },
        recordAsOfNow: at !== undefined && !/^(org|fld|prj)_/.test(scope),
        ...answerOf(why, { standing, call, isPast: at !== undefined }),
      };
    },
  };

  /** That somebody looked into what another may do is for the audit trail. */
  async function note(subjectId: string, scope: string, call: Call): Promise<void> {
    const { organisationId } = call;
    await store.write(call, async (tx) => {
      tx.audit({ action: "access.explained", organisationId, subjectId, scope });
      return subjectId;
    });
  }
}

function requireQuestion({ permission, at, now }: { permission: string; at: Date | undefined; now: Date }): void {
  if (!Object.hasOwn(policy, permission)) {
    const errors = [{ pointer: "/permission", code: "not_allowed", message: "is no permission of the policy" }];
    throw failure("invalid", "permission_unknown", { errors });
  }
  if (at !== undefined && at > now) {
    const errors = [{ pointer: "/at", code: "too_large", message: "is in the future" }];
    throw failure("invalid", "in_future", { errors });
  }
}

function policyOf(permission: string): { is: string } {
  return policy[permission as keyof typeof policy];
}

function placesNow({ caller }: Call): Places {
  if (caller.kind !== "user") throw failure("unauthenticated", "token_missing");
  return caller.rights.places;
}

interface Question {
  organisationId: string;
  userId: string;
  permission: string;
  record: RecordScope;
  standing: Standing;
  places: Places;
}

function explainStanding({ organisationId, userId, permission, record, standing, places }: Question): Explanation {
  const { switches, withheld, roles, former } = standing;
  const live = roles.map(({ held }) => held);
  const person = compile({ userId, organisationId, live, switches, places, withheld });
  return explain(
    person,
    permission,
    record,
    former.map(({ held }) => held),
  );
}

type Said = Pick<Answer, "allowed" | "rule" | "by" | "obstacles" | "wouldAllow">;

interface Context {
  standing: Standing;
  call: Call;
  isPast: boolean;
}

/** The explanation as its asker may have it. Somebody who may not log in may do nothing, whatever roles they hold. */
function answerOf(why: Explanation, context: Context): Said {
  const { standing, isPast } = context;
  const stops: ObstacleMessage[] = [];
  if (!standing.isActive) stops.push({ kind: "organisation_not_active", says: "The organisation is not active." });
  // Whether an account was disabled is known of now alone.
  if (!isPast && !standing.isEnabled) stops.push({ kind: "account_disabled", says: "Their account is disabled." });
  if (why.allowed && stops.length === 0) {
    const by = why.by.map((role) => roleMessage(role, context));
    return { allowed: true, rule: why.rule, by, obstacles: [], wouldAllow: [] };
  }
  if (why.allowed) return { allowed: false, by: [], obstacles: stops, wouldAllow: [] };
  const obstacles = [...stops, ...why.obstacles.map((obstacle) => obstacleMessage(obstacle, context))];
  const wouldAllow = why.wouldAllow.filter((role) => isShown(role, context.call));
  return { allowed: false, by: [], obstacles, wouldAllow };
}

/** A project's folder is not shown to who does not see it. */
function isShown({ scope }: RoleOnScope, call: Call): boolean {
  const { organisationId } = call;
  if (scope.startsWith("fld_")) return call.may("folder.read", { organisationId, folderId: scope });
  return !scope.startsWith("prj_") || call.may("project.read", { organisationId, projectId: scope });
}

function roleMessage({ grantId, role, scope }: HeldRole, { standing, call }: Context): Answer["by"][number] {
  const isIt = ({ held }: ToldRole): boolean => held.grantId === grantId;
  const told = standing.roles.find(isIt) ?? standing.former.find(isIt);
  if (told === undefined) throw new Error("a role without its story");
  const { since, grantedBy, reason, takenReason, expiresAt, endedAt, endedBecause } = told;
  const isAdmin = call.may("colleague.list", { organisationId: call.organisationId });
  return {
    ...{ grantId, role, scope, since: since?.toISOString() ?? "" },
    ...(isAdmin && grantedBy !== undefined && { grantedBy }),
    ...(isAdmin && reason !== undefined && { reason }),
    ...(isAdmin && takenReason !== undefined && { takenReason }),
    ...(expiresAt !== undefined && { expiresAt: expiresAt.toISOString() }),
    ...(endedAt !== undefined && { endedAt: endedAt.toISOString() }),
    ...(endedBecause !== undefined && { endedBecause }),
  };
}

function obstacleMessage(obstacle: Obstacle, context: Context): ObstacleMessage {
  const { kind } = obstacle;
  switch (kind) {
    case "switched_off":
      return { kind, switch: obstacle.switch, says: "The organisation switched it off." };
    case "redacted":
      return { kind, says: "Redacted access keeps admins' and derived rights from the project's personal data." };
    case "withheld":
      return {
        kind,
        projectId: obstacle.projectId,
        says: "The right derived from the folder is withheld for the project.",
      };
    case "project_deleted":
      return { kind, projectId: obstacle.projectId, says: "The project is deleted." };
    case "participation_not_active":
      return { kind, says: "Their participation is paused or ended." };
    case "participation_level":
      return { kind, says: "Their participation has a lower level." };
    case "level_lowered":
      return {
        kind,
        role: roleMessage(obstacle.role, context),
        says: "A direct grant on the contact lowers their level.",
      };
    case "about_themselves":
      return { kind, says: "It is about the contact linked to their own account." };
    case "role_ended":
      return {
        kind,
        role: roleMessage(obstacle.role, context),
        says: "They held a role that would allow it; it was taken or it ended.",
      };
    case "account_limit":
      return { kind, says: "A service account may no more than who made it, and never what is for people alone." };
    case "no_role":
      return { kind, says: "They hold no role that allows it." };
    default:
      return obstacle satisfies never;
  }
}
