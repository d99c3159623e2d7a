import { existsSync } from "node:fs";
import { includeDirs, loaderOptions, protoFiles } from "@partake/proto";
import fc from "fast-check";
import protobuf from "protobufjs";
import { describe, expect, it } from "vitest";
import { createCodecs } from "../src/codec.ts";
import { readContract } from "../src/reading.ts";
import { createValidate } from "../src/validation.ts";
import { validMessage, withDefaults } from "./arbitraries.ts";
import { contractOf } from "./small-protos.ts";

const contract = readContract();
const codec = createCodecs(contract);
const validate = createValidate(contract);
const names = [...contract.messages.keys()];

/** protobufjs as it comes, to compare with. */
function oracle(): protobuf.Root {
  const root = new protobuf.Root();
  root.resolvePath = (_origin, target) => includeDirs.map((dir) => `${dir}/${target}`).find(existsSync) ?? null;
  root.loadSync([...protoFiles], loaderOptions);
  root.resolveAll();
  return root;
}

describe("every message", () => {
  const root = oracle();

  it.each(names)("%s goes over the wire and comes back as it was, valid both times", (name) => {
    const type = root.lookupType(name);
    fc.assert(
      fc.property(validMessage(contract, name), (value) => {
        expect(validate(name, value)).toEqual([]);
        const bytes = codec(name).encode(value);
        const decoded = codec(name).decode(bytes) as Record<string, unknown>;
        expect(decoded).toEqual(withDefaults(contract, name, value));
        expect(validate(name, decoded)).toEqual([]);
        const ours = type.toObject(type.decode(bytes), { defaults: false, arrays: true, objects: true });
        const theirs = type.toObject(type.decode(type.encode(type.fromObject(value)).finish()), {
          arrays: true,
          objects: true,
        });
        expect(JSON.stringify(codec(name).decode(type.encode(type.fromObject(value)).finish()))).toEqual(
          JSON.stringify(decoded),
        );
        expect(withDefaults(contract, name, ours)).toEqual(withDefaults(contract, name, theirs));
      }),
      { numRuns: 25, seed: 7 },
    );
  });
});

const sample = contractOf({
  messages: `message Sample {
    string text = 1; int32 whole = 2; uint32 natural = 3; double real = 4; bool yes = 5;
    optional string maybe = 6; optional int32 count = 7; Inner inner = 8; repeated string texts = 9;
    repeated int32 wholes = 10; repeated double reals = 11; repeated Inner inners = 12; map<string, string> words = 13;
    map<string, Inner> map = 14; repeated bool flags = 16;
  }
  message Inner { string text = 1; optional bool yes = 2; }`,
});
const name = "partake.v1.Sample";
const sampleCodec = createCodecs(sample)(name);
const empty = {
  text: "",
  whole: 0,
  natural: 0,
  real: 0,
  yes: false,
  texts: [],
  wholes: [],
  reals: [],
  inners: [],
  words: {},
  map: {},
  flags: [],
};

describe("the shape after decoding", () => {
  it("has what is always present, and nothing that is not set", () => {
    expect(sampleCodec.decode(new Uint8Array())).toEqual(empty);
    expect(Object.keys(sampleCodec.decode(new Uint8Array()))).toEqual(Object.keys(empty));
  });

  const whole = [
    ["optional scalars that are empty", { maybe: "", count: 0 }],
    ["a message that is empty", { inner: { text: "" } }],
    ["packed numbers", { wholes: [0, -1, 2 ** 31 - 1, -(2 ** 31)], reals: [0.1, 1e300], flags: [true, false] }],
    ["lists of messages", { inners: [{ text: "a" }, { text: "", yes: false }] }],
    ["maps", { words: { a: "", b: "c" }, map: { a: { text: "x", yes: true }, b: { text: "" } } }],
    ["the largest numbers", { whole: -(2 ** 31), natural: 2 ** 32 - 1, real: Number.MAX_SAFE_INTEGER }],
    ["any Unicode", { text: "a\u{1f600}\u0301Ω", texts: ["", "é"] }],
  ] as const;
  it.each(whole)("keeps %s", (_name, value) => {
    expect(sampleCodec.decode(sampleCodec.encode(value))).toEqual({ ...empty, ...value });
  });

  it("does not send what is the default anyway", () => {
    expect(sampleCodec.encode(empty)).toHaveLength(0);
  });

  it("takes undefined as absent and leaves out what the message does not know", () => {
    const value = { text: undefined, inner: undefined, texts: undefined, _id: 7, __v: 0, save: () => 1 };
    expect(sampleCodec.decode(sampleCodec.encode(value))).toEqual(empty);
  });

  it("takes numbers packed or one by one, and skips fields that it does not know", () => {
    const writer = protobuf.Writer.create()
      .uint32(80)
      .int32(3)
      .uint32(80)
      .int32(4)
      .uint32(802)
      .string("new")
      .uint32(10)
      .string("x");
    expect(sampleCodec.decode(writer.finish())).toEqual({ ...empty, wholes: [3, 4], text: "x" });
  });
});

describe("a value of the wrong type is not encoded, and the fault does not repeat it", () => {
  const wrong = [
    ["text", 3],
    ["text", new Date(0)],
    ["text", null],
    ["whole", "abc"],
    ["whole", "3"],
    ["whole", 2 ** 31],
    ["whole", 1.5],
    ["whole", Number.NaN],
    ["natural", -1],
    ["natural", 2 ** 32],
    ["real", Number.POSITIVE_INFINITY],
    ["real", Number.NaN],
    ["real", "1"],
    ["yes", 1],
    ["yes", "true"],
    ["maybe", null],
    ["inner", "secret"],
    ["inner", null],
    ["inner", []],
    ["inner", new Date(0)],
    ["texts", "secret"],
    ["texts", [3]],
    ["texts", { length: 1 }],
    ["wholes", ["secret"]],
    ["inners", [null]],
    ["words", { a: 3 }],
    ["words", null],
    ["map", { a: "secret" }],
  ] as const;
  it.each(wrong)("%s: %j", (field, value) => {
    const encode = () => sampleCodec.encode({ [field]: value });
    expect(encode).toThrow(TypeError);
    expect(encode).toThrow(`${name}.${field}`);
    expect(encode).not.toThrow("secret");
  });
});

describe("bytes that are no message", () => {
  const malformed = [
    ["a text longer than the message", [10, 5, 97]],
    ["an inner message longer than its outer one", [66, 9, 10, 1, 97]],
    ["a list longer than the message", [82, 9, 1]],
    ["a number that never ends", [16, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255]],
    ["an entry whose text is longer than it", [106, 4, 10, 9, 97, 98]],
    ["a group that never ends", [11]],
    ["a name that would change objects", [106, 13, 10, 9, ...Buffer.from("__proto__"), 18, 0]],
  ] as const;
  it.each(malformed)("%s", (_name, bytes) => {
    expect(() => sampleCodec.decode(Uint8Array.from(bytes))).toThrow();
    expect(Object.prototype).not.toHaveProperty("a");
  });

  it("are refused or decoded to a message, whatever they are", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        let decoded: object;
        try {
          decoded = sampleCodec.decode(bytes);
        } catch {
          return;
        }
        expect(Object.keys(decoded)).toEqual(expect.arrayContaining(Object.keys(empty)));
      }),
      { numRuns: 2000, seed: 7 },
    );
  });

  it("of an unknown message are a programmer's error", () => {
    expect(() => codec("partake.v1.Nothing")).toThrow("no message partake.v1.Nothing");
  });
});
