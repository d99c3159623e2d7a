import { compile, type UserCaller } from "@partake/authz";
import { failure } from "@partake/failure";
import type { HeldGrants, LiveGrants, LivePlaces } from "@partake/rpc";
import type { Parts } from "./types.ts";

type Whose = Parameters<Parts["rightsOf"]>[0];

/** Compiled once for each form of what somebody holds: a question then costs no more than its answer. */
export function liveRights(grants: LiveGrants, places: LivePlaces): Parts["rightsOf"] {
  const compiled = new WeakMap<HeldGrants, UserCaller>();
  const heldBy = async (whose: Whose): Promise<HeldGrants> => {
    const held = await grants.read(whose);
    if (held === undefined) throw failure("unavailable", "grants_unknown");
    return held;
  };
  return async (whose) => {
    const { organisationId, userId } = whose;
    await places.load(organisationId);
    const held = await heldBy(whose);
    if (!held.enabled) return undefined;
    const known = compiled.get(held);
    if (known !== undefined) return known;
    const { roles: live, switches, withheld = [], creatorId } = held;
    const own = { userId, organisationId, live, switches, places: places.of(organisationId), withheld };
    if (creatorId !== undefined) {
      // What its creator holds changes by itself, so it is put together for each question. (R22)
      const creator = await heldBy({ ...whose, userId: creatorId });
      if (!creator.enabled) return undefined;
      return compile({
        ...own,
        creator: { userId: creatorId, live: creator.roles, withheld: creator.withheld ?? [] },
      });
    }
    const caller = compile(own);
    compiled.set(held, caller);
    return caller;
  };
}
