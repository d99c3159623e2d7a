import type { Call, Implementation } from "@partake/rpc";
import type { Parts } from "@partake/service";
import { trusted } from "@partake/store";
import { type GrantRecord, grants, notEnded } from "../store/grants.ts";
import { serviceAccounts } from "../store/service-accounts.ts";
import { type UserRecord, users } from "../store/users.ts";
import { type WithheldRightRecord, withheldRights } from "../store/withheld-rights.ts";
import { explainedGrantMessage, withheldRightMessage } from "./messages.ts";
import { placesAround } from "./scopes.ts";

type Team = Pick<Implementation<"Identity">, "listTeam">;
type Page = Awaited<ReturnType<Team["listTeam"]>>;

const projectRoles = ["manager", "reporter", "observer"];
const partRoles = ["board_admin", "board_member", "album_manager", "album_member", "event_manager", "event_worker"];
/** Managers of one folder, and admins. */
const mostAround = 200;

/** The project's people page: who has a role in it, who gave it and why; directly, and derived from around it. (R11, R18) */
export function teamApi(parts: Parts): Team {
  const { store, clock } = parts;
  return {
    async listTeam({ projectId, limit, cursor }, call: Call): Promise<Page> {
      const { organisationId } = call;
      const counting = { organisationId, ...notEnded(clock.now()) };
      const visible = {
        ...counting,
        $or: [
          { scope: projectId, role: { $in: projectRoles } },
          { projectId, role: { $in: partRoles } },
        ],
      };
      const page = await store.list(grants, { visible, limit, cursor, call });
      const around = cursor ? [] : await grantsAround(parts, call, projectId);
      const right = { organisationId, projectId, restored: false };
      const withheld = cursor ? [] : await store.find(withheldRights, right, { limit: mostAround });
      const shown = await shownRoles(parts, [...page.items, ...around], withheld);
      const items = shown.slice(0, page.items.length);
      return { items, nextCursor: page.nextCursor, derived: shown.slice(page.items.length) };
    },
  };
}

/** The roles that reach a project from its folder and the organisation. */
async function grantsAround({ store, clock }: Parts, call: Call, projectId: string): Promise<GrantRecord[]> {
  const { organisationId } = call;
  const folderId = placesAround(call, { organisationId, projectId }).get(projectId)?.folderId;
  const counting = { organisationId, ...notEnded(clock.now()) };
  const around = [
    { role: "folder_manager", scope: folderId },
    { role: "admin", scope: organisationId },
  ];
  const found = around.map(({ role, scope }) =>
    scope === undefined ? [] : store.find(grants, { ...counting, role, scope }, { limit: mostAround }),
  );
  return (await Promise.all(found)).flat();
}

async function shownRoles(
  { store }: Parts,
  held: readonly GrantRecord[],
  withheld: readonly WithheldRightRecord[],
): Promise<Page["items"]> {
  const userIds = [...new Set(held.map(({ userId }) => userId))];
  if (userIds.length === 0) return [];
  const people = await store.find(users, { _id: trusted({ $in: userIds }) }, { limit: userIds.length });
  const known = new Map<string, Pick<UserRecord, "name" | "email">>(people.map((user) => [user._id, user]));
  const unknown = userIds.filter((userId) => !known.has(userId));
  const systems =
    unknown.length === 0
      ? []
      : await store.find(serviceAccounts, { _id: trusted({ $in: unknown }) }, { limit: unknown.length });
  for (const { _id, name } of systems) known.set(_id, { name });
  return held.map((grant) => {
    const user = known.get(grant.userId);
    const taken = grant.role === "folder_manager" ? withheld.find(({ userId }) => userId === grant.userId) : undefined;
    return {
      ...{ name: user?.name ?? "", email: user?.email ?? "", grant: explainedGrantMessage(grant) },
      ...(taken !== undefined && { withheld: withheldRightMessage(taken) }),
    };
  });
}
