import { failure } from "@partake/failure";
import type { Call, Implementation } from "@partake/rpc";
import type { Parts } from "@partake/service";
import { decideReadable, readableNotifications } from "./access.ts";
import { mailValues } from "./domain/mail-values.ts";
import { queued } from "./queueing.ts";
import type { Sealing } from "./sealing.ts";
import { mails } from "./store/mails.ts";
import { type NotificationRecord, notifications } from "./store/notifications.ts";

export interface ApiParts extends Pick<Parts, "store" | "config"> {
  sealing: Sealing;
  /** Says that a mail was queued. */
  wake(): void;
}

/** The RPCs of the Messaging service. */
export function api({ store, config, sealing, wake }: ApiParts): { Messaging: Implementation<"Messaging"> } {
  return {
    Messaging: {
      async listMyNotifications({ limit, cursor }, call: Call) {
        const page = await store.list(notifications, { visible: readableNotifications(call), limit, cursor, call });
        return { items: page.items.map(shown), nextCursor: page.nextCursor };
      },

      async markNotificationRead({ notificationId }, call: Call) {
        const notification = await store.get(notifications, notificationId);
        decideReadable(call, notification);
        await store.write(call, async (tx) => {
          const current = await tx.get(notifications, notificationId);
          if (!current) throw failure("not_found", "not_found");
          if (!current.read) await tx.update(notifications, current, { read: true });
          return notificationId;
        });
        const read = await store.get(notifications, notificationId);
        if (!read) throw failure("not_found", "not_found");
        return shown(read);
      },

      async sendMail(request, call: Call) {
        const { id, to, template, language, values } = request;
        mailValues(template, values, config.origin);
        const expiresAt = request.expiresAt === undefined ? undefined : new Date(request.expiresAt);
        const { actorId, traceparent, requestId, operation } = call;
        // The same mail to the same address again is a repeat, whatever its words have become meanwhile: one goes out. What tells
        // it is hashed with a key, as an address can be guessed from a plain hash.
        const requestHash = sealing.hash(`${template} ${to.toLowerCase()}`, "request");
        await store.write({ actorId, traceparent, requestId, operation, requestHash }, async (tx) => {
          const order = { id, to, template, language, values, expiresAt };
          return (await tx.insert(mails, queued(order, { sealing, now: tx.now })))._id;
        });
        wake();
        return {};
      },
    },
  };
}

function shown(notification: NotificationRecord) {
  const { _id: id, kind, projectId, contactId, postId = "", read, createdAt, version } = notification;
  const { deletionRequestId } = notification;
  return {
    ...{ id, kind, postId, read, version },
    ...(projectId && { projectId }),
    ...(deletionRequestId && { deletionRequestId }),
    ...(contactId && { contactId }),
    createdAt: createdAt.toISOString(),
  };
}
