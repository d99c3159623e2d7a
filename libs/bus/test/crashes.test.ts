import { setTimeout as sleep } from "node:timers/promises";
import type { Store } from "@partake/store";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Child, startChild } from "./child.ts";
import {
  emitUser,
  endOpenTransactions,
  histories,
  makeOldRoles,
  newNames,
  openTestBus,
  openTestStore,
  readTopic,
  removeAll,
  user,
} from "./fixtures.ts";

const names = newNames();
const { prefix } = names;
const users = [1, 2, 3, 4];
const children: Child[] = [];
let store: Store;

beforeAll(async () => {
  store = await openTestStore(names.database);
  await store.migrate();
  const bus = openTestBus({ store, prefix });
  await makeOldRoles(prefix);
  await bus.migrate({ groups: ["crash"] });
  await bus.close();
});
afterAll(async () => {
  for (const child of children) {
    child.process.kill("SIGKILL");
    await child.ended;
  }
  await store.close();
  await removeAll(names);
});

function begin(): Child {
  const child = startChild("./crash-service.ts", names.database, prefix);
  children.push(child);
  return child;
}

test("two replicas, killed in turn while they publish and consume: every event, in order, each effect once", async () => {
  let written = 0;
  let writing = true;
  const writer = (async () => {
    while (writing) {
      written += 1;
      await Promise.all(users.map((number) => emitUser(store, number, written)));
      await sleep(70);
    }
  })();
  const running = [begin(), begin()];
  await expect.poll(() => running.every((child) => child.lines.includes("joined")), { timeout: 30_000 }).toBe(true);
  for (let round = 0; round < 3; round += 1) {
    await sleep(1500 + round * 370);
    const killed = running.shift();
    killed?.process.kill("SIGKILL");
    await killed?.ended;
    running.push(begin());
  }
  writing = false;
  await writer;
  await endOpenTransactions(names.database);

  const expected = Array.from({ length: written }, (_, place) => place + 1);
  for (const number of users.flatMap((of) => [of, 1000 + of]))
    await expect
      .poll(async () => (await store.get(histories, user(number)))?.versions, { timeout: 90_000, interval: 250 })
      .toEqual(expected);
  await expect.poll(() => store.outbox.depth(), { timeout: 20_000 }).toBe(0);
  const published = await readTopic(`${prefix}roles`);
  for (const number of users.flatMap((of) => [of, 1000 + of])) {
    const versions = published.filter(({ key }) => key === user(number)).map(({ value }) => JSON.parse(value).version);
    expect([...new Set(versions)]).toEqual(expected);
  }
}, 240_000);
