import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkoutFolder } from "../local/settings.ts";
import { apply, blocksOf, commandsOf } from "./guides/blocks.ts";
import { type Checkout, copyCheckout, type Ended } from "./guides/checkout.ts";

const guide = readFileSync(join(checkoutFolder, "docs/guides/add-an-rpc.md"), "utf8");
const blocks = blocksOf(guide);

const files = [...new Set(blocks.map(({ file }) => file))].filter((file) => file.endsWith(".ts"));

let checkout: Checkout;
let ended: { generate: Ended; types: Ended; style: Ended; tidy: Ended; service: Ended };
beforeAll(async () => {
  checkout = copyCheckout();
  for (const block of blocks) apply(checkout.root, block);
  const generate = await checkout.run("npm", "run", "generate");
  // The compiler reads what the guide touches and all that it reaches from there.
  const project = {
    extends: "./tsconfig.json",
    include: ["services/projects/**/*.ts", "libs/client/**/*.ts", ...files],
  };
  writeFileSync(join(checkout.root, "tsconfig.guide.json"), JSON.stringify(project));
  const [types, style, tidy, service] = await Promise.all([
    checkout.run("tsc", "-p", "tsconfig.guide.json"),
    checkout.run("biome", "check", ...files),
    checkout.run("node", "deploy/check/run-tidy.ts"),
    checkout.run("vitest", "run", "services/projects/test/archive-folder.test.ts"),
  ]);
  ended = { generate, types, style, tidy, service };
});
afterAll(() => checkout?.remove());

test("the guide's commands are commands of this project", () => {
  expect(commandsOf(guide)).toEqual(["npm run generate", "npx vitest run services/projects"]);
});

test("what the guide declares is generated", () => {
  expect(ended.generate).toMatchObject({ code: 0 });
  const reference = readFileSync(join(checkout.root, "docs/reference/operations.md"), "utf8");
  expect(reference).toMatch(/\| ArchiveFolder \| `POST \/v1\/folders\/\{folder_id\}:archive` \| `folder\.edit` /);
});

test("what the guide writes has the types that it says", () => {
  expect(ended.types).toEqual({ code: 0, output: "\n" });
});

test("what the guide writes is in our style", () => {
  expect(ended.style).toMatchObject({ code: 0 });
  expect(ended.tidy.output).toMatch(/The tree is tidy|rules of style are broken/);
  for (const file of files) expect(ended.tidy.output).not.toContain(file);
});

test("the service starts, the new operation works, and refuses whom it should", () => {
  expect(ended.service.output).toMatch(/^2 passed, 0 failed$/m);
  expect(ended.service.code).toBe(0);
});
