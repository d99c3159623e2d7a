import { failure } from "@partake/failure";
import type { Call, Implementation } from "@partake/rpc";
import type { Parts } from "@partake/service";
import { grants, notEnded } from "../store/grants.ts";
import { restoreRight, withheldRights, withholdRight } from "../store/withheld-rights.ts";
import { causeOf, checkStill, notThere } from "./checks.ts";
import { withheldRightMessage } from "./messages.ts";
import { placesAround } from "./scopes.ts";

type WithheldRights = Pick<Implementation<"Identity">, "withholdRight" | "restoreRight" | "restoreRightWithReason">;

const permission = "folder_right.withhold";

/** Taking the right that a folder's manager derives for one project, and giving it back: by admins. (R16) */
export function withheldRightsApi({ store, clock }: Parts): WithheldRights {
  async function restore(of: { withheldRightId: string; reason?: string | undefined }, call: Call): Promise<void> {
    const { withheldRightId, reason } = of;
    const right = await store.get(withheldRights, withheldRightId);
    if (right === undefined || right.restored || right.organisationId !== call.organisationId) return notThere(call);
    const record = { organisationId: right.organisationId, projectId: right.projectId };
    call.decide(record);
    const question = { userId: call.actorId, permission, record, places: placesAround(call, record) };
    // Its version is the organisation's, which the store does not count: it is compared here.
    const { ifMatch, ...cause } = causeOf(call);
    let version: number | undefined;
    await store.write(cause, async (tx) => {
      await checkStill(tx, question);
      const current = await tx.get(withheldRights, withheldRightId);
      if (current === undefined || current.restored) throw failure("not_found", "not_found");
      if (ifMatch !== undefined && ifMatch !== current.grantsVersion)
        throw failure("precondition_failed", "version_mismatch");
      version = (await restoreRight(tx, current, { reason })).grantsVersion;
      return withheldRightId;
    });
    if (version !== undefined) call.grantsChanged(version);
  }

  return {
    async withholdRight({ id: _id, projectId, userId, reason }, call: Call) {
      const { organisationId, actorId } = call;
      const record = { organisationId, projectId };
      const places = placesAround(call, record);
      const scope = places.get(projectId)?.folderId;
      const written = await store.write(call, async (tx) => {
        await checkStill(tx, { userId: actorId, permission, record, places });
        const role = { organisationId, userId, role: "folder_manager", scope: scope ?? "" };
        const [manager] = await tx.find(grants, { ...role, ...notEnded(clock.now()) }, { limit: 1 });
        if (manager === undefined) throw failure("unprocessable", "no_derived_right");
        const [known] = await tx.find(
          withheldRights,
          { organisationId, userId, projectId, restored: false },
          { limit: 1 },
        );
        if (known !== undefined && known._id !== _id) throw failure("conflict", "already_withheld");
        const withheld = { _id, organisationId, userId, projectId, withheldBy: actorId };
        await withholdRight(tx, { ...withheld, ...(reason !== undefined && { reason }) });
        return _id;
      });
      const right = await store.get(withheldRights, written.id);
      if (right === undefined) throw failure("not_found", "not_found");
      call.grantsChanged(right.grantsVersion);
      return withheldRightMessage(right);
    },

    async restoreRight({ withheldRightId }, call: Call) {
      await restore({ withheldRightId }, call);
      return {};
    },

    async restoreRightWithReason({ withheldRightId, reason }, call: Call) {
      await restore({ withheldRightId, reason }, call);
      const right = await store.get(withheldRights, withheldRightId);
      if (right === undefined) throw failure("not_found", "not_found");
      return withheldRightMessage(right);
    },
  };
}
