import type { Handler, Subscription } from "@partake/bus";
import { organisations, projects } from "./store/places.ts";

const organisationChanged: Handler<"org.partake.organisation.changed.v1"> = {
  async apply({ data }, tx) {
    const { organisationId: _id, timeZone, state, version: toldVersion } = data;
    const known = await tx.get(organisations, _id);
    if (!timeZone || (known && known.toldVersion >= toldVersion)) return;
    const told = { timeZone, toldVersion, rests: state !== "active", closed: state === "closed" };
    if (known) await tx.update(organisations, known, told);
    else await tx.insert(organisations, { _id, ...told });
  },
};

const projectChanged: Handler<"org.partake.project.scope-changed.v1"> = {
  async apply({ data }, tx) {
    const { projectId: _id, status, version: toldVersion } = data;
    const known = await tx.get(projects, _id);
    if (known && known.toldVersion >= toldVersion) return;
    if (known) await tx.update(projects, known, { status, toldVersion });
    else await tx.insert(projects, { _id, status, toldVersion });
  },
};

/** What billing learns from others: time zones of organisations, statuses of projects. Only newer versions count. */
export const subscription: Subscription = {
  group: "billing",
  handlers: {
    "org.partake.organisation.changed.v1": organisationChanged,
    "org.partake.project.scope-changed.v1": projectChanged,
  },
};
