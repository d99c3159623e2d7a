import { setTimeout as sleep } from "node:timers/promises";
import type { Store } from "@partake/store";
import { type BrokerProxy, startBrokerProxy } from "@partake/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Bus } from "../src/types.ts";
import {
  brokers,
  emitUser,
  makeOldRoles,
  newNames,
  openTestBus,
  openTestStore,
  plainKafka,
  removeAll,
  send,
  user,
} from "./fixtures.ts";

const names = newNames();
const { prefix } = names;
let store: Store;
let proxy: BrokerProxy;
const buses: Bus[] = [];

beforeAll(async () => {
  store = await openTestStore(names.database);
  await store.migrate();
  proxy = await startBrokerProxy(brokers()[0] ?? "");
  for (let process = 0; process < 2; process += 1) buses.push(openTestBus({ store, prefix, brokers: [proxy.broker] }));
  await makeOldRoles(prefix);
  await buses[0]?.migrate({ groups: [] });
  buses[0]?.relay();
});
afterAll(async () => {
  await Promise.all(buses.map((bus) => bus.close()));
  await store.close();
  await proxy.close();
  await removeAll(names);
});

function listen(place: number) {
  const heard: string[] = [];
  const state = { heard, lost: 0, failOn: "" };
  const started = buses[place]?.broadcast({
    topics: ["roles", "scopes"],
    handle(event) {
      const { userId, version } = event.data as { userId: string; version: number };
      if (userId === state.failOn) throw new TypeError("on purpose");
      heard.push(`${userId} ${version}`);
    },
    lost() {
      state.lost += 1;
    },
  });
  return { state, started };
}

async function groups(): Promise<string[]> {
  const admin = plainKafka().admin();
  await admin.connect();
  const { groups: all } = await admin.listGroups();
  await admin.disconnect();
  return all.map(({ groupId }) => groupId).filter((groupId) => groupId.startsWith(prefix));
}

test("a broadcast has one partition, what a group shares has several, and an older topic keeps what it has", async () => {
  const admin = plainKafka().admin();
  await admin.connect();
  const topics = ["scopes", "presence", "sessions", "notifications", "contacts", "activity", "audit", "roles"];
  const { topics: found } = await admin.fetchTopicMetadata({ topics: topics.map((topic) => `${prefix}${topic}`) });
  await admin.disconnect();
  const counts = Object.fromEntries(
    found.map(({ name, partitions }) => [name.slice(prefix.length), partitions.length]),
  );
  const broadcast = { scopes: 1, presence: 1, sessions: 1, notifications: 1 };
  expect(counts).toEqual({ ...broadcast, contacts: 6, activity: 6, audit: 6, roles: 3 });
});

test("each process hears everything from the moment on, and nothing from before", async () => {
  await emitUser(store, 1, 1);
  await buses[0]?.relay().flush(10_000);
  const [a, b] = [listen(0), listen(1)];
  const started = await Promise.all([a.started, b.started]);
  // At once: what is published after the start was promised is heard.
  await send(`${prefix}roles`, []);
  for (let version = 2; version <= 30; version += 1) await emitUser(store, version % 7, version);
  const expected = Array.from({ length: 29 }, (_, place) => `${user((place + 2) % 7)} ${place + 2}`);
  for (const { state } of [a, b]) {
    await expect.poll(() => state.heard.length, { timeout: 15_000 }).toBe(29);
    expect(state.heard.toSorted()).toEqual(expected.toSorted());
    expect(state.lost).toBe(0);
  }
  expect((await groups()).filter((group) => group.includes(".broadcast."))).toHaveLength(2);
  for (const broadcast of started) await broadcast?.stop();
  expect((await groups()).filter((group) => group.includes(".broadcast."))).toEqual([]);
}, 60_000);

test("what cannot be read or applied says that all is to be read anew, and the rest goes on", async () => {
  const { state, started } = listen(0);
  const broadcast = await started;
  state.failOn = user(50);
  await emitUser(store, 50, 1);
  await expect.poll(() => state.lost, { timeout: 10_000 }).toBe(1);
  await send(`${prefix}roles`, [{ key: user(51), value: "no event" }]);
  await expect.poll(() => state.lost, { timeout: 10_000 }).toBe(2);
  await emitUser(store, 52, 1);
  await expect.poll(() => state.heard, { timeout: 10_000 }).toEqual([`${user(52)} 1`]);
  expect(state.lost).toBe(2);
  await broadcast?.stop();
}, 60_000);

test("a connection that is cut is taken up where it was", async () => {
  const { state, started } = listen(0);
  const broadcast = await started;
  await emitUser(store, 60, 1);
  await expect.poll(() => state.heard, { timeout: 10_000 }).toEqual([`${user(60)} 1`]);
  await proxy.takeAway();
  for (let version = 2; version <= 5; version += 1) await emitUser(store, 60, version);
  await sleep(7000);
  await proxy.bringBack();
  await expect.poll(() => new Set(state.heard).size, { timeout: 40_000 }).toBe(5);
  expect([...new Set(state.heard)]).toEqual([1, 2, 3, 4, 5].map((version) => `${user(60)} ${version}`));
  await broadcast?.stop();
}, 120_000);
