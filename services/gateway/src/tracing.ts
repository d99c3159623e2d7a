import { randomFillSync } from "node:crypto";
import { ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, TraceFlags, trace } from "@opentelemetry/api";
import { readTraceparent } from "@partake/rpc";

/** The trace that a request belongs to. Without an SDK there are no spans, but everything that follows still shares a trace id. */
export interface Traced {
  traceparent: string;
  end(label: string, status: number): void;
}

const tracer = trace.getTracer("partake");

/** Goes on with the client's trace, or begins one. (W3C Trace Context) */
export function startTrace(given: string | string[] | undefined): Traced {
  const parent = typeof given === "string" ? readTraceparent(given) : undefined;
  const span = tracer.startSpan(
    "HTTP",
    { kind: SpanKind.SERVER },
    parent === undefined ? ROOT_CONTEXT : contextOf(parent),
  );
  if (!span.isRecording()) return { traceparent: parent ?? newTraceparent(), end: () => span.end() };
  return { traceparent: traceparentOf(span), end: (label, status) => endSpan(span, { label, status }) };
}

function endSpan(span: Span, { label, status }: { label: string; status: number }): void {
  span.updateName(label);
  span.setAttribute("http.response.status_code", status);
  if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end();
}

function contextOf(traceparent: string) {
  const [, traceId = "", spanId = "", flags = "00"] = traceparent.split("-");
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16) & TraceFlags.SAMPLED,
    isRemote: true,
  });
}

function traceparentOf(span: Span): string {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, "0")}`;
}

const poolBytes = 24 * 128;
const pool = Buffer.alloc(poolBytes);
let poolAt = poolBytes;

/** Not to be recorded unless an exporter decides so. Random bytes are drawn many at a time: one draw costs more than all else here. */
function newTraceparent(): string {
  if (poolAt === poolBytes) {
    randomFillSync(pool);
    poolAt = 0;
  }
  const traceId = pool.toString("hex", poolAt, poolAt + 16);
  const spanId = pool.toString("hex", poolAt + 16, poolAt + 24);
  poolAt += 24;
  return `00-${traceId}-${spanId}-00`;
}
