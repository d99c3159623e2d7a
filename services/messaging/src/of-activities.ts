import type { Handler } from "@partake/bus";
import type { Events } from "@partake/contract";
import { recipientsOf } from "./domain/recipients.ts";
import { readersOf } from "./live-rights.ts";
import { type TellingParts, type Told, tell } from "./telling.ts";

type Activity = Events["org.partake.activity.recorded.v1"];

const TIMEOUT_MS = 5_000;

/** Tells people of comments on what they wrote. (G5, E8) */
export function activityRecorded(parts: TellingParts): Handler<"org.partake.activity.recorded.v1", Told[]> {
  return {
    /** Rights and addresses are asked for at the moment of telling: an old copy would tell who should not know. */
    async prepare({ data }) {
      return toldOf(parts, data);
    },
    async apply({ data }, tx, told) {
      const { organisationId, projectId, contactId, postId = "" } = data;
      const about = { organisationId, ...(projectId && { projectId }), contactId, postId };
      const page = `/posts/${postId}?organisation=${organisationId}`;
      await tell(parts, tx, { told, about, template: "comment_notice", page });
    },
  };
}

async function toldOf({ clients }: TellingParts, said: Activity): Promise<Told[]> {
  const candidates = recipientsOf(said);
  const { organisationId, projectId, participationId, contactId, contactProjectIds, contactUserId, actorId } = said;
  if (candidates.length === 0 || !projectId) return [];
  const comment = {
    ...{ organisationId, projectId, contactId, contactProjectIds, ownerId: actorId, staffOnly: false },
    ...(participationId && { participationId }),
    ...(contactUserId && { contactUserId }),
  };
  const readers = await readersOf(clients, comment, "comment.read");
  const told: typeof candidates = [];
  for (const candidate of candidates) if (await readers.mayRead(candidate.userId)) told.push(candidate);
  const userIds = told.filter(({ byMail }) => byMail).map(({ userId }) => userId);
  if (userIds.length === 0) return told;
  const { items } = await clients.Identity.readUsers({ userIds }, { timeoutMs: TIMEOUT_MS });
  return told.map((each) => {
    const user = items.find(({ userId }) => userId === each.userId);
    return each.byMail && user?.email ? { ...each, address: { email: user.email, language: user.language } } : each;
  });
}
