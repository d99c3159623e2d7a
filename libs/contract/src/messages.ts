// Messages and their fields, from the parsed protos. Whatever the rest of the package does not support is refused here.
import protobuf from "protobufjs";
import type { Field, FormatName, Message, Rule, ScalarKind } from "./model.ts";
import { declared, OptionReader, refuseOthers } from "./protos.ts";
import type { Vocabularies } from "./vocabularies.ts";

export const emptyMessage = "google.protobuf.Empty";
const scalars: readonly string[] = ["string", "int32", "uint32", "double", "bool"];
const formats: readonly string[] = ["date-time", "date", "email", "uri", "time-zone", "language"];
const ruleMembers = [
  "required",
  "min_length",
  "max_length",
  "pattern",
  "one_of",
  "id",
  "format",
  "minimum",
  "maximum",
  "min_items",
  "max_items",
  "words_of",
];
/** The deepest nesting of messages in each other. It bounds the recursion of everything that walks a value. */
const maxDepth = 8;
const namespaces = ["partake.v1", "partake.events.v1"];

export function readMessages(root: protobuf.Root, vocabularies: Vocabularies): Map<string, Message> {
  const empty: Message = { name: emptyMessage, shortName: "Empty", comment: "Nothing.", fields: [] };
  const messages = new Map<string, Message>([[emptyMessage, empty]]);
  const shortNames = new Set(["Empty"]);
  for (const namespace of namespaces) {
    const found = root.lookup(namespace);
    if (!(found instanceof protobuf.Namespace)) continue;
    for (const nested of found.nestedArray) {
      if (!(nested instanceof protobuf.Type)) continue;
      const message = readMessage(nested, vocabularies);
      if (shortNames.has(message.shortName)) throw new Error(`${message.name}: another message has this short name`);
      shortNames.add(message.shortName);
      messages.set(message.name, message);
    }
  }
  for (const message of messages.values()) refuseDeep(messages, message, []);
  return messages;
}

export function plainName(of: protobuf.ReflectionObject): string {
  return of.fullName.replace(/^\./, "");
}

/** The loader's own rule, so that a path or key in an option names the same field as the loader does. */
export function camelCase(name: string): string {
  return protobuf.util.camelCase(name);
}

function readMessage(type: protobuf.Type, vocabularies: Vocabularies): Message {
  const name = plainName(type);
  refuseOthers(type, ["event"]);
  if (type.nestedArray.length > 0) throw new Error(`${name}: nested types are not supported`);
  const real = type.oneofsArray.find((oneof) => !oneof.name.startsWith("_"));
  if (real) throw new Error(`${name}.${real.name}: a oneof is not supported, use optional fields`);
  const fields = type.fieldsArray.map((field) => readField(field, vocabularies));
  return {
    name,
    shortName: type.name,
    comment: type.comment ?? "",
    fields: fields.sort((a, b) => a.number - b.number),
  };
}

function readField(field: protobuf.Field, vocabularies: Vocabularies): Field {
  const owner = plainName(field);
  refuseOthers(field, ["rule", "personal", "proto3_optional", "deprecated"]);
  if (!/^[a-z][A-Za-z0-9]*$/.test(field.name)) throw new Error(`${owner}: not a lower_snake_case name`);
  if (["constructor", "prototype", "toString", "valueOf"].includes(field.name))
    throw new Error(`${owner}: a name of Object`);
  const kind = readKind(field);
  const shape = readShape(field, kind);
  const personal = declared(field, "personal") ?? false;
  if (typeof personal !== "boolean") throw new Error(`${owner}: personal must be true or false`);
  const protoName = field.name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  const rule = readRule(owner, declared(field, "rule"), vocabularies);
  const read: Field = {
    name: field.name,
    protoName,
    number: field.id,
    kind,
    shape,
    personal,
    rule,
    comment: field.comment ?? "",
  };
  refuseMisfit(owner, read);
  return read;
}

function readKind(field: protobuf.Field): Field["kind"] {
  if (scalars.includes(field.type)) return { scalar: field.type as ScalarKind };
  const found = field.parent?.lookup(field.type);
  if (found instanceof protobuf.Type) return { message: plainName(found) };
  if (found instanceof protobuf.Enum)
    throw new Error(`${plainName(field)}: use a string with one_of instead of an enum`);
  throw new Error(`${plainName(field)}: unsupported type ${field.type}`);
}

function readShape(field: protobuf.Field, kind: Field["kind"]): Field["shape"] {
  if (field instanceof protobuf.MapField) {
    if (field.keyType !== "string") throw new Error(`${plainName(field)}: the key of a map must be a string`);
    return "map";
  }
  if (field.repeated) return "repeated";
  if ("message" in kind) return "explicit";
  return field.options?.["proto3_optional"] === true ? "explicit" : "implicit";
}

function readRule(owner: string, value: unknown, vocabularies: Vocabularies): Rule {
  if (value === undefined) return { required: false };
  const reader = new OptionReader(owner, value, ruleMembers);
  const format = reader.string("format");
  if (format !== undefined && !formats.includes(format)) throw new Error(`${owner}: unknown format ${format}`);
  const optional = {
    minLength: reader.number("min_length"),
    maxLength: reader.number("max_length"),
    pattern: reader.string("pattern"),
    oneOf: reader.words("one_of") ?? wordsOf(owner, reader.string("words_of"), vocabularies),
    id: reader.string("id"),
    format: format as FormatName | undefined,
    minimum: reader.number("minimum"),
    maximum: reader.number("maximum"),
    minItems: reader.number("min_items"),
    maxItems: reader.number("max_items"),
  };
  const present = Object.entries(optional).filter(([, member]) => member !== undefined);
  return { required: reader.boolean("required"), ...(Object.fromEntries(present) as Partial<Rule>) };
}

function wordsOf(owner: string, name: string | undefined, vocabularies: Vocabularies): string[] | undefined {
  if (name === undefined) return undefined;
  const words = vocabularies.get(name)?.map(({ word }) => word);
  if (!words?.length) throw new Error(`${owner}: no vocabulary ${name}`);
  return words;
}

/** A constraint that cannot apply would look like a protection and be none. */
function refuseMisfit(owner: string, field: Field): void {
  const { rule, shape, kind } = field;
  const isText = "scalar" in kind && kind.scalar === "string";
  const isNumber = "scalar" in kind && kind.scalar !== "string" && kind.scalar !== "bool";
  const ofText = [rule.minLength, rule.maxLength, rule.pattern, rule.oneOf, rule.id, rule.format];
  const ofNumber = [rule.minimum, rule.maximum];
  const ofList = [rule.minItems, rule.maxItems];
  const isDeclared = (value: unknown) => value !== undefined;
  if (ofText.some(isDeclared) && !isText) throw new Error(`${owner}: a rule for text on something else`);
  if (ofNumber.some(isDeclared) && !isNumber) throw new Error(`${owner}: a rule for numbers on something else`);
  if (ofList.some(isDeclared) && shape !== "repeated" && shape !== "map")
    throw new Error(`${owner}: a rule for lists on something else`);
  if ([rule.oneOf, rule.id, rule.format, rule.pattern].filter(isDeclared).length > 1) {
    throw new Error(`${owner}: one_of, id, format and pattern exclude each other`);
  }
  if (rule.pattern !== undefined) new RegExp(rule.pattern, "u");
  if (shape === "explicit" && rule.required && "scalar" in kind)
    throw new Error(`${owner}: optional and required at once`);
}

function refuseDeep(messages: ReadonlyMap<string, Message>, message: Message, above: readonly string[]): void {
  const path = [...above, message.name];
  if (above.includes(message.name)) throw new Error(`${path.join(" > ")}: a message may not contain itself`);
  if (path.length > maxDepth) throw new Error(`${path.join(" > ")}: nested deeper than ${maxDepth}`);
  for (const field of message.fields) {
    const nested = "message" in field.kind ? messages.get(field.kind.message) : undefined;
    if ("message" in field.kind && !nested)
      throw new Error(`${message.name}.${field.name}: no message ${field.kind.message}`);
    if (nested) refuseDeep(messages, nested, path);
  }
}
