import { randomUUID } from "node:crypto";
import type { Readable } from "node:stream";
import type { S3Client } from "@aws-sdk/client-s3";
import { eachApart } from "./each-apart.ts";
import type { FileStore } from "./file-store.ts";

/** S3 takes parts of at least 5 MiB, but for the last one. */
const partBytes = 5 * 1024 * 1024;
const underWay = "under-way/";
const kept = "kept/";
const sweepAtMost = 1000;

export interface S3Settings {
  /** Of a store that is not Amazon's; else empty. */
  endpoint: string;
  region: string;
  bucket: string;
}

interface Bucket {
  s3: typeof import("@aws-sdk/client-s3");
  client: S3Client;
  name: string;
}

/** Files in an S3 bucket. Bytes come in under a name of their own and get that of their file when they are kept. */
export async function openS3(settings: S3Settings): Promise<FileStore> {
  // Loaded only where it is used: its many modules would cost every other gateway memory and start-up time.
  const s3 = await import("@aws-sdk/client-s3");
  const { endpoint, region, bucket: name } = settings;
  const place = endpoint === "" ? {} : { endpoint, forcePathStyle: true };
  const checksums = {
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
  } as const;
  const client = new s3.S3Client({ region, ...place, ...checksums });
  const bucket: Bucket = { s3, client, name };
  return {
    async write(fileId, bytes) {
      const Key = `${underWay}${fileId}/${randomUUID()}`;
      await sendInParts(bucket, Key, bytes);
      const drop = () => remove(bucket, Key);
      return {
        drop,
        async keep(sha256) {
          await client.send(
            new s3.CopyObjectCommand({ Bucket: name, Key: keptName(fileId, sha256), CopySource: `${name}/${Key}` }),
          );
          await drop();
        },
      };
    },
    async read({ fileId, sha256, range }) {
      const Range = range ? { Range: `bytes=${range.start}-${range.end}` } : {};
      try {
        const found = await client.send(
          new s3.GetObjectCommand({ Bucket: name, Key: keptName(fileId, sha256), ...Range }),
        );
        return found.Body as Readable | undefined;
      } catch (error) {
        if (error instanceof s3.NoSuchKey) return undefined;
        throw error;
      }
    },
    async remove(fileId, sha256 = "") {
      const Prefix = keptName(fileId, sha256);
      const listed = await client.send(new s3.ListObjectsV2Command({ Bucket: name, Prefix, MaxKeys: sweepAtMost }));
      for (const { Key } of listed.Contents ?? []) if (Key !== undefined) await remove(bucket, Key);
    },
    async sweep(before) {
      const left = [...(await oldObjects(bucket, before)), ...(await oldUploads(bucket, before))];
      const { done, causes } = await eachApart(left, (removeIt) => removeIt());
      return { removed: done.length, causes };
    },
    async close() {
      client.destroy();
    },
  };
}

function keptName(fileId: string, sha256: string): string {
  return `${kept}${fileId}/${sha256}`;
}

async function remove({ s3, client, name }: Bucket, Key: string): Promise<void> {
  await client.send(new s3.DeleteObjectCommand({ Bucket: name, Key }));
}

async function sendInParts({ s3, client, name }: Bucket, Key: string, bytes: AsyncIterable<Buffer>): Promise<void> {
  const to = { Bucket: name, Key };
  const { UploadId } = await client.send(new s3.CreateMultipartUploadCommand(to));
  try {
    const Parts: { PartNumber: number; ETag: string | undefined }[] = [];
    for await (const Body of partsOf(bytes)) {
      const PartNumber = Parts.length + 1;
      const { ETag } = await client.send(new s3.UploadPartCommand({ ...to, UploadId, PartNumber, Body }));
      Parts.push({ PartNumber, ETag });
    }
    await client.send(new s3.CompleteMultipartUploadCommand({ ...to, UploadId, MultipartUpload: { Parts } }));
  } catch (error) {
    await client.send(new s3.AbortMultipartUploadCommand({ ...to, UploadId })).catch(() => undefined);
    throw error;
  }
}

type Removal = () => Promise<void>;

/** What is under way has a place of its own, so that nothing else is looked through; by its names the oldest come first. */
async function oldObjects(bucket: Bucket, before: Date): Promise<Removal[]> {
  const { s3, client, name } = bucket;
  const listed = await client.send(
    new s3.ListObjectsV2Command({ Bucket: name, Prefix: underWay, MaxKeys: sweepAtMost }),
  );
  const old = (listed.Contents ?? []).filter(({ LastModified }) => LastModified !== undefined && LastModified < before);
  return old.flatMap(({ Key }) => (Key === undefined ? [] : [() => remove(bucket, Key)]));
}

/** A process that ended in the middle of an upload leaves it open, and its parts are paid for. */
async function oldUploads({ s3, client, name }: Bucket, before: Date): Promise<Removal[]> {
  const listed = await client.send(
    new s3.ListMultipartUploadsCommand({ Bucket: name, Prefix: underWay, MaxUploads: sweepAtMost }),
  );
  const old = (listed.Uploads ?? []).filter(({ Initiated }) => Initiated !== undefined && Initiated < before);
  return old.map(({ Key, UploadId }) => async () => {
    await client.send(new s3.AbortMultipartUploadCommand({ Bucket: name, Key, UploadId }));
  });
}

/** The same bytes in pieces of a part's size; one that is empty, where there are none at all. */
async function* partsOf(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let held: Buffer[] = [];
  let size = 0;
  let isFirst = true;
  for await (const piece of bytes) {
    held.push(piece);
    size += piece.length;
    if (size < partBytes) continue;
    yield Buffer.concat(held, size);
    held = [];
    size = 0;
    isFirst = false;
  }
  if (size > 0 || isFirst) yield Buffer.concat(held, size);
}
