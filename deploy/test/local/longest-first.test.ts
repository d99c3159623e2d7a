import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { longest } from "../../local/test-run/longest-first.ts";
import { proofs } from "../../local/test-run/proofs.ts";

const checkout = join(import.meta.dirname, "..", "..", "..");

test("every file that is to begin first is there, once", () => {
  expect(longest.filter((file) => !existsSync(join(checkout, file)))).toEqual([]);
  expect(new Set(longest).size).toBe(longest.length);
});

test("every test that has a full length is among the proofs", () => {
  const variable = ["PARTAKE", "PROVE"].join("_");
  const isLong = (file: string) => readFileSync(join(checkout, file), "utf8").includes(variable);
  const files = globSync("{libs,services,deploy}/**/*.test.ts", { cwd: checkout, exclude: ["**/node_modules/**"] });
  expect(files.length).toBeGreaterThan(100);
  // What the platform's tests share is in files of their own.
  expect(files.filter(isLong).sort()).toEqual(proofs.filter((file) => !file.includes("/platform/")).sort());
});
