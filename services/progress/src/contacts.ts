import { failure } from "@partake/failure";
import type { Call } from "@partake/rpc";
import type { Parts } from "@partake/service";
import { type Transaction, trusted } from "@partake/store";
import { eachEntry } from "./each-entry.ts";
import { type ContactScopeRecord, contactScopes } from "./store/contact-scopes.ts";
import { entries } from "./store/entries.ts";
import { files } from "./store/files.ts";
import { participations } from "./store/participations.ts";

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
export type ContactScope = Omit<ContactScopeRecord, "_id" | "version" | "written">;

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

function scopeTold({ contactId, organisationId, projectIds, userId, deleted, version }: ToldScope): ContactScope {
  const linked = userId === undefined || userId === "" ? {} : { contactUserId: userId };
  return { organisationId, contactId, contactProjectIds: [...projectIds], ...linked, deleted, sourceVersion: version };
}

const FILES_MAXIMUM = 10_000;

/** Takes what contacts tells into our copy and carries it to everything about the contact. An older telling changes nothing. */
export async function takeScope(tx: Transaction, told: ToldScope): Promise<ContactScopeRecord> {
  const { contactId } = told;
  const held = await tx.get(contactScopes, contactId);
  if (held && (held.deleted || held.sourceVersion >= told.version)) return held;
  const scope = scopeTold(told);
  const taken = held
    ? await tx.update(contactScopes, held, { contactUserId: undefined, ...scope } as Partial<ContactScopeRecord>)
    : await tx.insert(contactScopes, { _id: contactId, ...scope, written: 0 });
  if (taken.deleted) await forget(tx, contactId);
  else if (!held || !sameScope(held, taken)) await carry(tx, taken);
  return taken;
}

/** Counts a note on the contact, so that a change of its scope at the same moment waits for it or the other way round. */
export async function touchContact(tx: Transaction, scope: ContactScope): Promise<ContactScopeRecord> {
  const { contactId, organisationId, contactProjectIds: projectIds, contactUserId: userId, deleted } = scope;
  const told = { contactId, organisationId, projectIds, userId, deleted, version: scope.sourceVersion };
  const contact = await takeScope(tx, told);
  if (contact.deleted) throw failure("not_found", "not_found");
  return tx.update(contactScopes, contact, { written: contact.written + 1 });
}

function sameScope(one: ContactScope, other: ContactScope): boolean {
  const ids = (scope: ContactScope) => [...scope.contactProjectIds].sort().join();
  return one.contactUserId === other.contactUserId && ids(one) === ids(other);
}

async function carry(tx: Transaction, { contactId, contactProjectIds, contactUserId }: ContactScope): Promise<void> {
  const changes = { contactProjectIds, contactUserId } as { contactProjectIds: string[]; contactUserId: string };
  for (const each of await tx.find(participations, { contactId })) await tx.update(participations, each, changes);
  const carried = { contactProjectIds, contactUserId: contactUserId ?? null };
  const behind = trusted({ contactId, $nor: [carried] });
  await eachEntry(tx, behind, (entry) => tx.update(entries, entry, changes));
}

/** Of a deleted contact nothing that was said by it or about it stays. */
async function forget(tx: Transaction, contactId: string): Promise<void> {
  for (const each of await tx.find(participations, { contactId })) await tx.remove(participations, each);
  await eachEntry(tx, { contactId }, (entry) => tx.remove(entries, entry));
  await eachEntry(tx, { kind: "comment", postContactId: contactId }, (entry) => tx.remove(entries, entry));
  for (const file of await tx.find(files, { contactId }, { limit: FILES_MAXIMUM })) await tx.remove(files, file);
}
