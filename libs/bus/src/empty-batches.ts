// kafkajs 2.2.4 passes the batch of every partition of an answer through its worker queue, also of those that had nothing: with a
// dozen partitions that is most of what an idle consumer does, and it stands before the next fetch of a busy one. An empty batch
// leads to nothing but a heartbeat, which an answer without batches leads to as well, so the empty ones are left out.
import { createRequire } from "node:module";

interface Batch {
  rawMessages: unknown[];
}

interface ConsumerGroup {
  fetch(nodeId: number): Promise<Batch[]>;
}

let done = false;

/** To be called before the first consumer. Throws where kafkajs has changed, so that an upgrade cannot lose it silently. */
export function skipEmptyBatches(): void {
  if (done) return;
  done = true;
  const load = createRequire(import.meta.url);
  const { prototype } = load("kafkajs/src/consumer/consumerGroup.js") as { prototype: ConsumerGroup };
  const { fetch } = prototype;
  if (typeof fetch !== "function")
    throw new Error("kafkajs has another consumer group: look at libs/bus/src/empty-batches.ts again");
  prototype.fetch = async function (nodeId) {
    const batches = await fetch.call(this, nodeId);
    return batches.filter(({ rawMessages }) => rawMessages.length > 0);
  };
}
