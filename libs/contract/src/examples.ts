// Examples for the documents: fixed, believable and valid, which a test proves for every message.
import { itemBounds, maxLength, minLength, numberBounds, textPattern } from "./constraints.ts";
import type { Contract, Field, FormatName } from "./model.ts";

const exampleUuid = "0190163d-8694-739b-aea5-966c26f8ad91";
const formatExamples: Record<FormatName, string> = {
  "date-time": "2026-03-02T09:30:00Z",
  date: "2026-03-02",
  email: "sam@example.org",
  uri: "https://example.org/",
  "time-zone": "Europe/London",
  language: "en-GB",
};
/** Texts by field name; they are cut to what the field may hold. */
const textExamples: Record<string, string> = {
  title: "Tuesday walking group",
  description: "A walk of an hour, every Tuesday, at the pace of the slowest.",
  name: "Sam Example",
  text: "How satisfied are you with your life nowadays?",
  narrative: "I walked to the market and back.",
  help: "Where 0 is not at all and 10 is completely.",
  unit: "days",
  phone: "020 7946 0000",
  wording: "I agree that my answers are shown to the team.",
  mediaType: "image/jpeg",
};
const idPrefixes = ["qst", "met", "fld", "prj", "org", "con", "brd", "par", "usr"];
/** Tried in turn where only a pattern says what a text may be. */
const patternExamples = [
  ...idPrefixes.map((prefix) => `${prefix}_${exampleUuid}`),
  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
  "identity",
  "platform",
  "project.created",
];

export function exampleId(prefix: string): string {
  return `${prefix}_${exampleUuid}`;
}

/** A text that the field may hold, or undefined where none is known. */
export function exampleText(field: Pick<Field, "name" | "rule" | "shape">): string | undefined {
  const { rule } = field;
  if (rule.oneOf) return rule.oneOf[0];
  if (rule.id !== undefined) return exampleId(rule.id);
  if (rule.format !== undefined) return formatExamples[rule.format];
  const pattern = textPattern(rule);
  if (pattern !== undefined) {
    const expression = new RegExp(pattern, "u");
    return patternExamples.find((text) => expression.test(text));
  }
  return (textExamples[field.name] ?? "text").slice(0, maxLength(rule)).padEnd(minLength(field), ".");
}

/**
 * A message with everything that may be in it. Of several optional scalars of an inner message only the first is given: such
 * messages hold a value of one kind or another.
 */
export function exampleMessage(contract: Contract, name: string, depth = 0): Record<string, unknown> {
  const message = contract.messages.get(name);
  if (!message) throw new Error(`no message ${name}`);
  const optional = message.fields.filter(({ shape, kind }) => shape === "explicit" && "scalar" in kind);
  const leftOut = depth > 0 ? optional.slice(1) : [];
  const isShown = (field: Field) =>
    !leftOut.includes(field) &&
    !(depth > 0 && field.shape === "explicit" && "message" in field.kind && optional.length > 0);
  const members = message.fields.filter(isShown).map((field) => [field.name, exampleOf(contract, field, depth)]);
  return Object.fromEntries(members.filter(([, value]) => value !== undefined));
}

function exampleOf(contract: Contract, field: Field, depth: number): unknown {
  const one = exampleValue(contract, field, depth);
  if (one === undefined) return undefined;
  if (field.shape === "map") return { name: one };
  if (field.shape !== "repeated") return one;
  return Array.from({ length: Math.max(1, itemBounds(field.rule).min) }, () => one);
}

function exampleValue(contract: Contract, field: Field, depth: number): unknown {
  if ("message" in field.kind) return exampleMessage(contract, field.kind.message, depth + 1);
  if (field.kind.scalar === "string") return exampleText(field);
  if (field.kind.scalar === "bool") return true;
  const { minimum = 0, maximum = 50 } = numberBounds(field);
  return Math.min(Math.max(minimum, 3), maximum);
}
