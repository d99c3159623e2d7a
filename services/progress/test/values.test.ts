import { Failure } from "@partake/failure";
import { describe, expect, test } from "vitest";
import { type Asked, fitValue, type GivenValue, publishedNumber } from "../src/domain/values.ts";

const asked = (kind: Asked["kind"], more: Partial<Asked> = {}): Asked => ({
  kind,
  choices: [],
  required: true,
  ...more,
});
const zeroToTen = { scale: { minimum: 0, maximum: 10 } };
const fruit = { choices: ["apple", "pear", "plum"] };

const fitting: [Asked, GivenValue | undefined][] = [
  [asked("number"), { number: -3.5 }],
  [asked("percentage"), { number: 0 }],
  [asked("percentage"), { number: 100 }],
  [asked("currency"), { number: -12.34 }],
  [asked("duration"), { number: 90 }],
  [asked("yes_no"), { yes: false }],
  [asked("yes_no"), { yes: true, choices: [] }],
  [asked("scale", zeroToTen), { number: 0 }],
  [asked("scale", zeroToTen), { number: 10 }],
  [asked("scale", { scale: { minimum: -2, maximum: 2 } }), { number: -2 }],
  [asked("single_choice", fruit), { choices: ["pear"] }],
  [asked("multiple_choice", fruit), { choices: ["plum", "apple"] }],
  [asked("text"), { text: "better" }],
  [asked("date"), { date: "2024-02-29" }],
  [asked("file"), undefined],
  [asked("text", { required: false }), undefined],
];

const misfitting: [why: string, Asked, GivenValue | undefined, pointer: string][] = [
  ["no value", asked("number"), undefined, "/value"],
  ["an empty value", asked("number"), {}, "/value/number"],
  ["an empty value where none is required", asked("text", { required: false }), {}, "/value/text"],
  ["a text for a number", asked("number"), { text: "5" }, "/value/text"],
  ["a second member", asked("number"), { number: 5, yes: true }, "/value/yes"],
  ["choices beside a number", asked("number"), { number: 5, choices: ["5"] }, "/value/choices"],
  ["no number", asked("number"), { number: Number.NaN }, "/value/number"],
  ["infinity", asked("currency"), { number: Number.POSITIVE_INFINITY }, "/value/number"],
  ["too large a number", asked("number"), { number: 1e13 }, "/value/number"],
  ["a negative duration", asked("duration"), { number: -1 }, "/value/number"],
  ["less than nothing of a hundred", asked("percentage"), { number: -0.1 }, "/value/number"],
  ["more than all of a hundred", asked("percentage"), { number: 100.1 }, "/value/number"],
  ["below the scale", asked("scale", zeroToTen), { number: -1 }, "/value/number"],
  ["above the scale", asked("scale", zeroToTen), { number: 11 }, "/value/number"],
  ["between the steps of a scale", asked("scale", zeroToTen), { number: 4.5 }, "/value/number"],
  ["a number for yes or no", asked("yes_no"), { number: 1 }, "/value/number"],
  ["two of a single choice", asked("single_choice", fruit), { choices: ["apple", "pear"] }, "/value/choices"],
  ["what is no choice", asked("single_choice", fruit), { choices: ["grape"] }, "/value/choices/0"],
  ["a choice in other letters", asked("multiple_choice", fruit), { choices: ["apple", "Pear"] }, "/value/choices/1"],
  ["a choice twice", asked("multiple_choice", fruit), { choices: ["plum", "plum"] }, "/value/choices/1"],
  ["blank text", asked("text"), { text: " \n" }, "/value/text"],
  ["a day that is none", asked("date"), { date: "2025-02-29" }, "/value/date"],
  ["a time for a day", asked("date"), { date: "2025-02-28T10:00:00Z" }, "/value/date"],
  ["a value beside a file", asked("file"), { text: "see file" }, "/value/text"],
  ["an empty value beside a file", asked("file"), {}, "/value"],
];

describe("[G1] [G2] [G4] a value fits its question or metric exactly", () => {
  test.each(fitting)("%j takes %j", (question, given) => {
    const value = fitValue(given, question);
    expect(Object.keys(value ?? {}).length).toBe(given === undefined ? 0 : 1);
  });

  test.each(misfitting)("%s is refused", (_why, question, given, pointer) => {
    const failure = thrownBy(() => fitValue(given, question));
    expect(failure).toMatchObject({ code: "invalid", reason: "wrong_value" });
    expect(failure.errors.map((error) => error.pointer)).toEqual([pointer]);
  });

  test("the refusal never repeats the value", () => {
    const failure = thrownBy(() => fitValue({ choices: ["marked-value"] }, asked("single_choice", fruit)));
    expect(JSON.stringify(failure.errors)).not.toContain("marked-value");
  });
});

test("[X1] only numbers and yes or no go out as numbers", () => {
  expect(publishedNumber({ number: 4 })).toBe(4);
  expect(publishedNumber({ yes: true })).toBe(1);
  expect(publishedNumber({ yes: false })).toBe(0);
  expect(publishedNumber({ text: "4" })).toBeUndefined();
  expect(publishedNumber({ choices: ["4"] })).toBeUndefined();
  expect(publishedNumber(undefined)).toBeUndefined();
});

function thrownBy(work: () => unknown): Failure {
  try {
    work();
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown;
    throw thrown;
  }
  throw new Error("nothing was refused");
}
