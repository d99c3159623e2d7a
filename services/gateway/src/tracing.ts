import { randomUUID } from "node:crypto";
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

/** Not to be recorded unless an exporter decides so. */
function newTraceparent(): string {
  const digits = `${randomUUID()}${randomUUID()}`.replaceAll("-", "");
  return `00-${digits.slice(0, 32)}-${digits.slice(32, 48)}-00`;
}
