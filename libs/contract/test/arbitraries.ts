// Values that a message may have, and the same as they are after the wire.
import fc from "fast-check";
import { itemBounds, maxLength, minLength, numberBounds, textPattern } from "../src/constraints.ts";
import type { Contract, Field, FormatName } from "../src/model.ts";

const formats: Record<FormatName, string[]> = {
  "date-time": ["2024-02-29T23:59:59.999999999+13:45", "0001-01-01T00:00:00Z", "2026-10-25T01:30:00-00:30"],
  date: ["2024-02-29", "9999-12-31", "2000-02-29"],
  email: ["a@b.org", "o'neil+list@mail.example.co.uk"],
  uri: ["https://example.org/a?b=c#d"],
  "time-zone": ["Europe/London", "America/Argentina/Buenos_Aires", "UTC", "Etc/GMT+5"],
  language: ["en", "cy-GB", "zh-Hant-TW"],
};
const maxListed = 3;

export function validMessage(contract: Contract, name: string): fc.Arbitrary<Record<string, unknown>> {
  const fields = contract.messages.get(name)?.fields ?? [];
  const members = Object.fromEntries(fields.map((field) => [field.name, validField(contract, field)]));
  const requiredKeys = fields
    .filter(({ rule }) => rule.required || (rule.minItems ?? 0) > 0)
    .map((field) => field.name);
  return fc.record(members, { requiredKeys, noNullPrototype: true });
}

/** The value with the defaults that decoding puts in. */
export function withDefaults(
  contract: Contract,
  name: string,
  value: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const whole: Record<string, unknown> = {};
  for (const field of contract.messages.get(name)?.fields ?? []) {
    const member = value[field.name];
    const inner = (one: unknown) =>
      "message" in field.kind ? withDefaults(contract, field.kind.message, one as Record<string, unknown>) : one;
    if (field.shape === "repeated") whole[field.name] = ((member ?? []) as unknown[]).map(inner);
    else if (field.shape === "map") {
      const entries = Object.entries((member ?? {}) as Record<string, unknown>);
      whole[field.name] = Object.fromEntries(entries.map(([key, one]) => [key, inner(one)]));
    } else if (member !== undefined) whole[field.name] = inner(member);
    else if (field.shape === "implicit") whole[field.name] = emptyOf(field);
  }
  return whole;
}

function emptyOf({ kind }: Field): unknown {
  if ("message" in kind) return undefined;
  return kind.scalar === "string" ? "" : kind.scalar === "bool" ? false : 0;
}

function validField(contract: Contract, field: Field): fc.Arbitrary<unknown> {
  const one = validValue(contract, field);
  const { min, max } = itemBounds(field.rule);
  const bounds = { minLength: min, maxLength: Math.min(max, min + maxListed) };
  if (field.shape === "repeated") return fc.array(one, bounds);
  if (field.shape !== "map") return one;
  const key = fc.stringMatching(/^[a-z][a-z_.-]{0,9}$/);
  return fc.dictionary(key, one, { minKeys: min, maxKeys: bounds.maxLength, noNullPrototype: true });
}

function validValue(contract: Contract, field: Field): fc.Arbitrary<unknown> {
  if ("message" in field.kind) return validMessage(contract, field.kind.message);
  if (field.kind.scalar === "bool") return fc.boolean();
  if (field.kind.scalar === "string") return validText(field);
  const { minimum, maximum } = numberBounds(field);
  if (field.kind.scalar !== "double") return fc.integer({ min: minimum ?? 0, max: maximum ?? 0 });
  const bounds = {
    ...(minimum === undefined ? {} : { min: minimum }),
    ...(maximum === undefined ? {} : { max: maximum }),
  };
  // JSON has no -0.
  return fc.double({ ...bounds, noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
}

function validText(field: Field): fc.Arbitrary<string> {
  const { rule } = field;
  if (rule.oneOf) return fc.constantFrom(...rule.oneOf);
  if (rule.format !== undefined) return fc.constantFrom(...formats[rule.format]);
  if (rule.id !== undefined) return fc.uuid().map((uuid) => `${rule.id}_${uuid}`);
  const pattern = textPattern(rule);
  if (pattern !== undefined) {
    return fc.stringMatching(new RegExp(pattern, "u")).filter((text) => text.length <= maxLength(rule));
  }
  const min = minLength(field);
  const text = fc.string({ unit: "binary", minLength: min, maxLength: Math.min(maxLength(rule), min + 20) });
  // What may not be empty shows something.
  const isShown = (found: string): boolean => min === 0 || /[\p{L}\p{N}\p{P}\p{S}]/u.test(found);
  return text
    .map((found) => found.replaceAll("\0", "-"))
    .map((found) => (isShown(found) ? found : `${[...found].slice(1).join("")}-`));
}
