import type { Call } from "@partake/rpc";
import type { Parts } from "@partake/service";
import { type ContactScopeRecord, contactScopes } from "./store/contact-scopes.ts";

/** What contacts tells of a contact. */
export interface ToldScope {
  contactId: string;
  organisationId: string;
  projectIds: readonly string[];
  userId?: string | undefined;
  deleted: boolean;
  version: number;
}

/** What decides access to what is said about a contact, and how new it is. */
export type ContactScope = Omit<ContactScopeRecord, "_id" | "version" | "settleAt">;

/**
 * The contact, if the caller holds the permission on it; else throws. A contact that is unknown or hidden is asked for at its
 * owner before it is refused: it may be newer than our copy, and both cost the same.
 */
export async function decidedContact(
  { store, clients }: Parts,
  asked: { contactId: string; call: Call; permission: string },
): Promise<ContactScope> {
  const { contactId, permission } = asked;
  const call: Call = asked.call;
  const held = await store.get(contactScopes, contactId);
  if (held && !held.deleted && call.may(permission, held)) return held;
  const { items } = await clients.Contacts.readContactScopes({ contactIds: [contactId] }, { on: call });
  const [told] = items;
  const newest = told && (!held || told.version > held.sourceVersion) ? scopeTold(told) : held;
  const present = newest?.deleted ? undefined : newest;
  call.decide(present, permission);
  return present;
}

export function scopeTold({
  contactId,
  organisationId,
  projectIds,
  userId,
  deleted,
  version,
}: ToldScope): ContactScope {
  const linked = userId === undefined || userId === "" ? {} : { contactUserId: userId };
  return { organisationId, contactId, contactProjectIds: [...projectIds], ...linked, deleted, sourceVersion: version };
}
