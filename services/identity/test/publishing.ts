import { randomUUID } from "node:crypto";
import type { Events } from "@partake/contract";
import type { IdentityWorld } from "./identity-world.ts";

/** An event as another service would publish it. */
export interface Published<T extends keyof Events> {
  topic: string;
  source: string;
  type: T;
  key: string;
  data: Events[T];
}

export async function publishTo<T extends keyof Events>(
  { kafka, kafkaPrefix }: Pick<IdentityWorld, "kafka" | "kafkaPrefix">,
  of: Published<T>,
): Promise<void> {
  const producer = kafka.producer();
  await producer.connect();
  const headers = {
    ce_specversion: "1.0",
    ce_id: randomUUID(),
    ce_type: of.type,
    ce_source: of.source,
    ce_subject: of.key,
    ce_time: new Date().toISOString(),
    "content-type": "application/json",
  };
  const messages = [{ key: of.key, value: JSON.stringify(of.data), headers }];
  await producer.send({ topic: `${kafkaPrefix}${of.topic}`, messages });
  await producer.disconnect();
}
