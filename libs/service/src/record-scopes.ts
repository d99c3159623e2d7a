import type { RecordScope } from "@partake/authz";
import type { Services } from "@partake/contract";
import { type CollectionDefinition, type Store, type Stored, trusted } from "@partake/store";

type Read = Services["Projects"]["readRecordScopes"];
type ScopeOf = Read["response"]["items"][number];

/** A collection whose records store what decides access to them, under the names of `RecordScope`. */
// biome-ignore lint/suspicious/noExplicitAny: collections of different records stand in one table
export type ScopedCollection = CollectionDefinition<Stored & any>;

const fields = [
  "folderId",
  "projectId",
  "boardId",
  "albumId",
  "eventId",
  "contactId",
  "contactUserId",
  "participationId",
  "ownerId",
] as const;

/** The RPC ReadRecordScopes of a service, by the collections in which ids of each prefix are: one query for each of them. */
export function readRecordScopes(store: Pick<Store, "find">, collections: Record<string, ScopedCollection>) {
  return async ({ ids }: Read["request"]): Promise<Read["response"]> => {
    const byCollection = Map.groupBy(ids, (id) => collections[id.slice(0, 3)]);
    const reading = [...byCollection].map(async ([collection, wanted]) => {
      if (collection === undefined) return [];
      const found = await store.find(collection, { _id: trusted({ $in: wanted }) }, { limit: wanted.length });
      return found.map((record: Stored & RecordScope) => scopeOf(record));
    });
    return { items: (await Promise.all(reading)).flat() };
  };
}

function scopeOf(record: Stored & RecordScope): ScopeOf {
  const { organisationId, contactProjectIds, peerReview = false, staffOnly = false } = record;
  const named = fields.flatMap((field) => (record[field] == null ? [] : [[field, record[field]] as const]));
  return {
    ...(Object.fromEntries(named) as Partial<ScopeOf>),
    ...{ id: record._id, organisationId, peerReview, staffOnly },
    contactProjectIds: [...(contactProjectIds ?? [])],
    hasContactProjects: contactProjectIds != null,
  };
}

/** What ReadRecordScopes told of a record, as the rules take it. */
export function recordScopeOf(told: ScopeOf): RecordScope {
  const { organisationId, contactProjectIds, hasContactProjects, peerReview, staffOnly } = told;
  const named = fields.flatMap((field) => (told[field] === undefined ? [] : [[field, told[field]] as const]));
  return {
    ...(Object.fromEntries(named) as Partial<RecordScope>),
    ...{ organisationId, peerReview, staffOnly },
    ...(hasContactProjects && { contactProjectIds }),
  };
}
