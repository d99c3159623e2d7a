import type { Implementation } from "@partake/rpc";
import type { Parts } from "@partake/service";
import { trusted } from "@partake/store";
import { kindOfScope } from "../domain/role-scopes.ts";
import { type GrantRecord, grants, notEnded } from "../store/grants.ts";
import { invitations } from "../store/invitations.ts";
import { membershipId, memberships } from "../store/memberships.ts";

type Handover = Awaited<ReturnType<Implementation<"Identity">["getHandover"]>>;

/** Roles by which somebody answers for a scope: with nobody left in one, nobody does. */
const answering = ["admin", "folder_manager", "manager", "board_admin", "album_manager", "event_manager"];
const mostGrants = 10_000;
const shownSole = 200;
const scopesAtOnce = 1_000;

/** What is somebody's in an organisation, so that it can be handed over: their roles, and where nobody else holds the same. (Z5) */
export async function handoverOf(
  parts: Pick<Parts, "store" | "clock">,
  of: { organisationId: string; userId: string },
): Promise<Handover> {
  const { store, clock } = parts;
  const { organisationId, userId } = of;
  const now = clock.now();
  const counting = { organisationId, userId, ...notEnded(now), role: trusted({ $ne: "participant" }) };
  const held = await store.find(grants, counting, { limit: mostGrants });
  const byKind = Map.groupBy(held, ({ scope }) => kindOfScope(scope));
  const sole = await soleRoles(parts, { ...of, held: held.filter(({ role }) => answering.includes(role)) });
  const membership = await store.get(memberships, membershipId(organisationId, userId));
  const waiting = { organisationId, senderId: userId, state: "pending", expiresAt: trusted({ $gt: now }) };
  return {
    userId,
    colleague: membership?.isColleague === true,
    roles: [...byKind].map(([kind, found]) => ({ kind, count: found.length })),
    soleHolderOf: sole.slice(0, shownSole),
    moreSoleRoles: sole.length > shownSole,
    pendingInvitations: await store.count(invitations, waiting),
  };
}

async function soleRoles(
  { store }: Pick<Parts, "store">,
  of: { organisationId: string; userId: string; held: readonly GrantRecord[] },
): Promise<{ role: string; scope: string }[]> {
  const { organisationId, userId, held } = of;
  const scopes = held.slice(0, scopesAtOnce).map(({ scope }) => scope);
  if (scopes.length === 0) return [];
  const others = await store.find(
    grants,
    {
      ...{ organisationId, removed: false, expiresAt: null },
      scope: trusted({ $in: [...new Set(scopes)] }),
      role: trusted({ $in: answering }),
      userId: trusted({ $ne: userId }),
    },
    { limit: mostGrants },
  );
  const shared = new Set(others.map(({ role, scope }) => `${role}:${scope}`));
  return held
    .slice(0, scopesAtOnce)
    .filter(({ role, scope }) => !shared.has(`${role}:${scope}`))
    .map(({ role, scope }) => ({ role, scope }));
}
