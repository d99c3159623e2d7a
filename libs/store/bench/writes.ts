// A write with its outbox event against the driver's insertOne, both acknowledged by a majority's journals, at the same
// concurrency and in turns, since other work on the machine comes and goes. Prints a JSON line for each figure; a ratio above 1
// means better than the baseline. Needs MONGODB_URI.
import { randomBytes } from "node:crypto";
import mongoose, { Schema } from "mongoose";
import { type CollectionDefinition, openStore, type Store, type Stored } from "../src/store.ts";

interface Thing extends Stored {
  organisationId: string;
  projectId: string;
  title: string;
  createdAt: Date;
}

const things: CollectionDefinition<Thing> = {
  name: "things",
  schema: new Schema<Thing>({
    _id: String,
    version: Number,
    organisationId: { type: String, required: true },
    projectId: { type: String, required: true },
    title: { type: String, required: true },
    createdAt: Date,
  }),
  indexes: [],
};

const rounds = 7;
const writesPerRound = 1500;
const uri = process.env["MONGODB_URI"];
if (!uri) throw new Error("MONGODB_URI says where the MongoDB replica set is");
const database = `bench_store_${randomBytes(4).toString("hex")}`;
const silent = { debug() {}, info() {}, warn() {}, error() {} };

let serial = 0;
function uuid(): string {
  serial += 1;
  return `00000000-0000-7000-8000-${serial.toString(16).padStart(12, "0")}`;
}

function thing() {
  const title = "A title of usual length";
  return {
    _id: `thg_${uuid()}`,
    organisationId: `org_${uuid()}`,
    projectId: `prj_${uuid()}`,
    title,
    createdAt: new Date(),
  };
}

function write(store: Store): Promise<unknown> {
  const record = thing();
  const cause = {
    actorId: "usr_1",
    traceparent: undefined,
    idempotencyKey: record._id,
    requestHash: "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8",
    operation: { path: "/partake.v1.Things/CreateThing" },
  };
  return store.write(cause, async (tx) => {
    await tx.insert(things, record);
    tx.emit({
      type: "org.partake.user.changed.v1",
      data: { userId: `usr_${record._id.slice(4)}`, enabled: true, version: 1 },
    });
    return record._id;
  });
}

interface Figures {
  perSecond: number;
  clientCpuUs: number;
  p50Ms: number;
}

async function measure(task: () => Promise<unknown>, concurrency: number, count: number): Promise<Figures> {
  const times: number[] = [];
  let left = count;
  const cpu = process.cpuUsage();
  const begun = performance.now();
  const lane = async () => {
    while (left > 0) {
      left -= 1;
      const at = performance.now();
      await task();
      times.push(performance.now() - at);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
  const { user, system } = process.cpuUsage(cpu);
  const seconds = (performance.now() - begun) / 1000;
  return { perSecond: count / seconds, clientCpuUs: (user + system) / count, p50Ms: median(times) };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function print(name: string, unit: string, figures: { value: number; baseline: number; ratio: number }): void {
  const rounded = Object.fromEntries(
    Object.entries(figures).map(([key, value]) => [key, Number(value.toPrecision(4))]),
  );
  console.log(
    JSON.stringify({ name, value: rounded["value"], unit, baseline: rounded["baseline"], ratio: rounded["ratio"] }),
  );
}

const store = await openStore({
  uri,
  database,
  collections: [things],
  encryptionKeys: [Buffer.alloc(32, 7).toString("base64")],
  source: "/partake/bench",
  log: silent,
  clock: { now: () => new Date() },
});
await store.migrate();
const client = await new mongoose.mongo.MongoClient(uri, { maxPoolSize: 100 }).connect();
const collection = client.db(database).collection<Thing>("plain", { writeConcern: { w: "majority", journal: true } });
try {
  const insertOne = () => collection.insertOne({ ...thing(), version: 1 });
  for (const concurrency of [1, 16, 64]) {
    const count = concurrency === 1 ? writesPerRound / 5 : writesPerRound;
    await measure(insertOne, concurrency, count);
    await measure(() => write(store), concurrency, count);
    const ours: Figures[] = [];
    const plain: Figures[] = [];
    for (let round = 0; round < rounds; round += 1) {
      plain.push(await measure(insertOne, concurrency, count));
      ours.push(await measure(() => write(store), concurrency, count));
    }
    const of = (all: readonly Figures[], figure: keyof Figures) => median(all.map((figures) => figures[figure]));
    const [rate, plainRate] = [of(ours, "perSecond"), of(plain, "perSecond")];
    print(`store write ×${concurrency}`, "1/s", { value: rate, baseline: plainRate, ratio: rate / plainRate });
    const [cpu, plainCpu] = [of(ours, "clientCpuUs"), of(plain, "clientCpuUs")];
    print(`store write ×${concurrency}, CPU`, "µs", { value: cpu, baseline: plainCpu, ratio: plainCpu / cpu });
    const [p50, plainP50] = [of(ours, "p50Ms"), of(plain, "p50Ms")];
    print(`store write ×${concurrency}, p50`, "ms", { value: p50, baseline: plainP50, ratio: plainP50 / p50 });
  }
} finally {
  await client.db(database).dropDatabase();
  await client.close();
  await store.close();
}
