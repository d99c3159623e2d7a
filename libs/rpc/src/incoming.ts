import { randomUUID } from "node:crypto";
import { Metadata, type ServerUnaryCall } from "@grpc/grpc-js";
import { type Failure, failure } from "@partake/failure";
import * as headers from "./headers.ts";
import type { Credentials } from "./verified.ts";

/** A call without a deadline of its own gets this one. Nothing runs for ever. */
const defaultTimeoutMs = 10_000;
const maxTimeoutMs = 60_000;
const idempotencyKeyForm = /^[\x21-\x7e]{1,100}$/;

/** What a call says beside its message. */
export interface Incoming {
  requestId: string;
  traceparent: string | undefined;
  deadlineMs: number;
  /** Aborts when the client goes away or the deadline passes. */
  signal: AbortSignal;
  idempotencyKey: string | undefined;
  ifMatch: number | undefined;
  grantsVersion: number;
  credentials(): Credentials;
  /** The work's result, or a failure as soon as nobody waits for it any more. */
  within<T>(work: Promise<T>): Promise<T>;
  /** Ends the call with a failure now. */
  end(reason: Failure): void;
  trailer(name: string, value: string): Metadata;
}

export function readIncoming(surface: ServerUnaryCall<Buffer, Buffer>): Incoming {
  const { metadata } = surface;
  const deadlineMs = boundDeadline(surface.getDeadline());
  const grantsVersion = headers.readVersion(single(metadata, headers.GRANTS_VERSION)) ?? 0;
  const ended = new AbortController();
  return {
    requestId: headers.readRequestId(single(metadata, headers.REQUEST_ID)) ?? randomUUID(),
    traceparent: headers.readTraceparent(single(metadata, headers.TRACEPARENT)),
    deadlineMs,
    signal: ended.signal,
    idempotencyKey: readIdempotencyKey(single(metadata, headers.IDEMPOTENCY_KEY)),
    ifMatch: headers.readVersion(single(metadata, headers.IF_MATCH)),
    grantsVersion,
    credentials: () => ({
      authorization: texts(metadata, headers.AUTHORIZATION),
      serviceToken: texts(metadata, headers.SERVICE_TOKEN),
      grantsVersion,
    }),
    within: (work) => within({ work, surface, deadlineMs, ended }),
    end: (reason) => ended.abort(reason),
    trailer: (name, value) => {
      const trailer = new Metadata();
      trailer.set(name, value);
      return trailer;
    },
  };
}

function boundDeadline(deadline: Date | number): number {
  const askedMs = deadline instanceof Date ? deadline.getTime() : deadline;
  const now = Date.now();
  return Number.isFinite(askedMs) ? Math.min(askedMs, now + maxTimeoutMs) : now + defaultTimeoutMs;
}

interface Bounded<T> {
  work: Promise<T>;
  surface: ServerUnaryCall<Buffer, Buffer>;
  deadlineMs: number;
  ended: AbortController;
}

function within<T>({ work, surface, deadlineMs, ended }: Bounded<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = (code: "cancelled" | "deadline_exceeded") => ended.abort(failure(code, code));
    ended.signal.addEventListener("abort", () => reject(ended.signal.reason), { once: true });
    const timer = setTimeout(() => end("deadline_exceeded"), deadlineMs - Date.now());
    surface.once("cancelled", () => end(Date.now() >= deadlineMs ? "deadline_exceeded" : "cancelled"));
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** All values, so that the reader can refuse a header that came twice. */
function texts(metadata: Metadata, name: string): readonly string[] | undefined {
  const values = metadata.get(name);
  return values.length === 0 ? undefined : values.map(String);
}

function single(metadata: Metadata, name: string): string | undefined {
  const [value, second] = metadata.get(name);
  return second === undefined && typeof value === "string" ? value : undefined;
}

function readIdempotencyKey(value: string | undefined): string | undefined {
  return value !== undefined && idempotencyKeyForm.test(value) ? value : undefined;
}
