import { PLATFORM } from "@partake/authz";
import { failure } from "@partake/failure";
import type { Implementation } from "@partake/rpc";
import type { Parts } from "@partake/service";
import { trusted } from "@partake/store";
import { followedOrganisations } from "../followed-organisations.ts";
import { grants, notEnded } from "../store/grants.ts";
import { followUser } from "../store/members.ts";
import { memberships } from "../store/memberships.ts";
import { organisations } from "../store/organisations.ts";
import { users } from "../store/users.ts";
import { grantMessage } from "./messages.ts";

type Me = Implementation<"Identity">;
type Shown = Awaited<ReturnType<Me["getMe"]>>;

const mostOrganisations = 100;
/** Shown of one organisation; the enforcers know all of them. */
const shownGrants = 200;

/** One's own account. (R23) */
export function meApi(parts: Parts): Pick<Me, "getMe" | "updateMe"> {
  const { store, clock } = parts;

  async function shown(userId: string): Promise<Shown> {
    const user = await store.get(users, userId);
    if (user === undefined) throw failure("not_found", "not_found");
    const held = await store.find(memberships, { userId }, { limit: mostOrganisations, sort: { organisationId: 1 } });
    const ids = held.map(({ organisationId }) => organisationId).filter((id) => id !== PLATFORM);
    const known =
      ids.length === 0
        ? []
        : await store.find(organisations, { _id: trusted({ $in: ids }) }, { limit: mostOrganisations });
    const names = new Map(known.filter(({ state }) => state === "active").map(({ _id, name }) => [_id, name]));
    const shownOrganisations = await Promise.all(
      ids
        .filter((organisationId) => names.has(organisationId))
        .map(async (organisationId) => {
          const mine = await store.find(
            grants,
            { organisationId, userId, ...notEnded(clock.now()) },
            { limit: shownGrants },
          );
          return { organisationId, name: names.get(organisationId) ?? "", grants: mine.map(grantMessage) };
        }),
    );
    const operator = await store.find(grants, { organisationId: PLATFORM, userId, removed: false }, { limit: 10 });
    const followed = await followedOrganisations(parts, { userId, besides: ids });
    const onlyFollowed = (followed ?? []).map(({ _id: organisationId, name }) => {
      return { organisationId, name, grants: [] };
    });
    return {
      ...{ id: userId, name: user.name, email: user.email ?? "", language: user.language, version: user.version },
      languages: [...new Set([user.language, ...(user.languages ?? [])])],
      organisations: [...shownOrganisations, ...onlyFollowed].slice(0, mostOrganisations),
      followsUnknown: followed === undefined,
      platformOperator: operator.some(({ role }) => role === "platform_operator"),
      billingOperator: operator.some(({ role }) => role === "billing_operator"),
      ...(user.enteredByCodeAt !== undefined && { enteredByCodeAt: user.enteredByCodeAt.toISOString() }),
    };
  }

  return {
    getMe: (_request, call) => shown(call.actorId),
    async updateMe({ name, language, languages }, call) {
      const userId = call.actorId;
      await store.write(call, async (tx) => {
        const user = await tx.get(users, userId);
        if (user === undefined) throw failure("not_found", "not_found");
        const changed = await tx.update(users, user, {
          ...(name !== undefined && { name }),
          ...(language !== undefined && { language }),
          ...(languages !== undefined && { languages: languages.tags }),
        });
        if (name !== undefined) await followUser(tx, changed);
        return userId;
      });
      return shown(userId);
    },
  };
}
