import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Operation } from "@partake/contract";
import { asFailure, failure } from "@partake/failure";
import { requireAccepted } from "../accept.ts";
import type { Answer, Exchange, Params } from "../exchange.ts";
import { readPreconditions } from "../preconditions.ts";
import { asPrincipal, type Principal, requirePrincipal } from "../principal.ts";
import type { Routed } from "../routes.ts";
import { locationOf, type Message, refuseQuery, requireValid } from "../transcode.ts";
import { callAs, type UnaryParts } from "../unary.ts";
import { byteSource } from "./byte-source.ts";
import { readFileName } from "./file-name.ts";
import type { FileStore } from "./file-store.ts";
import type { FileKind } from "./kinds.ts";
import { type MediaType, mediaTypeOf } from "./media-types.ts";

export interface UploadParts extends UnaryParts {
  files: FileStore;
  limitUpload(exchange: Exchange, principal: Principal): void;
}

const silenceMs = 30_000;

/** What the service of the file's record says of it. */
interface FileRecord {
  id: string;
  name: string;
  mediaType: string;
  size: number;
  sha256: string;
}

/**
 * Announces a file to the service that owns its record, which says whether this person may add it; takes the bytes in; and tells
 * the service what they are. A record is complete only when its bytes are there, and bytes are handed out only by the record.
 */
export async function upload(
  parts: UploadParts,
  exchange: Exchange,
  found: { operation: Routed; params: Params; kind: FileKind },
): Promise<Answer> {
  const { operation, params, kind } = found;
  const { request } = exchange;
  requireAccepted(request.headers.accept, "application/json");
  const principal = await parts.principal(exchange);
  parts.limitUser(exchange, principal);
  requirePrincipal(operation, principal);
  parts.limitUpload(exchange, principal);
  const { idempotencyKey = "" } = readPreconditions(operation, request);
  refuseQuery(operation, exchange.query);
  const message: Message = Object.fromEntries(operation.route.pathFields.map((field) => [field, params[field] ?? ""]));
  requireValid(operation.request, message);
  // Whoever may send nothing here is told that first, and not what is wrong with what they sent.
  const allowed = await asPrincipal(principal, async (current) => {
    await parts.enforcer.authorize({ operation, request: message, verified: current.verified });
    return current;
  });
  const mediaType = readMediaType(request, kind);
  const name = readFileName(request.headers["content-disposition"], mediaType.extension);
  const id = await parts.makeId({
    userId: userIdOf(principal),
    operation: operation.path,
    idempotencyKey,
    prefix: kind.prefix,
  });
  const ask = { parts, exchange, principal, idempotencyKey };
  const announced = { id, ...kind.belongsTo(message), name, mediaType: mediaType.name };
  const announcer = await asPrincipal(allowed, async (current) => {
    await callFor({ ...ask, principal: current }, kind.create, announced);
    return current;
  });
  const facts = await takeIn(parts.files, { fileId: id, request, mediaType, mostBytes: kind.mostBytes });
  const completing = asPrincipal(announcer, (current) =>
    callFor({ ...ask, principal: current }, kind.complete, { [kind.idField]: id, ...facts }),
  );
  const record = (await completing.catch(async (refusal: unknown) => {
    if (isOfOthers(refusal)) await parts.files.remove(id, facts.sha256);
    throw refusal;
  })) as FileRecord;
  const answer = {
    id: record.id,
    name: record.name,
    mediaType: record.mediaType,
    size: record.size,
    sha256: record.sha256,
  };
  const headers = [
    "content-type",
    "application/json",
    "cache-control",
    "no-store",
    "location",
    locationOf(operation, id) ?? "/",
  ];
  return { status: operation.route.status, headers, body: JSON.stringify(answer) };
}

/**
 * Whether the record says other bytes than these, which the same key brought before: these have no owner then. However else it is
 * refused, it may be complete with them by another try, and else its service says when they go.
 */
function isOfOthers(refusal: unknown): boolean {
  const { code, reason } = asFailure(refusal);
  return code === "conflict" && reason === "already_exists";
}

interface Ask {
  parts: UploadParts;
  exchange: Exchange;
  principal: Principal;
  idempotencyKey: string;
}

function callFor(
  { parts, exchange, principal, idempotencyKey }: Ask,
  operation: Operation,
  message: Message,
): Promise<object> {
  return callAs(parts, { exchange, operation, message, principal, preconditions: { idempotencyKey } });
}

function userIdOf({ verified }: Principal): string {
  if (verified.caller.kind !== "user") throw failure("unauthenticated", "token_missing");
  return verified.caller.userId;
}

function readMediaType({ headers }: IncomingMessage, { mostBytes, onlyTypes }: FileKind): MediaType {
  if ((headers["content-encoding"] ?? "identity") !== "identity")
    throw failure("unsupported_media_type", "content_encoding");
  if (Number(headers["content-length"] ?? 0) > mostBytes) throw tooLarge(mostBytes);
  const mediaType = mediaTypeOf(headers["content-type"]);
  if (onlyTypes?.test(mediaType.name) === false) throw failure("unsupported_media_type", "file_type");
  return mediaType;
}

/** Bytes go through the reader of their format, which refuses what they are not, into the store. */
async function takeIn(
  files: FileStore,
  of: { fileId: string; request: IncomingMessage; mediaType: MediaType; mostBytes: number },
): Promise<{ size: number; sha256: string }> {
  const hash = createHash("sha256");
  let size = 0;
  const { format } = of.mediaType;
  const checked = async function* () {
    for await (const piece of format(byteSource(bounded(of.request, of.mostBytes)))) {
      hash.update(piece);
      size += piece.length;
      yield piece;
    }
  };
  const written = await files.write(of.fileId, checked());
  const sha256 = hash.digest("hex");
  await written.keep(sha256);
  return { size, sha256 };
}

/** The body as it comes, to its bound. A client that sends nothing for long, or goes away, ends it with a failure. */
async function* bounded(request: IncomingMessage, mostBytes: number): AsyncGenerator<Buffer> {
  let size = 0;
  request.setTimeout(silenceMs, () => request.destroy(failure("invalid", "body_too_slow")));
  try {
    for await (const piece of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      size += piece.length;
      if (size > mostBytes) throw tooLarge(mostBytes);
      yield piece;
    }
  } catch (error) {
    if (request.destroyed && !request.complete) throw failure("cancelled", "client_gone", { cause: error });
    throw error;
  }
}

function tooLarge(mostBytes: number) {
  return failure("too_large", "file_too_large", {
    errors: [{ pointer: "", code: "too_large", message: `must have at most ${mostBytes} bytes` }],
  });
}
