import { failure } from "@partake/failure";
import type { Call, Implementation } from "@partake/rpc";
import type { Parts } from "@partake/service";
import { type Store, type Transaction, trusted } from "@partake/store";
import { addGrant, removeGrant } from "../store/grant-changes.ts";
import { type GrantRecord, grants } from "../store/grants.ts";
import { credentialUses, type ServiceAccountRecord, serviceAccounts } from "../store/service-accounts.ts";
import { checkStill, endFrom } from "./checks.ts";
import { type ServiceAccount, serviceAccountMessage } from "./service-account-messages.ts";

type Accounts = Pick<
  Implementation<"Identity">,
  "createServiceAccount" | "listServiceAccounts" | "updateServiceAccount" | "revokeServiceAccount"
>;
type AskedRole = ServiceAccount["roles"][number];

/** Of one organisation. */
const mostAccounts = 100;
const mostGrants = 100;
const timeoutMs = 5_000;

/** Accounts of other systems, in the hands of the organisation's admins. (R22) */
export function serviceAccountsApi(parts: Parts): Accounts {
  const { store, clock, newId } = parts;
  return {
    async createServiceAccount({ id: _id, name, method, roles, expiresAt: end }, call) {
      const { organisationId, actorId: creatorId } = call;
      const scoped = await scopedRoles(parts, call, roles);
      const expiresAt = endFrom(end, { now: clock.now(), field: "expiresAt" });
      const added = scoped.map((role) => ({ ...role, grantId: newId("grn") }));
      const { id } = await store.write(call, async (tx) => {
        await checkAdmin(tx, call, "service_account.create");
        const others = await tx.find(serviceAccounts, { organisationId, revoked: false }, { limit: mostAccounts });
        if (others.length >= mostAccounts) throw failure("unprocessable", "too_many_service_accounts");
        const account = await tx.insert(serviceAccounts, {
          ...{ _id, organisationId, name, method, creatorId, enabled: true, revoked: false, credentials: [] },
          createdAt: tx.now,
          ...(expiresAt !== undefined && { expiresAt }),
        });
        for (const role of added) await giveTo(tx, account, { ...role, grantedBy: creatorId });
        tx.audit({ action: "service_account.created", organisationId, subjectId: _id });
        return _id;
      });
      return shown(store, await ownAccount(store, call, id));
    },

    async listServiceAccounts({ limit, cursor }, call) {
      const { organisationId } = call;
      const visible = { organisationId, revoked: false };
      const page = await store.list(serviceAccounts, { visible, limit, cursor, call });
      return { items: await shownAll(store, page.items), nextCursor: page.nextCursor };
    },

    async updateServiceAccount({ serviceAccountId, name, enabled, roles }, call) {
      const wanted = roles === undefined ? undefined : await scopedRoles(parts, call, roles.items);
      const added = wanted?.map((role) => ({ ...role, grantId: newId("grn") }));
      await store.write(call, async (tx) => {
        await checkAdmin(tx, call, "service_account.edit");
        const account = await accountIn(tx, call, serviceAccountId);
        const changes = { ...(name !== undefined && { name }), ...(enabled !== undefined && { enabled }) };
        const changed = await tx.update(serviceAccounts, account, changes);
        if (added !== undefined) await exchangeRoles(tx, changed, { added, grantedBy: call.actorId });
        if (enabled !== undefined && enabled !== account.enabled) tellEnabled(tx, changed);
        const action = enabled === false ? "service_account.disabled" : "service_account.changed";
        tx.audit({ action, organisationId: call.organisationId, subjectId: account._id });
        return account._id;
      });
      return shown(store, await ownAccount(store, call, serviceAccountId));
    },

    async revokeServiceAccount({ serviceAccountId }, call) {
      await store.write(call, async (tx) => {
        await checkAdmin(tx, call, "service_account.edit");
        const account = await accountIn(tx, call, serviceAccountId);
        const revoked = await tx.update(serviceAccounts, account, { revoked: true, enabled: false, credentials: [] });
        tellEnabled(tx, revoked);
        for (const grant of await grantsOf(tx, revoked)) await removeGrant(tx, grant);
        tx.audit({ action: "service_account.revoked", organisationId: call.organisationId, subjectId: account._id });
        return account._id;
      });
      return {};
    },
  };
}

interface ScopedRole {
  role: string;
  scope: string;
}

/** The roles with the ids of what they are held on. A project has to be the organisation's; an id alone proves nothing. */
async function scopedRoles({ clients }: Parts, call: Call, asked: readonly AskedRole[]): Promise<ScopedRole[]> {
  const { organisationId } = call;
  const projectIds = [...new Set(asked.flatMap(({ projectId }) => projectId ?? []))];
  const known = projectIds.length === 0 ? [] : (await clients.Projects.readScopes({ projectIds }, { timeoutMs })).items;
  const own = new Set(
    known
      .filter((place) => place.organisationId === organisationId && place.status !== "deleted")
      .map(({ projectId }) => projectId),
  );
  if (projectIds.some((projectId) => !own.has(projectId))) throw failure("not_found", "scope_not_found");
  const scoped = asked.map(({ role, projectId }, index) => {
    if (isProjectRole(role) === (projectId !== undefined)) return { role, scope: projectId ?? organisationId };
    const errors = [
      { pointer: `/roles/${index}`, code: "not_allowed", message: "is not of the kind that this role is held on" },
    ];
    throw failure("invalid", "role_scope_mismatch", { errors });
  });
  return [...new Map(scoped.map((role) => [`${role.role}:${role.scope}`, role])).values()];
}

function isProjectRole(role: string): boolean {
  return role === "manager" || role === "reporter" || role === "observer";
}

/** Whoever changes a service account has to be an admin at this very moment. */
export async function checkAdmin(tx: Transaction, call: Call, permission: string): Promise<void> {
  const { actorId: userId, organisationId } = call;
  await checkStill(tx, { userId, permission, record: { organisationId }, places: new Map() });
}

/** The account, if it is the organisation's and was not revoked: whatever is not looks like nothing. */
export async function accountIn(tx: Transaction, call: Call, id: string): Promise<ServiceAccountRecord> {
  return present(await tx.get(serviceAccounts, id), call);
}

export async function ownAccount(store: Store, call: Call, id: string): Promise<ServiceAccountRecord> {
  return present(await store.get(serviceAccounts, id), call);
}

function present(account: ServiceAccountRecord | undefined, { organisationId }: Call): ServiceAccountRecord {
  if (account === undefined || account.revoked || account.organisationId !== organisationId)
    throw failure("not_found", "not_found");
  return account;
}

function grantsOf(tx: Transaction, { _id: userId, organisationId }: ServiceAccountRecord): Promise<GrantRecord[]> {
  return tx.find(grants, { organisationId, userId, removed: false }, { limit: mostGrants });
}

async function exchangeRoles(
  tx: Transaction,
  account: ServiceAccountRecord,
  of: { added: readonly (ScopedRole & { grantId: string })[]; grantedBy: string },
): Promise<void> {
  const held = (await grantsOf(tx, account)).filter(({ role }) => role !== "redacted_consent");
  const keyOf = ({ role, scope }: ScopedRole) => `${role}:${scope}`;
  const wanted = new Set(of.added.map(keyOf));
  const kept = new Set(held.map(keyOf));
  for (const grant of held) if (!wanted.has(keyOf(grant))) await removeGrant(tx, grant);
  for (const role of of.added)
    if (!kept.has(keyOf(role))) await giveTo(tx, account, { ...role, grantedBy: of.grantedBy });
}

/** Gives an account a role; it ends when the account does. */
export async function giveTo(
  tx: Transaction,
  account: ServiceAccountRecord,
  of: ScopedRole & { grantId: string; grantedBy: string },
): Promise<void> {
  const { grantId: id, ...role } = of;
  const { _id: userId, organisationId, expiresAt } = account;
  await addGrant(tx, { id, organisationId, userId, ...role, expiresAt, origin: "service_account" });
}

function tellEnabled(tx: Transaction, { _id: userId, enabled, version }: ServiceAccountRecord): void {
  tx.emit({ type: "org.partake.user.changed.v1", data: { userId, enabled, version } });
}

export async function shown(store: Store, account: ServiceAccountRecord): Promise<ServiceAccount> {
  const [message] = await shownAll(store, [account]);
  if (message === undefined) throw failure("not_found", "not_found");
  return message;
}

/** Accounts with their roles and when they were used, by two queries however many they are. */
async function shownAll(store: Store, accounts: readonly ServiceAccountRecord[]): Promise<ServiceAccount[]> {
  const [first] = accounts;
  if (first === undefined) return [];
  const ids = trusted({ $in: accounts.map(({ _id }) => _id) });
  const limit = accounts.length * mostGrants;
  const counting = { organisationId: first.organisationId, userId: ids, removed: false };
  const held = await store.find(grants, counting, { limit: Math.min(limit, 10_000) });
  const uses = await store.find(credentialUses, { serviceAccountId: ids }, { limit: Math.min(limit, 10_000) });
  const heldBy = Map.groupBy(held, ({ userId }) => userId);
  const usesOf = Map.groupBy(uses, ({ serviceAccountId }) => serviceAccountId);
  return accounts.map((account) =>
    serviceAccountMessage(account, { held: heldBy.get(account._id) ?? [], uses: usesOf.get(account._id) ?? [] }),
  );
}
