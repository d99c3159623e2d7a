import { failure } from "@partake/failure";
import type { Implementation } from "@partake/rpc";
import type { Parts } from "@partake/service";
import { checkChoices, type FieldKind } from "../domain/custom-values.ts";
import { type ContactFieldRecord, contactFields, FIELDS_MAXIMUM } from "../store/contact-fields.ts";

type Fields = Pick<Implementation<"Contacts">, "createContactField" | "listContactFields">;

/** The custom fields of an organisation's contacts. (C1) */
export function fields({ store }: Parts): Fields {
  return {
    async createContactField(request, call) {
      const { organisationId } = call;
      const kind = request.kind as FieldKind;
      checkChoices(kind, request.choices);
      const { id } = await store.write(call, async (tx) => {
        const present = await tx.find(contactFields, { organisationId }, { limit: FIELDS_MAXIMUM + 1 });
        const isNew = !present.some((field) => field._id === request.id);
        if (isNew && present.length >= FIELDS_MAXIMUM) throw failure("unprocessable", "too_many_fields");
        const { id: _id, name, choices, position } = request;
        const field = await tx.insert(contactFields, { _id, organisationId, name, kind, choices, position });
        tx.audit({ action: "contact_field.created", organisationId, subjectId: field._id });
        return field._id;
      });
      const field = await store.get(contactFields, id);
      if (!field) throw failure("not_found", "not_found");
      return shown(field);
    },

    async listContactFields(_request, { organisationId }) {
      const options = { limit: FIELDS_MAXIMUM, sort: { position: 1, _id: 1 } } as const;
      return { items: (await store.find(contactFields, { organisationId }, options)).map(shown) };
    },
  };
}

function shown({ _id, name, kind, choices, position, version }: ContactFieldRecord) {
  return { id: _id, name, kind, choices, position, version };
}
