// Writes to one record that everybody writes to, from two stores as of two replicas, against as many writes of as many people to a
// record each: in turns, since other work on the machine comes and goes. Prints a JSON line for each figure; a ratio above 1 means
// better than the baseline. Needs MONGODB_URI.
import { randomBytes } from "node:crypto";
import mongoose, { Schema } from "mongoose";
import { type CollectionDefinition, openStore, type Store, type Stored } from "../src/store.ts";

interface Thread extends Stored {
  comments: number;
}

const threads: CollectionDefinition<Thread> = {
  name: "threads",
  schema: new Schema<Thread>({ _id: String, version: Number, comments: Number }),
  indexes: [],
};

const rounds = 5;
const crowd = 16;
const each = 6;
const uri = process.env["MONGODB_URI"];
if (!uri) throw new Error("MONGODB_URI says where the MongoDB replica set is");
const database = `bench_contended_${randomBytes(4).toString("hex")}`;
const silent = { debug() {}, info() {}, warn() {}, error() {} };
const options = {
  uri,
  database,
  collections: [threads],
  encryptionKeys: [Buffer.alloc(32, 7).toString("base64")],
  source: "/partake/bench",
  log: silent,
  clock: { now: () => new Date() },
};

let serial = 0;
function cause() {
  serial += 1;
  return { actorId: "usr_1", traceparent: undefined, idempotencyKey: `key ${serial}`, requestHash: "hash" };
}

/** Tells how often the work ran. */
async function comment(store: Store, id: string): Promise<number> {
  let tries = 0;
  await store.write(cause(), async (tx) => {
    tries += 1;
    const thread = await tx.get(threads, id);
    if (thread) await tx.update(threads, thread, { comments: thread.comments + 1 });
    else await tx.insert(threads, { _id: id, comments: 1 });
    return id;
  });
  return tries;
}

interface Figures {
  perSecond: number;
  p50Ms: number;
  p95Ms: number;
  mostTries: number;
}

async function measure(replicas: readonly Store[], recordOf: (person: string) => string): Promise<Figures> {
  const times: number[] = [];
  const tries: number[] = [];
  const begun = performance.now();
  const person = async (store: Store, name: string) => {
    for (let done = 0; done < each; done += 1) {
      const at = performance.now();
      tries.push(await comment(store, recordOf(name)));
      times.push(performance.now() - at);
    }
  };
  await Promise.all(
    replicas.flatMap((store, replica) => Array.from({ length: crowd }, (_, one) => person(store, `${replica}_${one}`))),
  );
  const seconds = (performance.now() - begun) / 1000;
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN;
  const mostTries = Math.max(...tries);
  return { perSecond: times.length / seconds, p50Ms: at(0.5), p95Ms: at(0.95), mostTries };
}

function print(figure: keyof Figures, name: string, unit: string): void {
  const of = (all: readonly Figures[]) =>
    all.map((figures) => figures[figure]).toSorted((a, b) => a - b)[Math.floor(rounds / 2)] ?? Number.NaN;
  const [value, baseline] = [of(together), of(apart)].map((one) => Number(one.toPrecision(4))) as [number, number];
  const ratio = Number((unit === "1/s" ? value / baseline : baseline / value).toPrecision(4));
  console.log(JSON.stringify({ name: `one record, 2 × ${crowd} at once, ${name}`, value, unit, baseline, ratio }));
}

const replicas = await Promise.all([openStore(options), openStore(options)]);
const together: Figures[] = [];
const apart: Figures[] = [];
try {
  await replicas[0]?.migrate();
  await Promise.all(replicas.map((store) => comment(store, "warm-up")));
  for (let round = 0; round < rounds; round += 1) {
    apart.push(await measure(replicas, (person) => `thread of ${person}`));
    together.push(await measure(replicas, () => "thread of all"));
  }
  print("perSecond", "writes", "1/s");
  print("p50Ms", "p50", "ms");
  print("p95Ms", "p95", "ms");
  print("mostTries", "most tries", "tries");
} finally {
  await Promise.all(replicas.map((store) => store.close()));
  const client = await new mongoose.mongo.MongoClient(uri).connect();
  await client.db(database).dropDatabase();
  await client.close();
}
