import { Failure } from "@partake/failure";
import { describe, expect, test } from "vitest";
import {
  checkChoices,
  checkCustomValues,
  mergeCustomValues,
  type StoredCustomValue,
} from "../src/domain/custom-values.ts";
import { nameWords } from "../src/domain/name-words.ts";

const fields = [
  { _id: "cfd_text", kind: "text", choices: [] },
  { _id: "cfd_number", kind: "number", choices: [] },
  { _id: "cfd_date", kind: "date", choices: [] },
  { _id: "cfd_choice", kind: "choice", choices: ["yes", "no"] },
  { _id: "cfd_consent", kind: "consent", choices: [] },
] as const;

const consent = { given: true, givenOn: "2026-01-02", wording: "You may write to me." };

describe("[C1] a custom value fits its field exactly", () => {
  const fitting = [
    { fieldId: "cfd_text", text: "" },
    { fieldId: "cfd_number", number: 0 },
    { fieldId: "cfd_date", date: "2026-01-02" },
    { fieldId: "cfd_choice", choice: "no" },
    { fieldId: "cfd_consent", consent },
  ];
  for (const value of fitting) {
    test(`${JSON.stringify(value)} is taken`, () => expect(() => checkCustomValues([value], fields)).not.toThrow());
  }

  const refused: [StoredCustomValue, string, string][] = [
    [{ fieldId: "cfd_other", text: "x" }, "/customValues/0/fieldId", "unknown_field"],
    [{ fieldId: "cfd_text", number: 1 }, "/customValues/0", "wrong_kind"],
    [{ fieldId: "cfd_text" }, "/customValues/0", "wrong_kind"],
    [{ fieldId: "cfd_text", text: "x", number: 1 }, "/customValues/0", "wrong_kind"],
    [{ fieldId: "cfd_choice", choice: "perhaps" }, "/customValues/0/choice", "not_a_choice"],
  ];
  for (const [value, pointer, code] of refused) {
    test(`${JSON.stringify(value)} is refused as ${code}`, () => {
      expect(errorsOf(() => checkCustomValues([value], fields))).toMatchObject([{ pointer, code }]);
    });
  }

  test("the same field twice is refused", () => {
    const values = [fitting[0], fitting[0]].filter((value) => value !== undefined);
    expect(errorsOf(() => checkCustomValues(values, fields))).toMatchObject([{ code: "duplicate" }]);
  });

  test("a given value replaces that of its field and leaves the others", () => {
    const stored = [
      { fieldId: "a", text: "1" },
      { fieldId: "b", text: "2" },
    ];
    expect(mergeCustomValues(stored, [{ fieldId: "a", text: "3" }])).toEqual([
      { fieldId: "b", text: "2" },
      { fieldId: "a", text: "3" },
    ]);
  });
});

describe("[C1] choices belong to a choice", () => {
  test("a choice with choices is taken", () => expect(() => checkChoices("choice", ["a", "b"])).not.toThrow());
  test("a text without is taken", () => expect(() => checkChoices("text", [])).not.toThrow());
  test("a choice without is refused", () => expect(() => checkChoices("choice", [])).toThrow(Failure));
  test("a text with choices is refused", () => expect(() => checkChoices("text", ["a"])).toThrow(Failure));
  test("a choice that stands twice is refused", () =>
    expect(() => checkChoices("choice", ["a", "a"])).toThrow(Failure));
});

describe("[C1] names are searched by their words", () => {
  const cases: [string, string[]][] = [
    ["Ben Nowak", ["ben", "nowak"]],
    ["Zoë Łuczak-O'Neill", ["zoe", "łuczak", "o", "neill"]],
    ["  李  明 ", ["李", "明"]],
    ["Ann Ann", ["ann"]],
    ["---", []],
  ];
  for (const [name, words] of cases) test(name, () => expect(nameWords(name)).toEqual(words));
});

function errorsOf(run: () => void): unknown {
  try {
    run();
  } catch (thrown) {
    return (thrown as Failure).errors;
  }
  return [];
}
