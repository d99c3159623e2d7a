import { setTimeout as sleep } from "node:timers/promises";
import { Failure } from "@partake/failure";
import type { Store } from "@partake/store";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openDeadLetters } from "../src/bus.ts";
import type { Bus, Consumer, Handlers } from "../src/types.ts";
import {
  brokers,
  emitUser,
  histories,
  keepHistory,
  makeOldRoles,
  NOTIFICATION,
  newNames,
  openTestBus,
  openTestStore,
  readTopic,
  removeAll,
  send,
  silent,
  USER_CHANGED,
  user,
  uuid,
} from "./fixtures.ts";

const names = newNames();
const { prefix } = names;
const groups = ["orders", "shuffled", "poison", "chain", "prepared", "slow", "foreign"];
const stores: Store[] = [];
const buses: Bus[] = [];
const consumers: Consumer[] = [];

beforeAll(async () => {
  for (let replica = 0; replica < 2; replica += 1) {
    const store = await openTestStore(names.database);
    stores.push(store);
    buses.push(openTestBus({ store, prefix }));
  }
  await stores[0]?.migrate();
  await makeOldRoles(prefix);
  await buses[0]?.migrate({ groups });
  for (const bus of buses) bus.relay();
});
afterAll(async () => {
  await Promise.all(buses.map((bus) => bus.close()));
  await Promise.all(stores.map((store) => store.close()));
  await removeAll(names);
});

function replica(place = 0): { store: Store; bus: Bus } {
  const [store, bus] = [stores[place], buses[place]];
  if (!store || !bus) throw new Error(`no replica ${place}`);
  return { store, bus };
}

function isWithin(userId: string, from: number, to: number): boolean {
  const number = Number.parseInt(userId.slice(-12), 16);
  return number >= from && number <= to;
}

/** Handlers that keep the history of some users; each test has its own. */
function keeping(from: number, to: number): Handlers {
  return {
    [USER_CHANGED]: {
      async apply({ data }, tx) {
        if (isWithin(data.userId, from, to)) await keepHistory(tx, data.userId, data.version);
      },
    },
  };
}

async function consume(place: number, ...[subscription]: Parameters<Bus["consume"]>): Promise<Consumer> {
  const consumer = replica(place).bus.consume(subscription);
  consumers.push(consumer);
  await consumer.joined;
  return consumer;
}

describe("from a write to its effects", () => {
  test("two replicas write, contend for the relay and share a group: each user's versions in order, each once", async () => {
    for (const place of [0, 1])
      await consume(place, {
        group: "orders",
        handlers: keeping(0, 99),
      });
    const versions = 12;
    const users = Array.from({ length: 8 }, (_, number) => number + 1);
    await Promise.all(
      users.map(async (number) => {
        for (let version = 1; version <= versions; version += 1)
          await emitUser(replica(version % 2).store, number, version);
      }),
    );
    await replica(1).bus.relay().flush(20_000);
    for (const number of users)
      await expect
        .poll(async () => (await replica().store.get(histories, user(number)))?.versions, { timeout: 20_000 })
        .toEqual(Array.from({ length: versions }, (_, place) => place + 1));
    expect(await replica().bus.relay().depth()).toBe(0);
  }, 60_000);

  test("the public side: CloudEvents under the key of their subject", async () => {
    const messages = (await readTopic(`${prefix}roles`)).filter(({ key }) => key === user(1));
    expect(messages.map(({ value }) => JSON.parse(value).version)).toEqual(
      Array.from({ length: 12 }, (_, place) => place + 1),
    );
    expect(new Set(messages.map(({ partition }) => partition)).size).toBe(1);
    for (const { headers } of messages)
      expect(headers).toMatchObject({
        ce_specversion: "1.0",
        ce_type: USER_CHANGED,
        ce_subject: user(1),
        "content-type": "application/json",
      });
  });

  test("one to five times each and shuffled: the same end, each once", async () => {
    const original = (await readTopic(`${prefix}roles`)).filter(({ headers }) => headers["ce_type"] === USER_CHANGED);
    let seed = 7;
    const random = (below: number) => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return seed % below;
    };
    const copies = original.flatMap((message) => Array.from({ length: 1 + random(5) }, () => message));
    for (let place = copies.length - 1; place > 0; place -= 1) {
      const other = random(place + 1);
      const [a, b] = [copies[place], copies[other]];
      if (a && b) [copies[place], copies[other]] = [b, a];
    }
    await send(
      `${prefix}roles`,
      copies.map(({ key, value, headers }) => ({ key, value, headers })),
    );
    const applied: string[] = [];
    const consumer = await consume(0, {
      group: "shuffled",
      handlers: {
        [USER_CHANGED]: {
          async apply(event, tx) {
            applied.push(event.id);
            await tx.get(histories, event.data.userId);
          },
        },
      },
    });
    const all = original.length + copies.length;
    await expect.poll(() => consumer.figures.handled + consumer.figures.repeated, { timeout: 30_000 }).toBe(all);
    expect(consumer.figures.handled).toBe(original.length);
    expect(new Set(applied).size).toBe(original.length);
    // The group that had handled all of them before was not moved by the copies.
    for (let number = 1; number <= 8; number += 1)
      expect((await replica().store.get(histories, user(number)))?.versions).toHaveLength(12);
  }, 60_000);

  test("an effect emits further events in its own transaction", async () => {
    const seen: string[] = [];
    await consume(0, {
      group: "chain",
      handlers: {
        [USER_CHANGED]: {
          async apply({ data, cause, traceparent }, tx) {
            if (data.userId !== user(901)) return;
            expect(cause).toMatchObject({ actorId: "service:test", traceparent });
            const ids = { organisationId: `org_${uuid(1)}`, notificationId: `ntf_${uuid(data.version)}` };
            tx.emit({ type: NOTIFICATION, data: { userId: data.userId, ...ids } });
          },
        },
        [NOTIFICATION]: {
          async apply({ data, traceparent }) {
            seen.push(`${data.userId} ${traceparent}`);
          },
        },
      },
    });
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    await replica().store.write({ actorId: "usr_test", traceparent }, async (tx) => {
      tx.emit({ type: USER_CHANGED, data: { userId: user(901), enabled: false, version: 1 } });
      return "x";
    });
    await expect.poll(() => seen, { timeout: 15_000 }).toEqual([`${user(901)} ${traceparent}`]);
  }, 30_000);

  test("prepare runs before and outside of the transaction, and again with each try", async () => {
    const prepared: number[] = [];
    await consume(0, {
      group: "prepared",
      handlers: {
        [USER_CHANGED]: {
          async prepare({ data }) {
            if (data.userId !== user(902)) return 0;
            prepared.push(data.version);
            if (prepared.length < 3) throw new Failure("unavailable", { reason: "not_yet" });
            return 42;
          },
          async apply({ data }, tx, found: number) {
            if (data.userId === user(902)) await keepHistory(tx, data.userId, found);
          },
        },
      },
    });
    await emitUser(replica().store, 902, 1);
    await expect
      .poll(async () => (await replica().store.get(histories, user(902)))?.versions, { timeout: 15_000 })
      .toEqual([42]);
    expect(prepared).toEqual([1, 1, 1]);
  }, 30_000);
});

test("what is being handled counts as not handled yet", async () => {
  const begun = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const consumer = await consume(1, {
    group: "slow",
    handlers: {
      [USER_CHANGED]: {
        async prepare({ data }) {
          if (data.userId !== user(995)) return;
          begun.resolve();
          await released.promise;
        },
        apply: async () => undefined,
      },
    },
  });
  await emitUser(replica().store, 995, 1);
  await begun.promise;
  expect(consumer.figures.lag).toBeGreaterThan(0);
  released.resolve();
  await expect.poll(() => consumer.figures.lag, { timeout: 15_000 }).toBe(0);
}, 60_000);

describe("what cannot be handled", () => {
  test("is tried five times, set aside with its cause and no value of it; the others go on, and it can be replayed", async () => {
    let broken = true;
    let tries = 0;
    const consumer = await consume(0, {
      group: "poison",
      handlers: {
        [USER_CHANGED]: {
          async apply({ data }, tx) {
            if (data.userId === user(666) && broken) {
              tries += 1;
              throw new TypeError(`a text that tells of ${data.userId}`);
            }
            if (isWithin(data.userId, 600, 699)) await keepHistory(tx, data.userId, data.version);
          },
        },
      },
    });
    const { store } = replica();
    await emitUser(store, 666, 1);
    for (let number = 667; number < 680; number += 1) await emitUser(store, number, 1);
    for (let number = 667; number < 680; number += 1)
      await expect
        .poll(async () => (await store.get(histories, user(number)))?.versions, { timeout: 20_000 })
        .toEqual([1]);
    await expect.poll(() => consumer.figures.setAside, { timeout: 30_000 }).toBe(1);
    expect(tries).toBe(5);

    const deadLetters = openDeadLetters({ brokers: brokers(), prefix, log: silent });
    try {
      expect(await deadLetters.groups()).toEqual(groups.toSorted());
      const [letter, ...others] = await deadLetters.list("poison");
      expect(others).toEqual([]);
      expect(letter).toMatchObject({
        group: "poison",
        topic: "roles",
        type: USER_CHANGED,
        cause: "TypeError",
        attempts: 5,
      });
      expect(JSON.stringify(letter)).not.toContain(user(666));

      expect(await deadLetters.replay("poison", ["another"])).toEqual([]);
      broken = false;
      expect(await deadLetters.replay("poison", [letter?.id ?? ""])).toHaveLength(1);
      await expect
        .poll(async () => (await store.get(histories, user(666)))?.versions, { timeout: 15_000 })
        .toEqual([1]);
      expect(await deadLetters.list("poison")).toEqual([]);
      // Replayed twice, it still happens once.
      const handled = consumer.figures.handled;
      await emitUser(store, 680, 1);
      await expect.poll(() => consumer.figures.handled, { timeout: 15_000 }).toBe(handled + 1);
    } finally {
      await deadLetters.close();
    }
  }, 90_000);

  test("no event at all, unknown types, tombstones, and what a newer version added", async () => {
    const consumer = await consume(1, {
      group: "foreign",
      handlers: keeping(990, 999),
    });
    const headers = {
      ce_specversion: "1.0",
      ce_id: "1",
      ce_source: "/x",
      ce_type: USER_CHANGED,
      ce_time: "2026-01-01T00:00:00Z",
      "content-type": "application/json",
    };
    const value = JSON.stringify({ userId: user(990), enabled: true, version: 1 });
    await expect.poll(() => consumer.figures.lag, { timeout: 15_000 }).toBe(0);
    await send(`${prefix}roles`, [
      { key: user(990), value: "no JSON, but a name: Ann", headers },
      { key: user(990), value, headers: {} },
      { key: user(990), value: value.replace("{", '{"__proto__":{},'), headers },
      { key: user(990), value, headers: { ...headers, ce_type: "org.partake.unknown.v7" } },
      { key: user(990), value: null, headers },
      { key: user(990), value, headers },
      // As a newer version may send it, while this one is being replaced.
      {
        key: user(991),
        value: value.replace(user(990), user(991)).replace("{", '{"later":1,'),
        headers: { ...headers, ce_id: "2" },
      },
    ]);
    for (const number of [990, 991])
      await expect
        .poll(async () => (await stores[0]?.get(histories, user(number)))?.versions, { timeout: 15_000 })
        .toEqual([1]);
    await expect.poll(() => consumer.figures.setAside).toBe(3);
    const deadLetters = openDeadLetters({ brokers: brokers(), prefix, log: silent });
    try {
      const letters = await deadLetters.list("foreign");
      expect(letters.map(({ cause }) => cause)).toEqual(["data_is_no_json", "ce_type_missing", "data_has_proto"]);
      expect(JSON.stringify(letters)).not.toContain("Ann");
      await deadLetters.drop(
        "foreign",
        letters.map(({ id }) => id),
      );
      expect(await deadLetters.list("foreign")).toEqual([]);
    } finally {
      await deadLetters.close();
    }
  }, 60_000);

  test("an event that does not fit the contract is not published", async () => {
    const { bus } = replica();
    await expect(bus.publish({ type: USER_CHANGED, data: { userId: "Ann" } } as never)).rejects.toThrow(USER_CHANGED);
    await sleep(50);
    await bus.publish({
      type: "org.partake.identity.heartbeat.v1",
      data: { source: "identity", sentAt: "2026-01-01T00:00:00.000Z" },
    });
    const beats = (await readTopic(`${prefix}presence`)).filter(({ key }) => key === "identity");
    expect(beats).toHaveLength(1);
  });
});
