import { PLATFORM } from "@partake/authz";
import type { Implementation } from "@partake/rpc";
import type { GrantsSource, Parts, ReadGrants } from "@partake/service";
import { type Store, trusted } from "@partake/store";
import { isLive } from "../domain/service-account.ts";
import { grantVersions } from "../store/grant-versions.ts";
import { grants, notEnded } from "../store/grants.ts";
import { lastEnded } from "../store/login-sessions.ts";
import { organisations } from "../store/organisations.ts";
import { serviceAccounts } from "../store/service-accounts.ts";
import { type UserRecord, users } from "../store/users.ts";
import { withheldRights } from "../store/withheld-rights.ts";
import { grantMessage, withheldRightMessage } from "./messages.ts";

type Reading = Pick<Implementation<"Identity">, "readGrants" | "readUsers" | "readAdmins" | "readOrganisation">;

/** Somebody with more roles than this in one organisation is a mistake of a program. */
const mostGrants = 10_000;
const adminsAtOnce = 200;

/** What the other services read of people, and admins of what was done. */
export function readingApi({ store, clock }: Parts): Reading {
  return {
    readGrants: (of) => readGrants(store, { ...of, now: clock.now() }),
    async readOrganisation({ organisationId }) {
      const version = (await store.get(grantVersions, organisationId))?.grantsVersion ?? 0;
      const organisation = await store.get(organisations, organisationId);
      if (organisation === undefined) return { visitorsSeeProjects: false, version };
      const { state, switches } = organisation;
      return { state, visitorsSeeProjects: switches.visitorsSeeProjects, version };
    },
    async readUsers({ userIds }) {
      const found = await store.find(users, { _id: trusted({ $in: userIds }) }, { limit: userIds.length });
      const people = found.map(addressOf);
      return { items: [...people, ...(await systemsAmong(store, userIds, people.length))] };
    },
    async readAdmins({ organisationId, cursor }, call) {
      const organisation = await store.get(organisations, organisationId);
      if (organisation?.state !== "active") return { items: [], nextCursor: "" };
      const visible = { organisationId, role: "admin", scope: organisationId, ...notEnded(clock.now()) };
      const { items: held, nextCursor } = await store.list(grants, { visible, limit: adminsAtOnce, cursor, call });
      const ids = held.map(({ userId }) => userId);
      const found = await store.find(users, { _id: trusted({ $in: ids }), enabled: true }, { limit: adminsAtOnce });
      return { items: found.map(addressOf), nextCursor };
    },
  };
}

/** identity's own enforcer reads grants here, without asking itself over the network. */
export function grantsSource({ store, clock }: Parts): GrantsSource {
  return { read: (of) => readGrants(store, { ...of, now: clock.now() }) };
}

/** Nobody is written to who closed their account. */
function addressOf({ _id: userId, name, email = "", language, enabled }: UserRecord) {
  return { userId, name, email: enabled ? email : "", language };
}

/** Systems write, too: what they are called is shown, and there is no address to write to. */
async function systemsAmong(store: Store, userIds: readonly string[], peopleFound: number) {
  if (peopleFound === new Set(userIds).size) return [];
  const found = await store.find(serviceAccounts, { _id: trusted({ $in: userIds }) }, { limit: userIds.length });
  return found.map(({ _id: userId, name }) => ({ userId, name, email: "", language: "en" }));
}

interface Whose {
  organisationId: string;
  userId: string;
  now: Date;
}

async function readGrants(store: Store, { organisationId, userId, now }: Whose): Promise<ReadGrants> {
  // The version first: what changes meanwhile is in the answer, or comes by the topic; never is an older state called newer.
  const version = (await store.get(grantVersions, organisationId))?.grantsVersion ?? 0;
  const [user, organisation, held, withheld, endedSessionIds] = await Promise.all([
    store.get(users, userId),
    organisationId === PLATFORM ? undefined : store.get(organisations, organisationId),
    store.find(grants, { organisationId, userId, ...notEnded(now) }, { limit: mostGrants }),
    store.find(withheldRights, { organisationId, userId, restored: false }, { limit: mostGrants }),
    lastEnded(store, userId, now),
  ]);
  const account = user === undefined ? await store.get(serviceAccounts, userId) : undefined;
  const isEnabled = account === undefined ? user?.enabled === true : account.enabled && isLive(account, now);
  const isActive = organisationId === PLATFORM || organisation?.state === "active";
  return {
    // Nobody who enforces them asks who gave them; of ten thousand roles that is half a megabyte.
    grants: held.map(grantMessage).map(({ grantedBy: _grantedBy, ...grant }) => grant),
    version,
    enabled: isEnabled && isActive,
    endedSessionIds,
    // None of those that were given back, which alone have a second reason.
    withheld: withheld.map((right) => withheldRightMessage(right)).map(({ reason: _reason, ...told }) => told),
    ...(organisation !== undefined && { switches: organisation.switches }),
    ...(account !== undefined && { creatorId: account.creatorId }),
  };
}
