// The JSON of a published standard that is not ours: members are named as in the proto, what the message does not know is passed
// over, and what is empty is left out.
import type { Schema } from "./json-schema.ts";
import type { Contract, Field, Message } from "./model.ts";
import { reachable } from "./types-source.ts";

type Json = Record<string, unknown>;

export interface Foreign {
  /** A message of a standard's JSON; its values are still to be validated. */
  read(message: string, json: Json): Json;
  /** A message as the standard's JSON. */
  write(message: string, value: object): Json;
  /** A pointer into a message as it points into the standard's JSON. (RFC 6901) */
  pointer(message: string, pointer: string): string;
}

export function createForeign(contract: Contract): Foreign {
  const fieldsOf = (name: string): readonly Field[] => contract.messages.get(name)?.fields ?? [];
  const each = (field: Field, value: unknown, change: (message: string, inner: Json) => Json): unknown => {
    const { kind } = field;
    if (!("message" in kind)) return value;
    if (Array.isArray(value)) return value.map((item) => (isObject(item) ? change(kind.message, item) : item));
    return isObject(value) ? change(kind.message, value) : value;
  };
  const read = (message: string, json: Json): Json => {
    const known = fieldsOf(message).filter(({ protoName }) => Object.hasOwn(json, protoName));
    return Object.fromEntries(known.map((field) => [field.name, each(field, json[field.protoName], read)]));
  };
  const write = (message: string, value: object): Json => {
    const told = fieldsOf(message).filter((field) => !isEmpty((value as Json)[field.name]));
    return Object.fromEntries(told.map((field) => [field.protoName, each(field, (value as Json)[field.name], write)]));
  };
  const pointer = (message: string, ours: string): string => {
    let within: string | undefined = message;
    const named = ours.split("/").map((part) => {
      const field = fieldsOf(within ?? "").find(({ name }) => name === part);
      if (field === undefined) return part;
      within = "message" in field.kind ? field.kind.message : undefined;
      return field.protoName;
    });
    return named.join("/");
  };
  return { read, write, pointer };
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === "" || (Array.isArray(value) && value.length === 0);
}

/** The messages that operations of a standard's shape take or give. */
export function foreignMessages(contract: Contract): Set<string> {
  const operations = contract.operations.filter(({ foreign }) => foreign);
  return reachable(
    contract,
    operations.flatMap(({ request, response }) => [request, response]),
  );
}

/** A message with the names of the standard. */
export function foreignMessage(message: Message): Message {
  return { ...message, fields: message.fields.map((field) => ({ ...field, name: field.protoName })) };
}

/** Open, and with what may be left out not required. */
export function foreignSchema(message: Message, { additionalProperties: _closed, ...schema }: Schema): Schema {
  const { required = [], ...rest } = schema as { required?: string[] };
  const isOmitted = ({ kind, shape, rule }: Field): boolean =>
    !rule.required && (shape === "repeated" || ("scalar" in kind && kind.scalar === "string"));
  const omitted = new Set(message.fields.filter(isOmitted).map(({ name }) => name));
  const always = required.filter((name) => !omitted.has(name));
  return { ...rest, ...(always.length > 0 && { required: always }) };
}
