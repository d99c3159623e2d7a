// Both stores of files keep the same promises.
import { createHash, randomBytes } from "node:crypto";
import { buffer } from "node:stream/consumers";
import mongoose from "mongoose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { FileStore, StoredFile } from "../src/files/file-store.ts";
import { openGridFs } from "../src/files/gridfs.ts";
import { openS3 } from "../src/files/s3.ts";
import { type S3StandIn, startS3 } from "./s3-stand-in.ts";

const uri = process.env["MONGODB_URI"] ?? "";
const database = `test_gateway_files_${randomBytes(4).toString("hex")}`;
const mebibyte = 1024 * 1024;
let s3: S3StandIn;
const stores: Partial<Record<"gridfs" | "s3", FileStore>> = {};

beforeAll(async () => {
  s3 = await startS3();
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" });
  stores.gridfs = await openGridFs({ uri, database });
  stores.s3 = await openS3({ endpoint: s3.url, region: "us-east-1", bucket: "files" });
});
afterAll(async () => {
  await Promise.all(Object.values(stores).map((store) => store.close()));
  await s3.stop();
  const connection = await mongoose.createConnection(uri, { dbName: database }).asPromise();
  await connection.dropDatabase();
  await connection.close();
});

const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");
async function* pieces(bytes: Buffer, failAfter = Number.POSITIVE_INFINITY): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 100_000) {
    if (at >= failAfter) throw new Error("cut");
    yield bytes.subarray(at, at + 100_000);
  }
}
const inAnHour = () => new Date(Date.now() + 3_600_000);

describe.each(["gridfs", "s3"] as const)("files in %s", (name) => {
  const store = () => stores[name] as FileStore;
  const swept = async (before: Date) => (await store().sweep(before)).removed;
  const read = async (of: StoredFile) => {
    const found = await store().read(of);
    return found && buffer(found);
  };

  test.each([
    ["nothing", 0],
    ["a little", 10],
    ["several parts", 12 * mebibyte + 5],
  ])("%s is the same when it is read", async (_, size) => {
    const bytes = randomBytes(size);
    const written = await store().write("fil_1", pieces(bytes));
    expect(await read({ fileId: "fil_1", sha256: sha256(bytes) })).toBeUndefined();
    await written.keep(sha256(bytes));
    expect((await read({ fileId: "fil_1", sha256: sha256(bytes) }))?.equals(bytes)).toBe(true);
    if (size > 5)
      expect(await read({ fileId: "fil_1", sha256: sha256(bytes), range: { start: 2, end: 4 } })).toEqual(
        bytes.subarray(2, 5),
      );
  });

  test("removed, nothing of a file is left, and nothing of others is gone", async () => {
    const bytes = Buffer.from("picture");
    for (const id of ["img_1", "img_2"]) await (await store().write(id, pieces(bytes))).keep(sha256(bytes));
    await store().remove("img_1");
    await store().remove("img_1");
    expect(await read({ fileId: "img_1", sha256: sha256(bytes) })).toBeUndefined();
    expect(await read({ fileId: "img_2", sha256: sha256(bytes) })).toEqual(bytes);
  });

  test("removed by a digest, what else a file has is left", async () => {
    const [one, other] = [Buffer.from("one"), Buffer.from("other")];
    for (const bytes of [one, other]) await (await store().write("fil_16", pieces(bytes))).keep(sha256(bytes));
    await store().remove("fil_16", sha256(other));
    expect(await read({ fileId: "fil_16", sha256: sha256(other) })).toBeUndefined();
    expect(await read({ fileId: "fil_16", sha256: sha256(one) })).toEqual(one);
  });

  test("found by file and digest alone", async () => {
    const bytes = Buffer.from("text");
    await (await store().write("fil_2", pieces(bytes))).keep(sha256(bytes));
    expect(await read({ fileId: "fil_3", sha256: sha256(bytes) })).toBeUndefined();
    expect(await read({ fileId: "fil_2", sha256: "0".repeat(64) })).toBeUndefined();
  });

  test("the same file kept twice is there once more or the same, and readable", async () => {
    const bytes = Buffer.from("again");
    for (let count = 0; count < 2; count += 1) await (await store().write("fil_4", pieces(bytes))).keep(sha256(bytes));
    expect(await read({ fileId: "fil_4", sha256: sha256(bytes) })).toEqual(bytes);
    expect(await swept(inAnHour())).toBe(0);
  });

  test("bytes that are cut off, or dropped, leave nothing", async () => {
    const bytes = randomBytes(7 * mebibyte);
    await expect(store().write("fil_5", pieces(bytes, 6 * mebibyte))).rejects.toThrow("cut");
    await (await store().write("fil_5", pieces(bytes))).drop();
    expect(await read({ fileId: "fil_5", sha256: sha256(bytes) })).toBeUndefined();
    expect(await swept(inAnHour())).toBe(0);
  });

  test("what was never kept is swept when it is old, and what is kept or young stays", async () => {
    const [kept, unkept] = [Buffer.from("kept"), Buffer.from("unkept")];
    await (await store().write("fil_6", pieces(kept))).keep(sha256(kept));
    await store().write("fil_7", pieces(unkept));
    expect(await swept(new Date(Date.now() - 60_000))).toBe(0);
    expect(await swept(inAnHour())).toBe(1);
    expect(await swept(inAnHour())).toBe(0);
    expect(await read({ fileId: "fil_6", sha256: sha256(kept) })).toEqual(kept);
  });

  test("what was swept while it came in is not kept any more", async () => {
    const bytes = Buffer.from("late");
    const written = await store().write("fil_15", pieces(bytes));
    expect(await swept(inAnHour())).toBe(1);
    await expect(written.keep(sha256(bytes))).rejects.toThrow();
    expect(await read({ fileId: "fil_15", sha256: sha256(bytes) })).toBeUndefined();
  });
});

test("S3: an upload that a process left open is aborted, and a refused part fails the whole", async () => {
  const store = stores.s3 as FileStore;
  s3.uploads.set("left", { key: "under-way/fil_8/x", parts: new Map(), begun: new Date(0) });
  expect((await store.sweep(new Date())).removed).toBe(1);
  s3.refusesParts = true;
  await expect(store.write("fil_9", pieces(Buffer.from("x")))).rejects.toThrow();
  s3.refusesParts = false;
  expect(s3.uploads.size).toBe(0);
});

test("S3: what cannot be removed keeps nothing else", async () => {
  const store = stores.s3 as FileStore;
  for (const id of ["fil_10", "fil_11", "fil_12"]) await store.write(id, pieces(Buffer.from("x")));
  const [stuck = ""] = [...s3.objects.keys()].filter((key) => key.startsWith("under-way/fil_10/"));
  s3.refusesToDrop = stuck;
  expect(await store.sweep(inAnHour())).toMatchObject({ removed: 2, causes: [{ name: "AccessDenied" }] });
  s3.refusesToDrop = undefined;
  expect(await store.sweep(inAnHour())).toEqual({ removed: 1, causes: [] });
});

describe("GridFS", () => {
  let connection: mongoose.Connection;
  beforeAll(async () => {
    connection = await mongoose.createConnection(uri, { dbName: database }).asPromise();
  });
  afterAll(() => connection.close());
  const underWay = () => connection.collection("files.under_way");
  const chunks = () => connection.collection("files.chunks");
  const begunAt = new Date(0);

  test("pieces that a process left without a document are swept", async () => {
    const files_id = new mongoose.mongo.ObjectId();
    await underWay().insertOne({ _id: files_id, begunAt });
    await chunks().insertMany([0, 1].map((n) => ({ files_id, n, data: Buffer.from("x") })));
    expect((await (stores.gridfs as FileStore).sweep(inAnHour())).removed).toBe(1);
    expect(await chunks().countDocuments({ files_id })).toBe(0);
    expect(await underWay().countDocuments()).toBe(0);
  });

  test("a file that was kept right before its process ended stays", async () => {
    const store = stores.gridfs as FileStore;
    const bytes = Buffer.from("kept");
    await (await store.write("fil_13", pieces(bytes))).keep(sha256(bytes));
    const document = await connection.collection("files.files").findOne({ "metadata.fileId": "fil_13" });
    await underWay().insertOne({ _id: document?._id as mongoose.mongo.ObjectId, begunAt });
    await store.sweep(inAnHour());
    expect(await underWay().countDocuments()).toBe(0);
    expect(await store.read({ fileId: "fil_13", sha256: sha256(bytes) })).toBeDefined();
  });

  test("a removal that was cut off in the middle is done when it is done again", async () => {
    const store = stores.gridfs as FileStore;
    const bytes = Buffer.from("half");
    await (await store.write("fil_14", pieces(bytes))).keep(sha256(bytes));
    const documents = connection.collection("files.files");
    const document = await documents.findOne({ "metadata.fileId": "fil_14" });
    await chunks().deleteMany({ files_id: document?._id });
    await store.remove("fil_14");
    expect(await documents.countDocuments({ "metadata.fileId": "fil_14" })).toBe(0);
  });
});
