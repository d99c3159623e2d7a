import type { ServiceDefinition } from "@partake/service";
import { api } from "./api.ts";
import { enrolling } from "./enrolling.ts";
import { contactFields } from "./store/contact-fields.ts";
import { contacts } from "./store/contacts.ts";
import { participations } from "./store/participations.ts";
import { pseudonyms } from "./store/pseudonyms.ts";

/** The contacts service on one page. */
export const definition: ServiceDefinition = {
  name: "contacts",
  collections: [contacts, contactFields, participations, pseudonyms],
  api: (parts) => api(parts, enrolling(parts)),
  background: (parts) => [Promise.resolve(enrolling(parts).work())],
};
