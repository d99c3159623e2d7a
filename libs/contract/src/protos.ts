// Reads proto texts and what they declare as options, before anything is made of them.
import { readFileSync } from "node:fs";
import { includeDirs, loaderOptions, protoFiles } from "@partake/proto";
import protobuf from "protobufjs";

export type ReadText = (path: string) => string;

const ownPrefix = "partake/";
const optionsFile = "partake/v1/options.proto";

/**
 * Parses the files and those of ours that they import. Google's own are left out: they only declare options, whose values
 * the parser keeps anyway, and parsing them would double the time.
 */
export function parseProtos(files: readonly string[] = protoFiles, read: ReadText = readProto): protobuf.Root {
  const root = new protobuf.Root();
  root.addJSON(protobuf.common.get("google/protobuf/empty.proto")?.nested ?? {});
  const waiting = [...files];
  const seen = new Set<string>([optionsFile]);
  for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
    if (seen.has(path)) continue;
    seen.add(path);
    const parsed = protobuf.parse(read(path), root, loaderOptions);
    waiting.push(...(parsed.imports ?? []).filter((name) => name.startsWith(ownPrefix)));
  }
  return root;
}

export function readProto(path: string): string {
  for (const dir of includeDirs) {
    try {
      return readFileSync(`${dir}/${path}`, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }
  throw new Error(`${path}: no such proto`);
}

/** The value of an option of ours, however it was written: (rule), (partake.v1.rule). Undefined if it is not declared. */
export function declared(of: protobuf.ReflectionObject, option: string): unknown {
  const names = [`(${option})`, `(partake.v1.${option})`];
  const values = entries(of).flatMap(([name, value]) => (names.includes(name) ? [value] : []));
  if (values.length > 1) throw new Error(`${of.fullName}: declares ${option} more than once`);
  return values[0];
}

/** Refuses an option that nobody reads: a misspelt `(personnal)` must not silently protect nothing. */
export function refuseOthers(of: protobuf.ReflectionObject, known: readonly string[]): void {
  for (const [name] of entries(of)) {
    const plain = name.replace(/^\((?:partake\.v1\.)?/, "").replace(/\)$/, "");
    if (!known.includes(plain)) throw new Error(`${of.fullName}: unknown option ${name}`);
  }
}

/** Every option of an element, as the parser keeps them; its own types describe them wrongly. */
export function entries(of: protobuf.ReflectionObject): [string, unknown][] {
  const parsed = (of.parsedOptions ?? []) as Record<string, unknown>[];
  return parsed.flatMap((entry) => Object.entries(entry));
}

/** Reads the members of a message-valued option; one of an unknown name or a wrong type is refused. */
export class OptionReader {
  private readonly owner: string;
  private readonly members: Record<string, unknown>;

  constructor(owner: string, value: unknown, known: readonly string[]) {
    if (typeof value !== "object" || value === null) throw new Error(`${owner}: the option needs members in braces`);
    this.owner = owner;
    this.members = value as Record<string, unknown>;
    for (const name of Object.keys(this.members)) {
      if (!known.includes(name)) throw new Error(`${owner}: unknown member ${name}`);
    }
  }

  string(name: string): string | undefined {
    return this.typed(name, "string");
  }
  number(name: string): number | undefined {
    return this.typed(name, "number");
  }
  boolean(name: string): boolean {
    return this.typed<boolean>(name, "boolean") ?? false;
  }
  words(name: string): string[] | undefined {
    return this.string(name)?.split(" ").filter(Boolean);
  }

  private typed<T>(name: string, type: "string" | "number" | "boolean"): T | undefined {
    const value = this.members[name];
    if (value === undefined) return undefined;
    if (typeof value !== type) throw new Error(`${this.owner}: ${name} must be a ${type}`);
    return value as T;
  }
}
