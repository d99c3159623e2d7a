import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const program = fileURLToPath(new URL("busy-once.ts", import.meta.url));

test("a process that was busy gives its memory back when it falls quiet", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [program]);
  const [grownTo = 0, heldAtLast = 0] = stdout.trim().split(" ").map(Number);
  expect(grownTo).toBeGreaterThan(60);
  expect(heldAtLast).toBeLessThan(grownTo / 3);
}, 90_000);
