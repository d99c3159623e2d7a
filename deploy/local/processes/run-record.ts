import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SetupError } from "../terminal/setup-error.ts";
import { endGroup } from "./children.ts";
import { processIdentity } from "./process-identity.ts";

interface RecordedProcess {
  label: string;
  pid: number;
  identity: string;
}

interface RunContent {
  command: string;
  owner: RecordedProcess;
  children: RecordedProcess[];
}

/** The processes that a run of the local platform has started, written beside its data so that a later run can find them. */
export interface RunRecord {
  add(child: { label: string; pid: number | undefined }): void;
  remove(pid: number | undefined): void;
  /** The run ended in order. */
  close(): void;
}

const leftoverGraceMs = 10_000;

/**
 * Claims a data folder for this process. A living owner is an error that names it; the children that a dead owner left
 * are ended first, because they hold the ports and the data files.
 */
export async function openRun(options: { folder: string; name: string; command: string }): Promise<RunRecord> {
  const path = join(options.folder, `${options.name}.run.json`);
  const owner = findOwner(options);
  if (owner !== undefined) throw alreadyRunning(owner);
  await endLeftovers(options);
  mkdirSync(options.folder, { recursive: true });
  const content: RunContent = { command: options.command, owner: recorded("owner", process.pid), children: [] };
  const save = () => {
    writeFileSync(`${path}.new`, JSON.stringify(content, null, 2));
    renameSync(`${path}.new`, path);
  };
  save();
  return {
    add({ label, pid }) {
      if (pid === undefined) return;
      content.children.push(recorded(label, pid));
      save();
    },
    remove(pid) {
      content.children = content.children.filter((child) => child.pid !== pid);
      save();
    },
    close: () => rmSync(path, { force: true }),
  };
}

export interface RunOwner {
  pid: number;
  command: string;
}

/** Who uses this data folder now, if anybody does. */
export function findOwner(options: { folder: string; name: string }): RunOwner | undefined {
  const content = readRun(options);
  if (content === undefined || content.owner.pid === process.pid || !isSame(content.owner)) return undefined;
  return { pid: content.owner.pid, command: content.command };
}

/** Ends what a run left that could not end its children itself, and says what it ended. */
export async function endLeftovers(options: { folder: string; name: string }): Promise<string[]> {
  const left = readRun(options)?.children.filter(isSame) ?? [];
  await Promise.all(left.map((child) => endGroup({ group: child.pid, graceMs: leftoverGraceMs })));
  rmSync(join(options.folder, `${options.name}.run.json`), { force: true });
  return left.map((child) => `${child.label} (process ${child.pid})`);
}

function alreadyRunning(owner: RunOwner): SetupError {
  return new SetupError({
    message: `Partake already runs on this data: ${owner.command}, process ${owner.pid}.`,
    remedy: `Use that one, or end it first (Ctrl-C in its terminal, or: kill ${owner.pid}).`,
  });
}

function recorded(label: string, pid: number): RecordedProcess {
  return { label, pid, identity: processIdentity(pid) ?? "" };
}

function isSame(recordedProcess: RecordedProcess): boolean {
  return processIdentity(recordedProcess.pid) === recordedProcess.identity;
}

function readRun(options: { folder: string; name: string }): RunContent | undefined {
  try {
    const content = JSON.parse(readFileSync(join(options.folder, `${options.name}.run.json`), "utf8")) as RunContent;
    return Array.isArray(content.children) && typeof content.owner?.pid === "number" ? content : undefined;
  } catch {
    return undefined;
  }
}
