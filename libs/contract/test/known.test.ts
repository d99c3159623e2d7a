import { describe, expect, it } from "vitest";
import { createKnown } from "../src/known.ts";
import { contractOf } from "./small-protos.ts";

const known = createKnown(
  contractOf({
    messages: `message Person {
      string id = 1; Inner inner = 2; repeated Inner inners = 3; map<string, Inner> named = 4; map<string, string> words = 5;
    }
    message Inner { string kind = 1; repeated string tags = 2; }`,
  }),
);

const cases: [string, string, string][] = [
  [
    "all of what it knows",
    '{"id":"a","inner":{"kind":"k","tags":["t"]}}',
    '{"id":"a","inner":{"kind":"k","tags":["t"]}}',
  ],
  ["not what was added", '{"later":{"id":"b"},"id":"a"}', '{"id":"a"}'],
  ["not what was added inside", '{"inner":{"kind":"k","later":1}}', '{"inner":{"kind":"k"}}'],
  ["not what was added in a list", '{"inners":[{"later":1},{"kind":"k"}]}', '{"inners":[{},{"kind":"k"}]}'],
  ["not what was added in a map", '{"named":{"a":{"later":1,"kind":"k"}}}', '{"named":{"a":{"kind":"k"}}}'],
  ["the names of a map, which are values", '{"words":{"later":"w"}}', '{"words":{"later":"w"}}'],
  [
    "what is of a wrong type",
    '{"id":1,"inner":"x","inners":{"a":1},"named":[1]}',
    '{"id":1,"inner":"x","inners":{"a":1},"named":[1]}',
  ],
  ["null", '{"inner":null,"inners":[null]}', '{"inner":null,"inners":[null]}'],
  ["nothing of an object's own machinery", '{"__proto__":{"id":"b"},"constructor":1}', "{}"],
];

describe("of a value the contract keeps", () => {
  it.each(cases)("%s", (_name, given, kept) => {
    const copy = known("partake.v1.Person", JSON.parse(given) as object);
    expect(JSON.stringify(copy)).toBe(kept);
    expect((copy as { id?: unknown }).id).toBe((JSON.parse(kept) as { id?: unknown }).id);
  });
});
