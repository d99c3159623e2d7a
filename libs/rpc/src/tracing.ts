import { ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, TraceFlags, trace } from "@opentelemetry/api";
import type { Operation } from "@partake/contract";

/** A span of our own, and the trace context that its children get. Without an SDK both cost next to nothing. */
export interface Traced {
  traceparent: string | undefined;
  end(code: string): void;
}

export interface SpanOptions {
  operation: Operation;
  kind: "server" | "client";
  traceparent: string | undefined;
}

const tracer = trace.getTracer("partake");

/** Starts a span for a call. What it is told of the call is the operation's name and how it ended; never a value. */
export function startSpan({ operation, kind, traceparent }: SpanOptions): Traced {
  const span = tracer.startSpan(
    operation.path.slice(1),
    {
      kind: kind === "server" ? SpanKind.SERVER : SpanKind.CLIENT,
      attributes: { "rpc.system": "grpc", "rpc.service": operation.service, "rpc.method": operation.name },
    },
    parentContext(traceparent),
  );
  if (!span.isRecording()) return { traceparent, end: () => span.end() };
  return { traceparent: traceparentOf(span), end: (code) => endSpan(span, code) };
}

function endSpan(span: Span, code: string): void {
  if (code !== "ok") span.setStatus({ code: SpanStatusCode.ERROR });
  span.setAttribute("partake.code", code);
  span.end();
}

function parentContext(traceparent: string | undefined) {
  if (traceparent === undefined) return ROOT_CONTEXT;
  const [, traceId = "", spanId = "", flags = "00"] = traceparent.split("-");
  const traceFlags = Number.parseInt(flags, 16) & TraceFlags.SAMPLED;
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true });
}

function traceparentOf(span: Span): string {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, "0")}`;
}
