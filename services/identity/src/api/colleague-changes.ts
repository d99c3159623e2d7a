import { failure } from "@partake/failure";
import type { Call, Implementation } from "@partake/rpc";
import type { Parts } from "@partake/service";
import { trusted } from "@partake/store";
import { addGrants, removeGrants } from "../store/grant-changes.ts";
import { raiseGrantsVersion } from "../store/grants-version.ts";
import type { Reader } from "../store/powers.ts";
import { users } from "../store/users.ts";
import { type ChangeFacts, digestOf, judge } from "./change-verdicts.ts";
import { prepareChanges } from "./prepared-changes.ts";
import { effectsOf } from "./role-effects.ts";

type Changes = Pick<Implementation<"Identity">, "previewColleagueChanges" | "changeColleagues">;
type Preview = Awaited<ReturnType<Changes["previewColleagueChanges"]>>;

/**
 * Several changes of roles at once: first shown, then done, exactly as shown. What is done is bound to what was shown by a digest
 * over everything that the preview follows from; where any of that changed meanwhile, nothing is done. (R11)
 */
export function colleagueChangesApi(parts: Parts): Changes {
  const { store, clock, newId } = parts;
  return {
    async previewColleagueChanges({ changes }, call: Call): Promise<Preview> {
      const prepared = await prepareChanges(parts, call, changes);
      const reader: Reader = { find: store.find, get: store.get, now: clock.now() };
      const facts = await judge(reader, { call, prepared });
      return {
        items: facts.verdicts.map(({ userId, role, scope, takes, refusal }) => {
          return { userId, role, scope, takes, ...(refusal !== undefined && { refusal }) };
        }),
        people: await shownEffects(parts, call, facts),
        digest: digestOf(facts),
      };
    },

    async changeColleagues({ changes, digest, reason }, call: Call) {
      const { organisationId, actorId } = call;
      const prepared = await prepareChanges(parts, call, changes);
      const made = prepared.map((change) => ({ ...change, id: newId("grn") }));
      let version: number | undefined;
      await store.write(call, async (tx) => {
        // First of all: whoever changes a role at this moment goes before or after the whole of this.
        version = await raiseGrantsVersion(tx, organisationId);
        const facts = await judge(tx, { call, prepared });
        if (digestOf(facts) !== digest) throw failure("conflict", "preview_outdated");
        if (facts.verdicts.some(({ refusal }) => refusal !== undefined))
          throw failure("unprocessable", "change_refused");
        // What is taken makes room for what is given.
        await removeGrants(
          tx,
          facts.verdicts.flatMap(({ taken }) => taken ?? []),
          { reason },
        );
        const common = { organisationId, origin: "given" as const, grantedBy: actorId, reason };
        await addGrants(
          tx,
          made.flatMap(({ id, gives, userId }) => (gives === undefined ? [] : [{ ...gives, ...common, id, userId }])),
        );
        return organisationId;
      });
      if (version !== undefined) call.grantsChanged(version);
      return {};
    },
  };
}

/** What the changes do to each person. Names are for those who may list colleagues. */
async function shownEffects({ store }: Parts, call: Call, facts: ChangeFacts): Promise<Preview["people"]> {
  const { organisationId } = call;
  const effects = await effectsOf(facts);
  if (!call.may("colleague.list", { organisationId })) return effects.map((effect) => ({ ...effect, name: "" }));
  const members = [...facts.members.keys()];
  const found =
    members.length === 0 ? [] : await store.find(users, { _id: trusted({ $in: members }) }, { limit: members.length });
  const names = new Map(found.map(({ _id, name }) => [_id, name]));
  return effects.map((effect) => ({ ...effect, name: names.get(effect.userId) ?? "" }));
}
