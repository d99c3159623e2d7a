import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { afterAll, expect, test } from "vitest";
import { openLogLines } from "../src/log-lines.ts";

const folder = mkdtempSync(join(tmpdir(), "partake-lines-"));
afterAll(() => rmSync(folder, { recursive: true }));

function openFile(name: string) {
  const path = join(folder, name);
  const lines = openLogLines(path);
  const written = () =>
    readFileSync(path, "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => (JSON.parse(line) as { msg: string }).msg);
  return { log: pino({}, lines), written };
}

test("the lines of a moment are written together, soon", async () => {
  const { log, written } = openFile("together");
  log.info("one");
  log.info("two");
  expect(written()).toEqual([]);
  await expect.poll(written).toEqual(["one", "two"]);
});

test("a warning is written at once, after all before it", () => {
  const { log, written } = openFile("warning");
  log.info("before");
  log.warn("warning");
  expect(written()).toEqual(["before", "warning"]);
});

test("many lines are written without waiting", () => {
  const { log, written } = openFile("many");
  for (let count = 0; count < 1_000; count += 1) log.info("a line of a request");
  expect(written().length).toBeGreaterThan(500);
});

test("a process that ends has written all, on standard output", () => {
  const source = `
    import { openLog } from ${JSON.stringify(new URL("../src/log.ts", import.meta.url).href)};
    openLog({ logLevel: "info" }, "x").info({}, "last words");
    process.exit(0);`;
  const { stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", source], { encoding: "utf8" });
  expect(stdout).toContain("last words");
});
