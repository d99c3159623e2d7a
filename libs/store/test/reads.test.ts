import { inspect } from "node:util";
import { Failure } from "@partake/failure";
import mongoose, { Schema } from "mongoose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CollectionDefinition, type ListOptions, openStore, type Store, trusted } from "../src/store.ts";
import { dropDatabase, mongodbUri, type Note, newDatabase, notes, openTestStore, silent } from "./fixtures.ts";

const database = newDatabase();
const keyA = Buffer.alloc(32, 1).toString("base64");
const keyB = Buffer.alloc(32, 2).toString("base64");
let store: Store;

beforeAll(async () => {
  store = await openTestStore({ database, encryptionKeys: [keyA] });
  await store.migrate();
  await store.write({ actorId: "usr_1", traceparent: undefined }, async (tx) => {
    for (let place = 0; place < 25; place += 1)
      await tx.insert(notes, {
        _id: `n${String(place).padStart(2, "0")}`,
        organisationId: place % 5 === 0 ? "org_2" : "org_1",
        title: `title ${place}`,
        // Some have no value, some the same.
        ...(place % 3 !== 0 && { count: place % 4 }),
        at: new Date(Date.UTC(2026, 0, 1 + (place % 7))),
      });
    return "seeded";
  });
});
afterAll(async () => {
  await store.close();
  await dropDatabase(database);
});

const call = { caller: { kind: "user", userId: "usr_1", organisationId: "org_1" } } as unknown as ListOptions["call"];
const other = { caller: { kind: "user", userId: "usr_2", organisationId: "org_1" } } as unknown as ListOptions["call"];
const base: ListOptions = { visible: { organisationId: { $in: ["org_1"] } }, call };

async function allPages(options: ListOptions, by = store): Promise<Note[]> {
  const items: Note[] = [];
  let cursor = "";
  do {
    const page = await by.list(notes, { ...options, cursor });
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== "");
  return items;
}

async function refusal(reading: Promise<unknown>): Promise<string> {
  const error = await reading.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof Failure) return `${error.code} ${error.reason}`;
  return error instanceof Error ? error.constructor.name : "done";
}

describe("pages", () => {
  const sorts: ListOptions["sort"][] = [
    undefined,
    ...(["count", "at", "title", "_id"] as const).flatMap((field) => [
      { field, direction: 1 } as const,
      { field, direction: -1 } as const,
    ]),
  ];
  test.each(sorts.flatMap((sort) => [1, 3, 200].map((limit) => ({ sort, limit }))))(
    "sorted by $sort, $limit at a time, each record once",
    async ({ sort, limit }) => {
      const paged = await allPages({ ...base, limit, ...(sort && { sort }) });
      const order = sort ? { [sort.field]: sort.direction, _id: sort.direction } : ({ _id: -1 } as const);
      const whole = await store.find(notes, { organisationId: "org_1" }, { sort: order });
      expect(paged.map(({ _id }) => _id)).toEqual(whole.map(({ _id }) => _id));
      expect(whole).toHaveLength(20);
    },
  );

  test("visible narrows the filter and the filter narrows visible", async () => {
    expect(await allPages({ ...base, filter: { organisationId: "org_2" } })).toEqual([]);
    expect(await allPages({ ...base, filter: { count: 2 } })).toHaveLength(3);
    expect(await allPages({ ...base, filter: { $or: [{ organisationId: "org_2" }, { count: 2 }] } })).toHaveLength(3);
  });

  test("visible may name fields of access that the collection lacks, a filter may not", async () => {
    const without = { organisationId: "org_1", $nor: [{ staffOnly: true, contactUserId: "usr_1" }], boardId: null };
    expect(await allPages({ ...base, visible: without })).toHaveLength(20);
    expect(await allPages({ ...base, visible: { organisationId: "org_1", boardId: { $in: ["brd_1"] } } })).toEqual([]);
    for (const filter of [{ boardId: "brd_1" }, { $or: [{ boardId: "brd_1" }, { count: 2 }] }])
      expect(await refusal(store.list(notes, { ...base, filter }))).toBe("TypeError");
  });

  test("a record that is not visible any more is not on the next page", async () => {
    const { nextCursor } = await store.list(notes, { ...base, limit: 5 });
    const page = await store.list(notes, {
      ...base,
      visible: { organisationId: "nowhere" },
      limit: 5,
      cursor: nextCursor,
    });
    expect(page).toEqual({ items: [], nextCursor: "" });
  });

  test("limits", async () => {
    expect((await store.list(notes, { ...base, limit: 0 })).items).toHaveLength(20);
    for (const limit of [-1, 201, 1.5, Number.NaN])
      expect(await refusal(store.list(notes, { ...base, limit }))).toBe("invalid limit_invalid");
  });

  test("a cursor tells nothing and counts for nobody and nothing else", async () => {
    const options: ListOptions = { ...base, limit: 5, filter: { count: 1 }, sort: { field: "title", direction: 1 } };
    const { nextCursor: cursor } = await store.list(notes, { ...options, limit: 2 });
    expect(Buffer.from(cursor, "base64url").toString("latin1")).not.toMatch(/title|n\d\d/);
    const flipped = [...Buffer.from(cursor, "base64url").keys()].map((at) => {
      const bytes = Buffer.from(cursor, "base64url");
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      return bytes.toString("base64url");
    });
    const wrong: ListOptions[] = [
      { ...options, cursor, call: other },
      { ...options, cursor, call: { caller: { kind: "anonymous" } } },
      { ...options, cursor, filter: { count: 2 } },
      { ...options, cursor, filter: {} },
      { ...options, cursor, sort: { field: "title", direction: -1 } },
      { ...options, cursor, sort: { field: "at", direction: 1 } },
      ...["x", "%00", "null", "a".repeat(5000), `${cursor}A`, cursor.slice(1), ...flipped].map((bad) => ({
        ...options,
        cursor: bad,
      })),
    ];
    for (const list of wrong) expect(await refusal(store.list(notes, list))).toBe("invalid cursor_invalid");
    expect(await refusal(store.list(notes, { ...options, cursor }))).toBe("done");
  });

  test("a key is retired by putting another before it", async () => {
    const rotated = await openTestStore({ database, encryptionKeys: [keyB, keyA] });
    const retired = await openTestStore({ database, encryptionKeys: [keyB] });
    try {
      const { nextCursor: old } = await store.list(notes, { ...base, limit: 5 });
      expect(await refusal(rotated.list(notes, { ...base, cursor: old }))).toBe("done");
      expect(await refusal(retired.list(notes, { ...base, cursor: old }))).toBe("invalid cursor_invalid");
      const { nextCursor: fresh } = await rotated.list(notes, { ...base, limit: 5 });
      expect(await refusal(retired.list(notes, { ...base, cursor: fresh }))).toBe("done");
      expect(await refusal(store.list(notes, { ...base, cursor: fresh }))).toBe("invalid cursor_invalid");
    } finally {
      await Promise.all([rotated.close(), retired.close()]);
    }
  });
});

describe("values never become queries", () => {
  const hostile: [string, unknown][] = [
    ["an operator", { $gt: "" }],
    ["a negation", { $ne: null }],
    ["a pattern", { $regex: ".*" }],
    ["code", { $where: "true" }],
    ["a list", ["title 1", "title 2"]],
    ["nothing", undefined],
  ];
  test.each(hostile)("%s as a value", async (_name, value) => {
    expect(await refusal(store.find(notes, { title: value }))).toBe("TypeError");
    expect(await refusal(store.count(notes, { title: value }))).toBe("TypeError");
    expect(await refusal(store.list(notes, { ...base, filter: { title: value } }))).toBe("TypeError");
    expect(await refusal(store.find(notes, { $or: [{ organisationId: "org_1" }, { title: value }] }))).toBe(
      "TypeError",
    );
    const inTransaction = store.write({ actorId: "a", traceparent: undefined }, async (tx) => {
      await tx.find(notes, { title: value });
      return "found";
    });
    expect(await refusal(inTransaction)).toBe("TypeError");
  });
  test.each([{ $where: "true" }, { $expr: { $eq: [1, 1] } }, { $and: { title: "x" } }, { unknown: 1 }])(
    "the filter %j",
    async (filter) => {
      expect(await refusal(store.find(notes, filter))).toMatch(/TypeError|StrictModeError/);
    },
  );
  test("an object as an id", async () => {
    expect(await refusal(store.get(notes, { $gt: "" } as unknown as string))).toBe("TypeError");
    expect(await refusal(store.get(notes, undefined as unknown as string))).toBe("TypeError");
  });
  test("an error tells no value, neither of a record nor of a filter", async () => {
    const tell = async (failing: Promise<unknown>) => {
      const error: unknown = await failing.catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(Error);
      return inspect(error, { depth: 10 });
    };
    const write = (record: object) =>
      store.write({ actorId: "a", traceparent: undefined }, async (tx) => {
        await tx.insert(notes, { _id: "told", organisationId: "org_1", title: "told", ...record } as Note);
        return "told";
      });
    const texts = [
      await tell(store.find(notes, { at: "Ann" })),
      await tell(write({ at: "Ann" })),
      await tell(write({ count: "Ann" })),
      await tell(write({ title: { $gt: "Ann" } })),
      await tell(write({ title: "title 1" })),
    ];
    for (const text of texts) expect(text).not.toMatch(/Ann|title 1/);
    expect(texts[0]).toContain("at cannot be cast");
    expect(texts.at(-1)).toContain("already_exists");
  });
  test("what code marks is a query, and a text with an operator is a text", async () => {
    expect(await store.find(notes, { title: trusted({ $in: ["title 1", "title 2"] }) })).toHaveLength(2);
    expect(await store.find(notes, trusted({ title: { $in: ["title 1"] } }))).toHaveLength(1);
    expect(await store.find(notes, { title: '{"$gt":""}' })).toEqual([]);
    expect(await store.count(notes, { organisationId: "org_2" })).toBe(5);
  });
  test("a list without a bound is a defect", async () => {
    expect(await refusal(store.find(notes, {}, { limit: 0 }))).toBe("RangeError");
    expect(await refusal(store.find(notes, {}, { limit: 10_001 }))).toBe("RangeError");
    expect(await store.find(notes, {}, { limit: 3 })).toHaveLength(3);
  });
});

describe("collections", () => {
  const open = (collections: readonly CollectionDefinition<Note>[]) =>
    openStore({
      uri: mongodbUri(),
      database,
      collections,
      encryptionKeys: [keyA],
      source: "/x",
      log: silent,
      clock: { now: () => new Date() },
    });

  test("a wrong declaration does not open", async () => {
    const nameless = { ...notes, schema: new Schema<Note>({ title: String }) };
    await expect(open([nameless])).rejects.toThrow("lacks version");
    await expect(open([notes, notes])).rejects.toThrow("twice");
    await expect(open([{ ...notes, name: "journal" }])).rejects.toThrow("own");
    await expect(openTestStore({ database, encryptionKeys: [] })).rejects.toThrow("key");
    await expect(openTestStore({ database, encryptionKeys: ["c2hvcnQ="] })).rejects.toThrow("32 bytes");
  });
  test("a collection that the service has not declared is refused", async () => {
    const foreign = { ...notes, name: "foreign" };
    await expect(async () => store.get(foreign, "x")).rejects.toThrow("not declared");
  });
  test("migrating twice changes nothing, and an index that is declared otherwise now is replaced", async () => {
    const indexed = { ...notes, name: "indexed_notes" };
    const keys = { organisationId: 1, title: 1 } as const;
    const forms = async () => {
      const found = await connection.collection("indexed_notes").indexes();
      return found.flatMap(({ key, unique = false, partialFilterExpression: where }) =>
        "title" in key ? [{ unique, where }] : [],
      );
    };
    const migrated = async (indexes: (typeof indexed)["indexes"]) => {
      const changed = await open([{ ...indexed, indexes }]);
      await changed.migrate();
      await changed.migrate();
      await changed.close();
      return forms();
    };
    const connection = await mongoose.createConnection(mongodbUri(), { dbName: database }).asPromise();
    const where = { count: { $exists: true } };
    expect(await migrated([{ keys, unique: true }])).toEqual([{ unique: true, where: undefined }]);
    expect(await migrated([{ keys, unique: true, where }])).toEqual([{ unique: true, where }]);
    expect(await migrated([{ keys, unique: true, where }, { keys }])).toEqual([
      { unique: true, where },
      { unique: false, where: undefined },
    ]);
    expect(await migrated([{ keys, unique: true }])).toEqual([{ unique: true, where: undefined }]);
    await connection.close();
  });
  test("a closed store refuses, and one whose database is away says so", async () => {
    const closed = await openTestStore({ database });
    await closed.close();
    expect(await refusal(closed.write({ actorId: "a", traceparent: undefined }, async () => "x"))).toBe(
      "unavailable shutting_down",
    );
    await expect(
      openTestStore({ database, uri: "mongodb://127.0.0.1:1/?directConnection=true&serverSelectionTimeoutMS=200" }),
    ).rejects.toThrow();
  });
});
