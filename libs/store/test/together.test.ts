import { Failure } from "@partake/failure";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Cause, Store } from "../src/store.ts";
import { dropDatabase, type Note, newDatabase, notes, openTestStore, uuid } from "./fixtures.ts";

const database = newDatabase();
const cause: Cause = { actorId: "usr_1", traceparent: undefined };
const accounts = 5;
const each = 4;
let stores: Store[] = [];
let run = 0;

beforeAll(async () => {
  stores = await Promise.all([openTestStore({ database }), openTestStore({ database })]);
  await stores[0]?.migrate();
});
afterAll(async () => {
  await Promise.all(stores.map((store) => store.close()));
  await dropDatabase(database);
});

interface Transfer {
  from: number;
  to: number;
  amount: number;
  replica: number;
  /** Refuses late, after its writes. */
  regrets: boolean;
}

const transfer: fc.Arbitrary<Transfer> = fc.record({
  from: fc.nat(accounts - 1),
  to: fc.nat(accounts - 1),
  amount: fc.integer({ min: 1, max: 3 }),
  replica: fc.nat(1),
  regrets: fc.boolean(),
});

async function move(store: Store, of: Transfer & { id: (number: number) => string }): Promise<boolean> {
  try {
    await store.write(cause, async (tx) => {
      const from = (await tx.get(notes, of.id(of.from))) as Note;
      const left = (from.count ?? 0) - of.amount;
      if (left < 0) throw new Failure("conflict", { reason: "not_enough" });
      await tx.update(notes, from, { count: left });
      const to = (await tx.get(notes, of.id(of.to))) as Note;
      await tx.update(notes, to, { count: (to.count ?? 0) + of.amount });
      tx.emit({ type: "org.partake.user.changed.v1", data: { userId: `usr_${uuid(run)}`, enabled: true, version: 1 } });
      if (of.regrets) throw new Failure("forbidden", { reason: "regretted" });
      return from._id;
    });
    return true;
  } catch (error) {
    if (error instanceof Failure && (error.reason === "not_enough" || error.reason === "regretted")) return false;
    throw error;
  }
}

test("whatever goes together with whatever: sums hold, nothing is overdrawn, an event for each change", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(transfer, { minLength: 10, maxLength: 60 }), async (transfers) => {
      run += 1;
      const prefix = `account_${run}`;
      const id = (number: number) => `${prefix}_${number}`;
      const [first] = stores;
      await first?.write(cause, async (tx) => {
        for (let number = 0; number < accounts; number += 1)
          await tx.insert(notes, { _id: id(number), organisationId: prefix, title: id(number), count: each });
        return prefix;
      });
      const before = (await first?.outbox.depth()) ?? 0;
      const done = await Promise.all(transfers.map((of) => move(stores[of.replica] as Store, { ...of, id })));
      const found = (await first?.find(notes, { organisationId: prefix })) ?? [];
      const counts = found.map(({ count = 0 }) => count);
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(accounts * each);
      expect(Math.min(...counts)).toBeGreaterThanOrEqual(0);
      const changes = done.filter((was) => was).length;
      expect(found.reduce((sum, { version }) => sum + version - 1, 0)).toBe(2 * changes);
      expect(await first?.outbox.depth()).toBe(before + changes);
      for (const [place, { regrets }] of transfers.entries()) if (regrets) expect(done[place]).toBe(false);
    }),
    { numRuns: 12 },
  );
}, 120_000);
