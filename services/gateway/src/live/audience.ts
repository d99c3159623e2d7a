import { may, type RecordScope, type UserCaller } from "@partake/authz";
import type { Arrived } from "@partake/bus";
import type { Events } from "@partake/contract";

/** The topics that tell what happens. */
export const liveTopics = ["activity", "contacts", "notifications"] as const;

/** An event as the streams carry it: ids, by which the other operations are asked. */
export interface LiveEvent {
  id: string;
  kind: string;
  projectId?: string;
  contactId?: string;
  participationId?: string;
  recordId?: string;
}

/** Something that happened, and whose business it is. */
export interface Happening {
  event: LiveEvent;
  organisationId: string;
  /** Decided by what the caller holds at the moment of asking. */
  isFor(caller: UserCaller): boolean;
}

type Activity = Events["org.partake.activity.recorded.v1"];
type ParticipationChanged = Events["org.partake.participation.changed.v1"];
type NotificationCreated = Events["org.partake.notification.created.v1"];

/** Who may read what an activity is about. */
const permissionOf = {
  "post.created": "post.read",
  "comment.created": "comment.read",
  "note.created": "timeline.read",
} as const satisfies Record<Activity["kind"], string>;

/** What of an event concerns the streams; undefined for all else on their topics. */
export function happeningOf(arrived: Arrived): Happening | undefined {
  switch (arrived.type) {
    case "org.partake.activity.recorded.v1":
      return ofActivity(arrived.id, arrived.data as Activity);
    case "org.partake.participation.changed.v1":
      return ofParticipation(arrived.id, arrived.data as ParticipationChanged);
    case "org.partake.notification.created.v1":
      return ofNotification(arrived.id, arrived.data as NotificationCreated);
    default:
      return undefined;
  }
}

function ofActivity(id: string, data: Activity): Happening {
  const { organisationId, projectId, contactId, participationId, contactUserId } = data;
  const scope: RecordScope = {
    organisationId,
    contactId,
    contactProjectIds: data.contactProjectIds,
    staffOnly: data.staffOnly,
    ownerId: data.actorId,
    ...(projectId === undefined ? {} : { projectId }),
    ...(participationId === undefined ? {} : { participationId }),
    ...(contactUserId === undefined ? {} : { contactUserId }),
  };
  const event: LiveEvent = { id, kind: data.kind, contactId, recordId: data.recordId };
  if (projectId !== undefined) event.projectId = projectId;
  if (participationId !== undefined) event.participationId = participationId;
  const permission = permissionOf[data.kind];
  return { event, organisationId, isFor: (caller) => may(caller, permission, scope) };
}

function ofParticipation(id: string, data: ParticipationChanged): Happening {
  const { organisationId, projectId, boardId, contactId, participationId, userId } = data;
  const scope: RecordScope = { organisationId, projectId, boardId, contactId, participationId };
  if (userId !== undefined) scope.contactUserId = userId;
  return {
    event: { id, kind: "participation.changed", projectId, contactId, participationId, recordId: participationId },
    organisationId,
    isFor: (caller) => may(caller, "participation.read", scope) || may(caller, "participation.read_own", scope),
  };
}

function ofNotification(id: string, data: NotificationCreated): Happening {
  const { organisationId, userId, notificationId } = data;
  return {
    event: { id, kind: "notification.created", recordId: notificationId },
    organisationId,
    isFor: (caller) => caller.userId === userId && caller.organisationId === organisationId,
  };
}
