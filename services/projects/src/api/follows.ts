import { failure } from "@partake/failure";
import type { Implementation } from "@partake/rpc";
import type { Parts } from "@partake/service";
import { type Store, trusted } from "@partake/store";
import { decidedProject } from "../reading.ts";
import { FOLLOWED_ORGANISATIONS_MAXIMUM, FOLLOWS_MAXIMUM, followId, follows } from "../store/follows.ts";

type Follows = Pick<Implementation<"Projects">, "followProject" | "unfollowProject" | "readFollowedOrganisations">;

/** Who follows what. It is nobody's but the follower's to see: identity asks for whose account it is. (P7) */
export function followsApi({ store }: Parts): Follows {
  return {
    async followProject({ projectId }, call) {
      const { organisationId } = await decidedProject(store, projectId, call);
      const { actorId: userId } = call;
      const _id = followId(projectId, userId);
      await store.write(call, async (tx) => {
        if (await tx.get(follows, _id)) return projectId;
        const held = await tx.find(follows, { organisationId, userId }, { limit: FOLLOWS_MAXIMUM });
        if (held.length >= FOLLOWS_MAXIMUM) throw failure("unprocessable", "too_many");
        await tx.insert(follows, { _id, organisationId, projectId, userId, followedAt: tx.now });
        return projectId;
      });
      return { projectId, followed: true };
    },

    async unfollowProject({ projectId }, call) {
      await decidedProject(store, projectId, call);
      await store.write(call, async (tx) => {
        const follow = await tx.get(follows, followId(projectId, call.actorId));
        if (follow) await tx.remove(follows, follow);
        return projectId;
      });
      return { projectId, followed: false };
    },

    readFollowedOrganisations: async ({ userId }) => ({ organisationIds: await followedOrganisations(store, userId) }),
  };
}

/** From one organisation to the next by the index, so that a thousand follows in one cost no more than one. */
async function followedOrganisations(store: Store, userId: string): Promise<string[]> {
  const found: string[] = [];
  while (found.length < FOLLOWED_ORGANISATIONS_MAXIMUM) {
    const beyond = { userId, organisationId: trusted({ $gt: found.at(-1) ?? "" }) };
    const [next] = await store.find(follows, beyond, { limit: 1, sort: { organisationId: 1 } });
    if (next === undefined) break;
    found.push(next.organisationId);
  }
  return found;
}
