// npm run generate | check -w @partake/contract
//
// generate writes what follows from the protos, and refreshes the lock unless that breaks the published contract;
// --accept-breaking "reason" refreshes it all the same and records why. --check writes nothing and fails on either.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { artifacts, eventsDir, json, lockPath } from "./artifacts.ts";
import { breaksBetween } from "./breaks.ts";
import { type Lock, lockOf } from "./lock.ts";
import { readContract } from "./reading.ts";

const root = join(dirname(fileURLToPath(import.meta.url)), "../../..");

/** What is wrong with the working tree, a line each; empty if nothing is. */
export function faults(dir: string): string[] {
  const { made, breaks } = derive(dir, undefined);
  const stale = [...made].filter(([path, text]) => read(dir, path) !== text).map(([path]) => `${path} is stale`);
  const leftOver = leftOvers(dir, made).map((path) => `${path} is not generated any more`);
  return [...breaks, ...stale, ...leftOver];
}

/** Writes what is stale, and says what keeps the lock from being refreshed. */
export function generate(dir: string, reason: string | undefined): string[] {
  const { made, breaks } = derive(dir, reason);
  for (const [path, text] of made) {
    if (read(dir, path) === text) continue;
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
    console.log(`wrote ${path}`);
  }
  for (const path of leftOvers(dir, made)) {
    rmSync(join(dir, path));
    console.log(`removed ${path}`);
  }
  return breaks;
}

/** Every generated file, and what breaks the locked contract without a reason. The lock is among them unless something does. */
function derive(dir: string, reason: string | undefined): { made: Map<string, string>; breaks: string[] } {
  const contract = readContract();
  const made = artifacts(contract);
  const before = readLock(dir);
  const accepted = before?.accepted ?? [];
  const breaks = before ? breaksBetween(before, lockOf(contract, [])) : [];
  if (breaks.length > 0 && reason === undefined) return { made, breaks };
  const nowAccepted = breaks.length > 0 && reason !== undefined ? [...accepted, { reason, breaks }] : accepted;
  made.set(lockPath, json(lockOf(contract, nowAccepted)));
  return { made, breaks: [] };
}

function readLock(dir: string): Lock | undefined {
  const text = read(dir, lockPath);
  return text === undefined ? undefined : (JSON.parse(text) as Lock);
}

function leftOvers(dir: string, made: ReadonlyMap<string, string>): string[] {
  const present = orUndefined(() => readdirSync(join(dir, eventsDir))) ?? [];
  return present.map((name) => `${eventsDir}/${name}`).filter((path) => !made.has(path));
}

function read(dir: string, path: string): string | undefined {
  return orUndefined(() => readFileSync(join(dir, path), "utf8"));
}

/** What is read, or undefined where there is nothing. */
function orUndefined<T>(reading: () => T): T | undefined {
  try {
    return reading();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function main(): void {
  const options = { check: { type: "boolean" }, "accept-breaking": { type: "string" } } as const;
  const { values } = parseArgs({ options });
  const reason = values["accept-breaking"]?.trim();
  if (reason === "") throw new Error("--accept-breaking needs a reason");
  const found = values.check ? faults(root) : generate(root, reason);
  if (found.length === 0) return;
  const advice = values.check
    ? 'Run "npm run generate -w @partake/contract". A break of the published contract needs another way, or before a release --accept-breaking "reason".'
    : 'The lock was not refreshed: this breaks the published contract. Before a release: --accept-breaking "reason".';
  console.error([...found, "", advice].join("\n"));
  process.exitCode = 1;
}

if (import.meta.main) main();
