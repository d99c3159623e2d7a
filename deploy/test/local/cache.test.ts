import { mkdir, mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type CacheEntry, cached, requireSha256, stateInCache } from "../../local/infrastructure/cache.ts";
import { silentReporter } from "../../local/terminal/reporter.ts";

let cacheFolder: string;
let made: number;
beforeEach(async () => {
  cacheFolder = await mkdtemp(join(tmpdir(), "partake-cache-"));
  made = 0;
});
afterEach(() => rm(cacheFolder, { recursive: true, force: true }));

function entry(changes: Partial<CacheEntry> = {}): CacheEntry {
  return {
    name: "thing-1",
    fingerprint: "abc",
    reporter: silentReporter,
    cacheFolder,
    async make(staging) {
      made += 1;
      await mkdir(join(staging, "bin"));
      await writeFile(join(staging, "bin", "program"), "content");
    },
    ...changes,
  };
}

describe("a cached download", () => {
  test("is made once", async () => {
    expect(await stateInCache({ ...entry() })).toBe("absent");
    const folder = await cached(entry());
    expect(await cached(entry())).toBe(folder);
    expect(await readFile(join(folder, "bin", "program"), "utf8")).toBe("content");
    expect(made).toBe(1);
  });

  test("is made once by several at a time", async () => {
    await Promise.all([cached(entry()), cached(entry()), cached(entry())]);
    expect(made).toBe(1);
  });

  const broken: [name: string, breakIt: (folder: string) => Promise<unknown>][] = [
    ["a file was cut short", (folder) => truncate(join(folder, "bin", "program"), 3)],
    ["a file is gone", (folder) => rm(join(folder, "bin", "program"))],
    ["the list of files is gone", (folder) => rm(join(folder, "complete.json"))],
    ["the list of files is half written", (folder) => truncate(join(folder, "complete.json"), 5)],
  ];
  test.each(broken)("is made again when %s", async (_name, breakIt) => {
    const folder = await cached(entry());
    await breakIt(folder);
    expect(await stateInCache({ ...entry() })).toBe("unfinished");
    await cached(entry());
    expect(made).toBe(2);
    expect(await readFile(join(folder, "bin", "program"), "utf8")).toBe("content");
  });

  test("is made again when its checksums changed", async () => {
    await cached(entry());
    await cached(entry({ fingerprint: "def" }));
    expect(made).toBe(2);
  });

  test("starts anew after a download that was broken off", async () => {
    await mkdir(join(cacheFolder, "thing-1.partial"));
    await writeFile(join(cacheFolder, "thing-1.partial", "half"), "ha");
    expect(await stateInCache({ ...entry() })).toBe("unfinished");
    const said: string[] = [];
    const folder = await cached(entry({ reporter: { line: (text) => said.push(text), progress: () => {} } }));
    expect(said).toEqual(["thing-1: an unfinished download is thrown away"]);
    await expect(readFile(join(folder, "half"))).rejects.toThrow("ENOENT");
  });

  test("that fails leaves nothing under its name", async () => {
    const failing = entry({ make: () => Promise.reject(new Error("no network")) });
    await expect(cached(failing)).rejects.toThrow("no network");
    expect(await stateInCache({ ...entry() })).toBe("unfinished");
    await cached(entry());
    expect(await stateInCache({ ...entry() })).toBe("whole");
    expect(made).toBe(1);
  });

  test("with another checksum is refused", async () => {
    const path = join(cacheFolder, "file");
    await writeFile(path, "content");
    const sha256 = "ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73";
    await requireSha256({ path, sha256, name: "file" });
    await expect(requireSha256({ path, sha256: "0".repeat(64), name: "file" })).rejects.toThrow(/not the pinned one/);
  });
});
