import type { Parts, Running } from "@partake/service";
import { repeat } from "./periodic-work.ts";

const everyMs = 500;

/** Says that identity is there. Silence makes live grants stale, and then a token's life bounds access. */
export function heartbeat({ store, bus, log, clock }: Pick<Parts, "store" | "bus" | "log" | "clock">): Running {
  const work = () =>
    bus.publish({
      type: "org.partake.identity.heartbeat.v1",
      data: { source: "identity", sentAt: clock.now().toISOString() },
    });
  return store.lead("identity-heartbeat", (signal) => repeat({ work, everyMs, signal, log }));
}
