import { link, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { processIdentity } from "../processes/process-identity.ts";
import { SetupError } from "../terminal/setup-error.ts";

export interface LockOptions {
  path: string;
  /** How long to wait for another living holder. */
  waitMs: number;
  /** A lock older than this is taken over even if a process with its id still runs. */
  staleAfterMs: number;
  /** Called once when there is somebody to wait for. */
  onWait?: (holder: LockHolder) => void;
  now?: () => number;
}

export interface LockHolder {
  pid: number;
  identity: string;
  takenAtMs: number;
}

const pollEveryMs = 200;

/** Runs `work` while holding a lock file; the lock of a dead process, an unreadable or an old one is replaced. */
export async function withLock<T>(options: LockOptions, work: () => Promise<T>): Promise<T> {
  const now = options.now ?? Date.now;
  await mkdir(dirname(options.path), { recursive: true });
  const deadlineMs = now() + options.waitMs;
  let told = false;
  while (!(await tryTake(options, now))) {
    const holder = await readHolder(options.path);
    if (now() >= deadlineMs) throw lockTimeout(options, holder);
    if (!told && holder !== undefined) options.onWait?.(holder);
    told ||= holder !== undefined;
    await sleep(pollEveryMs);
  }
  try {
    return await work();
  } finally {
    await rm(options.path, { force: true });
  }
}

async function tryTake(options: LockOptions, now: () => number): Promise<boolean> {
  if (await create(options.path, now)) return true;
  const holder = await readHolder(options.path);
  if (holder !== undefined && isHeld(holder, options, now)) return false;
  // Renaming decides between two processes that both see the stale lock: only one of them moves it away.
  const aside = `${options.path}.stale-${process.pid}`;
  try {
    await rename(options.path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return create(options.path, now);
  }
  // The other process may have replaced the lock between our look and our rename: then this one is alive and goes back.
  const moved = await readHolder(aside);
  if (moved !== undefined && isHeld(moved, options, now)) await link(aside, options.path).catch(() => {});
  await rm(aside, { force: true });
  return create(options.path, now);
}

/** The file appears under its name with its content, never empty, so a reader cannot mistake a young lock for a broken one. */
async function create(path: string, now: () => number): Promise<boolean> {
  const holder: LockHolder = { pid: process.pid, identity: processIdentity(process.pid) ?? "", takenAtMs: now() };
  const draft = `${path}.${process.pid}.${Math.trunc(performance.now() * 1000)}`;
  await writeFile(draft, JSON.stringify(holder));
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return false;
  } finally {
    await rm(draft, { force: true });
  }
}

function isHeld(holder: LockHolder, options: LockOptions, now: () => number): boolean {
  const running = processIdentity(holder.pid) === holder.identity;
  return running && now() - holder.takenAtMs < options.staleAfterMs;
}

async function readHolder(path: string): Promise<LockHolder | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(path, "utf8"));
    return isHolder(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isHolder(value: unknown): value is LockHolder {
  if (typeof value !== "object" || value === null) return false;
  const holder = value as Partial<LockHolder>;
  return typeof holder.pid === "number" && typeof holder.identity === "string" && typeof holder.takenAtMs === "number";
}

function lockTimeout(options: LockOptions, holder: LockHolder | undefined): SetupError {
  return new SetupError({
    message: `Waited ${Math.round(options.waitMs / 1000)} s for process ${holder?.pid ?? "unknown"}, which holds ${options.path}.`,
    remedy: "Let it finish or end it, then start again.",
  });
}
