// What a scalar may be, decided once per field: one closure for validation, one fragment of JSON Schema for documents.
import { formatChecks, formatLengths } from "./formats.ts";
import type { Field, FieldErrorCode, FormatName, Rule } from "./model.ts";

export const defaultMaxLength = 200;
export const defaultMaxItems = 100;
const uuid = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
const int32 = { minimum: -(2 ** 31), maximum: 2 ** 31 - 1 };
const uint32 = { minimum: 0, maximum: 2 ** 32 - 1 };

export interface Complaint {
  code: FieldErrorCode;
  message: string;
}
/** Says what is wrong with a value, or nothing. */
export type Check<T> = (value: T) => Complaint | undefined;

const formatNames: Record<FormatName, string> = {
  "date-time": "a date and time with an offset, as in RFC 3339",
  date: "a date, as in 2026-01-31",
  email: "an e-mail address",
  uri: "an http or https address",
  "time-zone": "an IANA time zone, as in Europe/London",
  language: "a language tag, as in en-GB",
};

/**
 * Whether a field that was left out and one that is empty are the same on the wire: then a rule cannot refuse the empty one,
 * or a service would refuse what the gateway took.
 */
export function mayBeEmpty(field: Pick<Field, "shape" | "rule">): boolean {
  return field.shape === "implicit" && !field.rule.required;
}

/** A list with at least one item cannot be left out. */
export function isRequired({ shape, rule }: Pick<Field, "shape" | "rule">): boolean {
  return rule.required || ((shape === "repeated" || shape === "map") && (rule.minItems ?? 0) > 0);
}

export function itemBounds(rule: Rule): { min: number; max: number } {
  return { min: Math.max(rule.minItems ?? 0, rule.required ? 1 : 0), max: rule.maxItems ?? defaultMaxItems };
}

export function maxLength(rule: Rule): number {
  if (rule.maxLength !== undefined) return rule.maxLength;
  return rule.format === undefined ? defaultMaxLength : formatLengths[rule.format];
}

export function minLength(field: Pick<Field, "shape" | "rule">): number {
  return Math.max(field.rule.minLength ?? 0, field.shape === "implicit" && field.rule.required ? 1 : 0);
}

/** The pattern of the whole text, where one decides. */
export function textPattern(rule: Rule): string | undefined {
  if (rule.id !== undefined) return `^${rule.id}_${uuid}$`;
  return rule.pattern === undefined ? undefined : `^(?:${rule.pattern})$`;
}

/** A sign that is seen: neither white space nor a control of joining, direction or breaking. (Unicode, General_Category Cf) */
const visibleSign = "[^\\s\\u00AD\\u200B-\\u200F\\u202A-\\u202E\\u2060-\\u206F\\uFEFF]";

/** Words of people that may not be empty must show something, too: "   " is no title. Undefined: it need not. */
export function shownPattern(field: Pick<Field, "shape" | "rule">): string | undefined {
  const { oneOf, format, id, pattern } = field.rule;
  const isFree = oneOf === undefined && format === undefined && id === undefined && pattern === undefined;
  return isFree && !mayBeEmpty(field) && minLength(field) > 0 ? visibleSign : undefined;
}

export function checkText(field: Pick<Field, "shape" | "rule">): Check<string> {
  const canBeEmpty = mayBeEmpty(field);
  const [min, max] = [minLength(field), maxLength(field.rule)];
  const checkWords = checkKind(field.rule);
  const shown = shownPattern(field);
  const sign = shown === undefined ? undefined : new RegExp(shown, "u");
  const code = field.rule.required ? "required" : "too_short";
  return (text) => {
    if (text === "") {
      if (canBeEmpty) return undefined;
      if (min > 0) return { code, message: "must not be empty" };
    }
    // A text has at most as many characters as UTF-16 units, so most are never counted.
    if (text.length > max && (text.length > 2 * max || characters(text) > max)) {
      return { code: "too_long", message: `must have at most ${max} characters` };
    }
    if (min > 1 && characters(text) < min)
      return { code: "too_short", message: `must have at least ${min} characters` };
    if (text.includes("\0")) return { code: "text", message: "must not contain the NUL character" };
    if (!text.isWellFormed()) return { code: "text", message: "must be well-formed Unicode" };
    if (sign?.test(text) === false) return { code, message: "must hold something that can be seen" };
    return checkWords(text);
  };
}

export function numberBounds(field: Pick<Field, "kind" | "rule">): { minimum?: number; maximum?: number } {
  const scalar = "scalar" in field.kind ? field.kind.scalar : "double";
  const natural = scalar === "int32" ? int32 : scalar === "uint32" ? uint32 : {};
  const { minimum, maximum } = field.rule;
  return { ...natural, ...(minimum === undefined ? {} : { minimum }), ...(maximum === undefined ? {} : { maximum }) };
}

export function checkNumber(field: Pick<Field, "kind" | "shape" | "rule">): Check<number> {
  const isWhole = "scalar" in field.kind && field.kind.scalar !== "double";
  const canBeEmpty = mayBeEmpty(field);
  const bounds = numberBounds(field);
  const [minimum, maximum] = [bounds.minimum ?? Number.NEGATIVE_INFINITY, bounds.maximum ?? Number.POSITIVE_INFINITY];
  return (value) => {
    if (!Number.isFinite(value)) return { code: "type", message: "must be a finite number" };
    if (isWhole && !Number.isInteger(value)) return { code: "type", message: "must be a whole number" };
    if (value === 0 && canBeEmpty) return undefined;
    if (value < minimum) return { code: "too_small", message: `must be at least ${minimum}` };
    if (value > maximum) return { code: "too_large", message: `must be at most ${maximum}` };
    return undefined;
  };
}

function checkKind(rule: Rule): Check<string> {
  if (rule.oneOf) {
    const words = new Set(rule.oneOf);
    const refusal: Complaint = { code: "not_allowed", message: `must be one of: ${rule.oneOf.join(", ")}` };
    return (text) => (words.has(text) ? undefined : refusal);
  }
  if (rule.format) {
    const isValid = formatChecks[rule.format];
    const refusal: Complaint = { code: "format", message: `must be ${formatNames[rule.format]}` };
    return (text) => (isValid(text) ? undefined : refusal);
  }
  const pattern = textPattern(rule);
  if (pattern === undefined) return () => undefined;
  const expression = new RegExp(pattern, "u");
  const message =
    rule.id === undefined ? `must match ${pattern}` : `must be an id: ${rule.id}_ and a UUID in lower case`;
  const refusal: Complaint = { code: "format", message };
  return (text) => (expression.test(text) ? undefined : refusal);
}

function characters(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}
