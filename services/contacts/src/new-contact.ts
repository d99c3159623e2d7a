import type { Transaction } from "@partake/store";
import type { StoredCustomValue } from "./domain/custom-values.ts";
import { emailKey } from "./domain/email-key.ts";
import { nameWords } from "./domain/name-words.ts";
import { contactScopeChanged } from "./outcomes.ts";
import { type ContactKind, contacts } from "./store/contacts.ts";
import { pseudonyms } from "./store/pseudonyms.ts";

export interface NewContact {
  _id: string;
  organisationId: string;
  projectId: string | undefined;
  ownerId: string;
  pseudonym: string;
  kind: ContactKind;
  name: string;
  email: string | undefined;
  phone?: string | undefined;
  customValues: StoredCustomValue[];
}

/** Records a contact with its pseudonym, and tells of it. */
export async function addContact(tx: Transaction, of: NewContact): Promise<void> {
  const { _id, organisationId, projectId, ownerId, pseudonym, kind, name, email, phone, customValues } = of;
  const contact = await tx.insert(contacts, {
    ...{ _id, organisationId, contactId: _id, contactProjectIds: projectId ? [projectId] : [] },
    ...{ ownerId, kind, name, nameWords: nameWords(name), customValues, createdAt: tx.now },
    ...(email && { email, emailKey: emailKey(email) }),
    ...(phone && { phone }),
  });
  await tx.insert(pseudonyms, { _id, organisationId, pseudonym });
  tx.emit(contactScopeChanged(contact));
  tx.audit({ action: "contact.created", organisationId, subjectId: _id, ...(projectId && { scope: projectId }) });
}
