import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Reporter } from "../terminal/reporter.ts";
import { SetupError } from "../terminal/setup-error.ts";
import { withLock } from "./lock.ts";

const lockWaitMs = 15 * 60_000;
const lockStaleAfterMs = 30 * 60_000;

export interface CacheEntry {
  /** Folder name; holds the version, so that a new pin never meets old files. */
  name: string;
  /** The checksums this entry was made from: an entry made from others is made again. */
  fingerprint: string;
  /** Fills the staging folder with verified content. */
  make: (stagingFolder: string) => Promise<void>;
  reporter: Reporter;
  cacheFolder?: string;
}

/** Downloads live outside the checkout: they survive a fresh clone. */
export function defaultCacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const base = environment["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  return join(base, "partake");
}

/**
 * The folder of a cached download. It is made in a staging folder and renamed when complete, so a folder under the final
 * name with its list of files intact is whole; anything else is thrown away and made again.
 */
export async function cached(entry: CacheEntry): Promise<string> {
  const cacheFolder = entry.cacheFolder ?? defaultCacheFolder();
  const folder = join(cacheFolder, entry.name);
  if (await isWhole(folder, entry.fingerprint)) return folder;
  await makeFolder(cacheFolder);
  const lock = {
    path: join(cacheFolder, `${entry.name}.lock`),
    waitMs: lockWaitMs,
    staleAfterMs: lockStaleAfterMs,
    onWait: (holder: { pid: number }) => entry.reporter.line(`${entry.name}: waiting for process ${holder.pid}`),
  };
  await withLock(lock, async () => {
    if (await isWhole(folder, entry.fingerprint)) return;
    await removeRemains({ entry, folder });
    const staging = partialOf(folder);
    await mkdir(staging, { recursive: true });
    await entry.make(staging);
    const files = await listFiles(staging);
    await writeFile(join(staging, "complete.json"), JSON.stringify({ fingerprint: entry.fingerprint, files }));
    await rename(staging, folder);
  });
  return folder;
}

/** Whether a download is there and whole, or was broken off, for the doctor. */
export async function stateInCache(options: {
  name: string;
  fingerprint: string;
  cacheFolder?: string;
}): Promise<"whole" | "unfinished" | "absent"> {
  const folder = join(options.cacheFolder ?? defaultCacheFolder(), options.name);
  if (await isWhole(folder, options.fingerprint)) return "whole";
  return (await Promise.all([partialOf(folder), folder].map(exists))).includes(true) ? "unfinished" : "absent";
}

export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

/** A file with another checksum than the pinned one is never used. */
export async function requireSha256(options: { path: string; sha256: string; name: string }): Promise<void> {
  const actual = await sha256OfFile(options.path);
  if (actual === options.sha256) return;
  throw new SetupError({
    message: `The download of ${options.name} is not the pinned one: its SHA-256 is ${actual}, expected ${options.sha256}.`,
    remedy:
      "Remove this file from your package client's cache and try again; if it stays so, the mirror serves another file.",
  });
}

/** Where a download is filled before it is whole. */
function partialOf(folder: string): string {
  return `${folder}.partial`;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function removeRemains(options: { entry: CacheEntry; folder: string }): Promise<void> {
  for (const remains of [partialOf(options.folder), options.folder]) {
    if (!(await exists(remains))) continue;
    options.entry.reporter.line(`${options.entry.name}: an unfinished download is thrown away`);
    await rm(remains, { recursive: true, force: true });
  }
}

/** Sizes are compared, not checksums: those were compared when the entry was made, and a warm start has to be quick. */
async function isWhole(folder: string, fingerprint: string): Promise<boolean> {
  try {
    const complete = JSON.parse(await readFile(join(folder, "complete.json"), "utf8")) as Complete;
    if (complete.fingerprint !== fingerprint) return false;
    const sizes = await Promise.all(complete.files.map(async (file) => (await stat(join(folder, file.path))).size));
    return complete.files.length > 0 && complete.files.every((file, index) => file.sizeBytes === sizes[index]);
  } catch {
    return false;
  }
}

interface Complete {
  fingerprint: string;
  files: { path: string; sizeBytes: number }[];
}

async function listFiles(folder: string): Promise<Complete["files"]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(
    files.map(async (path) => ({ path: path.slice(folder.length + 1), sizeBytes: (await stat(path)).size })),
  );
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (cause) {
    throw new SetupError({
      message: `The cache folder ${folder} cannot be written.`,
      remedy: "Make it writable, or set XDG_CACHE_HOME to a folder that is.",
      cause,
    });
  }
}
