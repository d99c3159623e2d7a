import { body, lines, needing } from "./texts.ts";
import type { Files } from "./tree.ts";

/** What only looks like a breach. */
export const innocent: readonly (readonly [what: string, files: Files])[] = [
  [
    "code in a text",
    {
      "deploy/a.ts": `const a = "b as any";\nconst c = 'import "@partake/rpc"';\nconst d = \`x as any \${e} as any\`;\n`,
    },
  ],
  ["code in a comment", { "services/billing/src/a.ts": '// console.log, as any\n/* export * from "./b.ts" */\n' }],
  [
    "a pattern with quotes and slashes",
    { "deploy/a.ts": "const a = /[\"'`/]{/.test(b) ? c / d : e / f;\nconst g = 1;\n" },
  ],
  ["a call that is named as a test is", { "libs/rpc/src/a.ts": "reader.skip(3);\nconst only = test(a) && it.only;\n" }],
  [
    "two ways to one file",
    {
      "libs/rpc/src/a.ts": 'import { b } from "./b.ts";\nimport { c } from "./c.ts";\n',
      "libs/rpc/src/b.ts": 'import { c } from "./c.ts";\n',
      "libs/rpc/src/c.ts": "",
    },
  ],
  ["a word of roles.md", { "deploy/folder-manager.ts": "" }],
  [
    "an instant from a fact",
    {
      "services/billing/src/domain/a.ts": 'import { failure } from "@partake/failure";\nconst at = new Date(now);\n',
      "services/billing/package.json": needing("@partake/failure"),
    },
  ],
  [
    "a long table of short handlers",
    {
      "deploy/a.ts": `export function api() {\n  return {\n${lines(20, `    one() {\n${body(8, "      ")}\n    },`)}\n  };\n}\n`,
    },
  ],
  ["a long value", { "deploy/a.ts": `export const table = [\n${body(200)}\n];\n` }],
  [
    "a long text with braces in it",
    {
      "deploy/a.ts": `export function page() {\n  return \`\n${lines(60, "if (a) {")}\n\`;\n}\n${lines(60, "a();")}\n`,
    },
  ],
  ["a long test", { "deploy/test/a.test.ts": `function long() {\n${body(400)}\n}\n` }],
  ["the types of a door", { "libs/rpc/src/rpc.ts": 'export type * from "./types.ts";\nexport { a } from "./a.ts";\n' }],
  [
    "a measurement against another library",
    { "libs/authz/bench/a.ts": 'import { a } from "@partake/store";\nimport { b } from "@casl/ability";\n' },
  ],
  ["what is generated", { "libs/client/src/gen/api_table.ts": "const a = b as any;\n" }],
  ["what is ignored", { ".gitignore": "dist/\n", "libs/client/dist/A.ts": "const a = b as any;\n" }],
  ["a link that leads somewhere", { "docs/a.md": "[b](../b.md) [c](https://a.example/b.md) [d](#part)\n", "b.md": "" }],
  [
    "a command that is there",
    { "docs/a.md": "`npm ci && npm run doctor`\n", "package.json": '{"scripts":{"doctor":"a"}}' },
  ],
];
