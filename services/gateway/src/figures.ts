import { Gauge, Histogram, type Registry } from "@prometheus-io/client";

/** What the gateway counts of its requests. */
export interface RequestFigures {
  observe(request: { label: string; status: number; ms: number }): void;
}

const durationBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export function createRequestFigures(registry: Registry, streams: () => number): RequestFigures {
  const registers = [registry];
  const durations = new Histogram({
    name: "partake_http_duration_seconds",
    help: "How long requests took, by operation and status",
    labelNames: ["operation", "status"] as const,
    buckets: durationBuckets,
    registers,
  });
  new Gauge({
    name: "partake_event_streams",
    help: "Streams of live events that are open",
    registers,
    collect() {
      this.set(streams());
    },
  });
  return {
    observe: ({ label, status, ms }) => durations.observe({ operation: label, status: String(status) }, ms / 1000),
  };
}
