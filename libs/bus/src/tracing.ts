import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import type { ArrivedEvent } from "./envelope.ts";

const tracer = trace.getTracer("@partake/bus");

/**
 * Runs the handling of an event as a span under the one that published it (OpenTelemetry messaging conventions). Without an SDK
 * nothing is recorded, and the event's own traceparent is passed on.
 */
export async function traced<T>(
  event: ArrivedEvent,
  group: string,
  handle: (traceparent: string | undefined) => Promise<T>,
): Promise<T> {
  const attributes = {
    "messaging.system": "kafka",
    "messaging.consumer.group.name": group,
    "cloudevents.event_type": event.type,
    "cloudevents.event_id": event.id,
  };
  const span = tracer.startSpan(
    `handle ${event.type}`,
    { kind: SpanKind.CONSUMER, attributes },
    parentOf(event.traceparent),
  );
  const { traceId, spanId, traceFlags } = span.spanContext();
  const own = `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, "0")}`;
  try {
    return await handle(span.isRecording() ? own : event.traceparent);
  } catch (error) {
    span.setStatus({ code: SpanStatusCode.ERROR });
    throw error;
  } finally {
    span.end();
  }
}

function parentOf(traceparent: string | undefined) {
  const [, traceId, spanId, flags] = traceparent?.split("-") ?? [];
  if (!traceId || !spanId || !flags) return ROOT_CONTEXT;
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16),
    isRemote: true,
  });
}
