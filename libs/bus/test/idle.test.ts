import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newNames, openTestBus, openTestStore, removeAll } from "./fixtures.ts";

const names = newNames();
const script = fileURLToPath(new URL("./idle-process.ts", import.meta.url));

beforeAll(async () => {
  const store = await openTestStore(names.database);
  await store.migrate();
  const bus = openTestBus({ store, prefix: names.prefix });
  await bus.migrate({ groups: ["idle"] });
  await bus.close();
  await store.close();
});
afterAll(() => removeAll(names));

async function idle(guarded: "yes" | "no"): Promise<{ checksPerSecond: number; cpuShare: number }> {
  const { stdout } = await promisify(execFile)(process.execPath, [script, names.database, names.prefix, guarded]);
  return JSON.parse(stdout);
}

test("an idle process with relay, consumer, broadcast and producer hardly wakes up", async () => {
  const { checksPerSecond, cpuShare } = await idle("yes");
  // A few answers of brokers each second; without the guard it is a thousand for each connection.
  expect(checksPerSecond).toBeLessThan(30);
  expect(cpuShare).toBeLessThan(0.05);
}, 60_000);

test("without the guard kafkajs spins: when this fails, kafkajs is mended and the guard can go", async () => {
  const { checksPerSecond } = await idle("no");
  expect(checksPerSecond).toBeGreaterThan(300);
}, 60_000);
