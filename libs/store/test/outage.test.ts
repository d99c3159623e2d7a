import { setTimeout as sleep } from "node:timers/promises";
import { Failure } from "@partake/failure";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Cause, Store } from "../src/store.ts";
import { dropDatabase, mongodbUri, newDatabase, notes, openTestStore, uuid } from "./fixtures.ts";
import { type ServerProxy, startProxy } from "./proxy.ts";

const database = newDatabase();
let proxy: ServerProxy;
let direct: Store;
let store: Store;

beforeAll(async () => {
  const uri = new URL(mongodbUri());
  proxy = await startProxy({ host: uri.hostname, port: Number(uri.port || 27017) });
  direct = await openTestStore({ database });
  await direct.migrate();
  uri.host = `127.0.0.1:${proxy.port}`;
  uri.searchParams.delete("replicaSet");
  uri.searchParams.set("directConnection", "true");
  store = await openTestStore({ database, uri: uri.href });
});
afterAll(async () => {
  await store.close();
  await direct.close();
  await proxy.takeAway();
  await dropDatabase(database);
});

function causeOf(id: string): Cause {
  const actorId = "usr_1";
  return { actorId, traceparent: undefined, idempotencyKey: id, requestHash: id, operation: { path: "/test" } };
}

function write(number: number) {
  const id = `cut_${number}`;
  return store.write(causeOf(id), async (tx) => {
    await tx.insert(notes, { _id: id, organisationId: "org_1", title: id });
    const data = { userId: `usr_${uuid(number)}`, enabled: true, version: 1 };
    tx.emit({ type: "org.partake.user.changed.v1", data });
    return id;
  });
}

/** As a client does: the same request with the same key, as long as the service is unavailable. */
async function writeUntilDone(number: number): Promise<void> {
  for (const deadline = performance.now() + 60_000; performance.now() < deadline; await sleep(20))
    try {
      await write(number);
      return;
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== "unavailable") throw error;
    }
  throw new Error(`${number} was not written`);
}

test("connections cut again and again: each write is done once, whatever the client was told in between", async () => {
  const count = 240;
  const cutting = setInterval(() => proxy.cut(), 90);
  let next = 0;
  const lane = async () => {
    while (next < count) {
      next += 1;
      await writeUntilDone(next);
    }
  };
  await Promise.all(Array.from({ length: 6 }, lane));
  clearInterval(cutting);
  const found = await direct.find(notes, { organisationId: "org_1" });
  const entries = await direct.outbox.read(1000);
  expect(found).toHaveLength(count);
  expect(new Set(entries.map(({ key }) => key)).size).toBe(count);
  expect(entries).toHaveLength(count);
}, 120_000);

test("a database that is away is `unavailable`, within seconds, and used again when it is back", async () => {
  await proxy.takeAway();
  const begun = performance.now();
  const ends = await Promise.allSettled([
    ...Array.from({ length: 40 }, (_, place) => write(9000 + place)),
    store.get(notes, "cut_1"),
    store.ping(),
  ]);
  for (const end of ends) expect(end).toMatchObject({ status: "rejected", reason: { code: "unavailable" } });
  expect(performance.now() - begun).toBeLessThan(25_000);
  await proxy.bringBack();
  await writeUntilDone(9999);
  expect(await store.get(notes, "cut_1")).toMatchObject({ _id: "cut_1" });
}, 90_000);
