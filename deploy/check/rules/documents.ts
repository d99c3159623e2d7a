import { dirname, join } from "node:path/posix";
import type { Breach } from "../source.ts";

export interface Tree {
  /** Whether there is a file or a folder of that path. */
  has(path: string): boolean;
  /** The commands of the root package. */
  scripts: ReadonlyMap<string, string>;
}

/** npm's own, which no package declares. */
const OF_NPM = new Set(["ci", "install", "start", "test"]);

/** What a document points at is there: files by their links, commands by their names. */
export function documents({ file, lines }: { file: string; lines: readonly string[] }, tree: Tree): Breach[] {
  return lines.flatMap((text, index) => {
    const links = [...text.matchAll(/\]\(([^)\s#]+)(?:#[^)]*)?\)/g)].map(([, target = ""]) => target);
    const lost = links.filter((target) => !/^[a-z]+:/.test(target) && !tree.has(join(dirname(file), target)));
    const commands = [...text.matchAll(/\bnpm run ([a-z][\w:-]*)(?!.* -w )/g)].map(([, name = ""]) => name);
    const unknown = commands.filter((name) => !OF_NPM.has(name) && !tree.scripts.has(name));
    return [
      ...lost.map((target) => ({ file, line: index + 1, rule: `The link to ${target} leads nowhere.` })),
      ...unknown.map((name) => ({ file, line: index + 1, rule: `There is no command npm run ${name}.` })),
    ];
  });
}

/** Every command starts a program that is there, and the README names it; those with a colon are parts of others. */
export function commands({ file, lines }: { file: string; lines: readonly string[] }, tree: Tree): Breach[] {
  const names = [...tree.scripts.keys()].filter((name) => !name.includes(":"));
  const named = new Set(
    lines.flatMap((text) => [...text.matchAll(/\bnpm (?:run )?([a-z][\w-]*)/g)].map(([, name]) => name)),
  );
  const programs = [...tree.scripts].map(([name, script]) => ({ name, program: /^node (\S+)/.exec(script)?.[1] }));
  return [
    ...names
      .filter((name) => !named.has(name))
      .map((name) => ({ file, line: 1, rule: `The README does not name npm run ${name}.` })),
    ...programs.flatMap(({ name, program }) =>
      program !== undefined && !tree.has(program)
        ? [{ file: "package.json", line: 1, rule: `npm run ${name} starts ${program}, which is not there.` }]
        : [],
    ),
  ];
}

/** Each service says on one page what it owns. */
export function pages(services: Iterable<string>, tree: Tree): Breach[] {
  const files = [...services].map((service) => `services/${service}/README.md`);
  return files
    .filter((file) => !tree.has(file))
    .map((file) => ({ file, line: 1, rule: "Each service has a page that says what it owns." }));
}
