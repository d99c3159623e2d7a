import { eachDue, type Parts } from "@partake/service";
import { trusted } from "@partake/store";
import { removeGrant } from "./store/grant-changes.ts";
import { grants, hasEnded } from "./store/grants.ts";

/** At one time; the rest follows with the next turn. */
const mostAtOnce = 200;

/** Records the end of roles whose date has come, and tells of it. They count for nothing since that very moment, recorded or not. */
export async function recordEndedRoles(parts: Pick<Parts, "store" | "clock" | "log">): Promise<void> {
  const { store, clock } = parts;
  await eachDue(parts, {
    name: "ended-roles",
    find: (_id) => {
      const ended = { removed: false, expiresAt: trusted({ $lte: clock.now() }), _id };
      return store.find(grants, ended, { limit: mostAtOnce, sort: { expiresAt: 1 } });
    },
    work: ({ _id }) =>
      store.write({ actorId: "service:identity", traceparent: undefined }, async (tx) => {
        const grant = await tx.get(grants, _id);
        if (grant !== undefined && hasEnded(grant, tx.now)) await removeGrant(tx, grant, { action: "role.ended" });
        return _id;
      }),
  });
}
