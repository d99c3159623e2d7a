import { randomBytes } from "node:crypto";
import { type CollectionDefinition, openStore, type Store, type Stored } from "@partake/store";
import mongoose, { Schema } from "mongoose";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type DueWork, eachDue, hinderedWork } from "../src/due-work.ts";
import { HINDERED_ATTEMPTS, hindrances, restMs } from "../src/hindrances.ts";

interface Task extends Stored {
  isDone: boolean;
}

const tasks: CollectionDefinition<Task> = {
  name: "tasks",
  schema: new Schema<Task>({
    _id: { type: String, required: true },
    version: { type: Number, required: true },
    isDone: { type: Boolean, required: true },
  }),
  indexes: [],
};

const uri = process.env["MONGODB_URI"] ?? "";
const database = `due${randomBytes(4).toString("hex")}`;
const lines: { level: string; item: unknown; attempts: unknown }[] = [];
const line = (level: string) => (fields: object) => {
  lines.push({ level, ...(fields as { item: unknown; attempts: unknown }) });
};
const log = { debug() {}, info() {}, warn: line("warn"), error: line("error") };
const cause = { actorId: "service:test", traceparent: undefined };
const clock = { now: () => new Date(now) };
const atOnce = 10;
let now = Date.parse("2026-05-04T10:00:00Z");
let store: Store;
let connection: mongoose.Connection;
let bad: Set<string>;
let tried: string[];

beforeAll(async () => {
  const encryptionKeys = [randomBytes(32).toString("base64")];
  const collections = [tasks, hindrances];
  store = await openStore({ uri, database, collections, encryptionKeys, source: "/partake/test", log, clock });
  await store.migrate();
  connection = await mongoose.createConnection(uri, { dbName: database }).asPromise();
});
beforeEach(async () => {
  for (const name of ["tasks", "hindrances"]) await connection.collection(name).deleteMany({});
  bad = new Set();
  tried = [];
  lines.length = 0;
});
afterAll(async () => {
  await store?.close();
  await connection?.dropDatabase();
  await connection?.close();
});

async function add(...ids: string[]): Promise<void> {
  await store.write(cause, async (tx) => {
    for (const _id of ids) await tx.insert(tasks, { _id, isDone: false });
    return "tasks";
  });
}

const look = (more: Partial<DueWork<Task>> = {}) =>
  eachDue(
    { store, clock, log },
    {
      name: "tasks",
      find: (_id) => store.find(tasks, { isDone: false, _id }, { limit: atOnce, sort: { _id: 1 } }),
      async work({ _id }) {
        tried.push(_id);
        if (bad.has(_id)) throw new Error(`cannot do it for ben@mail.example`);
        await store.write(cause, async (tx) => {
          const task = await tx.get(tasks, _id);
          if (task) await tx.update(tasks, task, { isDone: true });
          return _id;
        });
      },
      ...more,
    },
  );

const left = async () => (await store.find(tasks, { isDone: false }, { sort: { _id: 1 } })).map(({ _id }) => _id);
const known = async () => (await store.find(hindrances, { work: "tasks" })).map(({ item }) => item).sort();
const names = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, place) => `${prefix}${String(place).padStart(2, "0")}`);

describe("work that is due", () => {
  test("goes on behind one that always fails, and says how many went well", async () => {
    bad.add("a");
    await add("a", "b", "c");
    expect(await look()).toBe(2);
    expect(await left()).toEqual(["a"]);
    expect(tried).toEqual(["a", "b", "c"]);
    expect(await look()).toBe(0);
    expect(tried).toEqual(["a", "b", "c"]);
  });

  test("goes on behind more that fail than one look takes", async () => {
    const failing = names("a", 3 * atOnce);
    bad = new Set(failing);
    await add(...failing, "b");
    for (let looks = 0; looks < 30 && (await left()).includes("b"); looks += 1) await look();
    expect(await left()).toEqual(failing);
    expect(tried.filter((each) => each === "b")).toHaveLength(1);
  });

  test("is left for a while where one after the other fails: what they need may be away", async () => {
    bad = new Set(names("a", atOnce));
    await add(...bad);
    expect(await look()).toBe(0);
    expect(tried).toHaveLength(5);
  });

  test("that failed is tried again, each time later, at most ten minutes; and when it goes nothing of that stays", async () => {
    bad.add("a");
    await add("a");
    const rests: number[] = [];
    for (let attempt = 1; attempt <= 12; attempt += 1) {
      await look();
      const before = tried.length;
      const rest = restMs(attempt);
      now += rest - 1;
      await look();
      expect(tried).toHaveLength(before);
      now += 1;
      rests.push(rest);
    }
    expect(rests.slice(0, 3)).toEqual([2_000, 4_000, 8_000]);
    expect(rests.at(-1)).toBe(600_000);
    bad.clear();
    expect(await look()).toBe(1);
    expect(await left()).toEqual([]);
    expect(await known()).toEqual([]);
  });

  test("that fails again and again is told as an error and in the figures, by its id alone", async () => {
    bad.add("a");
    await add("a", "b");
    for (let attempt = 1; attempt <= HINDERED_ATTEMPTS; attempt += 1) {
      expect(await hinderedWork(store)).toEqual(new Map());
      await look();
      now += restMs(attempt);
    }
    expect(await hinderedWork(store)).toEqual(new Map([["tasks", 1]]));
    expect(lines.map(({ level }) => level)).toEqual([...Array(HINDERED_ATTEMPTS - 1).fill("warn"), "error"]);
    expect(lines.at(-1)).toMatchObject({ item: "a", attempts: HINDERED_ATTEMPTS });
    expect(JSON.stringify([...lines, await store.find(hindrances, {})])).not.toContain("ben@");
  });

  test("of one kind keeps nothing of another from going on", async () => {
    bad.add("a");
    await add("a");
    await look();
    bad.clear();
    expect(await look()).toBe(0);
    expect(await look({ name: "others" })).toBe(1);
  });

  test("stops between two where it is told to", async () => {
    const stopping = new AbortController();
    await add("a", "b");
    const work = async ({ _id }: Task) => {
      tried.push(_id);
      stopping.abort();
    };
    expect(await look({ signal: stopping.signal, work })).toBe(1);
    expect(tried).toEqual(["a"]);
  });
});
