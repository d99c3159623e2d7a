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
      const { organisationId, postId = "", actorId, contactUserId } = data;
      // What the person answers is told to staff alone. Did the record not say so, the rule for what somebody wrote themselves,
      // which here finds who is told, would leave it to those who are taken off the team but take part in the project, too.
      const about = { ...scopeOf(data), postId, staffOnly: actorId === contactUserId };
      const page = `/posts/${postId}?organisation=${organisationId}`;
      await tell(parts, tx, { told, about, template: "comment_notice", page });
    },
  };
}

async function toldOf({ clients }: TellingParts, said: Activity): Promise<Told[]> {
  const candidates = recipientsOf(said);
  const { projectId, actorId } = said;
  if (candidates.length === 0 || !projectId) return [];
  const comment = { ...scopeOf(said), projectId, ownerId: actorId, staffOnly: false };
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

/** What of it decides access, but for whose it is. */
function scopeOf({
  organisationId,
  projectId,
  participationId,
  contactId,
  contactProjectIds,
  contactUserId,
}: Activity) {
  return {
    ...{ organisationId, contactId, contactProjectIds },
    ...(projectId && { projectId }),
    ...(participationId && { participationId }),
    ...(contactUserId && { contactUserId }),
  };
}
