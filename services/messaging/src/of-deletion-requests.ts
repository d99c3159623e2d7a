import type { Handler } from "@partake/bus";
import type { Events } from "@partake/contract";
import { readersOf } from "./live-rights.ts";
import { type TellingParts, type Told, tell } from "./telling.ts";

type Changed = Events["org.partake.deletion-request.changed.v1"];

const TIMEOUT_MS = 5_000;

/** Tells the admins that they are asked to delete a project, and who asked what became of it. (R17) */
export function deletionRequestChanged(
  parts: TellingParts,
): Handler<"org.partake.deletion-request.changed.v1", Told[]> {
  return {
    async prepare({ data }) {
      return toldOf(parts, data);
    },
    async apply({ data }, tx, told) {
      const { organisationId, projectId, deletionRequestId } = data;
      const page = `/deletion-requests/${deletionRequestId}?organisation=${organisationId}`;
      const about = { organisationId, projectId, deletionRequestId };
      await tell(parts, tx, { told, about, template: "deletion_requested", page });
    },
  };
}

async function toldOf(parts: TellingParts, changed: Changed): Promise<Told[]> {
  const { state, requestedBy, actorId } = changed;
  switch (state) {
    case "open":
      return adminsOf(parts, changed);
    case "withdrawn":
      return [];
    case "declined":
    case "granted":
      if (actorId === requestedBy) return [];
      if (state === "declined" && !(await mayRead(parts, changed))) return [];
      return [{ userId: requestedBy, kind: `deletion_${state}` }];
    default:
      return state satisfies never;
  }
}

/** All of them, a page after the other, but for one who asks: nobody is told of their own doing. */
async function adminsOf({ clients }: TellingParts, { organisationId, requestedBy }: Changed): Promise<Told[]> {
  const told: Told[] = [];
  let cursor = "";
  do {
    const page = await clients.Identity.readAdmins({ organisationId, cursor }, { timeoutMs: TIMEOUT_MS });
    const others = page.items.filter(({ userId }) => userId !== requestedBy);
    for (const { userId, email, language } of others) {
      const address = email === "" ? undefined : { email, language };
      told.push({ userId, kind: "deletion_requested", ...(address && { address }) });
    }
    cursor = page.nextCursor;
  } while (cursor !== "");
  return told;
}

/** Of an answer to a project that they manage no more they are told nothing. Of a deleted one the notification is all there is. */
async function mayRead({ clients }: TellingParts, changed: Changed): Promise<boolean> {
  const { organisationId, projectId, requestedBy } = changed;
  const readers = await readersOf(clients, { organisationId, projectId }, "deletion_request.read");
  return readers.mayRead(requestedBy);
}
