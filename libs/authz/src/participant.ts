import { both, type Condition, madeBy, never, notStaffOnly } from "./condition.ts";
import { type Grants, isGone, type OwnParticipation } from "./grants.ts";
import type { Relation, Rule } from "./rule.ts";

/** The relations of participants. None of them ever reaches what is only for staff. (C5) */
export function participantRelation(grants: Grants, rule: Rule, on: Relation): Condition {
  const counted = grants.participations.filter((own) => counts(own, rule));
  if (counted.length === 0) return never;
  const projectIds = unique(counted.map(({ projectId }) => projectId));
  const live = (): string[] => projectIds.filter((projectId) => !isGone(grants, projectId));
  switch (on) {
    case "own_participation":
      return both(ownParticipation(grants, counted), notStaffOnly);
    case "own_contact":
      return both(ownContact(counted), notStaffOnly);
    case "own_writing":
      return both(both(inProjects(live), madeBy(grants.userId)), notStaffOnly);
    case "peer":
      return both(peers(grants, counted), notStaffOnly);
    case "people_project":
      return both(
        inProjects(() => projectIds.filter((projectId) => isForPeople(grants, projectId))),
        notStaffOnly,
      );
    case "participant_project":
      return both(both(inProjects(live), aboutNobody), notStaffOnly);
    default:
      throw new Error(`${on} is no relation of participants`);
  }
}

function counts(own: OwnParticipation, rule: Rule): boolean {
  if (!rule.anyState && own.state !== "active") return false;
  return rule.levels === undefined || rule.levels.includes(own.level);
}

function unique(ids: readonly string[]): string[] {
  return [...new Set(ids)];
}

/** Few at a time: a person is in a handful of projects. */
function inProjects(projectIds: () => string[]): Condition {
  return {
    holds: (record) => record.projectId != null && projectIds().includes(record.projectId),
    filter: () => ({ projectId: { $in: projectIds() } }),
  };
}

const aboutNobody: Condition = {
  holds: (record) => record.participationId == null && record.contactId == null,
  filter: () => ({ participationId: null, contactId: null }),
};

function ownParticipation(grants: Grants, counted: readonly OwnParticipation[]): Condition {
  const ids = (): string[] => counted.flatMap((own) => (isGone(grants, own.projectId) ? [] : [own.participationId]));
  return {
    holds: (record) => record.participationId != null && ids().includes(record.participationId),
    filter: () => ({ participationId: { $in: ids() } }),
  };
}

function ownContact(counted: readonly OwnParticipation[]): Condition {
  const contactIds = unique(counted.map(({ contactId }) => contactId));
  return {
    holds: (record) =>
      record.contactId != null &&
      record.projectId == null &&
      record.participationId == null &&
      contactIds.includes(record.contactId),
    filter: () => ({ contactId: { $in: contactIds }, projectId: null, participationId: null }),
  };
}

/** Both sides have peer review on and are active in the same project: the record says it of the other side. (G6) */
function peers(grants: Grants, counted: readonly OwnParticipation[]): Condition {
  const open = counted.filter((own) => own.peerReview && own.state === "active");
  if (open.length === 0) return never;
  const ownIds = grants.participations.map(({ participationId }) => participationId);
  const projectIds = (): string[] =>
    unique(open.map(({ projectId }) => projectId)).filter((projectId) => !isGone(grants, projectId));
  return {
    holds: (record) =>
      record.peerReview === true &&
      record.participationId != null &&
      !ownIds.includes(record.participationId) &&
      record.projectId != null &&
      projectIds().includes(record.projectId),
    filter: () => ({
      peerReview: true,
      participationId: { $ne: null, $nin: ownIds },
      projectId: { $in: projectIds() },
    }),
  };
}

function isForPeople({ places }: Grants, projectId: string): boolean {
  const place = places.project(projectId);
  return place !== undefined && place.status === "published" && place.visibility === "people";
}
