import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { breaches } from "../../check/tidy.ts";
import { broken } from "./broken-trees.ts";
import { innocent } from "./innocent-trees.ts";
import { type Files, withTree } from "./tree.ts";

/** What the check says of a tree: `file:line rule`, a line each. */
function said(files: Files): string[] {
  return withTree(files, (root) => breaches(root).map(({ file, line, rule }) => `${file}:${line} ${rule}`));
}

test.each(broken)("%s is found", (_rule, files, expected) => {
  expect(said(files)).toEqual([expected]);
});

describe("the check is not fooled by", () => {
  test.each(innocent)("%s", (_what, files) => {
    expect(said(files)).toEqual([]);
  });
});

test("a file that was removed but is still tracked is none", () => {
  const found = withTree({ "deploy/a.ts": "const a = b as any;\n" }, (root) => {
    execFileSync("git", ["add", "."], { cwd: root });
    rmSync(`${root}/deploy/a.ts`);
    return breaches(root);
  });
  expect(found).toEqual([]);
});
