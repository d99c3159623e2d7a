// From the commit of a write to the commit of the effect that its event has at a consumer in the same process, through outbox,
// relay, Kafka and inbox; at a steady rate, then as fast as it goes. Prints a JSON line for each figure; a ratio above 1 means
// better than the baseline, which is the goal. Needs MONGODB_URI and KAFKA_BROKERS.
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type CollectionDefinition, openStore, type Store, type Stored } from "@partake/store";
import { Kafka, logLevel } from "kafkajs";
import mongoose, { Schema } from "mongoose";
import { guardRequestQueue, openBus } from "../src/bus.ts";

interface Effect extends Stored {
  at: Date;
}

const effects: CollectionDefinition<Effect> = {
  name: "effects",
  schema: new Schema<Effect>({ _id: String, version: Number, at: Date }),
  indexes: [],
};
const goals = { p50Ms: 15, p99Ms: 60 };
const paced = 400;
const everyMs = 25;
const burst = 3000;

const uri = process.env["MONGODB_URI"];
const brokers = process.env["KAFKA_BROKERS"]?.split(",");
if (!uri || !brokers) throw new Error("MONGODB_URI and KAFKA_BROKERS say where the servers are");
const suffix = randomBytes(4).toString("hex");
const database = `bench_bus_${suffix}`;
const prefix = `bench-${suffix}.`;
const log = { debug() {}, info() {}, warn: console.error, error: console.error };

let serial = 0;
function nextUser(): string {
  serial += 1;
  return `usr_00000000-0000-7000-8000-${serial.toString(16).padStart(12, "0")}`;
}

const store = await openStore({
  uri,
  database,
  collections: [effects],
  encryptionKeys: [Buffer.alloc(32, 7).toString("base64")],
  source: "/partake/bench",
  log,
  clock: { now: () => new Date() },
});
/** The user of each event that is being handled. */
const users = new Map<string, string>();
const timed: Store = {
  ...store,
  async effect(of, work) {
    const end = await store.effect(of, work);
    const user = users.get(of.eventId);
    if (user !== undefined) affected.set(user, performance.now());
    return end;
  },
};
const bus = openBus({
  brokers,
  prefix: `bench-${suffix}.`,
  clientId: "bench",
  store: timed,
  log,
  source: "/partake/bench",
});

/** When each user's event was committed and had its effect. */
const committed = new Map<string, number>();
const affected = new Map<string, number>();

async function write(): Promise<void> {
  const userId = nextUser();
  await store.write({ actorId: "usr_bench", traceparent: undefined }, async (tx) => {
    tx.emit({ type: "org.partake.user.changed.v1", data: { userId, enabled: true, version: 1 } });
    return userId;
  });
  committed.set(userId, performance.now());
}

function print(name: string, unit: string, value: number, baseline: number, ratio: number): void {
  const rounded = [value, baseline, ratio].map((figure) => Number(figure.toPrecision(4)));
  console.log(JSON.stringify({ name, value: rounded[0], unit, baseline: rounded[1], ratio: rounded[2] }));
}

function quantile(values: readonly number[], part: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * part)] ?? Number.NaN;
}

async function until(count: number): Promise<void> {
  for (const deadline = performance.now() + 60_000; affected.size < count; await sleep(5))
    if (performance.now() > deadline) throw new Error(`only ${affected.size} of ${count} effects`);
}

try {
  await store.migrate();
  await bus.migrate({ groups: ["bench"] });
  const relay = bus.relay();
  const consumer = bus.consume({
    group: "bench",
    handlers: {
      "org.partake.user.changed.v1": {
        async apply({ data, id }, tx) {
          users.set(id, data.userId);
          await tx.insert(effects, { _id: id, at: tx.now });
        },
      },
    },
  });
  await consumer.joined;
  for (let place = 0; place < 50; place += 1) await write();
  await until(50);

  const from = serial;
  for (let place = 0; place < paced; place += 1) {
    await write();
    await sleep(everyMs);
  }
  await until(from + paced);
  const waits = [...committed].slice(from).map(([user, at]) => (affected.get(user) ?? Number.NaN) - at);
  for (const [name, part, goal] of [
    ["p50", 0.5, goals.p50Ms],
    ["p99", 0.99, goals.p99Ms],
  ] as const) {
    const value = quantile(waits, part);
    print(`commit to effect, ${name}`, "ms", value, goal, goal / value);
  }

  const before = serial;
  const cpu = process.cpuUsage();
  const begun = performance.now();
  const lane = async () => {
    while (serial < before + burst) await write();
  };
  await Promise.all(Array.from({ length: 64 }, lane));
  await relay.flush(60_000);
  await until(serial);
  const seconds = (performance.now() - begun) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const count = serial - before;
  print("write, relay and effect", "1/s", count / seconds, 100, count / seconds / 100);
  print("write, relay and effect, CPU", "µs", (user + system) / count, 2000, 2000 / ((user + system) / count));
} finally {
  await bus.close();
  await store.close();
  guardRequestQueue();
  const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  await admin.deleteTopics({ topics: (await admin.listTopics()).filter((topic) => topic.startsWith(prefix)) });
  await admin.disconnect();
  const connection = await mongoose.createConnection(uri, { dbName: database }).asPromise();
  await connection.dropDatabase();
  await connection.close();
}
