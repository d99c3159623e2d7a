import { body, lines, needing } from "./texts.ts";
import type { Files } from "./tree.ts";

/** Each rule broken once: the file, what stands in it, and what is said. */
export const broken: readonly (readonly [rule: string, files: Files, said: string])[] = [
  [
    "a name in camelCase",
    { "libs/rpc/src/serverCall.ts": "" },
    "libs/rpc/src/serverCall.ts:1 File names are kebab-case.",
  ],
  ["an empty name", { "libs/rpc/src/utils.ts": "" }, 'libs/rpc/src/utils.ts:1 The name "utils" says nothing.'],
  [
    "an empty word of a name",
    { "deploy/call-helpers.ts": "" },
    'deploy/call-helpers.ts:1 The name "helpers" says nothing.',
  ],
  [
    "an empty folder name",
    { "libs/rpc/src/common/call.ts": "" },
    'libs/rpc/src/common/call.ts:1 The name "common" says nothing.',
  ],
  [
    "a circle of imports",
    {
      "libs/rpc/src/a.ts": 'import { b } from "./b.ts";\n',
      "libs/rpc/src/b.ts": '\nimport { c } from "./deep/c.ts";\n',
      "libs/rpc/src/deep/c.ts": 'import type { B } from "../b.ts";\n',
    },
    "libs/rpc/src/deep/c.ts:1 A circle: libs/rpc/src/b.ts → libs/rpc/src/deep/c.ts → libs/rpc/src/b.ts.",
  ],
  [
    "a long file",
    { "deploy/long.ts": `${lines(301, "work();")}\n` },
    "deploy/long.ts:301 The file has more than 300 lines.",
  ],
  [
    "a long main",
    { "services/billing/src/main.ts": `${lines(21, "work();")}\n`, "services/billing/README.md": "" },
    "services/billing/src/main.ts:21 The file has more than 20 lines.",
  ],
  [
    "a long function",
    { "deploy/long.ts": `const a = 1;\n\nexport async function long(): Promise<void> {\n${body(79)}\n}\n` },
    "deploy/long.ts:3 The function has 81 lines, more than 80.",
  ],
  [
    "a long handler in a table",
    {
      "deploy/long.ts": `export function api() {\n  return {\n    async create(request) {\n${body(79, "      ")}\n    },\n  };\n}\n`,
    },
    "deploy/long.ts:3 The function has 81 lines, more than 80.",
  ],
  [
    "a long method",
    {
      "deploy/long.ts": `class A {\n  async #long(\n    a: string,\n  ): Promise<{ b: string }> {\n${body(77, "    ")}\n  }\n}\n`,
    },
    "deploy/long.ts:2 The function has 81 lines, more than 80.",
  ],
  [
    "a long arrow function",
    { "deploy/long.ts": `const long = async ({ a }: { a: string }) => {\n${body(79)}\n};\n` },
    "deploy/long.ts:1 The function has 81 lines, more than 80.",
  ],
  [
    "a function made long by a callback",
    { "deploy/long.ts": `function long() {\n  each((one) => {\n${body(77, "    ")}\n  });\n}\n` },
    "deploy/long.ts:1 The function has 81 lines, more than 80.",
  ],
  [
    "a library that imports what stands above it",
    {
      "libs/store/src/a.ts": '// Why.\nimport { serve } from "@partake/rpc";\n',
      "libs/store/package.json": needing("@partake/rpc"),
    },
    "libs/store/src/a.ts:2 libs/store must not import rpc.",
  ],
  [
    "an import of several lines",
    { "libs/failure/src/a.ts": 'import {\n  a,\n  b,\n} from "@partake/authz";\n' },
    "libs/failure/src/a.ts:4 libs/failure must not import authz.",
  ],
  [
    "a dynamic import",
    { "libs/authz/src/a.ts": 'const a = await import("@partake/store");\n' },
    "libs/authz/src/a.ts:1 libs/authz must not import store.",
  ],
  [
    "a type that is imported in passing",
    { "libs/authz/src/a.ts": 'type A = import("@partake/store").Store;\n' },
    "libs/authz/src/a.ts:1 libs/authz must not import store.",
  ],
  [
    "a proto that imports ours",
    { "proto/a.ts": 'import "@partake/failure";\n' },
    "proto/a.ts:1 proto imports nothing of ours.",
  ],
  [
    "a service that imports a service",
    { "services/billing/src/a.ts": 'import { a } from "@partake/identity-service";\n' },
    "services/billing/src/a.ts:1 Nothing imports a service.",
  ],
  [
    "an import of deploy",
    { "libs/rpc/test/a.test.ts": 'import "@partake/deploy";\n' },
    "libs/rpc/test/a.test.ts:1 Nothing imports deploy.",
  ],
  [
    "a service that reaches into a service",
    { "services/billing/test/a.test.ts": 'import { a } from "../../identity/src/a.ts";\n' },
    "services/billing/test/a.test.ts:1 Packages are entered by their doors.",
  ],
  [
    "a way past a door",
    { "deploy/demo/a.ts": 'import { a } from "../../libs/rpc/src/a.ts";\n' },
    "deploy/demo/a.ts:1 Packages are entered by their doors.",
  ],
  [
    "testing outside of tests",
    { "services/billing/src/a.ts": 'import { fakeClock } from "@partake/testing";\n' },
    "services/billing/src/a.ts:1 Only tests import testing.",
  ],
  [
    "a source that imports a test",
    { "libs/rpc/src/a.ts": 'import "../test/world.ts";\n' },
    "libs/rpc/src/a.ts:1 Only tests import tests.",
  ],
  [
    "a domain that imports a library",
    { "services/billing/src/domain/a.ts": 'import type { Call } from "@partake/rpc";\n' },
    "services/billing/src/domain/a.ts:1 A domain imports only failure.",
  ],
  [
    "a domain that imports a package",
    { "services/billing/src/domain/a.ts": 'import { readFileSync } from "node:fs";\n' },
    "services/billing/src/domain/a.ts:1 A domain imports only failure.",
  ],
  [
    "a domain that imports the store",
    { "services/billing/src/domain/a.ts": 'import { a } from "../store/a.ts";\n' },
    "services/billing/src/domain/a.ts:1 A domain file must not import store.",
  ],
  [
    "a store that imports the API",
    { "services/billing/src/store/a.ts": 'import { a } from "../api.ts";\n' },
    "services/billing/src/store/a.ts:1 A store file must not import api.",
  ],
  [
    "an import of main",
    { "services/billing/src/a.ts": 'import "./main.ts";\n' },
    "services/billing/src/a.ts:1 Nothing imports main.",
  ],
  [
    "a package that is there for development alone",
    {
      "libs/rpc/src/a.ts": 'import { test } from "vitest";\n',
      "libs/rpc/package.json": needing("jose"),
      "package.json": JSON.stringify({ devDependencies: { vitest: "1.0.0" } }),
    },
    "libs/rpc/src/a.ts:1 vitest is not among the dependencies of libs/rpc.",
  ],
  [
    "a package of ours that is not declared",
    { "libs/rpc/src/a.ts": 'import { failure } from "@partake/failure";\n', "libs/rpc/package.json": needing("jose") },
    "libs/rpc/src/a.ts:1 @partake/failure is not among the dependencies of libs/rpc.",
  ],
  [
    "a barrel",
    { "deploy/demo/a.ts": '\nexport * from "./b.ts";\n' },
    "deploy/demo/a.ts:2 No barrels: name what is exported, in the package's door.",
  ],
  [
    "a door that passes on all",
    { "libs/rpc/src/rpc.ts": 'export * as calls from "./call.ts";\n' },
    "libs/rpc/src/rpc.ts:1 No barrels: name what is exported, in the package's door.",
  ],
  [
    "a barrel that names",
    { "libs/rpc/src/parts.ts": '// Parts.\nexport { a } from "./a.ts";\nexport type {\n  B,\n} from "./b.ts";\n' },
    "libs/rpc/src/parts.ts:1 No barrels: name what is exported, in the package's door.",
  ],
  [
    "something left to do",
    { "deploy/a.ts": `const a = 1;\n// ${"TO"}DO: more\n` },
    "deploy/a.ts:2 Nothing is left to do: do it or open an issue.",
  ],
  [
    "something left to do in a document",
    { "docs/a.md": `FIX${"ME"} later\n` },
    "docs/a.md:1 Nothing is left to do: do it or open an issue.",
  ],
  [
    "a type that is switched off",
    { "deploy/a.ts": "const a = b as any;\n" },
    "deploy/a.ts:1 Types are not switched off.",
  ],
  [
    "an error that is switched off",
    { "deploy/a.ts": "\n// @ts-expect-error because\n" },
    "deploy/a.ts:2 Types are not switched off.",
  ],
  ["a prefix I", { "deploy/a.ts": "export interface IStore {}\n" }, "deploy/a.ts:1 No prefix I."],
  [
    "a test that is switched off",
    { "deploy/test/a.test.ts": 'test.concurrent.skip("a", () => {});\n' },
    "deploy/test/a.test.ts:1 No test is switched off.",
  ],
  [
    "a table of tests that is",
    { "deploy/test/a.test.ts": "\ndescribe.only.each([])\n" },
    "deploy/test/a.test.ts:2 No test is switched off.",
  ],
  [
    "a test that switches itself off",
    { "deploy/test/a.test.ts": "  if (slow) context.skip();\n" },
    "deploy/test/a.test.ts:1 No test is switched off.",
  ],
  [
    "a service that prints",
    { "services/billing/src/a.ts": 'console.log("a");\n' },
    "services/billing/src/a.ts:1 A service logs, it does not print.",
  ],
  [
    "a domain that reads the clock",
    { "services/billing/src/domain/a.ts": "const now = new Date();\n" },
    "services/billing/src/domain/a.ts:1 A domain takes clock, ids and randomness as arguments.",
  ],
  [
    "a path of one machine",
    { "deploy/a.ts": `const a = "${"/ho"}me/ann/partake";\n` },
    "deploy/a.ts:1 No paths of one machine.",
  ],
  [
    "a host of a registry",
    { "docs/a.md": `From https://registry.${"npmjs"}.org/\n` },
    "docs/a.md:1 No hosts of registries.",
  ],
  [
    "a link to nothing",
    { "docs/a.md": "\nSee [b](../b.md#part).\n" },
    "docs/a.md:2 The link to ../b.md leads nowhere.",
  ],
  [
    "a command that is not there",
    { "docs/a.md": "`npm run nothing`\n" },
    "docs/a.md:1 There is no command npm run nothing.",
  ],
  [
    "a command that the README does not name",
    { "README.md": "`npm test`\n", "package.json": '{"scripts":{"test":"a","check":"b","check:c":"c"}}' },
    "README.md:1 The README does not name npm run check.",
  ],
  [
    "a command of a program that is not there",
    { "README.md": "`npm start`\n", "package.json": '{"scripts":{"start":"node deploy/start.ts"}}' },
    "package.json:1 npm run start starts deploy/start.ts, which is not there.",
  ],
  [
    "a feature that there is not",
    {
      "docs/features.md": "| R1 | Roles. |\n",
      "deploy/test/a.test.ts": 'test("[R1] gives", a);\ntest("[R1 R2] takes", a);\n',
    },
    "deploy/test/a.test.ts:2 R2 is no row of docs/features.md.",
  ],
  [
    "a service without a page",
    { "services/billing/src/main.ts": "run();\n" },
    "services/billing/README.md:1 Each service has a page that says what it owns.",
  ],
];
