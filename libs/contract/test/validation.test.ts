import { describe, expect, it } from "vitest";
import type { FieldErrorCode } from "../src/model.ts";
import { createValidate } from "../src/validation.ts";
import { contractOf } from "./small-protos.ts";

const uuid = "0190163d-8694-739b-aea5-966c26f8ad91";
const validate = createValidate(
  contractOf({
    messages: `
    message Text {
      string plain = 1; string needed = 2 [(rule) = { required: true max_length: 5 }];
      optional string maybe = 3 [(rule) = { min_length: 2 max_length: 4 }];
      string word = 4 [(rule) = { one_of: "see share" }]; optional string own_word = 5 [(rule) = { one_of: "see share" }];
      string id = 6 [(rule) = { id: "prj" }]; string code = 7 [(rule) = { pattern: "[A-Z]{3}|none" }];
      string at = 8 [(rule) = { format: "date-time" }]; string on = 9 [(rule) = { format: "date" }];
      string mail = 10 [(rule) = { format: "email" }]; string link = 11 [(rule) = { format: "uri" }];
      string zone = 12 [(rule) = { format: "time-zone" }]; string tongue = 13 [(rule) = { format: "language" }];
    }
    message Amounts {
      int32 whole = 1; uint32 natural = 2; double real = 3; bool yes = 4;
      int32 limit = 5 [(rule) = { minimum: 1 maximum: 200 }]; optional int32 step = 6 [(rule) = { minimum: 1 }];
      int32 needed = 7 [(rule) = { required: true }];
    }
    message Lists {
      repeated string plain = 1; repeated string ids = 2 [(rule) = { id: "con" max_items: 2 }];
      repeated int32 some = 3 [(rule) = { min_items: 1 }]; map<string, string> words = 4 [(rule) = { max_length: 3 max_items: 2 }];
      Inner inner = 5; repeated Inner inners = 6;
    }
    message Needs { Inner inner = 1 [(rule) = { required: true }]; }
    message Inner { string name = 1 [(rule) = { required: true }]; }
    message Nothing {}`,
  }),
);

type Refused = [name: string, value: unknown, pointer: string, code: FieldErrorCode];
const text = (fields: object) => ({ needed: "x", ...fields });
const amounts = (fields: object) => ({ needed: 1, ...fields });
const lists = (fields: object) => ({ some: [1], ...fields });

const accepted: [string, string, unknown][] = [
  ["Text", "the least", { needed: "x" }],
  [
    "Text",
    "texts that are empty as if they were absent",
    text({ plain: "", word: "", id: "", code: "", at: "", on: "", mail: "", zone: "" }),
  ],
  ["Text", "characters, not UTF-16 units", text({ needed: "😀😀😀😀😀" })],
  ["Text", "200 characters", text({ plain: "a".repeat(200) })],
  ["Text", "an optional text within its bounds", text({ maybe: "ab" })],
  ["Text", "a word of the list", text({ word: "see", ownWord: "share" })],
  ["Text", "an id", text({ id: `prj_${uuid}` })],
  ["Text", "a pattern's alternatives", text({ code: "ABC" })],
  ["Text", "a pattern's other alternative", text({ code: "none" })],
  ["Text", "an offset", text({ at: "2024-02-29T23:59:59+05:30" })],
  ["Text", "a fraction of a second", text({ at: "2026-03-02T09:30:00.123456789Z" })],
  ["Text", "a leap day", text({ on: "2000-02-29" })],
  ["Text", "an address with a label", text({ mail: "sam+list@mail.example.org" })],
  ["Text", "an address on the web", text({ link: "https://example.org:8443/a%20b?c=d#e" })],
  ["Text", "a time zone", text({ zone: "America/Argentina/Buenos_Aires" })],
  ["Text", "a language with script and region", text({ tongue: "zh-Hant-TW" })],
  ["Text", "any Unicode", text({ plain: "مرحبا 🇬🇧 \t\n" })],
  ["Amounts", "the bounds of int32", amounts({ whole: -(2 ** 31) })],
  ["Amounts", "the bounds of uint32", amounts({ natural: 2 ** 32 - 1 })],
  ["Amounts", "a large number", amounts({ real: 1.7e308 })],
  ["Amounts", "zero where absent is zero", amounts({ limit: 0 })],
  ["Amounts", "zero where a number is needed", { needed: 0 }],
  ["Amounts", "the highest page size", amounts({ limit: 200, yes: false })],
  ["Lists", "lists", lists({ plain: ["", "a"], ids: [`con_${uuid}`], inners: [{ name: "x" }] })],
  ["Lists", "empty lists", lists({ plain: [], ids: [], words: {} })],
  ["Lists", "a map", lists({ words: { projectTitle: "abc", "a.b-c_d": "" } })],
  ["Lists", "undefined as absent", lists({ plain: undefined, inner: undefined })],
  ["Needs", "a needed message", { inner: { name: "x" } }],
  ["Nothing", "nothing", {}],
];

describe("accepted", () => {
  it.each(accepted)("%s: %s", (message, _name, value) => {
    expect(validate(`partake.v1.${message}`, value)).toEqual([]);
  });
});

const refused: Record<string, Refused[]> = {
  Text: [
    ["no object", "secret", "", "type"],
    ["nothing", null, "", "type"],
    ["a list", [], "", "type"],
    ["a needed text that is absent", {}, "/needed", "required"],
    ["a needed text that is empty", { needed: "" }, "/needed", "required"],
    ["a number as a text", text({ plain: 3 }), "/plain", "type"],
    ["null as a text", text({ maybe: null }), "/maybe", "type"],
    ["an object as a text", text({ plain: { $ne: "secret" } }), "/plain", "type"],
    ["a list as a text", text({ plain: ["secret"] }), "/plain", "type"],
    ["201 characters", text({ plain: "a".repeat(201) }), "/plain", "too_long"],
    ["six characters of five", text({ needed: "😀😀😀😀😀😀" }), "/needed", "too_long"],
    ["a text that is too short", text({ maybe: "a" }), "/maybe", "too_short"],
    ["a text of white space", text({ maybe: " \t\n\u3000" }), "/maybe", "too_short"],
    ["a text of signs that nobody sees", text({ maybe: "\u202e\u200b\ufeff" }), "/maybe", "too_short"],
    ["an empty text that is given", text({ maybe: "" }), "/maybe", "too_short"],
    ["NUL", text({ plain: "a\0b" }), "/plain", "text"],
    ["half a character", text({ plain: "a\ud800" }), "/plain", "text"],
    ["another word", text({ word: "discuss" }), "/word", "not_allowed"],
    ["a word in capitals", text({ word: "SEE" }), "/word", "not_allowed"],
    ["no word where one is given", text({ ownWord: "" }), "/ownWord", "not_allowed"],
    ["a name of Object as a word", text({ word: "constructor" }), "/word", "not_allowed"],
    ["an id of another kind", text({ id: `con_${uuid}` }), "/id", "format"],
    ["an id in capitals", text({ id: `prj_${uuid.toUpperCase()}` }), "/id", "format"],
    ["an id with more behind", text({ id: `prj_${uuid}\n` }), "/id", "format"],
    ["an id with more before", text({ id: ` prj_${uuid}` }), "/id", "format"],
    ["a pattern's part", text({ code: "ABCD" }), "/code", "format"],
    ["a pattern's end", text({ code: "xnone" }), "/code", "format"],
    ["a time without an offset", text({ at: "2026-03-02T09:30:00" }), "/at", "format"],
    ["a time of day that is none", text({ at: "2026-03-02T24:00:00Z" }), "/at", "format"],
    ["a leap second", text({ at: "2026-12-31T23:59:60Z" }), "/at", "format"],
    ["a blank instead of T", text({ at: "2026-03-02 09:30:00Z" }), "/at", "format"],
    ["a day that is none", text({ at: "2026-02-29T09:30:00Z" }), "/at", "format"],
    ["picoseconds", text({ at: "2026-03-02T09:30:00.1234567890Z" }), "/at", "format"],
    ["an offset of a day", text({ at: "2026-03-02T09:30:00+24:00" }), "/at", "format"],
    ["29 February 2026", text({ on: "2026-02-29" }), "/on", "format"],
    ["29 February 1900", text({ on: "1900-02-29" }), "/on", "format"],
    ["month 13", text({ on: "2026-13-01" }), "/on", "format"],
    ["day 0", text({ on: "2026-01-00" }), "/on", "format"],
    ["year 0", text({ on: "0000-01-01" }), "/on", "format"],
    ["a date with a time", text({ on: "2026-03-02T00:00:00Z" }), "/on", "too_long"],
    ["an address without a dot", text({ mail: "sam@localhost" }), "/mail", "format"],
    ["two addresses", text({ mail: "a@b.org,c@d.org" }), "/mail", "format"],
    ["an address with a name", text({ mail: "Sam <sam@example.org>" }), "/mail", "format"],
    ["a line break in an address", text({ mail: "sam@example.org\nBcc: x@y.org" }), "/mail", "format"],
    ["two dots in an address", text({ mail: "sam..e@example.org" }), "/mail", "format"],
    ["a script as an address on the web", text({ link: "javascript:alert(1)" }), "/link", "format"],
    ["a relative address", text({ link: "/v1/projects" }), "/link", "format"],
    ["a blank in an address on the web", text({ link: "https://example.org/a b" }), "/link", "format"],
    ["half an escape", text({ link: "https://example.org/%a" }), "/link", "format"],
    ["an offset as a time zone", text({ zone: "+01:00" }), "/zone", "format"],
    ["a place that is no time zone", text({ zone: "Europe/Atlantis" }), "/zone", "format"],
    ["a path as a time zone", text({ zone: "../../etc/passwd" }), "/zone", "format"],
    ["a word as a language", text({ tongue: "english" }), "/tongue", "format"],
    ["an underscore in a language", text({ tongue: "en_GB" }), "/tongue", "format"],
    ["a field that is not known", text({ organisationId: "org" }), "/organisationId", "unknown"],
    ["a field by its proto name", text({ own_word: "see" }), "/own_word", "unknown"],
    ["an operator", text({ $set: { role: "admin" } }), "", "unknown"],
    ["a name that tells of a person", text({ "sam@example.org secret": 1 }), "", "unknown"],
    ["__proto__", JSON.parse(`{"needed":"x","__proto__":{"admin":true}}`), "", "unknown"],
    ["constructor", JSON.parse(`{"needed":"x","constructor":{"prototype":{}}}`), "/constructor", "unknown"],
  ],
  Amounts: [
    ["a needed number that is absent", {}, "/needed", "required"],
    ["a text as a number", amounts({ whole: "3" }), "/whole", "type"],
    ["letters as a number", amounts({ whole: "abc" }), "/whole", "type"],
    ["null as a number", amounts({ whole: null }), "/whole", "type"],
    ["2^31", amounts({ whole: 2 ** 31 }), "/whole", "too_large"],
    ["-2^31-1", amounts({ whole: -(2 ** 31) - 1 }), "/whole", "too_small"],
    ["2^53", amounts({ whole: 2 ** 53 }), "/whole", "too_large"],
    ["a fraction", amounts({ whole: 1.5 }), "/whole", "type"],
    ["2^32", amounts({ natural: 2 ** 32 }), "/natural", "too_large"],
    ["-1 as a natural number", amounts({ natural: -1 }), "/natural", "too_small"],
    ["NaN", amounts({ real: Number.NaN }), "/real", "type"],
    ["infinity", amounts({ real: Number.POSITIVE_INFINITY }), "/real", "type"],
    ["1 as true", amounts({ yes: 1 }), "/yes", "type"],
    ["the word true", amounts({ yes: "true" }), "/yes", "type"],
    ["page size -1", amounts({ limit: -1 }), "/limit", "too_small"],
    ["page size 201", amounts({ limit: 201 }), "/limit", "too_large"],
    ["zero where it is given", amounts({ step: 0 }), "/step", "too_small"],
  ],
  Lists: [
    ["a needed list that is absent", {}, "/some", "required"],
    ["a needed list that is empty", { some: [] }, "/some", "too_few"],
    ["no list", lists({ plain: "secret" }), "/plain", "type"],
    ["an object like a list", lists({ plain: { 0: "a", length: 1 } }), "/plain", "type"],
    ["101 items", lists({ plain: Array(101).fill("a") }), "/plain", "too_many"],
    ["an item of the wrong type", lists({ plain: ["a", 3] }), "/plain/1", "type"],
    ["an item that is null", lists({ plain: [null] }), "/plain/0", "type"],
    ["an item that is too long", lists({ plain: ["a".repeat(201)] }), "/plain/0", "too_long"],
    ["an empty id", lists({ ids: [""] }), "/ids/0", "format"],
    ["three ids of two", lists({ ids: Array(3).fill(`con_${uuid}`) }), "/ids", "too_many"],
    ["a member of a map that is too long", lists({ words: { a: "abcd" } }), "/words/a", "too_long"],
    ["three members of two", lists({ words: { a: "", b: "", c: "" } }), "/words", "too_many"],
    ["a blank in a map's name", lists({ words: { "a b": "" } }), "/words", "unknown"],
    ["__proto__ in a map", lists({ words: JSON.parse(`{"__proto__":"x"}`) }), "/words", "unknown"],
    ["constructor in a map", lists({ words: { constructor: "x" } }), "/words", "unknown"],
    ["a list as a map", lists({ words: ["a"] }), "/words", "type"],
    ["null as a message", lists({ inner: null }), "/inner", "type"],
    ["an inner field that is needed", lists({ inner: {} }), "/inner/name", "required"],
    [
      "an inner field that is not known",
      lists({ inners: [{ name: "x" }, { name: "x", role: "admin" }] }),
      "/inners/1/role",
      "unknown",
    ],
  ],
  Needs: [["a needed message that is absent", {}, "/inner", "required"]],
  Nothing: [["anything", { a: 1 }, "/a", "unknown"]],
};

describe.each(Object.entries(refused))("refused: %s", (message, cases) => {
  it.each(cases)("%s", (_name, value, pointer, code) => {
    const errors = validate(`partake.v1.${message}`, value);
    expect(errors).toMatchObject([{ pointer, code }]);
    expect(JSON.stringify(errors)).not.toContain("secret");
  });
});

describe("the work is bounded", () => {
  const deep = (depth: number) => JSON.parse(`${'{"inner":'.repeat(depth)}{}${"}".repeat(depth)}`) as object;
  const many = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`a${index}`, 1]));
  const floods: [string, string, unknown][] = [
    ["depth 10,000", "Lists", lists({ inner: { name: "x", inner: deep(10_000) } })],
    ["a million ids", "Lists", lists({ ids: Array(1_000_000).fill("secret") })],
    ["a million ids after another fault", "Lists", lists({ plain: 3, ids: Array(1_000_000).fill("secret") })],
    ["20,000 unknown names", "Text", text(many)],
    ["20,000 names in a map", "Lists", lists({ words: many })],
    ["ten million characters", "Text", text({ plain: "a".repeat(10_000_000), mail: "a".repeat(10_000_000) })],
    ["an address that makes patterns slow", "Text", text({ mail: `${"a".repeat(63)}@${"a-".repeat(90)}` })],
  ];
  it.each(floods)("%s is refused in milliseconds", (_name, message, value) => {
    validate(`partake.v1.${message}`, {});
    // The processor's time: others may use the machine as well.
    const before = process.cpuUsage();
    const errors = validate(`partake.v1.${message}`, value);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1_000).toBeLessThan(100);
    expect(errors.length).toBeGreaterThan(0);
    expect(errors.length).toBeLessThanOrEqual(50);
  });
});

it("tells every fault of a value", () => {
  const errors = validate("partake.v1.Text", { plain: 3, word: "no", other: 1 });
  expect(errors.map(({ pointer }) => pointer).sort()).toEqual(["/needed", "/other", "/plain", "/word"]);
});

it("of an unknown message is a programmer's error", () => {
  expect(() => validate("partake.v1.Other", {})).toThrow("no message partake.v1.Other");
});
