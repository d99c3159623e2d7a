import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Outlives the launcher for a moment. The launcher names its children's process groups on standard input (`+123`, `-123`);
 * when that input ends, the launcher is gone in whatever way, kill -9 included, and the groups that are left are ended here.
 */
const groups = new Set<number>();
const graceMs = 10_000;
const pollEveryMs = 100;

function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-group, signal);
    return true;
  } catch {
    return false;
  }
}

// A terminal's Ctrl-C is for the launcher, which ends its children in order.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});

for await (const line of createInterface({ input: process.stdin })) {
  const group = Number(line.slice(1));
  if (!Number.isInteger(group) || group <= 1) continue;
  if (line.startsWith("+")) groups.add(group);
  else groups.delete(group);
}

for (const group of groups) signalGroup(group, "SIGTERM");
const deadlineMs = Date.now() + graceMs;
while (Date.now() < deadlineMs && [...groups].some((group) => signalGroup(group, 0))) await sleep(pollEveryMs);
for (const group of groups) signalGroup(group, "SIGKILL");
