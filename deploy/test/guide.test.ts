import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { breaches } from "../check/tidy.ts";
import { checkoutFolder } from "../local/settings.ts";
import { apply, blocksOf, commandsOf } from "./guides/blocks.ts";
import { type Checkout, copyCheckout, type Ended, linkOwn } from "./guides/checkout.ts";

const read = (name: string) => readFileSync(join(checkoutFolder, "docs/guides", name), "utf8");
const rpc = read("add-an-rpc.md");
const service = read("add-a-service.md");
const blocks = [rpc, service].flatMap(blocksOf);
const sources = [...new Set(blocks.map(({ file }) => file))].filter((file) => file.endsWith(".ts"));

let checkout: Checkout;
let ended: { generate: Ended; types: Ended; style: Ended; manifests: Ended; tests: Ended };
beforeAll(async () => {
  checkout = copyCheckout();
  const { root, run } = checkout;
  for (const block of blocks) apply(root, block);
  linkOwn(root);
  const generate = await run("npm", "run", "generate");
  // The compiler reads what the guides touch and all that it reaches from there.
  const include = ["services/projects/**/*.ts", "libs/client/**/*.ts", ...sources];
  writeFileSync(join(root, "tsconfig.guide.json"), JSON.stringify({ extends: "./tsconfig.json", include }));
  const [types, style, manifests, tests] = await Promise.all([
    run("tsc", "-p", "tsconfig.guide.json"),
    run("biome", "check", ...sources),
    run("node", "deploy/check/run-manifests.ts"),
    run("vitest", "run", "services/projects/test/archive-folder.test.ts", "services/notices"),
  ]);
  ended = { generate, types, style, manifests, tests };
});
afterAll(() => checkout?.remove());

test("a guide's blocks all say where they go, and its commands are ours", () => {
  for (const guide of [rpc, service]) {
    const others = [...guide.matchAll(/^```(\S+)(.*)$/gm)].filter(([, language, rest]) => language !== "sh" && !rest);
    expect(others).toEqual([]);
  }
  expect(commandsOf(rpc)).toEqual(["npm run generate", "npx vitest run services/projects"]);
  expect(commandsOf(service)).toEqual([]);
});

describe("what the guides say", () => {
  test("is generated", () => {
    expect(ended.generate).toMatchObject({ code: 0 });
    const reference = readFileSync(join(checkout.root, "docs/reference/operations.md"), "utf8");
    expect(reference).toMatch(/\| ArchiveFolder \| `POST \/v1\/folders\/\{folder_id\}:archive` \| `folder\.edit` /);
    expect(reference).toMatch(/\| ListNotices \| `GET \/v1\/notices` \| `organisation\.read` /);
  });

  test("has the types that it claims", () => {
    expect(ended.types).toEqual({ code: 0, output: "\n" });
  });

  test("is in our style", () => {
    expect(ended.style).toMatchObject({ code: 0 });
    const before = breaches(checkoutFolder).map(({ file, rule }) => `${file}: ${rule}`);
    const after = breaches(checkout.root).map(({ file, rule }) => `${file}: ${rule}`);
    expect(after.filter((breach) => !before.includes(breach))).toEqual([]);
  });

  test("agrees with the manifests", () => {
    expect(ended.manifests.output).not.toContain("NOTICES");
    expect(ended.manifests.output).toMatch(/The manifests set|Manifests and configuration differ/);
  });

  test("works, and refuses whom it should", () => {
    expect(ended.tests.output).toMatch(/^4 passed, 0 failed$/m);
    expect(ended.tests.code).toBe(0);
  });
});
