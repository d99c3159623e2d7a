import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Store } from "../src/store.ts";
import { startChild } from "./child.ts";
import { dropDatabase, newDatabase, notes, openTestStore } from "./fixtures.ts";

const database = newDatabase();
const runs = 6;
let store: Store;

beforeAll(async () => {
  store = await openTestStore({ database });
  await store.migrate();
});
afterAll(async () => {
  await store.close();
  await dropDatabase(database);
});

test("killed at any point: what was acknowledged is there, and state and event are there together or not at all", async () => {
  let acknowledged = 0;
  for (let run = 0; run < runs; run += 1) {
    const child = startChild("./crash-writer.ts", database, String(run));
    await expect.poll(() => child.lines.length, { timeout: 20_000, interval: 5 }).toBeGreaterThan(0);
    await sleep(30 * run);
    child.process.kill("SIGKILL");
    await child.ended;
    for (const { text } of child.lines) expect(await store.get(notes, text)).toMatchObject({ _id: text });
    acknowledged += child.lines.length;
  }
  const found = await store.find(notes, {}, { limit: 10_000 });
  const entries = await store.outbox.read(10_000);
  const numbers = entries.map(({ data }) => `crash_${JSON.parse(data).version - 1}`);
  expect(numbers.toSorted()).toEqual(found.map(({ _id }) => _id).toSorted());
  expect(acknowledged).toBeGreaterThan(runs);
}, 120_000);
