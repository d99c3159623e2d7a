import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { longest } from "../../local/test-run/longest-first.ts";

const checkout = join(import.meta.dirname, "..", "..", "..");

test("every file that is to begin first is there, once", () => {
  expect(longest.filter((file) => !existsSync(join(checkout, file)))).toEqual([]);
  expect(new Set(longest).size).toBe(longest.length);
});
