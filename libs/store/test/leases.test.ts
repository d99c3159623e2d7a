import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Store } from "../src/store.ts";
import { type Child, startChild } from "./child.ts";
import { dropDatabase, newDatabase, openTestStore } from "./fixtures.ts";

const database = newDatabase();
const stores: Store[] = [];
const children: Child[] = [];

beforeAll(async () => {
  for (let place = 0; place < 3; place += 1) stores.push(await openTestStore({ database }));
  await stores[0]?.migrate();
});
afterEach(async () => {
  for (const child of children.splice(0)) {
    child.process.kill("SIGKILL");
    await child.ended;
  }
});
afterAll(async () => {
  await Promise.all(stores.map((store) => store.close()));
  await dropDatabase(database);
});

function contend(name: string) {
  const leading = new Set<number>();
  const terms: number[] = [];
  let most = 0;
  const leaderships = stores.map((store, place) =>
    store.lead(name, async (signal) => {
      leading.add(place);
      terms.push(place);
      most = Math.max(most, leading.size);
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
      leading.delete(place);
    }),
  );
  return { leading, terms, leaderships, most: () => most };
}

describe("one leads at a time", () => {
  test("of three one leads; when it stops another one does at once, and never two", async () => {
    const contending = contend("stopping");
    await expect.poll(() => contending.leading.size, { timeout: 5000 }).toBe(1);
    for (let round = 0; round < 2; round += 1) {
      const [leader = -1] = contending.leading;
      await contending.leaderships[leader]?.stop();
      await expect.poll(() => contending.leading.size, { timeout: 3000 }).toBe(1);
    }
    expect(new Set(contending.terms).size).toBe(3);
    expect(contending.most()).toBe(1);
    await Promise.all(contending.leaderships.map((leadership) => leadership.stop()));
    expect(contending.leading.size).toBe(0);
  });

  test("different names have different leaders, and work that fails begins again", async () => {
    let begun = 0;
    const [one] = stores;
    const leadership = one?.lead("failing", async () => {
      begun += 1;
      throw new Error("on purpose");
    });
    const other = one?.lead("other", async (signal) => {
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
    });
    await expect.poll(() => begun, { timeout: 8000 }).toBeGreaterThan(2);
    await Promise.all([leadership?.stop(), other?.stop()]);
    const after = begun;
    await sleep(1500);
    expect(begun).toBe(after);
  });

  test("killed, the leader is followed within seconds", async () => {
    const first = startChild("./lease-holder.ts", database);
    children.push(first);
    await expect.poll(() => first.lines.at(-1)?.text, { timeout: 15_000 }).toBe("leads");
    const second = startChild("./lease-holder.ts", database);
    children.push(second);
    await expect.poll(() => second.lines.at(-1)?.text, { timeout: 15_000 }).toBe("contends");
    await sleep(2000);
    expect(second.lines.at(-1)?.text).toBe("contends");
    first.process.kill("SIGKILL");
    const killedAt = performance.now();
    await expect.poll(() => second.lines.at(-1)?.text, { timeout: 15_000 }).toBe("leads");
    expect(performance.now() - killedAt).toBeLessThan(9000);
  });

  test("a leader that was paused learns that it is none any more", async () => {
    const paused = startChild("./lease-holder.ts", database);
    children.push(paused);
    await expect.poll(() => paused.lines.at(-1)?.text, { timeout: 20_000 }).toBe("leads");
    const other = startChild("./lease-holder.ts", database);
    children.push(other);
    paused.process.kill("SIGSTOP");
    await expect.poll(() => other.lines.at(-1)?.text, { timeout: 20_000 }).toBe("leads");
    paused.process.kill("SIGCONT");
    await expect.poll(() => paused.lines.at(-1)?.text, { timeout: 3000 }).toBe("stops");
    expect(other.lines.at(-1)?.text).toBe("leads");
  }, 60_000);
});
