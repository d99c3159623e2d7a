import type { Implementation } from "@partake/rpc";
import type { Parts } from "@partake/service";
import { contactsApi } from "./api/contacts.ts";
import { enrolmentBatchesApi } from "./api/enrolment-batches.ts";
import { fields } from "./api/fields.ts";
import { participationsApi } from "./api/participations.ts";
import { scopes } from "./api/scopes.ts";
import type { Enrolling } from "./enrolling.ts";

/** The RPCs of the Contacts service. */
export function api(parts: Parts, enrolments: Enrolling): { Contacts: Implementation<"Contacts"> } {
  return {
    Contacts: {
      ...fields(parts),
      ...contactsApi(parts, enrolments),
      ...participationsApi(parts, enrolments),
      ...enrolmentBatchesApi(parts),
      ...scopes(parts),
    },
  };
}
