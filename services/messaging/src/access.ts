import type { Call } from "@partake/rpc";
import type { NotificationRecord } from "./store/notifications.ts";

type Kind = NotificationRecord["kind"];

/**
 * The right with which a notification's owner reads what it is about: without it the notification is not there either, as its ids
 * tell of what they may not see. That a project was deleted answers their own request, and there is nothing more to read.
 */
const permissionOf = {
  post: "comment.read",
  comment: "comment.read",
  reply: "comment.read",
  deletion_requested: "deletion_request.read",
  deletion_declined: "deletion_request.read",
  deletion_granted: "notification.read_own",
} as const satisfies Record<Kind, string>;

const kinds = Object.keys(permissionOf) as Kind[];

/** Which notifications the caller may read: their own, of what they may still read. */
export function readableNotifications(call: Call): Record<string, unknown> {
  const byPermission = Map.groupBy(kinds, (kind) => permissionOf[kind]);
  const readable = [...byPermission].map(([permission, those]) => ({
    $and: [{ kind: { $in: those } }, call.visible(permission)],
  }));
  return { $and: [call.visible(), { $or: readable }] };
}

/** The same of one of them. One that may not be read is refused like one that is missing. */
export function decideReadable(
  call: Call,
  notification: NotificationRecord | undefined,
): asserts notification is NotificationRecord {
  call.decide(notification);
  call.decide(notification, permissionOf[notification.kind]);
}
