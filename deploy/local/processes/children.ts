import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

export interface ChildOptions {
  command: string;
  args: readonly string[];
  environment?: NodeJS.ProcessEnv;
  cwd?: string;
  /** Every line of standard output and standard error. */
  onLine?: (line: string) => void;
}

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** Why the program could not be started at all. */
  error?: Error;
}

export interface Child {
  readonly pid: number | undefined;
  readonly exited: Promise<Exit>;
  isRunning(): boolean;
  /** Signals the child's whole process group. */
  kill(signal: NodeJS.Signals): void;
  /** SIGTERM, then after the grace SIGKILL. */
  stop(options: { graceMs: number }): Promise<Exit>;
}

let guard: ChildProcess | undefined;
const groups = new Set<number>();

/**
 * Starts a program in a process group of its own, so that a terminal's Ctrl-C reaches only the launcher and things end in
 * order; the guard process ends the group when the launcher dies without doing so.
 */
export function startChild(options: ChildOptions): Child {
  const child = spawn(options.command, [...options.args], {
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: options.environment ?? process.env,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  let running = child.pid !== undefined;
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => options.onLine?.(line));
  }
  if (child.pid !== undefined) guardGroup(child.pid);
  const exited = new Promise<Exit>((resolve) => {
    const end = (exit: Exit) => {
      if (running && child.pid !== undefined) releaseGroup(child.pid);
      running = false;
      resolve(exit);
    };
    child.once("error", (error) => end({ code: null, signal: null, error }));
    child.once("close", (code, signal) => end({ code, signal }));
  });
  const kill = (signal: NodeJS.Signals) => {
    if (running && child.pid !== undefined) signalGroup(child.pid, signal);
  };
  return {
    pid: child.pid,
    exited,
    isRunning: () => running,
    kill,
    async stop({ graceMs }) {
      kill("SIGTERM");
      const timer = setTimeout(() => kill("SIGKILL"), graceMs);
      return exited.finally(() => clearTimeout(timer));
    },
  };
}

/** Puts a process group under the guard that another library started. */
export function guardGroup(group: number): void {
  groups.add(group);
  guard ??= startGuard();
  guard.stdin?.write(`+${group}\n`);
}

/** The group has ended; its number may soon belong to somebody else. */
export function releaseGroup(group: number): void {
  groups.delete(group);
  guard?.stdin?.write(`-${group}\n`);
}

/** Ends everything that this process started and that still runs. */
export async function endAllGroups(options: { graceMs: number }): Promise<void> {
  await Promise.all([...groups].map((group) => endGroup({ group, graceMs: options.graceMs })));
}

/** Ends a process group of an earlier run: SIGTERM, then after the grace SIGKILL. */
export async function endGroup(options: { group: number; graceMs: number }): Promise<void> {
  const deadlineMs = Date.now() + options.graceMs;
  signalGroup(options.group, "SIGTERM");
  while (Date.now() < deadlineMs) {
    if (!signalGroup(options.group, 0)) return;
    await sleep(100);
  }
  signalGroup(options.group, "SIGKILL");
}

function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-group, signal);
    return true;
  } catch {
    return false;
  }
}

function startGuard(): ChildProcess {
  const script = fileURLToPath(new URL("guard.ts", import.meta.url));
  const started = spawn(process.execPath, ["--max-old-space-size=16", script], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  // The launcher may end while the guard still listens: the end of its input is the guard's sign.
  started.unref();
  const input = started.stdin as (NodeJS.WritableStream & { unref?: () => void }) | null;
  input?.unref?.();
  input?.on("error", () => {});
  started.on("error", () => {});
  return started;
}
