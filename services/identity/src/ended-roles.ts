import type { Parts } from "@partake/service";
import { trusted } from "@partake/store";
import { removeGrant } from "./store/grant-changes.ts";
import { grants, hasEnded } from "./store/grants.ts";

/** At one time; the rest follows with the next turn. */
const mostAtOnce = 200;

/** Records the end of roles whose date has come, and tells of it. They count for nothing since that very moment, recorded or not. */
export async function recordEndedRoles({ store, clock }: Pick<Parts, "store" | "clock">): Promise<void> {
  const due = { removed: false, expiresAt: trusted({ $lte: clock.now() }) };
  const ended = await store.find(grants, due, { limit: mostAtOnce, sort: { expiresAt: 1 } });
  for (const { _id } of ended) {
    await store.write({ actorId: "service:identity", traceparent: undefined }, async (tx) => {
      const current = await tx.get(grants, _id);
      if (current !== undefined && hasEnded(current, tx.now)) await removeGrant(tx, current, { action: "role.ended" });
      return _id;
    });
  }
}
