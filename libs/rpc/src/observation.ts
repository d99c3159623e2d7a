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
}
