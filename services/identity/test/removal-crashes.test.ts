import { randomBytes } from "node:crypto";
import { hindrances } from "@partake/service";
import { openStore, type Store } from "@partake/store";
import { newId } from "@partake/testing";
import mongoose from "mongoose";
import { afterAll, beforeAll, expect, test } from "vitest";
import { endRemovedScopes } from "../src/removed-scopes.ts";
import { collections } from "../src/store/collections.ts";
import { addGrants } from "../src/store/grant-changes.ts";
import { grants } from "../src/store/grants.ts";
import { noteRemoved, removedScopes } from "../src/store/removed-scopes.ts";

const uri = process.env["MONGODB_URI"] ?? "";
const clock = { now: () => new Date() };
const database = `idr${randomBytes(4).toString("hex")}_identity`;
const log = { debug() {}, info() {}, warn() {}, error() {} };
const cause = { actorId: "service:test", traceparent: undefined };
let store: Store;

beforeAll(async () => {
  const encryptionKeys = [randomBytes(32).toString("base64")];
  const stored = [...collections, hindrances];
  const source = "/partake/identity";
  store = await openStore({ uri, database, collections: stored, encryptionKeys, source, log, clock });
  await store.migrate();
});
afterAll(async () => {
  await store?.close();
  const connection = await mongoose.createConnection(uri, { dbName: database }).asPromise();
  await connection.dropDatabase();
  await connection.close();
});

/** A process that dies after so many writes: at the next one, before it or after its commit. */
function dying(of: { writes: number; when: "before" | "after" }): Store {
  let left = of.writes;
  const write: Store["write"] = async (why, work) => {
    if (left < 0) throw new Error("dead");
    if (left > 0 || of.when === "after") await store.write(why, work);
    left -= 1;
    if (left < 0) throw new Error("died");
    return { id: "", repeated: false };
  };
  return Object.assign(Object.create(store) as Store, { write });
}

test("[P6] a process that dies at any write of it leaves a removal that the next one finishes, each role taken once", async () => {
  const [organisationId, projectId] = [newId("org"), newId("prj")];
  const give = (count: number) => {
    const on = { organisationId, role: "board_member", projectId, origin: "given", grantedBy: "service:test" } as const;
    const made = Array.from({ length: count }, () => ({ id: newId("grn"), userId: newId("usr"), scope: newId("brd") }));
    return store.write(cause, async (tx) => {
      await addGrants(
        tx,
        made.map((of) => ({ ...of, ...on })),
      );
      return projectId;
    });
  };
  for (const count of [120, 110]) await give(count);
  await store.write(cause, async (tx) => {
    await noteRemoved(tx, { scope: projectId, organisationId });
    return projectId;
  });
  expect(await give(1).then(String, (error: Error) => error.message)).toContain("not_found");
  const isPending = async () => (await store.get(removedScopes, projectId))?.pending;
  let deaths = 0;
  for (; await isPending(); deaths += 1) {
    const parts = { store: dying({ writes: deaths >> 1, when: deaths % 2 === 0 ? "before" : "after" }), log, clock };
    await endRemovedScopes(parts).catch(() => undefined);
    if (deaths > 40) break;
  }
  expect(deaths).toBeGreaterThan(5);
  expect(await isPending()).toBe(false);
  expect(await store.find(grants, { organisationId, projectId, removed: false }, { limit: 1 })).toEqual([]);
  const connection = await mongoose.createConnection(uri, { dbName: database }).asPromise();
  const told = await connection
    .collection("journal")
    .find({ data: /role\.taken/ })
    .toArray();
  await connection.close();
  expect(told).toHaveLength(230);
  expect(told.every(({ data }) => String(data).includes("project_removed"))).toBe(true);
});
