import type { Handler, Subscription } from "@partake/bus";
import { endUploads } from "@partake/uploads";

const organisationChanged: Handler<"org.partake.organisation.changed.v1"> = {
  async apply({ data: { organisationId, state } }, tx) {
    if (state === "closed") await endUploads(tx, { organisationId });
  },
};

/** What projects learns of others for good: which organisations were closed. */
export const events: Subscription = {
  group: "projects",
  handlers: { "org.partake.organisation.changed.v1": organisationChanged },
};
