import { pipeline } from "node:stream/promises";
import { failure } from "@partake/failure";
import { cacheHeaders, matches } from "../caching.ts";
import type { Answer, Exchange, Params } from "../exchange.ts";
import type { Attendance } from "../live/attendance.ts";
import { asPrincipal, type Principal, requirePrincipal, visitor } from "../principal.ts";
import type { Routed } from "../routes.ts";
import type { HeaderList } from "../security-headers.ts";
import { readMessage } from "../transcode.ts";
import { callAs, type UnaryParts } from "../unary.ts";
import { attachmentOf } from "./file-name.ts";
import type { ByteRange, FileStore } from "./file-store.ts";
import type { FileReader } from "./kinds.ts";

export interface DownloadParts extends UnaryParts {
  files: FileStore;
  fileHeaders: HeaderList;
  /** Has a download looked at again when its person's rights change. */
  attendance: Attendance;
}

interface FileRecord {
  id: string;
  name: string;
  mediaType: string;
  size: number;
  sha256: string;
  state: string;
}

const silenceMs = 60_000;
const rangeForm = /^bytes=(\d{0,15})-(\d{0,15})$/;

/** Hands a file out to whom the service of its record lets see it now: a link that worked yesterday is asked about again today. */
export async function download(
  parts: DownloadParts,
  exchange: Exchange,
  found: { operation: Routed; params: Params; reader: FileReader },
): Promise<Answer | undefined> {
  const { operation, reader } = found;
  const message = await readMessage(exchange, found);
  const place = message["organisation"] as string | undefined;
  const isForAll = operation.cacheSeconds !== undefined;
  const principal = isForAll ? await visitor(parts.enforcer) : await parts.principal(exchange, place);
  parts.limitUser(exchange, principal);
  requirePrincipal(operation, principal);
  const request = Object.fromEntries(reader.fields.map((field) => [field, message[field]]));
  const look = async (current: Principal) => {
    await parts.enforcer.authorize({ operation, request: message, verified: current.verified });
    const asked = { exchange, operation: reader.get, message: request, principal: current };
    return (await callAs(parts, asked)) as FileRecord;
  };
  // A session's token may have ended by then, and the session not.
  const lookAgain = () =>
    asPrincipal(principal, async (current) => {
      const verified = await parts.enforcer.authenticate({ authorization: `Bearer ${current.token}` });
      if (!(await current.isOpen())) throw failure("unauthenticated", "session_ended");
      await look({ ...current, verified });
    });
  return whileAllowed({ parts, exchange, person: principal, lookAgain }, async (settle) => {
    const record = await asPrincipal(principal, look);
    await settle();
    return handOut(parts, { exchange, record, cacheSeconds: operation.cacheSeconds });
  });
}

/** Answers with the file, or that the client has it, or what of it there is not. */
async function handOut(
  parts: DownloadParts,
  of: { exchange: Exchange; record: FileRecord; cacheSeconds: number | undefined },
): Promise<Answer | undefined> {
  const { exchange, record, cacheSeconds } = of;
  if (record.state !== "stored") throw failure("not_found", "not_found");
  const { headers } = exchange.request;
  const tag = `"${record.sha256}"`;
  const keeping = cacheSeconds === undefined ? ["cache-control", "no-store"] : cacheHeaders(cacheSeconds);
  const shared = ["etag", tag, ...keeping, "accept-ranges", "bytes"];
  if (matches(headers["if-none-match"], tag)) return { status: 304, headers: shared, kind: "file" };
  const isStale = headers["if-range"] !== undefined && headers["if-range"] !== tag;
  const range = isStale ? undefined : readRange(headers.range, record.size);
  if (range === "unsatisfiable")
    return { status: 416, headers: [...shared, "content-range", `bytes */${record.size}`], kind: "file", body: "" };
  await sendFile(parts, { exchange, record, range, shared });
  return undefined;
}

interface Allowed {
  parts: DownloadParts;
  exchange: Exchange;
  person: Principal;
  /** Throws where the file is no longer theirs to see. */
  lookAgain(): Promise<unknown>;
}

/**
 * A long download ends when the right to it does: whatever was refused is cut, not finished. Changes are heeded from before it is
 * decided, so that none falls in between: what changed by the time that it settles is looked at before the first byte goes out.
 */
async function whileAllowed<T>(
  { parts, exchange, person, lookAgain }: Allowed,
  work: (settle: () => Promise<void>) => Promise<T>,
): Promise<T> {
  const { caller } = person.verified;
  if (caller.kind !== "user") return work(async () => undefined);
  let [isSettled, hasChanged] = [false, false];
  const leave = parts.attendance.attend({
    userId: caller.userId,
    organisationId: caller.organisationId,
    check() {
      hasChanged = true;
      if (isSettled) void lookAgain().catch(() => exchange.response.destroy());
    },
  });
  try {
    return await work(async () => {
      isSettled = true;
      if (hasChanged) await lookAgain();
    });
  } finally {
    leave();
  }
}

interface Sending {
  exchange: Exchange;
  record: FileRecord;
  range: ByteRange | undefined;
  shared: HeaderList;
}

async function sendFile(
  { files, fileHeaders }: DownloadParts,
  { exchange, record, range, shared }: Sending,
): Promise<void> {
  const { response } = exchange;
  const bytes = await files.read({ fileId: record.id, sha256: record.sha256, ...(range ? { range } : {}) });
  if (!bytes) throw failure("not_found", "not_found");
  const size = range ? range.end - range.start + 1 : record.size;
  response.writeHead(range ? 206 : 200, [
    ...fileHeaders,
    ...shared,
    ...exchange.headers,
    ...["partake-request-id", exchange.requestId],
    ...["content-type", record.mediaType, "content-length", String(size)],
    ...["content-disposition", attachmentOf(record.name)],
    ...(range ? ["content-range", `bytes ${range.start}-${range.end}/${record.size}`] : []),
  ]);
  if (exchange.method === "HEAD") {
    bytes.destroy();
    response.end();
    return;
  }
  response.setTimeout(silenceMs, () => response.destroy());
  await pipeline(bytes, response);
}

/** One range of bytes (RFC 9110, section 14.1.2). Several, or another unit, are not for us: then the whole is sent. */
function readRange(header: string | undefined, size: number): ByteRange | "unsatisfiable" | undefined {
  const [, first = "", last = ""] = rangeForm.exec(header ?? "") ?? [];
  if (first === "" && last === "") return undefined;
  const start = first === "" ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === "" || last === "" ? size - 1 : Math.min(Number(last), size - 1);
  if (start > end) return first !== "" && last !== "" && Number(last) < Number(first) ? undefined : "unsatisfiable";
  return { start, end };
}
