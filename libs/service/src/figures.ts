import { type EventLoopUtilization, performance } from "node:perf_hooks";
import type { Bus, Relay } from "@partake/bus";
import type { Observation } from "@partake/rpc";
import type { Store } from "@partake/store";
import { Gauge, Histogram, Registry } from "@prometheus-io/client";
import { hinderedWork } from "./due-work.ts";

/** The figures of a service, as Prometheus reads them. Whatever can be is computed only when they are read. */
export interface Figures {
  registry: Registry;
  observe(observation: Observation): void;
  /** Consumers' lag, the outbox and the work that does not go, once they exist. */
  watch(of: { bus: Bus; relay: Relay; store: Pick<Store, "find"> }): void;
}

/** Where a request is quick it takes a millisecond; where it is slow a deadline ends it. */
const durationBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export function createFigures(): Figures {
  const registry = new Registry();
  const registers = [registry];
  const durations = new Histogram({
    name: "partake_rpc_duration_seconds",
    help: "How long calls took, answered and made, by operation and how they ended",
    labelNames: ["side", "operation", "code"] as const,
    buckets: durationBuckets,
    registers,
  });
  addProcessFigures(registry);
  return {
    registry,
    observe: ({ side, operation, code, durationMs }) => {
      durations.observe({ side, operation: operation.path.slice(1), code }, durationMs / 1000);
    },
    watch: ({ bus, relay, store }) => {
      addBusFigures(registry, bus, relay);
      addWorkFigures(registry, store);
    },
  };
}

function addProcessFigures(registry: Registry): void {
  const registers = [registry];
  let before: EventLoopUtilization = performance.eventLoopUtilization();
  new Gauge({
    name: "partake_event_loop_utilization",
    help: "The share of time in which the event loop was busy, since the figures were last read",
    registers,
    collect() {
      const now = performance.eventLoopUtilization();
      this.set(performance.eventLoopUtilization(now, before).utilization);
      before = now;
    },
  });
  new Gauge({
    name: "process_resident_memory_bytes",
    help: "Resident memory",
    registers,
    collect() {
      this.set(process.memoryUsage.rss());
    },
  });
  new Gauge({
    name: "partake_heap_used_bytes",
    help: "Memory of the heap that is used",
    registers,
    collect() {
      this.set(process.memoryUsage().heapUsed);
    },
  });
  new Gauge({
    name: "process_cpu_seconds_total",
    help: "Processor time since the start",
    registers,
    collect() {
      const { user, system } = process.cpuUsage();
      this.set((user + system) / 1e6);
    },
  });
}

function addBusFigures(registry: Registry, bus: Bus, relay: Relay): void {
  const registers = [registry];
  new Gauge({
    name: "partake_consumer_lag",
    help: "Messages that a group has not handled yet",
    labelNames: ["group"] as const,
    registers,
    collect() {
      for (const { group, lag } of bus.lag()) this.set({ group }, lag);
    },
  });
  new Gauge({
    name: "partake_consumer_progress_age_seconds",
    help: "How long ago a consumer last got on",
    labelNames: ["group"] as const,
    registers,
    collect() {
      for (const { group, lastProgressAt } of bus.lag()) this.set({ group }, (Date.now() - lastProgressAt) / 1000);
    },
  });
  new Gauge({
    name: "partake_consumer_set_aside",
    help: "Messages that were set aside as dead letters since the start",
    labelNames: ["group"] as const,
    registers,
    collect() {
      for (const { group, setAside } of bus.lag()) this.set({ group }, setAside);
    },
  });
  new Gauge({
    name: "partake_outbox_depth",
    help: "Events that are written and not yet published",
    registers,
    async collect() {
      const depth = await relay.depth().catch(() => Number.NaN);
      this.set(depth);
    },
  });
}

/** Every replica tells the same: it is read from the database. */
function addWorkFigures(registry: Registry, store: Pick<Store, "find">): void {
  new Gauge({
    name: "partake_hindered_work",
    help: "Things that are to be done in the background and still cannot be after many attempts",
    labelNames: ["work"] as const,
    registers: [registry],
    async collect() {
      this.reset();
      for (const [work, things] of await hinderedWork(store).catch(() => [])) this.set({ work }, things);
    },
  });
}
