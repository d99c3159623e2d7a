// As much of S3 as the gateway speaks, in memory: multipart uploads, copies, ranges, listings. Signatures are not checked.
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface S3StandIn {
  url: string;
  objects: Map<string, { body: Buffer; modified: Date }>;
  uploads: Map<string, { key: string; parts: Map<number, Buffer>; begun: Date }>;
  /** Whether the next part of an upload is refused. */
  refusesParts: boolean;
  /** The object that is not to be removed. */
  refusesToDrop: string | undefined;
  stop(): Promise<void>;
}

interface Asked {
  method: string;
  key: string;
  query: URLSearchParams;
  headers: IncomingMessage["headers"];
  body: Buffer;
}

interface Given {
  status: number;
  headers?: Record<string, string>;
  body?: string | Buffer;
}

export async function startS3(): Promise<S3StandIn> {
  const server = createServer((request, response) => {
    take(request).then(
      (asked) => give(response, answer(standIn, asked)),
      () => response.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const standIn: S3StandIn = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    objects: new Map(),
    uploads: new Map(),
    refusesParts: false,
    refusesToDrop: undefined,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return standIn;
}

async function take(request: IncomingMessage): Promise<Asked> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const url = new URL(request.url ?? "/", "http://s3");
  const key = decodeURIComponent(url.pathname.split("/").slice(2).join("/"));
  return {
    method: request.method ?? "",
    key,
    query: url.searchParams,
    headers: request.headers,
    body: Buffer.concat(chunks),
  };
}

function give(response: ServerResponse, { status, headers = {}, body = "" }: Given): void {
  response
    .writeHead(status, {
      "content-type": "application/xml",
      "content-length": String(Buffer.byteLength(body)),
      ...headers,
    })
    .end(body);
}

function answer(s3: S3StandIn, asked: Asked): Given {
  const { method, query } = asked;
  if (method === "POST") return query.has("uploads") ? begin(s3, asked) : complete(s3, asked);
  if (method === "PUT") return asked.headers["x-amz-copy-source"] === undefined ? part(s3, asked) : copy(s3, asked);
  if (method === "DELETE") return drop(s3, asked);
  if (query.has("uploads"))
    return {
      status: 200,
      body: listing(
        "ListMultipartUploadsResult",
        [...s3.uploads].map(
          ([id, { key, begun }]) =>
            `<Upload><Key>${key}</Key><UploadId>${id}</UploadId><Initiated>${begun.toISOString()}</Initiated></Upload>`,
        ),
      ),
    };
  if (query.has("list-type")) return list(s3, query.get("prefix") ?? "");
  return read(s3, asked);
}

function begin(s3: S3StandIn, { key }: Asked): Given {
  const id = `upload-${s3.uploads.size}-${key.length}`;
  s3.uploads.set(id, { key, parts: new Map(), begun: new Date() });
  return {
    status: 200,
    body: `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
  };
}

function part(s3: S3StandIn, { query, body }: Asked): Given {
  if (s3.refusesParts) return { status: 400, body: "<Error><Code>InvalidPart</Code></Error>" };
  s3.uploads.get(query.get("uploadId") ?? "")?.parts.set(Number(query.get("partNumber")), body);
  return { status: 200, headers: { etag: `"${createHash("md5").update(body).digest("hex")}"` } };
}

function complete(s3: S3StandIn, { key, query }: Asked): Given {
  const id = query.get("uploadId") ?? "";
  const parts = [...(s3.uploads.get(id)?.parts ?? [])].sort(([a], [b]) => a - b).map(([, body]) => body);
  // All but the last are large enough, as S3 wants it.
  if (parts.slice(0, -1).some((body) => body.length < 5 * 1024 * 1024))
    return { status: 400, body: "<Error><Code>EntityTooSmall</Code></Error>" };
  s3.uploads.delete(id);
  s3.objects.set(key, { body: Buffer.concat(parts), modified: new Date() });
  return { status: 200, body: "<CompleteMultipartUploadResult/>" };
}

function copy(s3: S3StandIn, { key, headers }: Asked): Given {
  const from = decodeURIComponent(String(headers["x-amz-copy-source"])).split("/").slice(1).join("/");
  const found = s3.objects.get(from);
  if (!found) return { status: 404, body: "<Error><Code>NoSuchKey</Code></Error>" };
  s3.objects.set(key, found);
  return { status: 200, body: "<CopyObjectResult/>" };
}

function drop(s3: S3StandIn, { key, query }: Asked): Given {
  const upload = query.get("uploadId");
  if (key === s3.refusesToDrop) return { status: 403, body: "<Error><Code>AccessDenied</Code></Error>" };
  if (upload === null) s3.objects.delete(key);
  else s3.uploads.delete(upload);
  return { status: 204 };
}

function list(s3: S3StandIn, prefix: string): Given {
  const found = [...s3.objects].filter(([key]) => key.startsWith(prefix));
  return {
    status: 200,
    body: listing(
      "ListBucketResult",
      found.map(
        ([key, { modified }]) =>
          `<Contents><Key>${key}</Key><LastModified>${modified.toISOString()}</LastModified></Contents>`,
      ),
    ),
  };
}

function listing(name: string, items: readonly string[]): string {
  return `<${name}>${items.join("")}</${name}>`;
}

function read(s3: S3StandIn, { key, headers }: Asked): Given {
  const found = s3.objects.get(key);
  if (!found) return { status: 404, body: "<Error><Code>NoSuchKey</Code></Error>" };
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? "") ?? [];
  if (first === undefined) return { status: 200, body: found.body };
  return { status: 206, body: found.body.subarray(Number(first), Number(last) + 1) };
}
