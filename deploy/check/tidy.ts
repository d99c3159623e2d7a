// What of our style a program can check, checked: says which rule was broken and where. Run by `npm run check`.
import { readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { sourceFiles } from "./source-files.ts";

export interface Breach {
  file: string;
  line: number;
  rule: string;
}

interface Source {
  file: string;
  lines: readonly string[];
}

const FILE_LINES_MAXIMUM = 300;
const FUNCTION_LINES_MAXIMUM = 80;
const MAIN_LINES_MAXIMUM = 30;

/** Names that say nothing of what is inside. */
const EMPTY_NAMES = /^(utils?|helpers?|manager|dto|impl|common|misc|shared|base|index)$/;

/** The libraries, each with those that it may import: what stands below it. */
const BELOW: Readonly<Record<string, readonly string[]>> = {
  proto: [],
  failure: [],
  client: [],
  authz: ["failure"],
  contract: ["failure", "proto"],
  rpc: ["authz", "contract", "failure", "proto"],
  store: ["authz", "contract", "failure", "proto"],
  bus: ["contract", "failure", "proto", "store"],
  service: ["authz", "bus", "contract", "failure", "proto", "rpc", "store"],
  testing: ["authz", "bus", "client", "contract", "failure", "proto", "rpc", "service", "store"],
};

/** Inside a service: what each part may import of the service's other parts. */
const PARTS: Readonly<Record<string, readonly string[]>> = { domain: ["domain"], store: ["store", "domain"] };

/** Every breach in the tree below `root`. */
export function breaches(root: string): Breach[] {
  const sources = sourceFiles(root).map((file) => ({
    file,
    lines: readFileSync(join(root, file), "utf8").split("\n"),
  }));
  return sources.flatMap((source) => [
    ...names(source),
    ...sizes(source),
    ...imports(source),
    ...doors(source),
    ...words(source),
  ]);
}

function names({ file }: Source): Breach[] {
  const stem =
    file
      .split("/")
      .at(-1)
      ?.replace(/(\.test|\.gen|\.config|\.d)?\.ts$/, "") ?? "";
  const found: Breach[] = [];
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(stem)) found.push({ file, line: 1, rule: "File names are kebab-case." });
  for (const part of [...file.split("/").slice(0, -1), ...stem.split("-")]) {
    if (EMPTY_NAMES.test(part)) found.push({ file, line: 1, rule: `The name "${part}" says nothing.` });
  }
  return found;
}

function sizes({ file, lines }: Source): Breach[] {
  if (/\/(test|bench)\//.test(file)) return [];
  const found: Breach[] = [];
  const most = /^services\/[^/]+\/src\/main\.ts$/.test(file) ? MAIN_LINES_MAXIMUM : FILE_LINES_MAXIMUM;
  if (lines.length - 1 > most) found.push({ file, line: most, rule: `The file has more than ${most} lines.` });
  for (const { start, length } of functions(lines)) {
    if (length > FUNCTION_LINES_MAXIMUM && !isTable(lines, start)) {
      found.push({
        file,
        line: start + 1,
        rule: `The function has ${length} lines, more than ${FUNCTION_LINES_MAXIMUM}.`,
      });
    }
  }
  return found;
}

/** Functions at the top level of a file, by the formatter's own indentation: they end with a brace in the first column. */
function functions(lines: readonly string[]): { start: number; length: number }[] {
  const found: { start: number; length: number }[] = [];
  for (const [start, line] of lines.entries()) {
    if (!/^(export )?(default )?(async )?function\b/.test(line)) continue;
    const end = lines.findIndex((other, index) => index > start && /^}/.test(other));
    if (end > start) found.push({ start, length: end - start + 1 });
  }
  return found;
}

/** A function that returns one object of handlers is a table: each handler counts for itself, and is short by review. */
function isTable(lines: readonly string[], start: number): boolean {
  return lines.slice(start, start + 12).some((line) => /^ {2}return \{$/.test(line));
}

function imports({ file, lines }: Source): Breach[] {
  const found: Breach[] = [];
  for (const [index, text] of lines.entries()) {
    const target = /(?:from|import) "([^"]+)"/.exec(text)?.[1];
    if (!target) continue;
    const rule = target.startsWith(".") ? wrongRelative(file, target) : wrongPackage(file, target);
    if (rule) found.push({ file, line: index + 1, rule });
  }
  return found;
}

function wrongPackage(file: string, target: string): string | undefined {
  const [, name] = /^@partake\/([a-z-]+)/.exec(target) ?? [];
  if (!name) return undefined;
  const [top, owner = ""] = file.split("/");
  const isTest = /\/(test|bench)\//.test(file);
  if (name.endsWith("-service")) return "Nothing imports a service.";
  if (top === "libs" && !isTest && !BELOW[owner]?.includes(name)) return `libs/${owner} must not import ${name}.`;
  if (top === "proto" && name !== "proto") return "proto imports nothing of ours.";
  if (top === "services" && !isTest && name === "testing") return "Only tests import testing.";
  if (top === "services" && /\/src\/domain\//.test(file) && name !== "failure") return "A domain imports only failure.";
  return undefined;
}

function wrongRelative(file: string, target: string): string | undefined {
  const reached = relative(".", resolve(dirname(file), target));
  const owner = file.split("/").slice(0, 2).join("/");
  if (/^(libs|services)\//.test(file) && !reached.startsWith(`${owner}/`))
    return "Packages are entered by their doors.";
  const [, part] = /^services\/[^/]+\/src\/([a-z-]+)\//.exec(file) ?? [];
  const [, other] = /^services\/[^/]+\/src\/([a-z-]+)(?:\/|\.ts$)/.exec(reached) ?? [];
  const allowed = part ? PARTS[part] : undefined;
  if (allowed && other && !allowed.includes(other)) return `A ${part} file must not import ${other}.`;
  return undefined;
}

/** One door for each package, which says what it exports: nothing is passed on wholesale. */
function doors({ file, lines }: Source): Breach[] {
  return lines.flatMap((text, index) =>
    /^export \* from /.test(text) ? [{ file, line: index + 1, rule: "No barrels: name what is exported." }] : [],
  );
}

function words({ file, lines }: Source): Breach[] {
  if (file === "deploy/check/tidy.ts") return [];
  const banned = [
    { pattern: /\b(TODO|FIXME|XXX|HACK)\b/, rule: "Nothing is left to do: do it or open an issue." },
    { pattern: /\bas any\b|@ts-(ignore|nocheck|expect-error)/, rule: "Types are not switched off." },
    { pattern: /\.(skip|only|todo)\(/, rule: "No test is switched off." },
    { pattern: /^(export )?(default )?interface I[A-Z][a-z]/, rule: "No prefix I for interfaces." },
  ];
  return lines.flatMap((text, index) =>
    banned.filter(({ pattern }) => pattern.test(text)).map(({ rule }) => ({ file, line: index + 1, rule })),
  );
}
