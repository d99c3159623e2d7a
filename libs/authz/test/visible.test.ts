import { randomBytes } from "node:crypto";
import fc from "fast-check";
import mongoose from "mongoose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { UserCaller } from "../src/caller.ts";
import { may, visible } from "../src/decide.ts";
import type { RecordScope } from "../src/facts.ts";
import { policy } from "../src/policy.ts";
import { caller, record } from "./worlds.ts";

// MongoDB itself answers the filters.

const world = fc.record({ caller, records: fc.array(record, { minLength: 12, maxLength: 40 }) });

const permissions = Object.keys(policy);

/** The same short run in every `npm test`; a long one, new each time, in `npm run prove`. A failure prints its seed. */
const runs = process.env["PARTAKE_PROVE"] ? { numRuns: 5_000 } : { numRuns: 200, seed: 20_260_302 };

/** Whether the caller was refused only because a right was withheld from them. */
function wouldHoldIfGiven({ rights, ...caller }: UserCaller, permission: string, record: RecordScope): boolean {
  const { grants } = rights;
  if (!grants.withheld?.size) return false;
  const given = { ...grants, withheld: new Set<string>(), checks: new Map() };
  return may({ ...caller, rights: { ...rights, grants: given } }, permission, record);
}

type Doc = RecordScope & { _id: string; world: string };

describe("visible is may, record by record", () => {
  let connection: mongoose.Connection;
  let collection: mongoose.Collection<Doc>;

  beforeAll(async () => {
    const uri = process.env["MONGODB_URI"];
    if (!uri) throw new Error("MONGODB_URI names the MongoDB of the tests");
    connection = await mongoose
      .createConnection(uri, { dbName: `authz_${randomBytes(6).toString("hex")}` })
      .asPromise();
    collection = connection.collection<Doc>("records");
  });
  afterAll(async () => {
    await connection?.dropDatabase();
    await connection?.close();
  });

  /** What each permission's filter finds in one world, by one question to the database. */
  async function matches(caller: UserCaller, world: string): Promise<Set<string>[]> {
    const facets = permissions.map((permission, index) => [
      `f${index}`,
      [{ $match: visible(caller, permission) }, { $project: { _id: 1 } }],
    ]);
    const [found] = await collection
      .aggregate([{ $match: { world } }, { $facet: Object.fromEntries(facets) }])
      .toArray();
    return permissions.map((_, index) => new Set((found?.[`f${index}`] as Doc[] | undefined)?.map(({ _id }) => _id)));
  }

  it("[R2 R3 R16] for every permission, in worlds made at random", { timeout: 900_000 }, async () => {
    const agreed = { yes: 0, no: 0, withheld: 0 };
    await fc.assert(
      fc.asyncProperty(world, async ({ caller, records }) => {
        const id = randomBytes(6).toString("hex");
        const docs = records.map((one, index): Doc => ({ ...one, _id: `${id}_${index}`, world: id }));
        await collection.insertMany(docs);
        const found = await matches(caller, id);
        const wrong = permissions.flatMap((permission, index) =>
          docs.flatMap((doc) => {
            const allowed = may(caller, permission, doc);
            agreed[allowed ? "yes" : "no"] += 1;
            if (wouldHoldIfGiven(caller, permission, doc) && !allowed) agreed.withheld += 1;
            const isVisible = found[index]?.has(doc._id) ?? false;
            return allowed === isVisible ? [] : [{ permission, allowed, doc, filter: visible(caller, permission) }];
          }),
        );
        expect(wrong).toEqual([]);
      }),
      runs,
    );
    // Worlds in which everything is refused would prove nothing.
    expect(agreed.yes).toBeGreaterThan(5_000);
    expect(agreed.no).toBeGreaterThan(5_000);
    // And so would worlds in which no withheld right ever decided.
    expect(agreed.withheld).toBeGreaterThan(50);
  });
});
