import type { Subscription } from "@partake/bus";
import { activityRecorded } from "./of-activities.ts";
import { deletionRequestChanged } from "./of-deletion-requests.ts";
import type { TellingParts } from "./telling.ts";

/** Tells people of what concerns them. */
export function notifying(parts: TellingParts): Subscription {
  return {
    group: "messaging",
    handlers: {
      "org.partake.activity.recorded.v1": activityRecorded(parts),
      "org.partake.deletion-request.changed.v1": deletionRequestChanged(parts),
    },
  };
}
