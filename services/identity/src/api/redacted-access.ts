import { failure } from "@partake/failure";
import type { Call, Implementation } from "@partake/rpc";
import type { Parts } from "@partake/service";
import { tellOrganisation } from "../store/grant-changes.ts";
import { raiseGrantsVersion } from "../store/grants-version.ts";
import { organisations } from "../store/organisations.ts";
import { endingOf, redactionEndings } from "../store/redaction-endings.ts";
import { organisationMessage } from "./messages.ts";

type RedactedAccess = Pick<Implementation<"Identity">, "switchRedactedAccessOn" | "switchRedactedAccessOff">;

/** The switch that keeps head office out: on at once, off only after those whom it protects against were told. (R12) */
export function redactedAccessApi({ store, newId }: Parts): RedactedAccess {
  async function shown(organisationId: string) {
    const organisation = await store.get(organisations, organisationId);
    if (organisation === undefined) throw failure("not_found", "not_found");
    return organisationMessage(organisation);
  }

  return {
    async switchRedactedAccessOn(meant, call: Call) {
      const organisationId = organisationOf(meant, call);
      let version: number | undefined;
      await store.write(call, async (tx) => {
        const organisation = await tx.get(organisations, organisationId);
        if (organisation === undefined) throw failure("not_found", "not_found");
        const ending = await endingOf(tx, organisationId);
        if (organisation.switches.redactedAccess && ending === undefined) return organisationId;
        if (ending !== undefined) await tx.update(redactionEndings, ending, { state: "over" });
        const switches = { ...organisation.switches, redactedAccess: true };
        const changed = await tx.update(organisations, organisation, { switches, redactedUntil: undefined });
        version = await tellOrganisation(tx, changed);
        const action = ending === undefined ? "redacted_access.switched_on" : "redacted_access.kept_on";
        tx.audit({ action, organisationId, subjectId: organisationId });
        return organisationId;
      });
      if (version !== undefined) call.grantsChanged(version);
      return await shown(organisationId);
    },

    async switchRedactedAccessOff(meant, call: Call) {
      const { actorId } = call;
      const organisationId = organisationOf(meant, call);
      const _id = newId("red");
      await store.write(call, async (tx) => {
        const organisation = await tx.get(organisations, organisationId);
        if (organisation === undefined) throw failure("not_found", "not_found");
        if (!organisation.switches.redactedAccess) throw failure("conflict", "not_redacted");
        // Two admins at once begin one ending.
        await raiseGrantsVersion(tx, organisationId);
        if ((await endingOf(tx, organisationId)) !== undefined) return organisationId;
        const begun = { requestedBy: actorId, requestedAt: tx.now };
        await tx.insert(redactionEndings, { _id, organisationId, state: "telling", ...begun });
        tx.audit({ action: "redacted_access.off_requested", organisationId, subjectId: organisationId });
        return organisationId;
      });
      return await shown(organisationId);
    },
  };
}

/** The organisation of the caller's token, which has to be the one that they mean. */
function organisationOf(meant: { organisationId?: string | undefined }, { organisationId }: Call): string {
  if (meant.organisationId && meant.organisationId !== organisationId) throw failure("conflict", "other_organisation");
  return organisationId;
}
