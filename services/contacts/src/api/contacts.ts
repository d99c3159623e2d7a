import { contactLevel } from "@partake/authz";
import { failure } from "@partake/failure";
import type { Call, Implementation } from "@partake/rpc";
import type { Parts } from "@partake/service";
import { type Transaction, trusted } from "@partake/store";
import { checkCustomValues, mergeCustomValues, type StoredCustomValue } from "../domain/custom-values.ts";
import { emailKey } from "../domain/email-key.ts";
import { nameWords, searchedWords } from "../domain/name-words.ts";
import { endPiece, PIECE } from "../ending.ts";
import type { Enrolling } from "../enrolling.ts";
import { addContact } from "../new-contact.ts";
import { contactScopeChanged } from "../outcomes.ts";
import { contactFields, FIELDS_MAXIMUM } from "../store/contact-fields.ts";
import { contactRemovals } from "../store/contact-removals.ts";
import { type ContactRecord, contacts } from "../store/contacts.ts";

type Contacts = Pick<
  Implementation<"Contacts">,
  "createContact" | "getContact" | "searchContacts" | "updateContact" | "deleteContact"
>;

/** Contacts: records of people and bodies, shown by the level of who reads. (C1, R7) */
export function contactsApi(parts: Parts, { advance }: Enrolling): Contacts {
  const { store, clients, log } = parts;
  return {
    async createContact(request, call: Call) {
      const { organisationId, actorId } = call;
      const { id: _id, projectId, kind, name, email, phone, customValues } = request;
      const { id, repeated } = await store.write(call, async (tx) => {
        await checkValues(tx, organisationId, customValues);
        const given = { kind, name, email, phone, customValues };
        const pseudonym = parts.newId("psn");
        await addContact(tx, { _id, organisationId, projectId, ownerId: actorId, pseudonym, ...given });
        return _id;
      });
      if (!repeated) await giveCreatorItsLevel(id, call);
      const contact = await present(id);
      // A repeat is answered to whoever may still read it, and shows its maker at most what they sent themselves.
      const isChanged = repeated && contact.version > 1;
      if (isChanged) call.decide(contact, "contact.read");
      return isChanged ? shown(contact, call) : shown(contact, call, "updates");
    },

    async getContact({ contactId }, call: Call) {
      const contact = await store.get(contacts, contactId);
      call.decide(contact);
      return shown(contact, call);
    },

    async searchContacts({ name, kind, projectId, limit, cursor }, call: Call) {
      const words = name === undefined ? [] : searchedWords(name);
      const filter = {
        ...(kind && { kind }),
        ...(projectId && { contactProjectIds: projectId }),
        ...(words.length > 0 && { $and: words.map((word) => ({ nameWords: beginsWith(word) })) }),
      };
      const visible = call.visible();
      // A name of signs alone has no word to be found by; without this it would find everybody.
      if (name !== undefined && words.length === 0) return { items: [], nextCursor: "" };
      const page = await store.list(contacts, { visible, filter, limit, cursor, call });
      return { items: page.items.map((contact) => shown(contact, call)), nextCursor: page.nextCursor };
    },

    async updateContact({ contactId, kind, name, email, phone, customValues }, call: Call) {
      const contact = await store.get(contacts, contactId);
      call.decide(contact);
      await store.write(call, async (tx) => {
        await checkValues(tx, contact.organisationId, customValues);
        const values = mergeCustomValues(contact.customValues, customValues);
        if (values.length > FIELDS_MAXIMUM) throw failure("unprocessable", "too_many_fields");
        const changes = {
          ...(kind && { kind }),
          ...(name !== undefined && { name, nameWords: nameWords(name) }),
          ...(email !== undefined && { email, emailKey: emailKey(email) }),
          ...(phone !== undefined && { phone }),
          ...(customValues.length > 0 && { customValues: values }),
        };
        const changed = await tx.update(contacts, contact, changes);
        tx.audit({ action: "contact.changed", organisationId: contact.organisationId, subjectId: contactId });
        return changed._id;
      });
      return shown(await present(contactId), call);
    },

    async deleteContact({ contactId }, call: Call) {
      const contact = await store.get(contacts, contactId);
      call.decide(contact);
      let ended: { _id: string }[] = [];
      await store.write(call, async (tx) => {
        ended = await endPiece(tx, { contactId }, "contact_deleted");
        // A contact is in few projects. What is open of one in many ends by the worker.
        if (ended.length === PIECE) await tx.insert(contactRemovals, { _id: contactId, removedAt: tx.now });
        await tx.remove(contacts, contact);
        tx.emit(contactScopeChanged(contact, true));
        tx.audit({ action: "contact.deleted", organisationId: contact.organisationId, subjectId: contactId });
        return contactId;
      });
      for (const { _id } of ended) await advance(_id, { actorId: call.actorId, traceparent: call.traceparent });
      return {};
    },
  };

  async function present(id: string): Promise<ContactRecord> {
    const contact = await store.get(contacts, id);
    if (!contact) throw failure("not_found", "not_found");
    return contact;
  }

  /** The event guarantees it; the call makes it so before the answer, and may fail without harm. */
  async function giveCreatorItsLevel(contactId: string, call: Call): Promise<void> {
    const { organisationId, actorId: userId } = call;
    const request = { organisationId, userId, role: "contact_updates", scope: contactId } as const;
    await clients.Identity.giveCreatorRole(request, { on: call }).catch((error: unknown) =>
      log.warn({ err: error, requestId: call.requestId }, "the creator's level follows by event"),
    );
  }
}

async function checkValues(
  tx: Transaction,
  organisationId: string,
  values: readonly StoredCustomValue[],
): Promise<void> {
  if (values.length === 0) return;
  checkCustomValues(values, await tx.find(contactFields, { organisationId }, { limit: FIELDS_MAXIMUM }));
}

/** A range instead of a pattern: it uses the index, and no text can be more than a text. */
function beginsWith(word: string) {
  return trusted({ $elemMatch: { $gte: word, $lt: `${word}\u{10FFFF}` } });
}

/** The parts of a contact that a level shows. (roles.md, "A colleague and a contact") */
function shown(contact: ContactRecord, call: Call, atLeast?: "updates") {
  const level = atLeast ?? contactLevel(call.caller, contact);
  if (level === "none") throw failure("not_found", "not_found");
  const { _id: id, organisationId, kind, name, version } = contact;
  const projectIds = contact.contactProjectIds.filter((projectId) =>
    call.may("project.read", { organisationId, projectId }),
  );
  const headline = { id, organisationId, kind, name, projectIds, level, version };
  const rest = { hasAccount: contact.contactUserId !== undefined, createdAt: contact.createdAt.toISOString() };
  if (level === "headline") return { ...headline, ...rest, customValues: [] };
  const { email, phone, customValues } = contact;
  return { ...headline, ...rest, ...(email && { email }), ...(phone && { phone }), customValues };
}
