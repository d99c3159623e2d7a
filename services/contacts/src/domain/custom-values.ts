import { type FieldError, failure } from "@partake/failure";

export type FieldKind = "text" | "number" | "date" | "choice" | "consent";

export interface StoredCustomValue {
  fieldId: string;
  text?: string | undefined;
  number?: number | undefined;
  date?: string | undefined;
  choice?: string | undefined;
  consent?: { given: boolean; givenOn: string; wording: string } | undefined;
}

interface Field {
  _id: string;
  kind: FieldKind;
  choices: readonly string[];
}

const KINDS: readonly FieldKind[] = ["text", "number", "date", "choice", "consent"];

/** Throws `invalid` unless a choice has choices, each once, and nothing else has any. (C1) */
export function checkChoices(kind: FieldKind, choices: readonly string[]): void {
  if (kind === "choice" && choices.length === 0) throw invalid("/choices", "required", "A choice needs at least one.");
  if (kind !== "choice" && choices.length > 0) throw invalid("/choices", "not_allowed", "Only a choice has choices.");
  if (new Set(choices).size !== choices.length) throw invalid("/choices", "duplicate", "Each choice stands once.");
}

/** Throws `invalid` with every value that does not fit its field: unknown field, member of another kind, unlisted choice. (C1) */
export function checkCustomValues(values: readonly StoredCustomValue[], fields: readonly Field[]): void {
  const known = new Map(fields.map((field) => [field._id, field]));
  const seen = new Set<string>();
  const errors = values.flatMap((value, index) => {
    const twice = seen.has(value.fieldId);
    seen.add(value.fieldId);
    const pointer = `/customValues/${index}`;
    if (twice) return [{ pointer, code: "duplicate", message: "Each field has one value." }];
    const field = known.get(value.fieldId);
    if (!field) return [{ pointer: `${pointer}/fieldId`, code: "unknown_field", message: "There is no such field." }];
    return misfit(value, field, pointer);
  });
  if (errors.length > 0) throw failure("invalid", "invalid_fields", { errors });
}

/** The stored values with the given ones in place of those of the same field. */
export function mergeCustomValues(
  stored: readonly StoredCustomValue[],
  given: readonly StoredCustomValue[],
): StoredCustomValue[] {
  const replaced = new Set(given.map((value) => value.fieldId));
  return [...stored.filter((value) => !replaced.has(value.fieldId)), ...given];
}

function misfit(value: StoredCustomValue, field: Field, pointer: string): FieldError[] {
  const present = KINDS.filter((kind) => value[kind] !== undefined);
  if (present.length !== 1 || present[0] !== field.kind) {
    return [{ pointer, code: "wrong_kind", message: `This field takes exactly the member "${field.kind}".` }];
  }
  if (value.choice !== undefined && !field.choices.includes(value.choice)) {
    return [{ pointer: `${pointer}/choice`, code: "not_a_choice", message: "This is none of the field's choices." }];
  }
  return [];
}

function invalid(pointer: string, code: string, message: string) {
  return failure("invalid", "invalid_fields", { errors: [{ pointer, code, message }] });
}
