import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isPersonal } from "../src/assertions.ts";
import type { Field } from "../src/model.ts";
import { readContract } from "../src/reading.ts";
import { createRedact } from "../src/redaction.ts";
import { validMessage } from "./arbitraries.ts";
import { contractOf } from "./small-protos.ts";

const redact = createRedact(
  contractOf({
    messages: `message Person {
      string id = 1; string name = 2 [(personal) = true]; repeated string notes = 3 [(personal) = true];
      Inner inner = 4; repeated Inner inners = 5; int32 age = 6 [(personal) = true]; int32 version = 7;
      map<string, string> words = 8; map<string, string> own = 9 [(personal) = true]; repeated string tags = 10;
    }
    message Inner { string text = 1 [(personal) = true]; string kind = 2; }`,
  }),
);

const cases: [string, object, object][] = [
  ["a personal text", { id: "a", name: "Anna" }, { id: "a", name: "[personal]" }],
  ["a personal number", { age: 41, version: 2 }, { age: "[personal]", version: 2 }],
  ["a personal list", { notes: ["Anna"] }, { notes: "[personal]" }],
  ["a personal map", { own: { a: "Anna" } }, { own: "[personal]" }],
  ["a map's names and values", { words: { Anna: "Anna" } }, { words: "[1 members]" }],
  ["inside a message", { inner: { text: "Anna", kind: "k" } }, { inner: { text: "[personal]", kind: "k" } }],
  ["inside a list", { inners: [{ text: "Anna" }, { kind: "k" }] }, { inners: [{ text: "[personal]" }, { kind: "k" }] }],
  ["what the contract does not know", { id: "a", email: "Anna", Anna: 1 }, { id: "a" }],
  [
    "a value of the wrong type",
    { id: ["Anna"], version: "Anna", tags: "Anna", inner: "Anna", inners: [["Anna"]] },
    { id: "[object]", version: "[string]", tags: "[string]", inner: "[string]", inners: ["[object]"] },
  ],
  ["a long text", { id: "a".repeat(201) }, { id: `${"a".repeat(200)}…` }],
  ["null", { id: null, inner: null }, { id: "[null]", inner: "[null]" }],
  ["inherited members", Object.create({ id: "Anna" }) as object, {}],
];

describe("a message for the log", () => {
  it.each(cases)("%s", (_name, value, expected) => {
    const copy = structuredClone(value);
    expect(redact("partake.v1.Person", value)).toEqual(expected);
    expect(JSON.stringify(redact("partake.v1.Person", value))).not.toContain("Anna");
    expect(value).toEqual(Object.keys(value).length > 0 ? copy : value);
  });

  const contract = readContract();
  const redactOwn = createRedact(contract);
  const personal = [...contract.messages.values()].filter((message) =>
    message.fields.some((field) => isPersonal(contract, field)),
  );

  it.each(personal.map(({ name }) => name))("%s: no personal value is left", (name) => {
    const marked = (field: Field): boolean =>
      field.personal && "scalar" in field.kind && field.kind.scalar === "string";
    fc.assert(
      fc.property(validMessage(contract, name), (value) => {
        const plant = (message: string, of: Record<string, unknown>): void => {
          for (const field of contract.messages.get(message)?.fields ?? []) {
            const member = of[field.name];
            if (member === undefined) continue;
            if (marked(field)) of[field.name] = field.shape === "repeated" ? ["PLANTED"] : "PLANTED";
            else if ("message" in field.kind) {
              for (const inner of [member].flat()) plant(field.kind.message, inner as Record<string, unknown>);
            }
          }
        };
        plant(name, value);
        expect(JSON.stringify(redactOwn(name, value))).not.toContain("PLANTED");
      }),
      { numRuns: 20, seed: 7 },
    );
  });
});
