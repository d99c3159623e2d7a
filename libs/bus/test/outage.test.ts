import { setTimeout as sleep } from "node:timers/promises";
import type { Store } from "@partake/store";
import { type BrokerProxy, startBrokerProxy } from "@partake/testing";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Bus } from "../src/types.ts";
import {
  brokers,
  emitUser,
  histories,
  keepHistory,
  makeOldRoles,
  newNames,
  openTestBus,
  openTestStore,
  readTopic,
  removeAll,
  USER_CHANGED,
  user,
} from "./fixtures.ts";

const names = newNames();
const { prefix } = names;
let store: Store;
let proxy: BrokerProxy;
let bus: Bus | undefined;
/** Here nobody waits long for answers that never come. */
const requestTimeoutMs = 5_000;

beforeAll(async () => {
  store = await openTestStore(names.database);
  await store.migrate();
  proxy = await startBrokerProxy(brokers()[0] ?? "");
  const direct = openTestBus({ store, prefix });
  await makeOldRoles(prefix);
  await direct.migrate({ groups: ["away", "late", "hung", "fatal"] });
  await direct.close();
});
afterEach(async () => {
  await bus?.close();
  bus = undefined;
});
afterAll(async () => {
  await store.close();
  await proxy.close();
  await removeAll(names);
});

function open(options: Partial<Parameters<typeof openTestBus>[0]> = {}): Bus {
  bus = openTestBus({ store, prefix, brokers: [proxy.broker], requestTimeoutMs, ...options });
  return bus;
}

const handlers = {
  [USER_CHANGED]: {
    apply: (event: { data: { userId: string; version: number } }, tx: Parameters<typeof keepHistory>[0]) =>
      keepHistory(tx, event.data.userId, event.data.version),
  },
};

test.each(["taken away", "frozen"])(
  "Kafka %s: writes go on as fast as ever, then all drain in order and consumers go on",
  async (how) => {
    const numbers = how === "frozen" ? [11, 12, 13] : [1, 2, 3];
    const { relay, consumer } = ((opened) => ({
      relay: opened.relay(),
      consumer: opened.consume({ group: "away", handlers }),
    }))(open());
    await consumer.joined;
    for (const number of numbers) await emitUser(store, number, 1);
    for (const number of numbers)
      await expect
        .poll(async () => (await store.get(histories, user(number)))?.versions, { timeout: 15_000 })
        .toEqual([1]);

    if (how === "frozen") proxy.freeze(true);
    else await proxy.takeAway();
    const begun = performance.now();
    for (let version = 2; version <= 11; version += 1)
      await Promise.all(numbers.map((number) => emitUser(store, number, version)));
    expect(performance.now() - begun).toBeLessThan(5000);
    await sleep(how === "frozen" ? 3000 : 5000);
    expect(await relay.depth()).toBeGreaterThan(0);
    await expect(relay.flush(100)).rejects.toThrow("not empty");

    if (how === "frozen") proxy.freeze(false);
    else await proxy.bringBack();
    await relay.flush(60_000);
    const expected = Array.from({ length: 11 }, (_, place) => place + 1);
    for (const number of numbers)
      await expect
        .poll(async () => (await store.get(histories, user(number)))?.versions, { timeout: 60_000 })
        .toEqual(expected);
    expect(await relay.depth()).toBe(0);
  },
  180_000,
);

test("a consumer that starts while Kafka is away joins when it is there, and a bus closes while it is away", async () => {
  await proxy.takeAway();
  const consumer = open().consume({ group: "late", handlers: {} });
  await sleep(3000);
  expect(consumer.figures.joined).toBe(false);
  await expect(
    bus?.publish({
      type: "org.partake.identity.heartbeat.v1",
      data: { source: "identity", sentAt: "2026-01-01T00:00:00.000Z" },
    }),
  ).rejects.toThrow();
  await proxy.bringBack();
  await consumer.joined;
  await proxy.takeAway();
  const begun = performance.now();
  await bus?.close();
  bus = undefined;
  expect(performance.now() - begun).toBeLessThan(15_000);
  await proxy.bringBack();
}, 90_000);

test("a bus closes in time also when Kafka hangs", async () => {
  const opened = open();
  opened.relay();
  // A group of its own: the one before still waits for a member that could not take its leave.
  await opened.consume({ group: "hung", handlers: {} }).joined;
  await opened.broadcast({ topics: ["roles"], handle() {}, lost() {} });
  const beat = {
    type: "org.partake.identity.heartbeat.v1",
    data: { source: "identity", sentAt: "2026-01-01T00:00:00.000Z" },
  } as const;
  await opened.publish(beat);
  proxy.freeze(true);
  await emitUser(store, 20, 1);
  await sleep(1000);
  const beats = await Promise.allSettled(Array.from({ length: 30 }, () => opened.publish(beat)));
  expect(beats.every(({ status }) => status === "rejected")).toBe(true);
  const begun = performance.now();
  await opened.close();
  bus = undefined;
  expect(performance.now() - begun).toBeLessThan(15_000);
  proxy.freeze(false);
  proxy.cut();
}, 90_000);

test("connections that are cut again and again lose nothing", async () => {
  const opened = open();
  const relay = opened.relay();
  const cutting = setInterval(() => proxy.cut(), 700);
  for (let version = 1; version <= 60; version += 1) {
    await emitUser(store, 30, version);
    await sleep(50);
  }
  clearInterval(cutting);
  await relay.flush(30_000);
  const versions = (await readTopic(`${prefix}roles`))
    .filter(({ key }) => key === user(30))
    .map(({ value }) => Number(JSON.parse(value).version));
  // At least once; the first time each in its place.
  expect([...new Set(versions)]).toEqual(Array.from({ length: 60 }, (_, place) => place + 1));
}, 90_000);

test("a consumer that cannot set aside what it cannot handle ends its process after a bounded number of crashes", async () => {
  const { plainKafka } = await import("./fixtures.ts");
  const admin = plainKafka().admin();
  await admin.connect();
  await admin.deleteTopics({ topics: [`${prefix}fatal.dead-letters`] });
  await admin.disconnect();
  const fatal = Promise.withResolvers<Error>();
  const refusing = { [USER_CHANGED]: { apply: () => Promise.reject(new TypeError("on purpose")) } };
  const opened = open({ brokers: brokers(), onFatal: fatal.resolve });
  const consumer = opened.consume({ group: "fatal", handlers: refusing });
  await emitUser(store, 40, 1);
  opened.relay();
  const error = await fatal.promise;
  expect(error).toBeInstanceOf(Error);
  expect(consumer.figures.setAside).toBe(0);
  expect(consumer.figures.joined).toBe(false);
}, 180_000);
