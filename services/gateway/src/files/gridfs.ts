import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createConnection, mongo } from "mongoose";
import type { FileStore, StoredFile } from "./file-store.ts";

const documentsName = "files.files";
const piecesName = "files.chunks";
const poolSize = 10;
const sweepAtMost = 1000;
/** What is older was swept before. */
const sweepBackMs = 7 * 24 * 3600 * 1000;
const lasting = { writeConcern: { w: "majority", j: true } } as const;

/** Files in GridFS: their bytes in pieces beside a document that tells whose they are. */
export async function openGridFs(options: { uri: string; database: string }): Promise<FileStore> {
  const { connection, database } = await connect(options);
  const bucket = new mongo.GridFSBucket(database, {
    bucketName: "files",
    writeConcern: { w: "majority", journal: true },
  });
  const documents = database.collection(documentsName);
  const find = ({ fileId, sha256 }: StoredFile) =>
    documents.findOne({ "metadata.fileId": fileId, "metadata.sha256": sha256 });
  return {
    async write(fileId, bytes) {
      // Named by nothing that a person wrote.
      const upload = bucket.openUploadStream(fileId, { metadata: { fileId } });
      try {
        await pipeline(Readable.from(bytes, { objectMode: false }), upload);
      } catch (error) {
        await remove(database, upload.id);
        throw error;
      }
      return {
        drop: () => remove(database, upload.id),
        async keep(sha256) {
          if (await find({ fileId, sha256 })) return remove(database, upload.id);
          await documents.updateOne({ _id: upload.id }, { $set: { "metadata.sha256": sha256 } }, lasting);
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
    async remove(fileId) {
      const found = await documents.find({ "metadata.fileId": fileId }).project({ _id: 1 }).toArray();
      for (const { _id } of found) await remove(database, _id as mongo.ObjectId);
    },
    async sweep(before) {
      const since = new Date(before.getTime() - sweepBackMs);
      const filter = { uploadDate: { $gte: since, $lt: before }, "metadata.sha256": { $exists: false } };
      const unkept = await documents.find(filter).project({ _id: 1 }).limit(sweepAtMost).toArray();
      const cut = await cutUploads(database, { since, before });
      for (const { _id } of [...unkept, ...cut]) await remove(database, _id as mongo.ObjectId);
      return unkept.length + cut.length;
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

async function remove(database: mongo.Db, id: mongo.ObjectId): Promise<void> {
  await database.collection(documentsName).deleteOne({ _id: id }, lasting);
  await database.collection(piecesName).deleteMany({ files_id: id }, lasting);
}

/** A process that ended in the middle of an upload leaves pieces without a document. An ObjectId begins with its time. */
function cutUploads(database: mongo.Db, span: { since: Date; before: Date }) {
  const idAt = (time: Date) => mongo.ObjectId.createFromTime(Math.floor(time.getTime() / 1000));
  return database
    .collection(piecesName)
    .aggregate<{ _id: mongo.ObjectId }>([
      { $match: { _id: { $gte: idAt(span.since), $lt: idAt(span.before) }, n: 0 } },
      { $lookup: { from: documentsName, localField: "files_id", foreignField: "_id", as: "documents" } },
      { $match: { documents: { $size: 0 } } },
      { $limit: sweepAtMost },
      { $project: { _id: "$files_id" } },
    ])
    .toArray();
}
