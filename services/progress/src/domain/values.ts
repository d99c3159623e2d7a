import type { FieldError } from "@partake/failure";
import { refused } from "./refusal.ts";

export type MetricKind = "number" | "percentage" | "currency" | "duration" | "yes_no";
export type QuestionKind = "single_choice" | "multiple_choice" | "scale" | "number" | "text" | "date" | "file";

/** What an answer is held against: a metric, or a question. */
export interface Asked {
  kind: MetricKind | QuestionKind;
  choices: readonly string[];
  scale?: { minimum: number; maximum: number };
  /** A metric always wants its value; a question that is not required also takes a narrative or a file alone. */
  required: boolean;
}

/** The value of an answer: exactly one member is there. */
export interface AnswerValue {
  number?: number;
  text?: string;
  date?: string;
  choices?: string[];
  yes?: boolean;
}

/** As it arrives: absent members may be undefined, and the list may be empty. */
export type GivenValue = { [M in keyof AnswerValue]?: AnswerValue[M] | undefined };

type Member = keyof AnswerValue;

const MEMBERS: readonly Member[] = ["number", "text", "date", "choices", "yes"];
/** Doubles count whole cents exactly up to here, with room to add. */
const LARGEST = 1e12;

/** Which member of a value each kind asks for; a file is its own answer. */
const memberOf: Record<MetricKind | QuestionKind, Member | undefined> = {
  number: "number",
  percentage: "number",
  currency: "number",
  duration: "number",
  scale: "number",
  yes_no: "yes",
  single_choice: "choices",
  multiple_choice: "choices",
  text: "text",
  date: "date",
  file: undefined,
};

/** Throws `invalid` with pointers under /value unless the value is exactly what the question or metric asks for. (G1, G2) */
export function fitValue(given: GivenValue | undefined, asked: Asked): AnswerValue | undefined {
  const wanted = memberOf[asked.kind];
  const present = MEMBERS.filter((member) => isPresent(given?.[member]));
  const [unasked] = present.filter((member) => member !== wanted);
  if (unasked) throw wrong(`/value/${unasked}`, "not_allowed", `A value of this kind has no member "${unasked}".`);
  if (wanted === undefined) {
    if (given !== undefined) throw wrong("/value", "not_allowed", "The answer to this question is a file.");
    return undefined;
  }
  if (present.length === 0) {
    if (given === undefined && !asked.required) return undefined;
    throw wrong(given === undefined ? "/value" : `/value/${wanted}`, "required", `The answer needs "${wanted}".`);
  }
  const value = pick(given ?? {}, wanted);
  const error = misfit(value, asked);
  if (error) throw refused("wrong_value", error);
  return value;
}

/** The number that a published value goes out as: yes is 1, no is 0; all else is not published. (X1) */
export function publishedNumber(value: AnswerValue | undefined): number | undefined {
  if (value?.number !== undefined) return value.number;
  return value?.yes === undefined ? undefined : Number(value.yes);
}

function isPresent(member: GivenValue[Member]): boolean {
  return Array.isArray(member) ? member.length > 0 : member !== undefined && member !== null;
}

function pick(given: GivenValue, member: Member): AnswerValue {
  return { [member]: given[member] };
}

function misfit({ number, text, choices, date }: AnswerValue, asked: Asked): FieldError | undefined {
  if (number !== undefined) return numberMisfit(number, asked);
  if (choices !== undefined) return choicesMisfit(choices, asked);
  if (text !== undefined && text.trim() === "") return error("/value/text", "too_short", "The answer needs some text.");
  if (date !== undefined && !isDay(date)) return error("/value/date", "format", "There is no such day.");
  return undefined;
}

function numberMisfit(number: number, { kind, scale }: Asked): FieldError | undefined {
  const pointer = "/value/number";
  if (!Number.isFinite(number)) return error(pointer, "type", "This is no number.");
  if (kind === "scale" && !Number.isInteger(number)) return error(pointer, "type", "A scale has whole steps.");
  const [minimum, maximum] = boundsOf(kind, scale);
  if (number < minimum) return error(pointer, "too_small", `The least is ${minimum}.`);
  if (number > maximum) return error(pointer, "too_large", `The most is ${maximum}.`);
  return undefined;
}

/** From and to which number a kind goes. */
export function boundsOf(kind: Asked["kind"], scale: Asked["scale"]): [minimum: number, maximum: number] {
  if (kind === "scale") return [scale?.minimum ?? 0, scale?.maximum ?? 0];
  if (kind === "percentage") return [0, 100];
  return [kind === "duration" ? 0 : -LARGEST, LARGEST];
}

function choicesMisfit(chosen: readonly string[], { kind, choices }: Asked): FieldError | undefined {
  if (kind === "single_choice" && chosen.length !== 1) return error("/value/choices", "too_many", "Choose one.");
  const seen = new Set<string>();
  for (const [index, choice] of chosen.entries()) {
    const pointer = `/value/choices/${index}`;
    if (!choices.includes(choice)) return error(pointer, "not_allowed", "This is none of the question's choices.");
    if (seen.has(choice)) return error(pointer, "duplicate", "Each choice is taken once.");
    seen.add(choice);
  }
  return undefined;
}

/** A day of the calendar, as YYYY-MM-DD: the 30th of February is none. */
function isDay(text: string): boolean {
  const day = /^\d{4}-\d{2}-\d{2}$/.test(text) ? new Date(`${text}T00:00:00Z`) : undefined;
  return day !== undefined && !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

function wrong(pointer: string, code: string, message: string) {
  return refused("wrong_value", error(pointer, code, message));
}

function error(pointer: string, code: string, message: string): FieldError {
  return { pointer, code, message };
}
