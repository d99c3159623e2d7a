import { describe, expect, test } from "vitest";
import { checkCards, checkMetric, checkQuestion } from "../src/domain/definitions.ts";
import { checkFile } from "../src/domain/media-types.ts";
import { checkAnswer, checkPost } from "../src/domain/posts.ts";
import { recordedTime } from "../src/domain/recorded-time.ts";

const at = (pointer: string) => expect.objectContaining({ errors: [expect.objectContaining({ pointer })] });
const metric = (more: object) => ({ kind: "number" as const, unit: "", milestones: [], ...more });
const question = (more: object) => ({ kind: "text" as const, choices: [], ...more });

describe("[G1] a metric", () => {
  test.each([
    metric({ unit: "days", baseline: 0, target: 7, milestones: [{ title: "half", value: 3.5 }] }),
    metric({ kind: "percentage", target: 100 }),
    metric({ kind: "currency", unit: "GBP", target: -5 }),
    metric({ kind: "duration", unit: "minutes" }),
    metric({ kind: "yes_no" }),
  ])("%j is one", (definition) => expect(() => checkMetric(definition)).not.toThrow());

  test.each([
    [metric({ kind: "currency", unit: "pounds" }), "/unit"],
    [metric({ kind: "duration", unit: "" }), "/unit"],
    [metric({ kind: "yes_no", unit: "times" }), "/unit"],
    [metric({ kind: "yes_no", target: 1 }), "/target"],
    [metric({ kind: "percentage", baseline: -1 }), "/baseline"],
    [metric({ kind: "percentage", milestones: [{ title: "a", value: 101 }] }), "/milestones/0/value"],
    [metric({ target: Number.NaN }), "/target"],
  ])("%j is none", (definition, pointer) => expect(() => checkMetric(definition)).toThrow(at(pointer)));
});

describe("[G2] a question", () => {
  test.each([
    question({}),
    question({ kind: "single_choice", choices: ["yes", "no"] }),
    question({ kind: "scale", scale: { minimum: 0, maximum: 10 } }),
  ])("%j is one", (definition) => expect(() => checkQuestion(definition)).not.toThrow());

  test.each([
    [question({ choices: ["a", "b"] }), "/choices"],
    [question({ kind: "multiple_choice" }), "/choices"],
    [question({ kind: "single_choice", choices: ["one"] }), "/choices"],
    [question({ kind: "single_choice", choices: ["same", "same"] }), "/choices"],
    [question({ kind: "single_choice", choices: ["some", " "] }), "/choices"],
    [question({ kind: "scale" }), "/scale"],
    [question({ scale: { minimum: 0, maximum: 1 } }), "/scale"],
    [question({ kind: "scale", scale: { minimum: 3, maximum: 3 } }), "/scale/maximum"],
  ])("%j is none", (definition, pointer) => expect(() => checkQuestion(definition)).toThrow(at(pointer)));
});

test("[G3] two cards about the same are refused", () => {
  expect(() => checkCards([{ subjectId: "a" }, { subjectId: "b" }], "/cards")).not.toThrow();
  expect(() => checkCards([{ subjectId: "a" }, { subjectId: "a" }], "/cards")).toThrow(at("/cards/1/subjectId"));
});

describe("[G4] [G8] a post", () => {
  const post = { narrative: "", fileIds: [] as string[] };
  test.each([
    [{ ...post, kind: "story" as const }, "/narrative"],
    [{ ...post, kind: "tip" as const, narrative: " " }, "/narrative"],
    [{ ...post, kind: "story" as const, narrative: "a", subjectId: "met_1" }, "/subjectId"],
    [{ ...post, kind: "tip" as const, narrative: "a", value: { number: 1 } }, "/value"],
    [{ ...post, kind: "answer" as const, value: { number: 1 } }, "/subjectId"],
    [{ ...post, kind: "answer" as const, subjectId: "met_1", fileIds: ["fil_1", "fil_1"] }, "/fileIds"],
  ])("%j is refused", (shape, pointer) => expect(() => checkPost(shape)).toThrow(at(pointer)));

  test("says or shows something", () => {
    expect(() => checkPost({ ...post, kind: "story", fileIds: ["fil_1"] })).not.toThrow();
    expect(() => checkAnswer({ kind: "text" }, { ...post, narrative: "words alone" })).not.toThrow();
    expect(() => checkAnswer({ kind: "text" }, post)).toThrow(at("/value"));
    expect(() => checkAnswer({ kind: "file" }, { ...post, narrative: "no file" })).toThrow(at("/fileIds"));
  });
});

describe("[G4] the time for which something was recorded", () => {
  const now = new Date("2026-02-28T12:00:00Z");
  test.each([
    [undefined, "2026-02-28T12:00:00.000Z"],
    ["2016-02-28T12:00:00Z", "2016-02-28T12:00:00.000Z"],
    ["2026-02-28T12:01:00Z", "2026-02-28T12:01:00.000Z"],
    ["2026-02-28T14:30:00+03:00", "2026-02-28T11:30:00.000Z"],
  ])("%s is taken", (given, taken) => expect(recordedTime(given, now).toISOString()).toBe(taken));

  test.each([
    ["2016-02-28T11:59:59Z", "recorded_too_early"],
    ["2026-02-28T12:01:01Z", "recorded_in_future"],
    ["2026-02-30T99:00:00Z", "invalid_request"],
  ])("%s is refused", (given, reason) =>
    expect(() => recordedTime(given, now)).toThrow(expect.objectContaining({ code: "invalid", reason })),
  );
});

describe("[G19] a file", () => {
  test("of a listed type, with a name, is taken", () =>
    expect(() => checkFile({ name: "Été 2026 (1).jpg", mediaType: "image/jpeg" })).not.toThrow());

  test.each(["text/html", "image/svg+xml", "application/x-msdownload", "application/zip", "IMAGE/JPEG"])(
    "%s is refused",
    (mediaType) =>
      expect(() => checkFile({ name: "a", mediaType })).toThrow(expect.objectContaining({ reason: "file_type" })),
  );

  test.each(["../a.png", "a\\b.png", "a\u0000.png", "\u202egnp.exe", " ", "a\r\nb"])("the name %j is refused", (name) =>
    expect(() => checkFile({ name, mediaType: "image/png" })).toThrow(at("/name")),
  );
});
