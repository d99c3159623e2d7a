import { setTimeout as sleep } from "node:timers/promises";
import mongoose from "mongoose";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Cause, Store } from "../src/store.ts";
import { dropDatabase, mongodbUri, newDatabase, notes, openTestStore } from "./fixtures.ts";

const database = newDatabase();
let replicas: Store[] = [];
let keys = 0;
/** Of two processes each wins about every other race; of those in one process nobody is passed. */
const mostTries = 25;

beforeAll(async () => {
  replicas = await Promise.all([openTestStore({ database }), openTestStore({ database })]);
  await replicas[0]?.migrate();
});
afterAll(async () => {
  await Promise.all(replicas.map((store) => store.close()));
  await dropDatabase(database);
});

function cause(): Cause {
  keys += 1;
  return { actorId: "usr_1", traceparent: undefined, idempotencyKey: `key ${keys}`, requestHash: `hash ${keys}` };
}

async function makeNotes(...ids: string[]): Promise<void> {
  await replicas[0]?.write(cause(), async (tx) => {
    for (const _id of ids) await tx.insert(notes, { _id, organisationId: "org_1", title: _id, count: 0 });
    return ids[0] ?? "";
  });
}

/** Raises the counts of notes by one, and tells how often that was tried. */
async function count(store: Store | undefined, ...ids: string[]): Promise<number> {
  let tries = 0;
  await store?.write(cause(), async (tx) => {
    tries += 1;
    for (const id of ids) {
      const note = await tx.get(notes, id);
      if (!note) throw new Error(`no note ${id}`);
      await tx.update(notes, note, { count: (note.count ?? 0) + 1 });
    }
    return ids[0] ?? "";
  });
  return tries;
}

/** Every one of so many people writes a few times, one write after the other. */
async function people(
  store: Store | undefined,
  of: { people: number; each: number; ids: string[] },
): Promise<number[]> {
  const person = async () => {
    const tries: number[] = [];
    for (let done = 0; done < of.each; done += 1) tries.push(await count(store, ...of.ids));
    return tries;
  };
  return (await Promise.all(Array.from({ length: of.people }, person))).flat();
}

const crowds = [
  { title: "as many at one replica as at the other", people: [16, 16], each: 4 },
  { title: "one person beside a crowd at the other replica", people: [1, 24], each: 5 },
] as const;

test.for(crowds)("one record that many write to at once: $title, all end and none is left behind", async (crowd) => {
  const id = `note of ${crowd.title}`;
  await makeNotes(id);
  const tries = await Promise.all(
    crowd.people.map((number, place) => people(replicas[place], { people: number, each: crowd.each, ids: [id] })),
  );
  const writes = tries.flat().length;
  expect((await replicas[0]?.get(notes, id))?.count).toBe(writes);
  expect(Math.max(...tries.flat())).toBeLessThanOrEqual(mostTries);
  expect(tries.flat().reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(4 * writes);
});

test("several records in changing order: none waits for the other forever", async () => {
  await makeNotes("left", "right");
  const tries = await Promise.all([
    people(replicas[0], { people: 4, each: 3, ids: ["left", "right"] }),
    people(replicas[1], { people: 4, each: 3, ids: ["right", "left"] }),
    people(replicas[0], { people: 2, each: 3, ids: ["left"] }),
    people(replicas[1], { people: 2, each: 3, ids: ["right"] }),
  ]);
  expect(Math.max(...tries.flat())).toBeLessThanOrEqual(mostTries);
  expect((await replicas[0]?.get(notes, "left"))?.count).toBe(30);
  expect((await replicas[1]?.get(notes, "right"))?.count).toBe(30);
});

test("a record that somebody holds keeps back nobody who writes to others, and goes on when it is let go", async () => {
  await makeNotes("held", "busy", "quiet");
  const client = await new mongoose.mongo.MongoClient(mongodbUri()).connect();
  const session = client.startSession();
  session.startTransaction();
  const held = client.db(database).collection<{ _id: string }>("notes");
  await held.updateOne({ _id: "held" }, { $set: { title: "held" }, $inc: { count: 1 } }, { session });
  let ended = 0;
  const waiting = Array.from({ length: 12 }, () => count(replicas[0], "held").finally(() => (ended += 1)));
  await sleep(300);
  await people(replicas[0], { people: 8, each: 2, ids: ["busy"] });
  await people(replicas[0], { people: 1, each: 3, ids: ["quiet"] });
  expect(ended).toBe(0);
  await session.commitTransaction();
  await Promise.all(waiting);
  expect((await replicas[0]?.get(notes, "held"))?.count).toBe(13);
  await session.endSession();
  await client.close();
});
