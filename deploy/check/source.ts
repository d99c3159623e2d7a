import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { only } from "./code.ts";

/** A rule that a line of a file breaks. */
export interface Breach {
  file: string;
  line: number;
  rule: string;
}

/** A file that people write, with its path from the root of the tree. */
export interface Source {
  file: string;
  lines: readonly string[];
  /** The same lines with comments, texts and regular expressions blanked. */
  code: readonly string[];
  /** The same lines with nothing but comments. */
  comments: readonly string[];
}

/** The files of the tree that match, tracked or new, as they lie there now; without what is generated. */
export function treeFiles(root: string, ...patterns: readonly string[]): string[] {
  const options = ["--cached", "--others", "--exclude-standard", "--deduplicate"];
  const listed = execFileSync("git", ["ls-files", "-z", ...options, "--", ...patterns], {
    cwd: root,
    encoding: "utf8",
  });
  const written = listed.split("\0").filter((file) => file !== "" && !/(^|\/)(gen|dist)\/|\.gen\.ts$/.test(file));
  return written.filter((file) => existsSync(join(root, file))).sort();
}

export function readLines(root: string, file: string): string[] {
  return readFileSync(join(root, file), "utf8").split("\n");
}

export function readSource(root: string, file: string): Source {
  const text = readFileSync(join(root, file), "utf8");
  return { file, lines: text.split("\n"), code: only(text, "code"), comments: only(text, "comment") };
}

/** Tests and measurements are read differently: they may be long, and import what they measure against. */
export function isTest(file: string): boolean {
  return /(^|\/)(test|bench)\//.test(file);
}

/** A breach of a rule by each line that one of the tests finds. */
export function linesWith(
  { file, lines }: { file: string; lines: readonly string[] },
  banned: readonly { pattern: RegExp; rule: string }[],
): Breach[] {
  return lines.flatMap((text, index) =>
    banned.filter(({ pattern }) => pattern.test(text)).map(({ rule }) => ({ file, line: index + 1, rule })),
  );
}
