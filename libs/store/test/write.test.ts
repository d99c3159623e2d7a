import { setTimeout as sleep } from "node:timers/promises";
import { Failure } from "@partake/failure";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Cause, Store, Transaction } from "../src/store.ts";
import { dropDatabase, type Note, newDatabase, notes, openTestStore, uuid } from "./fixtures.ts";

const database = newDatabase();
let store: Store;
let replica: Store;
let serial = 0;

beforeAll(async () => {
  store = await openTestStore({ database });
  await store.migrate();
  replica = await openTestStore({ database });
});
afterAll(async () => {
  await Promise.all([store.close(), replica.close()]);
  await dropDatabase(database);
});

function next(prefix = "note"): string {
  serial += 1;
  return `${prefix}_${serial}`;
}
const plain: Cause = { actorId: "usr_1", traceparent: undefined };
const keyed = (key: string, requestHash = "hash"): Cause => ({
  ...plain,
  idempotencyKey: key,
  requestHash,
  operation: { path: "/test/Write" },
});
const note = (id: string, title = id) => ({ _id: id, organisationId: "org_1", title });
const userChanged = (version: number) =>
  ({ type: "org.partake.user.changed.v1", data: { userId: `usr_${uuid(1)}`, enabled: true, version } }) as const;

const insert =
  (id: string, title = id) =>
  async (tx: Transaction) => {
    await tx.insert(notes, note(id, title));
    tx.emit(userChanged(1));
    return id;
  };

async function refusal(writing: Promise<unknown>): Promise<string> {
  try {
    await writing;
    return "done";
  } catch (error) {
    return error instanceof Failure ? `${error.code} ${error.reason}` : String(error);
  }
}

async function inserted(id: string, by = store): Promise<Note> {
  await by.write(plain, insert(id));
  const record = await by.get(notes, id);
  if (!record) throw new Error(`${id} is not there`);
  return record;
}

describe("all or nothing", () => {
  test("state and event are there together", async () => {
    const before = await store.outbox.depth();
    const id = next();
    expect(await store.write(plain, insert(id))).toEqual({ id, repeated: false });
    expect(await store.get(notes, id)).toEqual({ ...note(id), version: 1 });
    expect(await store.outbox.depth()).toBe(before + 1);
  });

  test("a work that throws leaves neither, whenever it throws", async () => {
    const before = await store.outbox.depth();
    const id = next();
    const throwing = async (tx: Transaction, { sent }: { sent: boolean }) => {
      await insert(id)(tx);
      if (sent) await tx.get(notes, id);
      throw new Failure("conflict", { reason: "thought_better" });
    };
    expect(await refusal(store.write(plain, (tx) => throwing(tx, { sent: false })))).toBe("conflict thought_better");
    expect(await refusal(store.write(plain, (tx) => throwing(tx, { sent: true })))).toBe("conflict thought_better");
    expect(await store.get(notes, id)).toBeUndefined();
    expect(await store.outbox.depth()).toBe(before);
  });

  test("of many at once those that are refused take none of the others with them", async () => {
    const taken = next();
    await inserted(taken);
    const ids = Array.from({ length: 60 }, () => next());
    const ends = await Promise.all(
      ids.map((id, place) => {
        if (place % 3 === 0) return refusal(store.write(plain, insert(taken)));
        if (place % 3 === 1)
          return refusal(
            store.write(plain, async (tx) => {
              await insert(id)(tx);
              if (place % 2 === 0) await tx.get(notes, id);
              throw new Failure("forbidden", { reason: "not_you" });
            }),
          );
        return refusal(store.write(plain, insert(id)));
      }),
    );
    for (const [place, id] of ids.entries()) {
      expect(ends[place]).toBe(["conflict id_taken", "forbidden not_you", "done"][place % 3]);
      expect((await store.get(notes, id)) !== undefined).toBe(place % 3 === 2);
    }
  });

  test("a step that failed fails the write, also where the work catches it or does not wait", async () => {
    const caught = store.write(plain, async (tx) => {
      await tx.insert(notes, { _id: next(), organisationId: "org_1" } as unknown as Note).catch(() => undefined);
      return "caught";
    });
    const notAwaited = store.write(plain, async (tx) => {
      void tx.insert(notes, { ...note(next()), unknown: 1 } as unknown as Note);
      return "not awaited";
    });
    expect(await refusal(caught)).toContain("title");
    expect(await refusal(notAwaited)).toContain("no field unknown");
  });

  test("a transaction cannot be used after its work", async () => {
    let kept: Transaction | undefined;
    await store.write(plain, async (tx) => {
      kept = tx;
      return "over";
    });
    expect(() => kept?.emit(userChanged(1))).toThrow("over");
    await expect(async () => kept?.get(notes, "x")).rejects.toThrow("over");
  });

  test("a transaction sees its own writes, by id and by filter", async () => {
    const id = next();
    await store.write(plain, async (tx) => {
      const made = await tx.insert(notes, note(id));
      const updated = await tx.update(notes, made, { title: `${id} changed`, count: 7 });
      expect(await tx.get(notes, id)).toEqual(updated);
      expect(await tx.find(notes, { title: `${id} changed` })).toHaveLength(1);
      await tx.remove(notes, updated);
      expect(await tx.get(notes, id)).toBeUndefined();
      return id;
    });
    expect(await store.get(notes, id)).toBeUndefined();
  });
});

describe("versions", () => {
  test("a change raises the version, and undefined takes a field away", async () => {
    const record = await inserted(next());
    await store.write(plain, async (tx) => (await tx.update(notes, record, { count: 3 }))._id);
    const second = await store.get(notes, record._id);
    expect(second).toMatchObject({ version: 2, count: 3 });
    await store.write(plain, async (tx) => (await tx.update(notes, second as Note, { count: undefined } as never))._id);
    expect(await store.get(notes, record._id)).toEqual({ ...note(record._id), version: 3 });
  });

  const conflicts: { name: string; ifMatch?: number; stale: boolean; end: string }[] = [
    { name: "the newest version", stale: false, end: "done" },
    { name: "the newest version, as named by If-Match", ifMatch: 2, stale: false, end: "done" },
    { name: "an old version", stale: true, end: "conflict concurrent_change" },
    {
      name: "an old version, as named by If-Match",
      ifMatch: 1,
      stale: true,
      end: "precondition_failed version_mismatch",
    },
    {
      name: "the newest version, If-Match an old one",
      ifMatch: 1,
      stale: false,
      end: "precondition_failed version_mismatch",
    },
    {
      name: "the newest version, If-Match a future one",
      ifMatch: 9,
      stale: false,
      end: "precondition_failed version_mismatch",
    },
  ];
  for (const action of ["update", "remove"] as const)
    test.each(conflicts)(`${action} of $name: $end`, async ({ ifMatch, stale, end }) => {
      const first = await inserted(next());
      await store.write(plain, async (tx) => (await tx.update(notes, first, { count: 1 }))._id);
      const record = stale ? first : ((await store.get(notes, first._id)) as Note);
      const change = store.write({ ...plain, ifMatch }, async (tx) => {
        if (action === "update") await tx.update(notes, record, { count: 2 });
        else await tx.remove(notes, record);
        return record._id;
      });
      expect(await refusal(change)).toBe(end);
      const after = await store.get(notes, first._id);
      if (end === "done") expect(after?.version).toBe(action === "update" ? 3 : undefined);
      else expect(after).toMatchObject({ version: 2, count: 1 });
    });

  test("If-Match counts for the record that the write returns, also where the work only read it", async () => {
    const [main, other] = [await inserted(next()), await inserted(next())];
    await store.write(plain, async (tx) => (await tx.update(notes, main, { count: 1 }))._id);
    const write = (ifMatch: number) =>
      store.write({ ...plain, ifMatch }, async (tx) => {
        const seen = await tx.get(notes, other._id);
        if (seen) await tx.update(notes, seen, { count: (seen.count ?? 0) + 1 });
        await tx.get(notes, main._id);
        return main._id;
      });
    expect(await refusal(write(1))).toBe("precondition_failed version_mismatch");
    expect(await refusal(write(2))).toBe("done");
  });

  test("increments from two replicas at once are all there", async () => {
    const { _id } = await inserted(next());
    const add = (by: Store) =>
      by.write(plain, async (tx) => {
        const record = (await tx.get(notes, _id)) as Note;
        await tx.update(notes, record, { count: (record.count ?? 0) + 1 });
        return _id;
      });
    await Promise.all(Array.from({ length: 40 }, (_, place) => add(place % 2 === 0 ? store : replica)));
    expect(await store.get(notes, _id)).toMatchObject({ count: 40, version: 41 });
  });

  test("a place that is there once is given once, whoever asks at the same time", async () => {
    const title = next("place");
    const ends = await Promise.all(
      Array.from({ length: 30 }, (_, place) =>
        refusal((place % 2 ? store : replica).write(plain, insert(next(), title))),
      ),
    );
    expect(ends.filter((end) => end === "done")).toHaveLength(1);
    expect(ends.filter((end) => end === "conflict already_exists")).toHaveLength(29);
  });
});

describe("once for each key", () => {
  test("the same request again answers with the same id and changes nothing", async () => {
    const [key, id] = [next("key"), next()];
    const depth = await store.outbox.depth();
    expect(await store.write(keyed(key), insert(id))).toEqual({ id, repeated: false });
    expect(await store.write(keyed(key), insert(next()))).toEqual({ id, repeated: true });
    expect(await replica.write(keyed(key), insert(next()))).toEqual({ id, repeated: true });
    expect(await store.outbox.depth()).toBe(depth + 1);
  });

  test("another request with the key, somebody else's key and a key of a refused write", async () => {
    const key = next("key");
    expect(
      await refusal(store.write(keyed(key, "one"), () => Promise.reject(new Failure("forbidden", { reason: "no" })))),
    ).toBe("forbidden no");
    expect(await refusal(store.write(keyed(key, "one"), insert(next())))).toBe("done");
    expect(await refusal(store.write(keyed(key, "two"), insert(next())))).toBe("unprocessable idempotency_key_reused");
    expect(await refusal(store.write({ ...keyed(key, "two"), actorId: "usr_2" }, insert(next())))).toBe("done");
    expect(await refusal(store.write({ ...keyed(key, "two"), operation: { path: "/other" } }, insert(next())))).toBe(
      "done",
    );
  });

  test("the same key twenty times at once, at two replicas: one effect, one answer", async () => {
    const key = next("key");
    const depth = await store.outbox.depth();
    let works = 0;
    const ends = await Promise.all(
      Array.from({ length: 20 }, (_, place) =>
        (place % 2 ? store : replica).write(keyed(key), async (tx) => {
          works += 1;
          await sleep(5);
          return insert(next())(tx);
        }),
      ),
    );
    expect(new Set(ends.map(({ id }) => id)).size).toBe(1);
    expect(ends.filter(({ repeated }) => !repeated)).toHaveLength(1);
    expect(await store.outbox.depth()).toBe(depth + 1);
    expect(works).toBeLessThan(20);
  });

  test("a client's id: same request same resource, other content or person id_taken", async () => {
    const id = next();
    const cause: Cause = { ...plain, requestHash: "a", operation: { path: "/test/Write" } };
    expect(await store.write(cause, insert(id))).toEqual({ id, repeated: false });
    expect(await store.write(cause, insert(id))).toEqual({ id, repeated: true });
    expect(await replica.write(keyed(next("key"), "a"), insert(id))).toEqual({ id, repeated: true });
    expect(await refusal(store.write({ ...cause, requestHash: "b" }, insert(id)))).toBe("conflict id_taken");
    expect(await refusal(store.write({ ...cause, actorId: "usr_2" }, insert(id)))).toBe("conflict id_taken");
    expect(await refusal(store.write(plain, insert(id)))).toBe("conflict id_taken");
    expect(await store.get(notes, id)).toEqual({ ...note(id), version: 1 });
    expect((await store.find(notes, { _id: id }))[0]).toEqual({ ...note(id), version: 1 });
  });

  test("the effect of an event happens once for each group", async () => {
    const of = { group: "projects", source: "/partake/a", eventId: next("event"), cause: plain };
    const work = async (tx: Transaction) => void (await insert(next())(tx));
    expect(await store.effect(of, work)).toBe("done");
    expect(await replica.effect(of, work)).toBe("repeated");
    expect(await store.effect({ ...of, group: "contacts" }, work)).toBe("done");
    expect(await store.effect({ ...of, source: "/partake/b" }, work)).toBe("done");
  });
});

describe("events", () => {
  test.each([
    ["a missing field", { enabled: true, version: 1 }],
    ["an unknown field", { userId: `usr_${uuid(1)}`, enabled: true, version: 1, name: "Ann" }],
    ["a wrong id", { userId: "somebody", enabled: true, version: 1 }],
  ])("%s stops the write and is not repeated in the error", async (_name, data) => {
    const id = next();
    const writing = store.write(plain, async (tx) => {
      await tx.insert(notes, note(id));
      tx.emit({ type: "org.partake.user.changed.v1", data } as never);
      return id;
    });
    const end = await refusal(writing);
    expect(end).toContain("org.partake.user.changed.v1");
    expect(end).not.toMatch(/Ann|somebody/);
    expect(await store.get(notes, id)).toBeUndefined();
  });

  test("an entry keeps key, trace and time; its id sorts after what it follows from", async () => {
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const record = await inserted(next());
    for (let version = 1; version <= 20; version += 1)
      await (version % 2 ? store : replica).write({ ...plain, traceparent }, async (tx) => {
        const current = (await tx.get(notes, record._id)) as Note;
        await tx.update(notes, current, { count: version });
        tx.emit({ type: "org.partake.user.changed.v1", data: { userId: `usr_${uuid(77)}`, enabled: true, version } });
        return record._id;
      });
    const mine = (await store.outbox.read(1000)).filter(({ key }) => key === `usr_${uuid(77)}`);
    expect(mine.map(({ data }) => JSON.parse(data).version)).toEqual(
      Array.from({ length: 20 }, (_, place) => place + 1),
    );
    expect(mine[0]).toMatchObject({ topic: "roles", source: "/partake/test", traceparent });
  });

  test("[R20] an audit entry of no word of the vocabulary stops the write", async () => {
    const secret = { action: "project.peeked", organisationId: `org_${uuid(6)}` } as never;
    const writing = store.write({ actorId: "usr_x", traceparent: undefined }, async (tx) => {
      tx.audit(secret);
      return "audited";
    });
    await expect(writing).rejects.toMatchObject({ message: expect.stringContaining("project.peeked is no word") });
  });

  test("an audit entry becomes an event with ids only", async () => {
    await store.write({ ...plain, actorId: `usr_${uuid(5)}` }, async (tx) => {
      tx.audit({ action: "project.created", organisationId: `org_${uuid(5)}`, subjectId: "prj_x" });
      return "audited";
    });
    const [entry] = (await store.outbox.read(1000)).filter(
      ({ topic, key }) => topic === "audit" && key === `org_${uuid(5)}`,
    );
    expect(JSON.parse(entry?.data ?? "{}")).toMatchObject({
      action: "project.created",
      actorId: `usr_${uuid(5)}`,
      outcome: "done",
      subjectId: "prj_x",
    });
  });

  test("watchers hear of writes of this process and of others", async () => {
    const watching = new AbortController();
    let heard = 0;
    store.outbox.watch(watching.signal, () => {
      heard += 1;
    });
    await expect.poll(() => heard).toBeGreaterThan(0);
    for (const by of [store, replica]) {
      const before = heard;
      await by.write(plain, insert(next()));
      await expect.poll(() => heard, { interval: 5 }).toBeGreaterThan(before);
    }
    watching.abort();
  });
});
