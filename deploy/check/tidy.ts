// What of our style a program can check, checked: says which rule was broken and where. Run by `npm run check`.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { featureRows } from "../features/rows.ts";
import { commands, documents, pages, type Tree } from "./rules/documents.ts";
import { features } from "./rules/features.ts";
import { circles, type Dependencies, doors, imports } from "./rules/imports.ts";
import { names } from "./rules/names.ts";
import { sizes } from "./rules/sizes.ts";
import { words, wordsOfDocument } from "./rules/words.ts";
import { type Breach, readLines, readSource, type Source, treeFiles } from "./source.ts";

const FEATURES = "docs/features.md";

interface Package {
  scripts?: Record<string, string>;
  dependencies?: Record<string, string>;
}

/** Every breach in the tree below `root`. */
export function breaches(root: string): Breach[] {
  const files = treeFiles(root, "*.ts", "*.md", "*.proto", "*.yaml", "*package.json");
  const sources = files.filter((file) => file.endsWith(".ts")).map((file) => readSource(root, file));
  const texts = files.filter((file) => /\.(md|proto|yaml)$/.test(file));
  const packages = files.filter((file) => file.endsWith("package.json"));
  const dependencies = declaredBy(root, packages);
  const tree: Tree = {
    has: (path) => existsSync(join(root, path)),
    scripts: new Map(Object.entries(readPackage(root, ".")?.scripts ?? {})),
  };
  const services = new Set(sources.flatMap(({ file }) => /^services\/([^/]+)\/src\/main\.ts$/.exec(file)?.[1] ?? []));
  const ids = existsSync(join(root, FEATURES)) ? featureRows(join(root, FEATURES)).map(({ id }) => id) : undefined;
  return [
    ...sources.flatMap((source) => breachesOfSource(source, { dependencies, ids: ids && new Set(ids) })),
    ...circles(sources),
    ...texts.flatMap((file) => breachesOfDocument(root, file, tree)),
    ...pages(services, tree),
  ];
}

function breachesOfSource(
  source: Source,
  { dependencies, ids }: { dependencies: Dependencies; ids: ReadonlySet<string> | undefined },
): Breach[] {
  return [
    ...names(source.file),
    ...sizes(source),
    ...imports(source, dependencies),
    ...doors(source),
    ...words(source),
    ...(ids ? features(source, ids) : []),
  ];
}

function breachesOfDocument(root: string, file: string, tree: Tree): Breach[] {
  const document = { file, lines: readLines(root, file) };
  return [
    ...wordsOfDocument(document),
    ...(file.endsWith(".md") ? documents(document, tree) : []),
    ...(file === "README.md" ? commands(document, tree) : []),
  ];
}

function declaredBy(root: string, packages: readonly string[]): Dependencies {
  const folders = packages.map((file) => dirname(file));
  const declared = new Map(
    folders.map((folder) => [folder, new Set(Object.keys(readPackage(root, folder)?.dependencies ?? {}))]),
  );
  return { of: (folder) => declared.get(folder), all: new Set([...declared.values()].flatMap((names) => [...names])) };
}

function readPackage(root: string, folder: string): Package | undefined {
  const file = join(root, folder, "package.json");
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Package) : undefined;
}
