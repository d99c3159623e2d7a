import { refused } from "./refusal.ts";
import { boundsOf, type MetricKind, type QuestionKind } from "./values.ts";

/** What a metric is made of. (G1) */
export interface MetricDefinition {
  kind: MetricKind;
  unit: string;
  baseline?: number | undefined;
  target?: number | undefined;
  milestones: readonly { title: string; value: number }[];
}

/** What a question is made of. (G2) */
export interface QuestionDefinition {
  kind: QuestionKind;
  choices: readonly string[];
  scale?: { minimum: number; maximum: number } | undefined;
}

const DURATION_UNITS: readonly string[] = ["minutes", "hours", "days"];
const CURRENCIES: ReadonlySet<string> = new Set(Intl.supportedValuesOf("currency"));

/** Throws `invalid` unless the unit fits the kind and every figure is one that an answer could have. */
export function checkMetric({ kind, unit, baseline, target, milestones }: MetricDefinition): void {
  if (kind === "currency" && !CURRENCIES.has(unit)) throw wrong("/unit", "format", "A currency's code of ISO 4217.");
  if (kind === "duration" && !DURATION_UNITS.includes(unit)) {
    throw wrong("/unit", "not_allowed", `One of ${DURATION_UNITS.join(", ")}.`);
  }
  if (kind === "yes_no" && unit !== "") throw wrong("/unit", "not_allowed", "Yes and no have no unit.");
  const figures: [pointer: string, figure: number | undefined][] = [
    ["/baseline", baseline],
    ["/target", target],
    ...milestones.map(({ value }, index): [string, number] => [`/milestones/${index}/value`, value]),
  ];
  for (const [pointer, figure] of figures) {
    if (figure !== undefined) checkFigure(pointer, figure, kind);
  }
}

/** Throws `invalid` unless a choice has distinct choices, a scale has its ends in order, and nothing else has either. */
export function checkQuestion({ kind, choices, scale }: QuestionDefinition): void {
  const isChoice = kind === "single_choice" || kind === "multiple_choice";
  if (isChoice && choices.length < 2) throw wrong("/choices", "too_few", "A choice is between two at least.");
  if (!isChoice && choices.length > 0) throw wrong("/choices", "not_allowed", "Only a choice has choices.");
  if (choices.some((choice) => choice.trim() === "")) throw wrong("/choices", "too_short", "A choice has words.");
  if (new Set(choices).size !== choices.length) throw wrong("/choices", "duplicate", "Each choice stands once.");
  if (kind === "scale" && scale === undefined) throw wrong("/scale", "required", "A scale has its ends.");
  if (kind !== "scale" && scale !== undefined) throw wrong("/scale", "not_allowed", "Only a scale has ends.");
  if (scale && scale.minimum >= scale.maximum) {
    throw wrong("/scale/maximum", "too_small", "The maximum lies above the minimum.");
  }
}

/** Throws `invalid` where two cards of a board ask about the same. (G3) */
export function checkCards(cards: readonly { subjectId: string }[], pointer: string): void {
  const seen = new Set<string>();
  for (const [index, { subjectId }] of cards.entries()) {
    if (seen.has(subjectId))
      throw wrong(`${pointer}/${index}/subjectId`, "duplicate", "One card asks about it already.");
    seen.add(subjectId);
  }
}

function checkFigure(pointer: string, figure: number, kind: MetricKind): void {
  if (kind === "yes_no") throw wrong(pointer, "not_allowed", "Yes and no have no figures.");
  if (!Number.isFinite(figure)) throw wrong(pointer, "type", "This is no number.");
  const [minimum, maximum] = boundsOf(kind, undefined);
  if (figure < minimum) throw wrong(pointer, "too_small", `The least is ${minimum}.`);
  if (figure > maximum) throw wrong(pointer, "too_large", `The most is ${maximum}.`);
}

function wrong(pointer: string, code: string, message: string) {
  return refused("invalid_request", { pointer, code, message });
}
