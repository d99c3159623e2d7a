import type { Operation } from "@partake/contract";

/** One call that ended: for the log line, the metrics and nothing personal. */
export interface Observation {
  side: "server" | "client";
  operation: Operation;
  /** "ok" or the failure's code. */
  code: string;
  reason: string | undefined;
  durationMs: number;
  requestId: string;
  traceparent: string | undefined;
  /** What went wrong underneath; for the log only. */
  cause?: unknown;
  /** What was asked where a defect answered it, so that it can be found; whole, so for a log that redacts it. */
  request?: object;
}
