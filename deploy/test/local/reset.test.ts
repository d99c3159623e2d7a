import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { processIdentity } from "../../local/processes/process-identity.ts";
import { endLeftovers, findOwner, openRun } from "../../local/processes/run-record.ts";
import { describeError } from "../../local/terminal/setup-error.ts";

const local = join(import.meta.dirname, "..", "..", "local");
const name = "start";
let folder: string;
let started: { owner: ChildProcess; servant: number }[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "partake-data-"));
  started = [];
});
afterEach(async () => {
  for (const { owner, servant } of started) {
    owner.kill("SIGKILL");
    if (runs(servant)) process.kill(servant, "SIGKILL");
  }
  await rm(folder, { recursive: true, force: true });
});

/** One that has ended and that nobody has asked about yet does not run. */
const runs = (pid: number) => processIdentity(pid) !== undefined;

/** Another process that runs on this data, and a program that it started. */
async function startOwner(): Promise<{ owner: ChildProcess; servant: number }> {
  const source = `
    import { spawn } from "node:child_process";
    import { openRun } from ${JSON.stringify(join(local, "processes", "run-record.ts"))};
    const run = await openRun({ folder: ${JSON.stringify(folder)}, name: "${name}", command: "npm start" });
    const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { detached: true, stdio: "ignore" });
    run.add({ label: "mongod", pid: child.pid });
    console.log(child.pid);
    setInterval(() => {}, 1000);`;
  const owner = spawn(process.execPath, ["--input-type=module", "-e", source], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [said] = (await once(owner.stdout, "data")) as [Buffer];
  const both = { owner, servant: Number(said.toString()) };
  started.push(both);
  return both;
}

function reset(): Promise<{ code: number; output: string }> {
  const env = { PATH: process.env["PATH"], HOME: folder, PARTAKE_DATA: folder, DOCKER_HOST: "tcp://127.0.0.1:1" };
  return new Promise((resolve) => {
    execFile(process.execPath, [join(local, "reset.ts")], { env }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === "number" ? error.code : 0, output: stdout + stderr }),
    );
  });
}

async function kill({ owner }: { owner: ChildProcess }): Promise<void> {
  owner.kill("SIGKILL");
  await once(owner, "exit");
}

describe("a data folder", () => {
  test("that somebody uses is not used by another, who is told by whom", async () => {
    const { owner } = await startOwner();
    const error: unknown = await openRun({ folder, name, command: "npm start" }).catch((thrown: unknown) => thrown);
    expect(describeError(error)).toMatch(
      new RegExp(`^Partake already runs on this data: npm start, process ${owner.pid}\\.\\n {2}→ .*kill ${owner.pid}`),
    );
  });

  test("whose user was killed is free, and what they left running is ended first", async () => {
    const left = await startOwner();
    await kill(left);
    expect(runs(left.servant)).toBe(true);
    expect(findOwner({ folder, name })).toBeUndefined();
    const run = await openRun({ folder, name, command: "npm start" });
    expect(runs(left.servant)).toBe(false);
    run.close();
    expect(await endLeftovers({ folder, name })).toEqual([]);
  });

  test.each([
    ["half written", '{"command":"npm st'],
    ["empty", ""],
    [
      "of a process that has ended",
      JSON.stringify({ command: "x", owner: { pid: 2 ** 22 + 1, identity: "1" }, children: [] }),
    ],
    [
      "of a process whose id is used again",
      JSON.stringify({ command: "x", owner: { pid: process.ppid, identity: "1" }, children: [] }),
    ],
  ])("with a record that is %s is free", async (_, content) => {
    await writeFile(join(folder, `${name}.run.json`), content);
    expect(findOwner({ folder, name })).toBeUndefined();
    (await openRun({ folder, name, command: "npm start" })).close();
  });
});

describe("npm run reset", () => {
  test("ends whoever runs on the data and what they left, and removes it; again there is nothing to do", async () => {
    const { owner, servant } = await startOwner();
    const ended = once(owner, "exit");
    const first = await reset();
    await ended;
    expect(first.output).toContain(`Ending npm start (process ${owner.pid})`);
    expect(first.output).toContain(`Ended mongod (process ${servant}), left by an earlier run.`);
    expect(first.output).toContain(`Removed ${folder}.`);
    expect([first.code, runs(servant), existsSync(folder)]).toEqual([0, false, false]);
    const second = await reset();
    expect(second).toMatchObject({ code: 0, output: expect.stringContaining("nothing to remove") });
  }, 60_000);
});
