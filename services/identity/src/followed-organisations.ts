import { asFailure } from "@partake/failure";
import type { Parts } from "@partake/service";
import { trusted } from "@partake/store";
import { showsProjects } from "./open-projects.ts";
import { grantVersions } from "./store/grant-versions.ts";
import { type OrganisationRecord, organisations } from "./store/organisations.ts";

/** Everybody's own account is shown also while projects is slow. */
const timeoutMs = 1_500;

/**
 * The active organisations, besides those named, in which somebody follows a project and has something to see: those for which
 * they get a token also without a role. Undefined where nobody can say it just now. (R10)
 */
export async function followedOrganisations(
  parts: Parts,
  { userId, besides }: { userId: string; besides: readonly string[] },
): Promise<OrganisationRecord[] | undefined> {
  const { store, clients, log } = parts;
  try {
    const { organisationIds } = await clients.Projects.readFollowedOrganisations({ userId }, { timeoutMs });
    const others = organisationIds.filter((id) => !besides.includes(id));
    if (others.length === 0) return [];
    const named = { _id: trusted({ $in: others }), state: "active" };
    const active = await store.find(organisations, named, { limit: others.length });
    const shown = await Promise.all(active.map(({ _id }) => isOpen(parts, { organisationId: _id, userId })));
    return active.filter((_, index) => shown[index]);
  } catch (error) {
    const { code } = asFailure(error);
    if (code !== "unavailable" && code !== "deadline_exceeded") throw error;
    log.warn({ err: error }, "what somebody follows could not be read");
    return undefined;
  }
}

async function isOpen(parts: Parts, of: { organisationId: string; userId: string }): Promise<boolean> {
  const version = (await parts.store.get(grantVersions, of.organisationId))?.grantsVersion ?? 0;
  return showsProjects(parts, { ...of, version });
}
