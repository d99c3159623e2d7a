// JSON Schemas (2020-12) for documents. The rules are those of validation, from the same constraints.
import {
  isRequired,
  itemBounds,
  maxLength,
  mayBeEmpty,
  minLength,
  numberBounds,
  shownPattern,
  textPattern,
} from "./constraints.ts";
import { exampleText } from "./examples.ts";
import type { Contract, Field, FormatName, Message } from "./model.ts";

export type Schema = Record<string, unknown>;

export interface SchemaOptions {
  /** Where another message's schema is: #/components/schemas/Project. */
  reference: (message: string) => string;
  /** What Partake sends lists every field that is always there and may grow; what it takes is closed. */
  direction: "sent" | "taken";
  /** Whether words and ids with implicit presence may be empty: they may where a client wrote, or left out, the value. */
  mayBeEmpty: boolean;
}

const dialect = "https://json-schema.org/draft/2020-12/schema";

export function messageSchema(message: Message, options: SchemaOptions): Schema {
  const properties = Object.fromEntries(message.fields.map((field) => [field.name, fieldSchema(field, options)]));
  const isListed = (field: Field) => (options.direction === "sent" && field.shape !== "explicit") || isRequired(field);
  const required = message.fields.filter(isListed).map(({ name }) => name);
  return {
    type: "object",
    ...(message.comment === "" ? {} : { description: oneLine(message.comment) }),
    properties,
    ...(required.length > 0 ? { required } : {}),
    ...(options.direction === "taken" ? { additionalProperties: false } : {}),
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
  return { ...valueSchema(field, options), ...description, ...personal, ...examples(field) };
}

/** Where the shape of a text is not free, one that fits says more than its pattern. */
function examples(field: Field): Schema {
  const isShaped = (field.rule.id ?? field.rule.pattern ?? field.rule.format) !== undefined;
  const example = isShaped ? exampleText(field) : undefined;
  return example === undefined ? {} : { examples: [example] };
}

function valueSchema(field: Field, options: SchemaOptions): Schema {
  if ("message" in field.kind) return { $ref: options.reference(field.kind.message) };
  if (field.kind.scalar === "bool") return { type: "boolean" };
  if (field.kind.scalar === "string") return textSchema(field, options);
  const bounds = numberBounds(field);
  const isWhole = field.kind.scalar !== "double";
  const type = isWhole ? { type: "integer", format: field.kind.scalar } : { type: "number" };
  const isZeroOutside = (bounds.minimum ?? 0) > 0 || (bounds.maximum ?? 0) < 0;
  if (!mayBeEmpty(field) || !isZeroOutside) return { ...type, ...bounds };
  if (isWhole && bounds.minimum === 1) return { ...type, ...bounds, minimum: 0 };
  return { ...type, anyOf: [{ const: 0 }, bounds] };
}

function textSchema(field: Field, options: SchemaOptions): Schema {
  const { rule } = field;
  const canBeEmpty = mayBeEmpty(field);
  const isLoose = canBeEmpty && options.mayBeEmpty;
  if (rule.oneOf) return { type: "string", enum: isLoose ? [...rule.oneOf, ""] : rule.oneOf };
  const length =
    rule.id !== undefined
      ? {}
      : { ...bound("minLength", canBeEmpty ? 0 : minLength(field)), maxLength: maxLength(rule) };
  const pattern = textPattern(rule);
  if (pattern !== undefined) return { type: "string", ...length, pattern: isLoose ? `^$|${pattern}` : pattern };
  if (rule.format === undefined) {
    const shown = shownPattern(field);
    const seen = shown === undefined ? noNul : `^[^\\u0000]*${shown}[^\\u0000]*$`;
    return { type: "string", ...length, pattern: seen };
  }
  const named = namedFormats[rule.format];
  return canBeEmpty
    ? { type: "string", ...length, anyOf: [{ const: "" }, named] }
    : { type: "string", ...length, ...named };
}

const noNul = "^[^\\u0000]*$";
/** A format that JSON Schema does not name is given as a pattern, which a validator can check. */
const namedFormats: Record<FormatName, Schema> = {
  "date-time": { format: "date-time" },
  date: { format: "date" },
  email: { format: "email" },
  uri: { format: "uri", pattern: "^https?://" },
  "time-zone": { pattern: "^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}$", description: "An IANA time zone." },
  language: { pattern: "^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$", description: "A language tag (BCP 47)." },
};

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
        direction: "sent",
        mayBeEmpty: false,
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
