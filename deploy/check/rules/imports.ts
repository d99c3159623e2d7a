import { dirname, join } from "node:path/posix";
import { type Breach, isTest, type Source } from "../source.ts";

/** The libraries, each with those that it may import: what stands below it. */
const BELOW: Readonly<Record<string, readonly string[]>> = {
  failure: [],
  client: [],
  authz: ["failure"],
  contract: ["failure", "proto"],
  rpc: ["authz", "contract", "failure", "proto"],
  store: ["authz", "contract", "failure", "proto"],
  bus: ["contract", "failure", "proto", "store"],
  service: ["authz", "bus", "contract", "failure", "proto", "rpc", "store"],
  uploads: ["failure", "rpc", "service", "store"],
  testing: ["authz", "bus", "client", "contract", "failure", "proto", "rpc", "service", "store"],
};

/** Inside a service: what each part may import of the service's other parts. */
const PARTS: Readonly<Record<string, readonly string[]>> = { domain: ["domain"], store: ["store", "domain"] };

/** A domain is arithmetic on facts; beside our own errors and tables only the calendar. */
const OF_DOMAINS = ["@partake/failure", "@partake/csv", "temporal-polyfill"];

/** What the packages declare that they need, beyond development. */
export interface Dependencies {
  of(folder: string): ReadonlySet<string> | undefined;
  /** Those of all packages: what an image has. */
  all: ReadonlySet<string>;
}

interface Import {
  index: number;
  target: string;
  /** Gone when the program runs. */
  isType: boolean;
}

/** Imports point one way: services → libraries → proto, and inside a service towards its domain. */
export function imports(source: Source, dependencies: Dependencies): Breach[] {
  const { file } = source;
  return importsOf(source).flatMap((found) => {
    const { target, index } = found;
    const rule = target.startsWith(".")
      ? wrongRelative(file, target)
      : (wrongPackage(file, target) ?? undeclared(file, found, dependencies));
    return rule ? [{ file, line: index + 1, rule }] : [];
  });
}

/** Files that need each other are one file, or lack a third; of types alone as well. Tests may lean on each other. */
export function circles(sources: readonly Source[]): Breach[] {
  const parts = sources.filter(({ file }) => !isTest(file));
  const reached = new Map(
    parts.map((source) => {
      const { file } = source;
      const near = importsOf(source).filter(({ target }) => target.startsWith("."));
      return [file, near.map(({ target, index }) => ({ to: join(dirname(file), target), index }))];
    }),
  );
  const done = new Set<string>();
  const breaches: Breach[] = [];
  const walk = (file: string, way: readonly string[]): void => {
    if (done.has(file)) return;
    for (const { to, index } of reached.get(file) ?? []) {
      const circle = [...way, file];
      const from = circle.indexOf(to);
      if (from < 0) walk(to, circle);
      else breaches.push({ file, line: index + 1, rule: `A circle: ${[...circle.slice(from), to].join(" → ")}.` });
    }
    done.add(file);
  };
  for (const file of reached.keys()) walk(file, []);
  return breaches;
}

/** One door for each package, which says what it exports: nothing is passed on wholesale, or from further in. */
export function doors({ file, code }: Source): Breach[] {
  const rule = "No barrels: name what is exported, in the package's door.";
  const [top, owner = ""] = file.split("/");
  const isDoor = file === `${top}/${owner}/src/${owner}.ts` || file === "proto/proto.ts";
  // Of a door the types may go on whole: they are its other half, and cost nothing.
  const whole = isDoor ? /^export \* (as \w+ )?from / : /^export (type )?\* (as \w+ )?from /;
  const star = code.findIndex((text) => whole.test(text));
  if (star >= 0) return [{ file, line: star + 1, rule }];
  const passesOnAlone = /^\s*(export (type )?\{[^}]*\} from "\s*";\s*)+$/.test(code.join("\n"));
  return passesOnAlone && !isDoor ? [{ file, line: 1, rule }] : [];
}

/** Static and dynamic ones, and types by `import("…")`; the texts are blanked in the code and read from the line. */
function importsOf({ lines, code }: Source): Import[] {
  let isType = false;
  return code.flatMap((text, index) => {
    if (/^(import|export)\b/.test(text)) isType = /^(import|export) type\b/.test(text);
    const found = text.matchAll(/(?:\bfrom |\bimport |\bimport\(|\bmock\()(["'`])(\s*)\1/g);
    return [...found].map((match) => {
      const end = match.index + match[0].length - 1;
      const target = (lines[index] ?? "").slice(end - (match[2] ?? "").length, end);
      return { index, target, isType };
    });
  });
}

function wrongPackage(file: string, target: string): string | undefined {
  const [top, owner = ""] = file.split("/");
  if (!isTest(file) && isDomain(file) && !OF_DOMAINS.includes(target)) return "A domain imports only failure.";
  const [, name] = /^@partake\/([a-z-]+)/.exec(target) ?? [];
  if (!name) return undefined;
  if (name.endsWith("-service")) return "Nothing imports a service.";
  if (name === "deploy") return "Nothing imports deploy.";
  if (top === "proto") return "proto imports nothing of ours.";
  if (isTest(file)) return undefined;
  if (top === "libs" && !BELOW[owner]?.includes(name)) return `libs/${owner} must not import ${name}.`;
  if (top === "services" && name === "testing") return "Only tests import testing.";
  return undefined;
}

/** What is there for development alone works here and fails in an image. */
function undeclared(file: string, { target, isType }: Import, dependencies: Dependencies): string | undefined {
  const [top, owner] = file.split("/");
  const isPackage = top === "libs" || top === "services";
  if (!isPackage || isType || isTest(file) || target.startsWith("node:")) return undefined;
  const name = target
    .split("/")
    .slice(0, target.startsWith("@") ? 2 : 1)
    .join("/");
  const folder = `${top}/${owner}`;
  const declared = name.startsWith("@partake/") ? dependencies.of(folder) : dependencies.all;
  return declared?.has(name) ? undefined : `${name} is not among the dependencies of ${folder}.`;
}

function wrongRelative(file: string, target: string): string | undefined {
  const reached = join(dirname(file), target);
  const packageOf = (path: string) => /^((?:libs|services)\/[^/]+|proto|deploy)\//.exec(path)?.[1];
  if (packageOf(reached) !== packageOf(file) && packageOf(file)) return "Packages are entered by their doors.";
  if (isTest(file)) return undefined;
  if (isTest(reached)) return "Only tests import tests.";
  if (/^services\/[^/]+\/src\/main\.ts$/.test(reached)) return "Nothing imports main.";
  const [part, other] = [partOf(file), partOf(reached)];
  const allowed = part ? PARTS[part] : undefined;
  return allowed && other && !allowed.includes(other) ? `A ${part} file must not import ${other}.` : undefined;
}

function isDomain(file: string): boolean {
  return partOf(file) === "domain";
}

function partOf(file: string): string | undefined {
  return /^services\/[^/]+\/src\/([a-z-]+)(?:\/|\.ts$)/.exec(file)?.[1];
}
