// JSON Schemas (2020-12) for documents. The rules are those of validation, from the same constraints.
import { isRequired, itemBounds, maxLength, mayBeEmpty, minLength, numberBounds, textPattern } from "./constraints.ts";
import type { Contract, Field, Message } from "./model.ts";

export type Schema = Record<string, unknown>;

export interface SchemaOptions {
  /** Where another message's schema is: #/components/schemas/Project. */
  reference: (message: string) => string;
  /** Whether fields that are always there are listed as required, as they are in what Partake sends. */
  sent: boolean;
  /** Whether names that are not listed are refused. What Partake sends may grow. */
  closed: boolean;
}

const dialect = "https://json-schema.org/draft/2020-12/schema";

export function messageSchema(message: Message, options: SchemaOptions): Schema {
  const properties = Object.fromEntries(message.fields.map((field) => [field.name, fieldSchema(field, options)]));
  const isListed = (field: Field) => (options.sent && field.shape !== "explicit") || isRequired(field);
  const required = message.fields.filter(isListed).map(({ name }) => name);
  return {
    type: "object",
    ...(message.comment === "" ? {} : { description: oneLine(message.comment) }),
    properties,
    ...(required.length > 0 ? { required } : {}),
    ...(options.closed ? { additionalProperties: false } : {}),
  };
}

export function fieldSchema(field: Field, options: SchemaOptions): Schema {
  const description = field.comment === "" ? {} : { description: oneLine(field.comment) };
  const personal = field.personal ? { "x-partake-personal": true } : {};
  if (field.shape === "repeated") {
    const { min, max } = itemBounds(field.rule);
    return {
      type: "array",
      ...description,
      ...personal,
      ...bound("minItems", min),
      maxItems: max,
      items: valueSchema(field, options),
    };
  }
  if (field.shape === "map") {
    const { min, max } = itemBounds(field.rule);
    const bounds = { ...bound("minProperties", min), maxProperties: max };
    const propertyNames = { pattern: "^[A-Za-z][A-Za-z0-9_.-]{0,63}$" };
    return {
      type: "object",
      ...description,
      ...personal,
      ...bounds,
      propertyNames,
      additionalProperties: valueSchema(field, options),
    };
  }
  return { ...valueSchema(field, options), ...description, ...personal };
}

function valueSchema(field: Field, options: SchemaOptions): Schema {
  if ("message" in field.kind) return { $ref: options.reference(field.kind.message) };
  if (field.kind.scalar === "bool") return { type: "boolean" };
  if (field.kind.scalar === "string") return textSchema(field);
  const isWhole = field.kind.scalar !== "double";
  const bounds = numberBounds(field);
  const schema = isWhole ? { type: "integer", format: field.kind.scalar, ...bounds } : { type: "number", ...bounds };
  const isZeroOutside = (bounds.minimum ?? 0) > 0 || (bounds.maximum ?? 0) < 0;
  return mayBeEmpty(field) && isZeroOutside ? { ...schema, ...(isWhole ? { minimum: 0 } : {}) } : schema;
}

function textSchema(field: Field): Schema {
  const { rule } = field;
  const empty = mayBeEmpty(field);
  if (rule.oneOf) return { type: "string", enum: empty ? [...rule.oneOf, ""] : rule.oneOf };
  const pattern = textPattern(rule);
  const length = { ...bound("minLength", empty ? 0 : minLength(field)), maxLength: maxLength(rule) };
  if (pattern !== undefined) return { type: "string", ...length, pattern: empty ? `^$|${pattern}` : pattern };
  if (rule.format === undefined) return { type: "string", ...length };
  const named = standardFormats.includes(rule.format) ? { format: rule.format } : { "x-format": rule.format };
  return empty ? { type: "string", ...length, anyOf: [{ const: "" }, named] } : { type: "string", ...length, ...named };
}

/** The formats that JSON Schema itself names; a validator may refuse a schema with another. */
const standardFormats: readonly string[] = ["date-time", "date", "email", "uri"];

/** The data of each public event as a schema of its own, by event type. */
export function publicEventSchemas(contract: Contract): Record<string, Schema> {
  const types = contract.eventTypes.filter((eventType) => eventType.public);
  return Object.fromEntries(
    types.map((eventType) => {
      const message = contract.messages.get(eventType.message);
      if (!message) throw new Error(`no message ${eventType.message}`);
      const inner = innerMessages(contract, message);
      const options: SchemaOptions = {
        reference: (name) => `#/$defs/${shortName(contract, name)}`,
        sent: true,
        closed: false,
      };
      const $defs = Object.fromEntries(inner.map((nested) => [nested.shortName, messageSchema(nested, options)]));
      const schema = {
        $schema: dialect,
        $id: `urn:partake:event:${eventType.type}`,
        title: eventType.type,
        ...messageSchema(message, options),
        ...(inner.length > 0 ? { $defs } : {}),
      };
      return [eventType.type, schema];
    }),
  );
}

export function shortName(contract: Contract, name: string): string {
  const message = contract.messages.get(name);
  if (!message) throw new Error(`no message ${name}`);
  return message.shortName;
}

export function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

function innerMessages(contract: Contract, message: Message): Message[] {
  const found = new Map<string, Message>();
  const add = (of: Message) => {
    for (const { kind } of of.fields) {
      const nested = "message" in kind ? contract.messages.get(kind.message) : undefined;
      if (!nested || found.has(nested.name)) continue;
      found.set(nested.name, nested);
      add(nested);
    }
  };
  add(message);
  return [...found.values()];
}

function bound(name: string, value: number): Schema {
  return value > 0 ? { [name]: value } : {};
}
