import { asFailure, failure } from "@partake/failure";
import type { Cause, Store } from "@partake/store";
import { parseEmail } from "../domain/email-address.ts";
import { type RoleClaims, roleClaims } from "../domain/role-claims.ts";
import { undoable } from "./email-changes.ts";
import { addGrant, removeGrant } from "./grant-changes.ts";
import { grantVersions } from "./grant-versions.ts";
import { type GrantRecord, grants, notEnded } from "./grants.ts";
import { noteActivity } from "./members.ts";
import { organisations } from "./organisations.ts";
import { type UserRecord, users } from "./users.ts";

const PLATFORM = "platform";
/** Beyond this a token only refers to the grants; more than this need not be read to make one. */
const readForToken = 101;

export interface AccountsParts {
  store: Store;
  newId(prefix: string): string;
  clock: { now(): Date };
  platformOperators: readonly string[];
  billingOperators: readonly string[];
}

/** Whether an organisation has published projects that every registered user sees. */
export type ShowsProjects = (of: { organisationId: string; userId: string; version: number }) => Promise<boolean>;

/** Claims, and how long they are true: no token outlives a role that it claims. */
export interface ClaimsInTime {
  claims: RoleClaims;
  /** Whole seconds; absent: nothing of it ends by itself. */
  secondsLeft?: number;
}

/** Accounts as the OpenID Provider needs them. */
export interface Accounts {
  find(userId: string): Promise<UserRecord | undefined>;
  /** The account of a verified address, made if it is the first time. Throws `forbidden` for a disabled one. */
  logIn(email: string): Promise<UserRecord>;
  /** The account of somebody who proved otherwise that it is theirs. Throws `forbidden` for one that is disabled or gone. */
  enter(userId: string): Promise<UserRecord>;
  /** What an access token for an organisation says, or undefined for somebody who holds nothing there. */
  claimsFor(userId: string, organisationId: string): Promise<ClaimsInTime | undefined>;
  /** The same for a registered user, who may hold nothing: they see an organisation that shows projects to them. (R10) */
  registeredClaimsFor(
    userId: string,
    organisationId: string,
    showsProjects: ShowsProjects,
  ): Promise<ClaimsInTime | undefined>;
  /** Takes the operators' roles from those who are no longer listed. */
  dismissOperators(): Promise<void>;
}

export function accounts(parts: AccountsParts): Accounts {
  const { store } = parts;
  const accounts: Accounts = {
    find: (userId) => store.get(users, userId),
    async logIn(email) {
      const known = await byEmail(store, email);
      // It was an account's until lately and may become so again: nobody begins another one with it meanwhile.
      if (known === undefined && (await undoable(store, email, parts.clock.now())) !== undefined)
        throw failure("forbidden", "email_changed");
      return await entering(parts, known ?? (await register(parts, email)));
    },
    async enter(userId) {
      return await entering(parts, await store.get(users, userId));
    },
    async claimsFor(userId, organisationId) {
      if (organisationId !== PLATFORM) {
        const organisation = await store.get(organisations, organisationId);
        if (organisation?.state !== "active") return undefined;
      }
      // The version is read first: a grant that changes between is then newer than the token says, never older.
      const version = (await store.get(grantVersions, organisationId))?.grantsVersion ?? 0;
      // Tokens live for whole seconds: what ends within one is left out.
      const nowMs = parts.clock.now().getTime();
      const counting = { organisationId, userId, ...notEnded(new Date(nowMs + 1_000)) };
      const held = await store.find(grants, counting, { limit: readForToken });
      if (held.length === 0) return undefined;
      await noteActivity(store, { organisationId, userId, now: new Date(nowMs) });
      const ends = held.flatMap(({ expiresAt }) => (expiresAt === undefined ? [] : [expiresAt.getTime()]));
      const left = ends.length === 0 ? {} : { secondsLeft: Math.floor((Math.min(...ends) - nowMs) / 1_000) };
      return { claims: roleClaims(held, version), ...left };
    },
    async registeredClaimsFor(userId, organisationId, showsProjects) {
      const held = await accounts.claimsFor(userId, organisationId);
      if (held !== undefined || organisationId === PLATFORM) return held;
      const organisation = await store.get(organisations, organisationId);
      if (organisation?.state !== "active") return undefined;
      const version = (await store.get(grantVersions, organisationId))?.grantsVersion ?? 0;
      const isShown = await showsProjects({ organisationId, userId, version });
      return isShown ? { claims: roleClaims([], version) } : undefined;
    },
    async dismissOperators() {
      const held = await store.find(grants, { organisationId: PLATFORM, removed: false }, { limit: 1_000 });
      for (const userId of new Set(held.map((grant) => grant.userId))) {
        const user = await store.get(users, userId);
        if (user !== undefined) await syncOperator(parts, user);
      }
    },
  };
  return accounts;
}

export async function byEmail(store: Store, email: string): Promise<UserRecord | undefined> {
  const [user] = await store.find(users, { email }, { limit: 1 });
  return user;
}

async function entering(parts: AccountsParts, user: UserRecord | undefined): Promise<UserRecord> {
  if (user === undefined || !user.enabled) throw failure("forbidden", "account_disabled");
  await syncOperator(parts, user);
  return user;
}

async function register(parts: AccountsParts, email: string): Promise<UserRecord> {
  const id = parts.newId("usr");
  await parts.store
    .write(causeOf(id), async (tx) => {
      const user = { _id: id, email, name: "", language: "en", enabled: true, createdAt: tx.now };
      const { version } = await tx.insert(users, user);
      tx.emit({ type: "org.partake.user.changed.v1", data: { userId: id, enabled: true, version } });
      return id;
    })
    .catch((error: unknown) => {
      // Somebody finished a log-in with the same address at the same moment: theirs is the account.
      if (asFailure(error).reason !== "already_exists") throw error;
    });
  const user = await byEmail(parts.store, email);
  if (user === undefined) throw failure("unavailable", "account_not_ready");
  return user;
}

/** Gives and takes the operators' roles as the installation's configuration says now. */
async function syncOperator(parts: AccountsParts, user: UserRecord): Promise<void> {
  const { store, newId } = parts;
  const held = await store.find(grants, { organisationId: PLATFORM, userId: user._id, removed: false }, { limit: 10 });
  const wanted = operatorRoles(parts, user);
  const missing = wanted.filter((role) => !held.some((grant) => grant.role === role));
  const surplus = held.filter((grant) => !wanted.includes(grant.role));
  if (missing.length === 0 && surplus.length === 0) return;
  const work = { missing: missing.map((role) => ({ role, id: newId("grn") })), surplus };
  await store
    .write(causeOf(user._id), async (tx) => {
      for (const grant of work.surplus) await removeGrant(tx, (await tx.get(grants, grant._id)) ?? grant);
      for (const { role, id } of work.missing) await addGrant(tx, operatorGrant(user, { role, id }));
      return user._id;
    })
    .catch((error: unknown) => {
      // Two log-ins of the same operator at once: one of them gave the role.
      if (asFailure(error).code !== "conflict") throw error;
    });
}

function operatorRoles(parts: AccountsParts, user: UserRecord): GrantRecord["role"][] {
  const { enabled, email: address } = user;
  // An entry that is no address is like nobody's, least of all like that of somebody who has none.
  if (!enabled || address === undefined) return [];
  const lists = { platform_operator: parts.platformOperators, billing_operator: parts.billingOperators };
  return Object.entries(lists).flatMap(([role, emails]) =>
    emails.some((email) => parseEmail(email) === address) ? [role] : [],
  );
}

function operatorGrant(user: UserRecord, { role, id }: { role: string; id: string }) {
  const origin = "operator" as const;
  return {
    id,
    organisationId: PLATFORM,
    userId: user._id,
    role,
    scope: PLATFORM,
    origin,
    grantedBy: "service:identity",
  };
}

function causeOf(actorId: string): Cause {
  return { actorId, traceparent: undefined };
}
