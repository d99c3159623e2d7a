import type { Handler, Subscription } from "@partake/bus";
import { projectRemovals } from "./store/project-removals.ts";

/** Only the last word on a project concerns contacts: whatever came before it, in whatever order, changes nothing here. */
const projectChanged: Handler<"org.partake.project.scope-changed.v1"> = {
  async apply({ data: { projectId: _id, organisationId, removed } }, tx) {
    if (!removed || (await tx.get(projectRemovals, _id)) !== undefined) return;
    await tx.insert(projectRemovals, { _id, organisationId, removedAt: tx.now, pending: true });
  },
};

/** What contacts learns of others: which projects were removed for good. */
export const events: Subscription = {
  group: "contacts",
  handlers: { "org.partake.project.scope-changed.v1": projectChanged },
};
