import { type DueWorkParts, eachDue } from "@partake/service";
import { type Cause, type Transaction, trusted } from "@partake/store";
import { grants } from "./store/grants.ts";
import { users } from "./store/users.ts";
import { withheldRights } from "./store/withheld-rights.ts";

/** In one transaction. */
const piece = 100;
const mostUsers = 10;
const cause: Cause = { actorId: "service:identity", traceparent: undefined };

/** Why somebody got or lost a role is a text about them. Forgets a piece of these texts; whether that was the last. */
export async function forgetReasons(tx: Transaction, userId: string): Promise<boolean> {
  const told = (...fields: string[]) => {
    const known = fields.map((field) => ({ [field]: trusted({ $exists: true }) }));
    return { userId, $or: known };
  };
  const given = await tx.find(grants, told("reason", "takenReason"), { limit: piece });
  for (const grant of given) await tx.update(grants, grant, { reason: undefined, takenReason: undefined });
  const withheld = await tx.find(withheldRights, told("reason", "restoredReason"), { limit: piece });
  for (const right of withheld)
    await tx.update(withheldRights, right, { reason: undefined, restoredReason: undefined });
  return given.length < piece && withheld.length < piece;
}

/** Forgets what the closing of an account left of them. */
export async function forgetReasonsLeft(parts: DueWorkParts): Promise<void> {
  const { store } = parts;
  await eachDue(parts, {
    name: "forgotten-reasons",
    find: (_id) => store.find(users, { hasReasonsLeft: true, _id }, { limit: mostUsers }),
    async work({ _id }) {
      for (let isWhole = false; !isWhole; ) {
        await store.write(cause, async (tx) => {
          isWhole = await forgetReasons(tx, _id);
          const user = await tx.get(users, _id);
          if (user && isWhole) await tx.update(users, user, { hasReasonsLeft: undefined });
          return _id;
        });
      }
    },
  });
}
