import type { Parts } from "@partake/service";

/** Says that identity is there. Silence makes live grants stale, and then a token's life bounds access. */
export async function beat({ bus, clock }: Pick<Parts, "bus" | "clock">): Promise<void> {
  const data = { source: "identity", sentAt: clock.now().toISOString() };
  await bus.publish({ type: "org.partake.identity.heartbeat.v1", data });
}
