import { describe, expect, it } from "vitest";
import { createCoerceQuery } from "../src/query.ts";
import { contractOf } from "./small-protos.ts";

const coerce = createCoerceQuery(
  contractOf({
    messages: `message List {
      int32 limit = 1; string cursor = 2; bool open = 3; optional double above = 4;
      repeated string ids = 5 [(rule) = { max_items: 2 }]; string secret = 6;
    }`,
  }),
);
const fields = ["limit", "cursor", "open", "above", "ids"];
const read = (text: string) => coerce("partake.v1.List", fields, new URLSearchParams(text));

describe("a query string becomes typed fields", () => {
  const typed: [string, Record<string, unknown>][] = [
    ["", {}],
    ["limit=50", { limit: 50 }],
    ["limit=-1", { limit: -1 }],
    ["limit=0&cursor=", { limit: 0, cursor: "" }],
    ["cursor=a%2Bb+c", { cursor: "a+b c" }],
    ["open=true", { open: true }],
    ["open=false", { open: false }],
    ["above=-1.5e3", { above: -1500 }],
    ["ids=a", { ids: ["a"] }],
    ["ids=a&ids=b", { ids: ["a", "b"] }],
  ];
  it.each(typed)("%s", (text, value) => {
    expect(read(text)).toEqual({ value, errors: [] });
  });
});

describe("a query string is refused", () => {
  const refused: [string, string, string][] = [
    ["limit=abc", "/limit", "type"],
    ["limit=", "/limit", "type"],
    ["limit=0x10", "/limit", "type"],
    ["limit=%201", "/limit", "type"],
    ["limit=01", "/limit", "type"],
    ["limit=Infinity", "/limit", "type"],
    ["limit=1&limit=2", "/limit", "too_many"],
    ["limit[]=1", "", "unknown"],
    ["limit[$gt]=1", "", "unknown"],
    ["open=1", "/open", "type"],
    ["open=TRUE", "/open", "type"],
    ["ids=a&ids=b&ids=c", "/ids", "too_many"],
    ["cursor=a&cursor=b", "/cursor", "too_many"],
    ["secret=x", "/secret", "unknown"],
    ["other=x", "/other", "unknown"],
    ["__proto__=x", "", "unknown"],
    ["constructor=x", "/constructor", "unknown"],
    ["sam%40example.org=x", "", "unknown"],
  ];
  it.each(refused)("%s", (text, pointer, code) => {
    const { errors } = read(text);
    expect(errors).toMatchObject([{ pointer, code }]);
    expect(JSON.stringify(errors)).not.toContain("sam");
  });

  it("however long it is, with a bounded number of errors", () => {
    expect(read("a=1&".repeat(100_000)).errors).toHaveLength(20);
  });
});
