import { expect, test } from "vitest";
import { readContract } from "../src/reading.ts";

const word = (text: string, is = "It was done.") =>
  `option (partake.v1.audit_action) = { word: "${text}" is: "${is}" };`;

function read(options: string, rule = 'words_of: "audit_action"') {
  const text = `syntax = "proto3"; package partake.v1; import "partake/v1/options.proto"; ${options}
    message Sample { string action = 1 [(rule) = { ${rule} }]; }`;
  return readContract(["partake/v1/sample.proto"], () => text);
}

test("[R20] a field takes the words of a vocabulary, and no other", () => {
  const contract = read(`${word("role.given")} ${word("role.taken")}`);
  expect(contract.messages.get("partake.v1.Sample")?.fields[0]?.rule.oneOf).toEqual(["role.given", "role.taken"]);
});

test.each([
  ["twice the same word", `${word("role.given")} ${word("role.given")}`, undefined, /twice/],
  ["words out of order", `${word("role.taken")} ${word("role.given")}`, undefined, /not in its place/],
  ["a malformed word", word("RoleGiven"), undefined, /malformed/],
  ["a word that is not explained", word("role.given", "given"), undefined, /sentence/],
  ["a vocabulary that is none", word("role.given"), 'words_of: "actions"', /no vocabulary actions/],
  ["a vocabulary without words", "", undefined, /no vocabulary/],
])("refuses %s", (_name, options, rule, message) => expect(() => read(options, rule)).toThrow(message));
