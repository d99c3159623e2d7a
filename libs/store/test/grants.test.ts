import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Cause, type Reader, type Store, type Stored, trusted } from "../src/store.ts";
import { dropDatabase, newDatabase, notes, openTestStore, uuid } from "./fixtures.ts";

const database = newDatabase();
const organisationId = "org_1";
const cause: Cause = { actorId: "usr_1", traceparent: undefined };
const knowing = (version: number): Cause => ({ ...cause, grantsKnown: (of) => (of === organisationId ? version : 0) });

/** What this process knows of the organisation. */
let known: number;
/** The versions that writes made, as the process was told. */
const raised: [string, number][] = [];
let number = 0;
let store: Store;
beforeAll(async () => {
  store = await openTestStore({
    database,
    grantsKnown: (of) => (of === organisationId ? known : 0),
    grantsRaised: (of, version) => raised.push([of, version]),
  });
  await store.migrate();
});
beforeEach(() => {
  known = 0;
});
afterAll(async () => {
  await store.close();
  await dropDatabase(database);
});

async function written(by: Cause = cause, of = organisationId): Promise<string> {
  number += 1;
  const note = { _id: uuid(number), organisationId: of, title: `note ${number}` };
  const { id } = await store.write(by, async (tx) => (await tx.insert(notes, note))._id);
  return id;
}

async function changed(_id: string, by: Cause = cause): Promise<void> {
  await store.write(by, async (tx) => {
    const note = await tx.get(notes, _id);
    if (!note) throw new Error("no note");
    await tx.update(notes, note, { count: (note.count ?? 0) + 1 });
    return _id;
  });
}

const kept = async (id: string) => (await store.get(notes, id))?._grants;

describe("[R19] a record keeps the highest version of grants that its writers knew of", () => {
  test("as this process knows it, or the call if that knows more", async () => {
    known = 4;
    expect(await kept(await written())).toBe(4);
    expect(await kept(await written(knowing(7)))).toBe(7);
    expect(await kept(await written(knowing(2)))).toBe(4);
  });
  test("nothing where there is none, or it is another organisation's", async () => {
    expect(await store.get(notes, await written())).not.toHaveProperty("_grants");
    known = 4;
    expect(await kept(await written(knowing(7), "org_2"))).toBeUndefined();
  });
  test("a change raises it, and never lowers it", async () => {
    known = 4;
    const id = await written();
    known = 2;
    await changed(id);
    expect(await kept(id)).toBe(4);
    await changed(id, knowing(9));
    expect(await kept(id)).toBe(9);
    known = 11;
    await changed(id);
    expect(await kept(id)).toBe(11);
  });
  test("no change names it, and a record that is inserted again in another form keeps at least what it had", async () => {
    known = 4;
    const id = await written();
    await store.write(cause, async (tx) => {
      const note = await tx.get(notes, id);
      if (!note) throw new Error("no note");
      await tx.update(notes, note, { ...{ title: "renamed" }, ...({ _grants: 1 } as object) });
      return id;
    });
    expect(await kept(id)).toBe(4);
    known = 1;
    number += 1;
    const note = await store.get(notes, id);
    const copy = { ...(note ?? { organisationId }), _id: uuid(number), title: "a copy" };
    await store.write(cause, async (tx) => (await tx.insert(notes, copy))._id);
    expect(await kept(copy._id)).toBe(4);
  });
});

describe("[R19] a write that makes a version of grants", () => {
  const raising = (version: number, fails = false) => {
    number += 1;
    const note = { _id: uuid(number), organisationId, title: `note ${number}` };
    return store.write(cause, async (tx) => {
      tx.grantsRaised(organisationId, version);
      tx.grantsRaised("org_2", 1);
      await tx.insert(notes, note);
      if (fails) throw new Error("no");
      return note._id;
    });
  };
  test("has what it writes know of it, and the process once it is done", async () => {
    raised.length = 0;
    known = 4;
    expect(await kept((await raising(6)).id)).toBe(6);
    expect(raised).toEqual([
      [organisationId, 6],
      ["org_2", 1],
    ]);
  });
  test("that is not done tells of none", async () => {
    raised.length = 0;
    await expect(raising(7, true)).rejects.toThrow("no");
    expect(raised).toEqual([]);
  });
});

describe("[R19] whoever writes is told what a write stored, with the version that it keeps", () => {
  test("once it is done, and nothing of what failed or was done before", async () => {
    const told: [string, number][] = [];
    const writing = {
      ...knowing(3),
      idempotencyKey: "once",
      wrote: (records: ReadonlyMap<string, number>) => told.push(...records),
    };
    const id = await written(writing);
    expect(told).toEqual([[id, 3]]);
    expect(await written(writing)).toBe(id);
    const failing = store.write({ ...writing, idempotencyKey: "another" }, async (tx) => {
      await tx.insert(notes, { _id: uuid(number), organisationId, title: "no" });
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    expect(told).toEqual([[id, 3]]);
  });
});

describe("[R19] whoever reads is told of each record before it is given", () => {
  const seen: string[] = [];
  const call = {
    caller: { kind: "user", userId: "usr_1", organisationId } as unknown as Reader["caller"],
    saw(record: Stored) {
      seen.push(record._id);
      if ((record._grants ?? 0) > 5) throw new Error("too new");
    },
  };
  const visible = { organisationId: { $in: [organisationId] } };
  beforeEach(() => {
    seen.length = 0;
  });

  test("of a page, and of what it says about the next", async () => {
    const ids = [await written(), await written(), await written()];
    const filter = { _id: trusted({ $in: ids }) };
    await store.list(notes, { visible, filter, call, limit: 2 });
    expect(seen.toSorted()).toEqual(ids.toSorted());
    await changed(ids[0] ?? "", knowing(6));
    await expect(store.list(notes, { visible, filter, call, limit: 2 })).rejects.toThrow("too new");
  });
  test("of what was found, outside of a transaction and inside", async () => {
    const id = await written(knowing(6));
    await expect(store.find(notes, { _id: id }, { call })).rejects.toThrow("too new");
    expect(await store.find(notes, { _id: id })).toHaveLength(1);
    const write = store.write(cause, async (tx) => {
      await tx.find(notes, { _id: id }, { call });
      return id;
    });
    await expect(write).rejects.toThrow("too new");
  });
});
