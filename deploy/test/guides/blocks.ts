import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** A block of a guide that says which file it belongs to, and where: nowhere means that it is the whole file. */
export interface Block {
  file: string;
  place: { kind: "whole" } | { kind: "before" | "replace"; line: string };
  text: string;
}

const FENCE = /^```\w+ file=(\S+)(?: (before|replace)="((?:[^"\\]|\\.)*)")?\n([\s\S]*?)^```$/gm;

/** The blocks of a guide that are to be applied, in their order. */
export function blocksOf(guide: string): Block[] {
  return [...guide.matchAll(FENCE)].map(([, file = "", kind, line = "", text = ""]) => ({
    file,
    place: kind === "before" || kind === "replace" ? { kind, line: line.replaceAll('\\"', '"') } : { kind: "whole" },
    text,
  }));
}

/** The commands of a guide, a line each. */
export function commandsOf(guide: string): string[] {
  return [...guide.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].flatMap(([, text = ""]) => text.trim().split("\n"));
}

/** Does with the tree below `root` what a block says. A place that is not there, or there twice, is an error of the guide. */
export function apply(root: string, { file, place, text }: Block): void {
  const path = join(root, file);
  if (place.kind === "whole") {
    if (existsSync(path)) throw new Error(`${file} is there already.`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return;
  }
  const lines = readFileSync(path, "utf8").split("\n");
  const found = lines.filter((line) => line.startsWith(place.line)).length;
  if (found !== 1) throw new Error(`${file} has ${found} lines that begin with: ${place.line}`);
  const at = lines.findIndex((line) => line.startsWith(place.line));
  lines.splice(at, place.kind === "replace" ? 1 : 0, ...text.slice(0, -1).split("\n"));
  writeFileSync(path, lines.join("\n"));
}
