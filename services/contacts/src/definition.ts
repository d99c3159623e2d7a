import type { ServiceDefinition } from "@partake/service";
import { api } from "./api.ts";
import { enrolling } from "./enrolling.ts";
import { events } from "./events.ts";
import { removals } from "./removals.ts";
import { contactFields } from "./store/contact-fields.ts";
import { contactRemovals } from "./store/contact-removals.ts";
import { contacts } from "./store/contacts.ts";
import { enrolmentBatches, enrolmentQuotas } from "./store/enrolment-batches.ts";
import { participations } from "./store/participations.ts";
import { projectRemovals } from "./store/project-removals.ts";
import { pseudonyms } from "./store/pseudonyms.ts";

/** The contacts service on one page. */
export const definition: ServiceDefinition = {
  name: "contacts",
  collections: [
    contacts,
    contactFields,
    participations,
    pseudonyms,
    projectRemovals,
    contactRemovals,
    enrolmentBatches,
    enrolmentQuotas,
  ],
  api: (parts) => api(parts, enrolling(parts)),
  consumers: () => [events],
  background: (parts) => [Promise.resolve(enrolling(parts).work()), Promise.resolve(removals(parts))],
};
