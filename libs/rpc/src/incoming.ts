import { randomUUID } from "node:crypto";
import type { Metadata, ServerUnaryCall } from "@grpc/grpc-js";
import { type Failure, failure } from "@partake/failure";
import * as headers from "./headers.ts";
import type { Credentials } from "./verified.ts";

/** A call without a deadline of its own gets this one. Nothing runs for ever. */
const defaultTimeoutMs = 10_000;
const maxTimeoutMs = 60_000;
const idempotencyKeyForm = /^[\x21-\x7e]{1,100}$/;

/** What a call says beside its message, and its end. */
export class Incoming {
  readonly requestId: string;
  readonly traceparent: string | undefined;
  readonly deadlineMs: number;
  readonly idempotencyKey: string | undefined;
  readonly ifMatch: number | undefined;
  readonly credentials: Credentials & { grantsVersion: number };
  private readonly surface: ServerUnaryCall<Buffer, Buffer>;
  private reason: Failure | undefined;
  private controller: AbortController | undefined;
  private reject: ((reason: Failure) => void) | undefined;

  constructor(surface: ServerUnaryCall<Buffer, Buffer>) {
    const { metadata } = surface;
    this.surface = surface;
    this.deadlineMs = boundDeadline(surface.getDeadline());
    this.requestId = headers.readRequestId(single(metadata, headers.REQUEST_ID)) ?? randomUUID();
    this.traceparent = headers.readTraceparent(single(metadata, headers.TRACEPARENT));
    this.idempotencyKey = readIdempotencyKey(single(metadata, headers.IDEMPOTENCY_KEY));
    this.ifMatch = headers.readVersion(single(metadata, headers.IF_MATCH));
    this.credentials = {
      authorization: texts(metadata, headers.AUTHORIZATION),
      serviceToken: texts(metadata, headers.SERVICE_TOKEN),
      grantsVersion: headers.readVersion(single(metadata, headers.GRANTS_VERSION)) ?? 0,
    };
  }

  /** Aborts when the client goes away or the deadline passes. Made when it is first asked for: most handlers never do. */
  get signal(): AbortSignal {
    this.controller ??= new AbortController();
    if (this.reason !== undefined) this.controller.abort(this.reason);
    return this.controller.signal;
  }

  /** The work's result, or a failure as soon as nobody waits for it any more. */
  within<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.reject = reject;
      const timer = this.ownTimer();
      this.surface.once("cancelled", () => {
        if (this.reject === undefined) return;
        const isLate = Date.now() >= this.deadlineMs;
        this.end(isLate ? "deadline_exceeded" : "cancelled");
      });
      work.then(resolve, reject).finally(() => {
        this.reject = undefined;
        clearTimeout(timer);
      });
    });
  }

  /** Ends the call now. */
  end(code: "deadline_exceeded" | "cancelled" | "unavailable"): void {
    this.reason = failure(code, code === "unavailable" ? "shutting_down" : code);
    this.controller?.abort(this.reason);
    this.reject?.(this.reason);
  }

  /** grpc-js itself ends a call at the deadline that its client gave; ours may be nearer. */
  private ownTimer(): NodeJS.Timeout | undefined {
    const deadline = this.surface.getDeadline();
    const askedMs = deadline instanceof Date ? deadline.getTime() : deadline;
    if (askedMs <= this.deadlineMs) return undefined;
    return setTimeout(() => this.end("deadline_exceeded"), this.deadlineMs - Date.now());
  }
}

function boundDeadline(deadline: Date | number): number {
  const askedMs = deadline instanceof Date ? deadline.getTime() : deadline;
  const now = Date.now();
  return Number.isFinite(askedMs) ? Math.min(askedMs, now + maxTimeoutMs) : now + defaultTimeoutMs;
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
