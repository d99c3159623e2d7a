import { failure } from "@partake/failure";
import type { Call, Implementation } from "@partake/rpc";
import type { Parts } from "@partake/service";
import { isOwnContactLevel } from "../domain/role-scopes.ts";
import { addGrant, changeExpiry, checkNotLastAdmin, checkSuccessor, removeGrant } from "../store/grant-changes.ts";
import { type GrantRecord, grants, hasEnded } from "../store/grants.ts";
import { membershipId, memberships } from "../store/memberships.ts";
import { causeOf, checkMayGive, checkStill, endFrom, notThere } from "./checks.ts";
import { explainedGrantMessage } from "./messages.ts";
import { placesAround, recordOf, recordOfGrant } from "./scopes.ts";

type Roles = Pick<Implementation<"Identity">, "giveRole" | "takeRole" | "takeRoleWithReason" | "setRoleExpiry">;

/** Giving and taking roles: the rules are libs/authz's, asked again inside the transaction. (R11, R18) */
export function rolesApi(parts: Parts): Roles {
  const { store, clock } = parts;

  async function take({ grantId, reason }: { grantId: string; reason?: string | undefined }, call: Call) {
    const grant = await store.get(grants, grantId);
    if (grant === undefined || grant.removed || grant.organisationId !== call.organisationId) return notThere(call);
    if (grant.role === "participant") return await refuseParticipant(call, grant);
    const record = await recordOfGrant(parts, call, grant, { toTake: true });
    call.decide(record);
    const { userId, role } = grant;
    if (isOwnContactLevel({ role, userId, actorId: call.actorId })) throw failure("forbidden", "beyond_own_powers");
    const question = { userId: call.actorId, permission: "role.take", record, places: placesAround(call, record) };
    let version: number | undefined;
    // A grant's version is the organisation's, which the store does not count: it is compared here.
    const { ifMatch, ...cause } = causeOf(call);
    await store.write(cause, async (tx) => {
      await checkStill(tx, question);
      const current = await tx.get(grants, grantId);
      if (current === undefined || current.removed) throw failure("not_found", "not_found");
      if (ifMatch !== undefined && ifMatch !== current.grantsVersion)
        throw failure("precondition_failed", "version_mismatch");
      await checkNotLastAdmin(tx, current);
      await checkSuccessor(tx, current);
      version = (await removeGrant(tx, current, { reason })).grantsVersion;
      return grantId;
    });
    if (version !== undefined) call.grantsChanged(version);
  }

  return {
    async giveRole({ id, userId, role, scope, projectId, reason, expiresAt: end }, call: Call) {
      const { organisationId, actorId } = call;
      const record = await recordOf(parts, call, { role, scope, projectId });
      call.decide(record);
      if (isOwnContactLevel({ role, userId, actorId })) throw failure("forbidden", "beyond_own_powers");
      const expiresAt = endFrom(end, { now: clock.now(), field: "expiresAt" });
      const question = { userId: actorId, permission: "role.give", record, places: placesAround(call, record) };
      const part = record.boardId === undefined ? undefined : record.projectId;
      const given = { role, scope: scope ?? organisationId, projectId: part, reason, expiresAt };
      const written = await store.write(call, async (tx) => {
        await checkMayGive(tx, question, expiresAt);
        const member = await tx.get(memberships, membershipId(organisationId, userId));
        if (member === undefined) throw failure("not_found", "user_not_found");
        await addGrant(tx, { id, organisationId, userId, ...given, origin: "given", grantedBy: actorId });
        return id;
      });
      const grant = await store.get(grants, written.id);
      if (grant === undefined) throw failure("not_found", "not_found");
      call.grantsChanged(grant.grantsVersion);
      return explainedGrantMessage(grant);
    },

    async takeRole({ grantId }, call: Call) {
      await take({ grantId }, call);
      return {};
    },

    async takeRoleWithReason({ grantId, reason }, call: Call) {
      await take({ grantId, reason }, call);
      const grant = await store.get(grants, grantId);
      if (grant === undefined) throw failure("not_found", "not_found");
      return explainedGrantMessage(grant);
    },

    async setRoleExpiry({ grantId, expiresAt: end }, call: Call) {
      const grant = await store.get(grants, grantId);
      const now = clock.now();
      if (grant === undefined || grant.removed || grant.organisationId !== call.organisationId || hasEnded(grant, now))
        return notThere(call);
      if (grant.role === "participant") return await refuseParticipant(call, grant);
      const record = await recordOfGrant(parts, call, grant);
      call.decide(record);
      const { userId, role } = grant;
      if (isOwnContactLevel({ role, userId, actorId: call.actorId })) throw failure("forbidden", "beyond_own_powers");
      const expiresAt = endFrom(end, { now, field: "expiresAt" });
      const places = placesAround(call, record);
      const question = { userId: call.actorId, permission: "role.give", record, places };
      const { ifMatch, ...cause } = causeOf(call);
      await store.write(cause, async (tx) => {
        await checkMayGive(tx, question, expiresAt);
        const current = await tx.get(grants, grantId);
        if (current === undefined || current.removed || hasEnded(current, tx.now))
          throw failure("not_found", "not_found");
        if (ifMatch !== undefined && ifMatch !== current.grantsVersion)
          throw failure("precondition_failed", "version_mismatch");
        if (expiresAt !== undefined) {
          await checkNotLastAdmin(tx, current);
          await checkSuccessor(tx, current);
        }
        await changeExpiry(tx, current, expiresAt);
        return grantId;
      });
      const changed = await store.get(grants, grantId);
      if (changed === undefined) throw failure("not_found", "not_found");
      call.grantsChanged(changed.grantsVersion);
      return explainedGrantMessage(changed);
    },
  };
}

/** A participant's role is the participation's: it ends with that, not by itself. */
async function refuseParticipant(call: Call, { organisationId, scope }: GrantRecord): Promise<never> {
  call.decide({ organisationId, projectId: scope });
  throw failure("unprocessable", "ends_with_participation");
}
