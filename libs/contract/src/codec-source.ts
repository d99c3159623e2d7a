// The source of a message's encoder and decoder. Only names that readMessages has checked to be identifiers, numbers and
// constants of ours become part of it, so nothing from outside can be executed.
import type { Field, Message, ScalarKind } from "./model.ts";

const wireTypes: Record<ScalarKind, number> = { string: 2, int32: 0, uint32: 0, double: 1, bool: 0 };
const lengthDelimited = 2;
const defaults: Record<ScalarKind, string> = { string: '""', int32: "0", uint32: "0", double: "0", bool: "false" };
const wrongType: Record<ScalarKind, string> = {
  string: 'typeof v !== "string"',
  int32: "(v | 0) !== v",
  uint32: "(v >>> 0) !== v",
  double: 'typeof v !== "number" || v - v !== 0',
  bool: 'typeof v !== "boolean"',
};

/** The body of a function of (nested, fault) that returns the decoder of (reader, end). */
export function decodeSource(message: Message): string {
  const lines = ["return function decode(r, end) {"];
  lines.push(...message.fields.map((field, index) => `let f${index}${initial(field)};`));
  lines.push("while (r.pos < end) {", "const tag = r.uint32();", "switch (tag) {");
  lines.push(...message.fields.flatMap((field, index) => decodeField(message, field, index)));
  lines.push("default: r.skipType(tag & 7);", "}", "}");
  lines.push(`if (r.pos !== end) fault("${message.name}: the bytes end in the middle of a field");`);
  const present = message.fields.flatMap((field, index) =>
    field.shape === "explicit" ? [] : [`${field.name}: f${index}`],
  );
  lines.push(`const m = { ${present.join(", ")} };`);
  const setIfPresent = message.fields.map(
    (field, index) => `if (f${index} !== undefined) m.${field.name} = f${index};`,
  );
  lines.push(...setIfPresent.filter((_, index) => message.fields[index]?.shape === "explicit"));
  lines.push("return m;", "};");
  return lines.join("\n");
}

/** The body of a function of (nested, fault) that returns the encoder of (value, writer). */
export function encodeSource(message: Message): string {
  const lines = ["return function encode(m, w) {", "let v;"];
  lines.push(...message.fields.flatMap((field, index) => encodeField(message, field, index)));
  lines.push("};");
  return lines.join("\n");
}

function initial(field: Field): string {
  if (field.shape === "repeated") return " = []";
  if (field.shape === "map") return " = {}";
  if (field.shape === "explicit" || "message" in field.kind) return "";
  return ` = ${defaults[field.kind.scalar]}`;
}

function decodeField(message: Message, field: Field, index: number): string[] {
  const end = `const e = r.uint32() + r.pos; if (e > end) fault("${message.name}.${field.name}: longer than its message");`;
  if (field.shape === "map")
    return [`case ${tag(field, lengthDelimited)}: {`, end, ...decodeEntry(message, field, index), "break; }"];
  if ("message" in field.kind) {
    const value = `nested[${index}](r, e)`;
    const take = field.shape === "repeated" ? `f${index}.push(${value});` : `f${index} = ${value};`;
    return [`case ${tag(field, lengthDelimited)}: { ${end} ${take} break; }`];
  }
  const { scalar } = field.kind;
  const read = `r.${scalar}()`;
  if (field.shape !== "repeated") return [`case ${tag(field, wireTypes[scalar])}: f${index} = ${read}; break;`];
  const single = `case ${tag(field, wireTypes[scalar])}: f${index}.push(${read}); break;`;
  if (scalar === "string") return [single];
  // proto3 packs numbers; a reader must take both forms.
  return [
    single,
    `case ${tag(field, lengthDelimited)}: { ${end} while (r.pos < e) f${index}.push(${read}); ${exact(message, field)} break; }`,
  ];
}

function decodeEntry(message: Message, field: Field, index: number): string[] {
  const value = "message" in field.kind ? `nested[${index}](r, r.uint32() + r.pos)` : `r.${field.kind.scalar}()`;
  const empty = "message" in field.kind ? `nested[${index}](r, r.pos)` : defaults[field.kind.scalar];
  return [
    'let k = "", v;',
    `while (r.pos < e) { const t = r.uint32(); switch (t >>> 3) { case 1: k = r.string(); break; case 2: v = ${value}; break; default: r.skipType(t & 7); } }`,
    exact(message, field),
    `if (k === "__proto__") fault("${message.name}.${field.name}: a name that is not allowed");`,
    `f${index}[k] = v === undefined ? ${empty} : v;`,
  ];
}

/** What was read must fill what the length said, or the next field would begin in the middle of something. */
function exact(message: Message, field: Field): string {
  return `if (r.pos !== e) fault("${message.name}.${field.name}: its length is wrong");`;
}

function encodeField(message: Message, field: Field, index: number): string[] {
  const name = `${message.name}.${field.name}`;
  const lines = [`v = m.${field.name};`, "if (v !== undefined) {"];
  if (field.shape === "repeated") {
    lines.push(`if (!Array.isArray(v)) fault("${name}: must be a list");`, ...encodeList(name, field, index));
  } else if (field.shape === "map") {
    lines.push(`if (typeof v !== "object" || v === null) fault("${name}: must be an object");`);
    lines.push("const map = v;", "for (const k of Object.keys(map)) {", "v = map[k];");
    lines.push(`w.uint32(${tag(field, lengthDelimited)}).fork().uint32(10).string(k);`);
    lines.push(...encodeValue(name, field, index, tagOf(2, field)), "w.ldelim();", "}");
  } else {
    const value = encodeValue(name, field, index, tag(field, wireType(field)));
    lines.push(...(field.shape === "implicit" ? unlessDefault(name, field, value) : value));
  }
  return [...lines, "}"];
}

function encodeList(name: string, field: Field, index: number): string[] {
  const isPacked = "scalar" in field.kind && field.kind.scalar !== "string";
  const each = ["const list = v;", "for (let i = 0; i < list.length; i += 1) {", "v = list[i];"];
  if (!isPacked) return [...each, ...encodeValue(name, field, index, tag(field, lengthDelimited)), "}"];
  const body = [...each, ...encodeValue(name, field, index, undefined), "}"];
  return ["if (v.length > 0) {", `w.uint32(${tag(field, lengthDelimited)}).fork();`, ...body, "w.ldelim();", "}"];
}

function encodeValue(name: string, field: Field, index: number, tagNumber: number | undefined): string[] {
  const start = tagNumber === undefined ? "w" : `w.uint32(${tagNumber})`;
  if ("message" in field.kind) {
    const isObject = 'typeof v !== "object" || v === null || Array.isArray(v) || v instanceof Date';
    return [
      `if (${isObject}) fault("${name}: must be an object");`,
      `${start}.fork();`,
      `nested[${index}](v, w);`,
      "w.ldelim();",
    ];
  }
  const { scalar } = field.kind;
  return [`if (${wrongType[scalar]}) fault("${name}: must be ${scalar}");`, `${start}.${scalar}(v);`];
}

/** The default of a field with implicit presence is not sent. */
function unlessDefault(name: string, field: Field, value: string[]): string[] {
  const scalar = "scalar" in field.kind ? field.kind.scalar : "string";
  const [check = "", ...write] = value;
  if (!check.startsWith("if (")) throw new Error(`${name}: its type must be checked first`);
  return [check, `if (v !== ${defaults[scalar]}) {`, ...write, "}"];
}

function wireType(field: Field): number {
  return "message" in field.kind ? lengthDelimited : wireTypes[field.kind.scalar];
}

function tag(field: Field, wire: number): number {
  return ((field.number << 3) | wire) >>> 0;
}

function tagOf(number: number, field: Field): number {
  return ((number << 3) | wireType(field)) >>> 0;
}
