import { randomUUID } from "node:crypto";
import { type Failure, failure } from "@partake/failure";
import type { Credentials } from "./verified.ts";

/** A call without a deadline of its own gets this one. Nothing runs for ever. */
const defaultTimeoutMs = 10_000;
const maxTimeoutMs = 60_000;

/** What a call said beside its message, as its transport read it. */
export interface Surface {
  credentials: Credentials & { grantsVersion: number };
  requestId: string | undefined;
  traceparent: string | undefined;
  idempotencyKey: string | undefined;
  ifMatch: number | undefined;
  /** Epoch milliseconds, as the client asked; infinite where it did not. */
  deadlineMs: number;
  /** Whether the transport itself cancels the call at that deadline. */
  keepsTime: boolean;
}

/** What a call says beside its message, and its end. */
export class Incoming {
  readonly requestId: string;
  readonly traceparent: string | undefined;
  readonly deadlineMs: number;
  readonly idempotencyKey: string | undefined;
  readonly ifMatch: number | undefined;
  readonly credentials: Credentials & { grantsVersion: number };
  private readonly needsTimer: boolean;
  private reason: Failure | undefined;
  private controller: AbortController | undefined;
  private reject: ((reason: Failure) => void) | undefined;

  constructor(surface: Surface) {
    this.deadlineMs = boundDeadline(surface.deadlineMs);
    this.needsTimer = !surface.keepsTime || surface.deadlineMs > this.deadlineMs;
    this.requestId = surface.requestId ?? randomUUID();
    this.traceparent = surface.traceparent;
    this.idempotencyKey = surface.idempotencyKey;
    this.ifMatch = surface.ifMatch;
    this.credentials = surface.credentials;
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
      const timer = this.needsTimer
        ? setTimeout(() => this.end("deadline_exceeded"), this.deadlineMs - Date.now())
        : undefined;
      const over = () => {
        this.reject = undefined;
        clearTimeout(timer);
      };
      work.then(
        (value) => {
          over();
          resolve(value);
        },
        (thrown: unknown) => {
          over();
          reject(thrown);
        },
      );
    });
  }

  /** Nobody waits for the answer any more, because its time is up or its client is gone. */
  cancel(): void {
    if (this.reject === undefined) return;
    this.end(Date.now() >= this.deadlineMs ? "deadline_exceeded" : "cancelled");
  }

  /** Ends the call now. */
  end(code: "deadline_exceeded" | "cancelled" | "unavailable"): void {
    this.reason = failure(code, code === "unavailable" ? "shutting_down" : code);
    this.controller?.abort(this.reason);
    this.reject?.(this.reason);
  }
}

function boundDeadline(askedMs: number): number {
  const now = Date.now();
  return Number.isFinite(askedMs) ? Math.min(askedMs, now + maxTimeoutMs) : now + defaultTimeoutMs;
}
