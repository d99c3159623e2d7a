import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { failure } from "@partake/failure";
import { createConnection, mongo } from "mongoose";
import { eachApart } from "./each-apart.ts";
import type { FileStore, StoredFile } from "./file-store.ts";

const documentsName = "files.files";
const piecesName = "files.chunks";
const underWayName = "files.under_way";
const poolSize = 10;
const sweepAtMost = 1000;
const lasting = { writeConcern: { w: "majority", j: true } } as const;

/** Files in GridFS: their bytes in pieces beside a document that tells whose they are. */
export async function openGridFs(options: { uri: string; database: string }): Promise<FileStore> {
  const { connection, database } = await connect(options);
  const bucket = new mongo.GridFSBucket(database, {
    bucketName: "files",
    writeConcern: { w: "majority", journal: true },
  });
  const documents = database.collection(documentsName);
  const underWay = database.collection(underWayName);
  const find = ({ fileId, sha256 }: StoredFile) =>
    documents.findOne({ "metadata.fileId": fileId, "metadata.sha256": sha256 });
  return {
    async write(fileId, bytes) {
      const _id = new mongo.ObjectId();
      // Noted first: whatever a process leaves behind that ends in between is found without looking through what is kept.
      await underWay.insertOne({ _id, begunAt: new Date() }, lasting);
      // Named by nothing that a person wrote.
      const upload = bucket.openUploadStreamWithId(_id, fileId, { metadata: { fileId } });
      try {
        await pipeline(Readable.from(bytes, { objectMode: false }), upload);
      } catch (error) {
        await remove(database, _id);
        throw error;
      }
      return {
        drop: () => remove(database, _id),
        async keep(sha256) {
          if (await find({ fileId, sha256 })) return remove(database, _id);
          const { matchedCount } = await documents.updateOne({ _id }, { $set: { "metadata.sha256": sha256 } }, lasting);
          if (matchedCount === 0) throw failure("unavailable", "upload_too_slow");
          await underWay.deleteOne({ _id }, lasting);
        },
      };
    },
    async read(of) {
      const document = await find(of);
      if (!document) return undefined;
      // GridFS ends before its `end`.
      const range = of.range ? { start: of.range.start, end: of.range.end + 1 } : {};
      return bucket.openDownloadStream(document._id, range);
    },
    async remove(fileId, sha256) {
      const those = { "metadata.fileId": fileId, ...(sha256 !== undefined && { "metadata.sha256": sha256 }) };
      const found = await documents.find(those).project({ _id: 1 }).toArray();
      for (const { _id } of found) await remove(database, _id as mongo.ObjectId);
    },
    async sweep(before) {
      const old = await underWay
        .find({ begunAt: { $lt: before } })
        .sort({ begunAt: 1 })
        .limit(sweepAtMost)
        .toArray();
      const { done, causes } = await eachApart(old, ({ _id }) => removeUnkept(database, _id));
      return { removed: done.length, causes };
    },
    close: () => connection.close(),
  };
}

async function connect({ uri, database }: { uri: string; database: string }) {
  const connection = await createConnection(uri, {
    dbName: database,
    maxPoolSize: poolSize,
    autoCreate: false,
    autoIndex: false,
  }).asPromise();
  return { connection, database: connection.getClient().db(database) as unknown as mongo.Db };
}

/** A file is found by its document, and what was left of an upload by its note: they go last, so what stops in between is done again. */
async function remove(database: mongo.Db, _id: mongo.ObjectId): Promise<void> {
  await database.collection(piecesName).deleteMany({ files_id: _id }, lasting);
  await database.collection(documentsName).deleteOne({ _id }, lasting);
  await database.collection(underWayName).deleteOne({ _id }, lasting);
}

/** One that was kept stays, also where that is done at this moment. */
async function removeUnkept(database: mongo.Db, _id: mongo.ObjectId): Promise<void> {
  const documents = database.collection(documentsName);
  await documents.deleteOne({ _id, "metadata.sha256": { $exists: false } }, lasting);
  if (await documents.findOne({ _id })) await database.collection(underWayName).deleteOne({ _id }, lasting);
  else await remove(database, _id);
}
