import type { RecordScope } from "./facts.ts";

/** A filter of MongoDB over the fields of `RecordScope`. */
export type MongoFilter = Record<string, unknown>;

/** The same question in two forms: asked of one record, and as a filter of records. A property test holds them equal. */
export interface Condition {
  holds(record: RecordScope): boolean;
  filter(): MongoFilter;
}

/** No filter's match. */
export const nothing: MongoFilter = { _id: { $in: [] } };

export const always: Condition = { holds: () => true, filter: () => ({}) };
export const never: Condition = { holds: () => false, filter: () => nothing };

/** Both hold. What never holds is known before any record is seen. */
export function both(one: Condition, other: Condition): Condition {
  if (one === never || other === never) return never;
  if (one === always) return other;
  if (other === always) return one;
  return {
    holds: (record) => one.holds(record) && other.holds(record),
    filter: () => ({ $and: [one.filter(), other.filter()] }),
  };
}

/** One of them holds. */
export function anyOf(conditions: readonly Condition[]): Condition {
  const possible = conditions.filter((condition) => condition !== never);
  if (possible.includes(always)) return always;
  const [first] = possible;
  if (!first) return never;
  if (possible.length === 1) return first;
  return {
    holds: (record) => {
      for (const condition of possible) if (condition.holds(record)) return true;
      return false;
    },
    filter: () => ({ $or: possible.map((condition) => condition.filter()) }),
  };
}

/** It belongs to no project, nor does the contact that it is about. */
export const inNoProject: Condition = {
  holds: (record) => record.projectId == null && !record.contactProjectIds?.length,
  filter: () => ({ projectId: null, "contactProjectIds.0": { $exists: false } }),
};

/** It belongs to no other projects than these, nor does the contact that it is about. */
export function inProjectsOf(projectIds: readonly string[]): Condition {
  const within = new Set(projectIds);
  return {
    holds: (record) =>
      (record.projectId == null || within.has(record.projectId)) &&
      (record.contactProjectIds ?? []).every((projectId) => within.has(projectId)),
    filter: () => ({
      projectId: { $in: [null, ...within] },
      contactProjectIds: { $not: { $elemMatch: { $nin: [...within] } } },
    }),
  };
}

export const notStaffOnly: Condition = {
  holds: (record) => record.staffOnly !== true,
  filter: () => ({ staffOnly: { $ne: true } }),
};

export function madeBy(userId: string): Condition {
  return { holds: (record) => record.ownerId === userId, filter: () => ({ ownerId: userId }) };
}

export function notAbout(userId: string): Condition {
  return { holds: (record) => record.contactUserId !== userId, filter: () => ({ contactUserId: { $ne: userId } }) };
}
