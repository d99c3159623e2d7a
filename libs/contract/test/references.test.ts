import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Parser } from "@asyncapi/parser";
import { Validator } from "@seriousme/openapi-schema-validator";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { artifacts, json, lockPath } from "../src/artifacts.ts";
import { exampleMessage } from "../src/examples.ts";
import { faults, generate } from "../src/generate.ts";
import { messageSchema, publicEventSchemas, type Schema } from "../src/json-schema.ts";
import type { Lock } from "../src/lock.ts";
import { readContract } from "../src/reading.ts";
import { isRouted } from "../src/routed.ts";
import { createValidate } from "../src/validation.ts";
import { validMessage } from "./arbitraries.ts";

const root = join(dirname(fileURLToPath(import.meta.url)), "../../..");
const contract = readContract();
const made = artifacts(contract);
const validate = createValidate(contract);
const document = (path: string) => JSON.parse(made.get(path) ?? "") as Record<string, Record<string, unknown>>;

describe("[X3] the committed references", () => {
  it("are in step with the protos and break nothing that was published", () => {
    expect(faults(root)).toEqual([]);
  });

  describe("that are not", () => {
    let dir = "";
    beforeAll(() => {
      dir = mkdtempSync(join(tmpdir(), "partake-contract-"));
    });
    afterAll(() => rmSync(dir, { recursive: true }));
    const restore = () => {
      for (const path of ["docs/reference", "proto/gen", "libs/client/src/gen"])
        cpSync(join(root, path), join(dir, path), { recursive: true });
    };

    it.each([...made.keys(), lockPath])("are named: %s", (path) => {
      restore();
      writeFileSync(join(dir, path), path === lockPath ? readFileSync(join(dir, path), "utf8").trimEnd() : "old");
      expect(faults(dir)).toEqual([`${path} is stale`]);
    });

    it("are named where they are left over", () => {
      restore();
      const path = "docs/reference/events/org.partake.old.v1.schema.json";
      writeFileSync(join(dir, path), "{}");
      expect(faults(dir)).toEqual([`${path} is not generated any more`]);
      rmSync(join(dir, path));
    });

    it("are named where the contract lost something since", () => {
      restore();
      const lock = JSON.parse(readFileSync(join(dir, lockPath), "utf8")) as Lock;
      const fields = lock.messages["partake.v1.Project"]?.fields ?? {};
      fields["colour"] = { number: 99, type: "string", shape: "implicit", required: false, rule: {} };
      writeFileSync(join(dir, lockPath), json(lock));
      const lost = "partake.v1.Project.colour: removed or renamed";
      expect(faults(dir)).toEqual([lost]);
      expect(generate(dir, undefined)).toEqual([lost]);
      expect(faults(dir), "a break is not forgotten by generating").toEqual([lost]);
      expect(generate(dir, "nobody shows colours yet")).toEqual([]);
      expect(faults(dir)).toEqual([]);
      const accepted = JSON.parse(readFileSync(join(dir, lockPath), "utf8")) as Lock;
      expect(accepted.accepted).toEqual([...lock.accepted, { reason: "nobody shows colours yet", breaks: [lost] }]);
    });
  });
});

describe("[X3] the OpenAPI document", () => {
  const openApi = document("docs/reference/openapi.json");

  it("is one", async () => {
    const result = await new Validator().validate(structuredClone(openApi));
    expect(result).toMatchObject({ valid: true });
  });

  it("has every route, with its name, access and refusals", () => {
    const found = Object.values(openApi["paths"] ?? {}).flatMap(
      (item) => Object.values(item as object) as Record<string, unknown>[],
    );
    const routed = contract.operations.filter(isRouted);
    expect(found).toHaveLength(routed.length);
    for (const { name, access, refusals } of routed) {
      const operationId = name.charAt(0).toLowerCase() + name.slice(1);
      const operation = found.find((candidate) => candidate["operationId"] === operationId);
      expect(operation).toMatchObject({ "x-partake-access": access });
      expect(Object.keys(operation?.["responses"] as object)).toContain("400");
      for (const reason of refusals) expect(JSON.stringify(operation?.["responses"])).toContain(reason);
      if (refusals.some((reason) => reason.endsWith("_not_found")))
        expect(Object.keys(operation?.["responses"] as object)).toContain("404");
    }
  });

  it("refers only to what it has", () => {
    for (const [, reference = ""] of JSON.stringify(openApi).matchAll(/"\$ref":"#\/([^"]+)"/g)) {
      const target = reference
        .split("/")
        .reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], openApi);
      expect(target, reference).toBeDefined();
    }
  });
});

describe("[X1] the AsyncAPI document", () => {
  it("is one, of the public topics only", async () => {
    const { document: parsed, diagnostics } = await new Parser().parse(made.get("docs/reference/asyncapi.json") ?? "");
    expect(diagnostics.filter(({ severity }) => severity === 0)).toEqual([]);
    expect(parsed?.channels().map((channel) => channel.address())).toEqual(["billing", "progress"]);
    const types = contract.eventTypes.filter((type) => type.public).map(({ type }) => type);
    expect(
      parsed
        ?.messages()
        .map((message) => message.name())
        .sort(),
    ).toEqual(types.sort());
  });
});

describe("[X1] the schemas of events", () => {
  const schemas = Object.entries(publicEventSchemas(contract));

  it.each(schemas)("%s takes its events and knows no field of a person", (type, schema) => {
    const message = contract.eventTypes.find((eventType) => eventType.type === type)?.message ?? "";
    const check = new Ajv2020({ strict: false, validateFormats: false }).compile(schema);
    expect(check(exampleMessage(contract, message))).toBe(true);
    expect(check({})).toBe(false);
    expect(JSON.stringify(schema)).not.toMatch(/x-partake-personal|\^(usr|con|par)_/);
  });
});

describe("what documents say is what validation does", () => {
  const names = [...contract.messages.keys()].filter((name) => name.startsWith("partake."));
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  for (const message of contract.messages.values()) {
    const options = { reference: (name: string) => name, direction: "taken", mayBeEmpty: true } as const;
    ajv.addSchema({ ...messageSchema(message, options), $id: message.name } as Schema);
  }

  it.each(names)("%s", (name) => {
    expect(validate(name, exampleMessage(contract, name))).toEqual([]);
    const agrees = (value: unknown) => {
      if (validate(name, value).length === 0) expect(ajv.validate(name, value), ajv.errorsText()).toBe(true);
    };
    fc.assert(fc.property(validMessage(contract, name), agrees), { numRuns: 10, seed: 7 });
    const field = fc.constantFrom(...(contract.messages.get(name)?.fields.map((one) => one.name) ?? []), "other");
    const odd = fc.tuple(
      validMessage(contract, name),
      field,
      fc.oneof(fc.anything(), fc.constantFrom("", 0, -1, 2 ** 31, [])),
    );
    const property = fc.property(odd, ([value, at, wrong]) => agrees({ ...value, [at]: wrong }));
    fc.assert(property, { numRuns: 15, seed: 7 });
  });
});
