import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { withLock } from "../../local/infrastructure/lock.ts";
import { processIdentity } from "../../local/processes/process-identity.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "partake-lock-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const bounds = { waitMs: 5_000, staleAfterMs: 60_000 };

describe("a lock file", () => {
  const self = { pid: process.pid, identity: processIdentity(process.pid) ?? "", takenAtMs: Date.now() };
  const stale: [name: string, content: string][] = [
    ["of a process that has ended", JSON.stringify({ ...self, pid: 2 ** 22 + 1 })],
    ["of a process whose id is used again", JSON.stringify({ ...self, identity: "another start" })],
    ["that is too old", JSON.stringify({ ...self, takenAtMs: Date.now() - 61_000 })],
    ["that is half written", '{"pid":'],
    ["that is empty", ""],
  ];
  test.each(stale)("%s is taken over", async (_name, content) => {
    const path = join(folder, "lock");
    await writeFile(path, content);
    expect(await withLock({ path, ...bounds }, async () => "done")).toBe("done");
    expect(await readdir(folder)).toEqual([]);
  });

  test("of a living process is waited for, then named", async () => {
    const path = join(folder, "lock");
    await writeFile(path, JSON.stringify(self));
    const waiting = withLock({ path, waitMs: 300, staleAfterMs: 60_000 }, async () => "never");
    await expect(waiting).rejects.toThrow(`process ${process.pid}`);
    expect(JSON.parse(await readFile(path, "utf8"))).toEqual(self);
  });

  test("lets one in at a time and is gone afterwards, also after a failure", async () => {
    const path = join(folder, "lock");
    let inside = 0;
    let most = 0;
    const work = async () => {
      inside += 1;
      most = Math.max(most, inside);
      await sleep(20);
      inside -= 1;
      throw new Error("the work failed");
    };
    const attempts = await Promise.allSettled(Array.from({ length: 4 }, () => withLock({ path, ...bounds }, work)));
    expect(attempts.map((attempt) => attempt.status)).toEqual(Array.from({ length: 4 }, () => "rejected"));
    expect(most).toBe(1);
    expect(await readdir(folder)).toEqual([]);
  });
});
