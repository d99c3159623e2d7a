import { compile, type UserCaller } from "@partake/authz";
import { failure } from "@partake/failure";
import type { HeldGrants, LiveGrants, LivePlaces } from "@partake/rpc";
import type { Parts } from "./types.ts";

/** Compiled once for each form of what somebody holds: a question then costs no more than its answer. */
export function liveRights(grants: LiveGrants, places: LivePlaces): Parts["rightsOf"] {
  const compiled = new WeakMap<HeldGrants, UserCaller>();
  return async ({ organisationId, userId, version }) => {
    await places.load(organisationId);
    const held = await grants.read({ organisationId, userId, version });
    if (held === undefined) throw failure("unavailable", "grants_unknown");
    if (!held.enabled) return undefined;
    const known = compiled.get(held);
    if (known !== undefined) return known;
    const { roles: live, switches, withheld = [] } = held;
    const caller = compile({ userId, organisationId, live, switches, places: places.of(organisationId), withheld });
    compiled.set(held, caller);
    return caller;
  };
}
