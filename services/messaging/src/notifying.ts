import type { Handler, Subscription } from "@partake/bus";
import type { Events } from "@partake/contract";
import type { Parts } from "@partake/service";
import { type Recipient, recipientsOf } from "./domain/recipients.ts";
import { readersOf } from "./live-rights.ts";
import { queued } from "./queueing.ts";
import type { Sealing } from "./sealing.ts";
import { mails } from "./store/mails.ts";
import { notifications } from "./store/notifications.ts";

type Activity = Events["org.partake.activity.recorded.v1"];

/** Somebody who is told, with where to write to if a mail goes out, too. */
interface Told extends Recipient {
  address?: { email: string; language: string };
}

const TIMEOUT_MS = 5_000;

export interface NotifyingParts extends Pick<Parts, "clients" | "config" | "newId"> {
  sealing: Sealing;
  /** Says that a mail was queued. */
  wake(): void;
}

/** Tells people of what concerns them, live in the platform and by e-mail. (G5, E8) */
export function notifying(parts: NotifyingParts): Subscription {
  return { group: "messaging", handlers: { "org.partake.activity.recorded.v1": activityRecorded(parts) } };
}

function activityRecorded(parts: NotifyingParts): Handler<"org.partake.activity.recorded.v1", Told[]> {
  return {
    /** Rights and addresses are asked for at the moment of telling: an old copy would tell who should not know. */
    async prepare({ data }) {
      return toldOf(parts, data);
    },
    async apply({ data }, tx, told) {
      const { organisationId, projectId, contactId, postId = "" } = data;
      const link = `${parts.config.origin}/posts/${postId}?organisation=${organisationId}`;
      const now = tx.now;
      for (const { userId, kind, address } of told) {
        const _id = parts.newId("ntf");
        const about = { organisationId, ...(projectId && { projectId }), contactId, postId };
        await tx.insert(notifications, { _id, ...about, ownerId: userId, kind, read: false, createdAt: now });
        const data = { userId, organisationId, notificationId: _id };
        tx.emit({ type: "org.partake.notification.created.v1", data });
        if (!address) continue;
        const { email: to, language } = address;
        const order = { id: parts.newId("eml"), to, language, template: "comment_notice", values: { link } } as const;
        await tx.insert(mails, queued(order, { sealing: parts.sealing, now }));
      }
      if (told.some(({ address }) => address)) setTimeout(parts.wake, WAKE_AFTER_MS).unref();
    },
  };
}

/** The transaction is committed by then, most of the time; else the next look finds the mail. */
const WAKE_AFTER_MS = 50;

async function toldOf({ clients }: NotifyingParts, said: Activity): Promise<Told[]> {
  const candidates = recipientsOf(said);
  const { organisationId, projectId, participationId, contactId, contactProjectIds, contactUserId, actorId } = said;
  if (candidates.length === 0 || !projectId) return [];
  const readers = await readersOf(clients, {
    ...{ organisationId, projectId, contactId, contactProjectIds, ownerId: actorId, staffOnly: false },
    ...(participationId && { participationId }),
    ...(contactUserId && { contactUserId }),
  });
  const told: Told[] = [];
  for (const candidate of candidates) if (await readers.mayRead(candidate.userId)) told.push(candidate);
  const userIds = told.filter(({ byMail }) => byMail).map(({ userId }) => userId);
  if (userIds.length === 0) return told;
  const { items } = await clients.Identity.readUsers({ userIds }, { timeoutMs: TIMEOUT_MS });
  return told.map((each) => {
    const user = items.find(({ userId }) => userId === each.userId);
    return each.byMail && user?.email ? { ...each, address: { email: user.email, language: user.language } } : each;
  });
}
