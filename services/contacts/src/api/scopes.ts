import type { Implementation } from "@partake/rpc";
import { type Parts, readRecordScopes } from "@partake/service";
import { trusted } from "@partake/store";
import { contacts } from "../store/contacts.ts";
import { participations } from "../store/participations.ts";

type Scopes = Pick<Implementation<"Contacts">, "readContactScopes" | "readRecordScopes" | "readAddresses">;

/** What other services of Partake may know of contacts. */
export function scopes({ store }: Parts): Scopes {
  return {
    readRecordScopes: readRecordScopes(store, { con: contacts, par: participations }),

    /** A contact that is not there (any more) is left out. */
    async readContactScopes({ contactIds }) {
      const found = await store.find(contacts, { _id: trusted({ $in: contactIds }) }, { limit: contactIds.length });
      const items = found.map((contact) => ({
        contactId: contact._id,
        organisationId: contact.organisationId,
        projectIds: contact.contactProjectIds,
        ...(contact.contactUserId && { userId: contact.contactUserId }),
        deleted: false,
        version: contact.version,
      }));
      return { items };
    },

    async readAddresses({ organisationId, contactIds }) {
      const filter = { organisationId, _id: trusted({ $in: contactIds }) };
      const found = await store.find(contacts, filter, { limit: contactIds.length });
      return { items: found.map(({ _id, name, email }) => ({ contactId: _id, name, ...(email && { email }) })) };
    },
  };
}
