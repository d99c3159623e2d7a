// From the texts of a query string to the types that the contract gives its fields.
import type { FieldError } from "@partake/failure";
import { itemBounds } from "./constraints.ts";
import type { Contract, Field, FieldErrorCode } from "./model.ts";

export interface CoercedQuery {
  value: Record<string, unknown>;
  errors: FieldError[];
}
export type CoerceQuery = (message: string, fields: string[], query: URLSearchParams) => CoercedQuery;

/** JSON's own form of a number, so that "0x10", " 1" and "" are none. */
const jsonNumber = /^-?(0|[1-9]\d{0,15})(\.\d{1,15})?([eE][+-]?\d{1,3})?$/;
const plainName = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/;
const maxErrors = 20;

/**
 * Only types are decided here; `validate` then judges the values. A name that is not among `fields`, or is there twice
 * though the field holds one value, is refused.
 */
export function createCoerceQuery(contract: Contract): CoerceQuery {
  return (name, fields, query) => {
    const message = contract.messages.get(name);
    if (!message) throw new Error(`no message ${name}`);
    const allowed = new Map(
      message.fields.filter((field) => fields.includes(field.name)).map((field) => [field.name, field]),
    );
    const value: Record<string, unknown> = {};
    const errors: FieldError[] = [];
    for (const [key, text] of query) {
      if (errors.length >= maxErrors) break;
      const field = allowed.get(key);
      const fault = field
        ? put(value, field, text)
        : { code: "unknown" as const, message: "is not a parameter of this operation" };
      if (fault) errors.push({ pointer: plainName.test(key) ? `/${key}` : "", ...fault });
    }
    return { value, errors };
  };
}

type Fault = { code: FieldErrorCode; message: string };

function put(value: Record<string, unknown>, field: Field, text: string): Fault | undefined {
  const coerced = coerce(field, text);
  if ("message" in coerced) return coerced;
  if (field.shape !== "repeated") {
    if (Object.hasOwn(value, field.name)) return { code: "too_many", message: "may be given once" };
    value[field.name] = coerced.typed;
    return undefined;
  }
  const list = (value[field.name] as unknown[] | undefined) ?? [];
  value[field.name] = list;
  const { max } = itemBounds(field.rule);
  if (list.length >= max) return { code: "too_many", message: `must have at most ${max} items` };
  list.push(coerced.typed);
  return undefined;
}

function coerce(field: Field, text: string): { typed: unknown } | Fault {
  if (!("scalar" in field.kind)) throw new Error(`${field.name}: a URL cannot hold a message`);
  switch (field.kind.scalar) {
    case "string":
      return { typed: text };
    case "bool":
      return text === "true" || text === "false"
        ? { typed: text === "true" }
        : { code: "type", message: "must be true or false" };
    case "int32":
    case "uint32":
    case "double":
      return jsonNumber.test(text) ? { typed: Number(text) } : { code: "type", message: "must be a number" };
    default:
      return field.kind.scalar satisfies never;
  }
}
