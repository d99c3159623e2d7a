import { guardRequestQueue } from "@partake/bus";
import { killService, newId } from "@partake/testing";
import { Kafka, logLevel } from "kafkajs";
import { beforeAll, describe, expect, test } from "vitest";
import { type Stage, stage } from "./stage.ts";

/** Whole as `npm run prove`; a part of it, still through every kill, in each `npm test`. */
const WRITES = process.env["PARTAKE_PROVE"] ? 2_000 : 400;
const AT_ONCE = 16;
/** Of progress both replicas, one of which leads the relay. */
const VICTIMS = [
  { name: "progress", replica: 0 },
  { name: "gateway", replica: 0 },
  { name: "identity", replica: 0 },
  { name: "contacts", replica: 0 },
  { name: "messaging", replica: 0 },
  { name: "billing", replica: 0 },
  { name: "projects", replica: 0 },
  { name: "progress", replica: 1 },
] as const;
const ATTEMPTS = 40;

/** kill −9 of each service, and with progress of its relay, while people write. (abuse.md, "Faults") */
describe(`[X1] ${WRITES} writes while every service is killed`, () => {
  let staged: Stage;
  const acknowledged = new Map<string, number>();

  beforeAll(async () => {
    staged = await stage();
  }, 120_000);

  test("every acknowledged write has its event, every event its write, and each effect is there once", {
    timeout: 300_000,
  }, async () => {
    const killing = killInTurn(() => acknowledged.size);
    await writeAll();
    await killing;
    expect(acknowledged.size).toBe(WRITES);

    const events = await readAnswerEvents(staged, WRITES);
    const told = new Set(events);
    expect(
      [...acknowledged.keys()].filter((id) => !told.has(id)),
      "acknowledged writes without an event",
    ).toEqual([]);

    const stored = await timeline(staged);
    expect(stored.length, "each answer is on the timeline once").toBe(new Set(stored).size);
    expect(
      [...told].filter((id) => !stored.includes(id)),
      "events without a write",
    ).toEqual([]);
    expect(
      [...acknowledged.keys()].filter((id) => !stored.includes(id)),
      "acknowledged writes that are lost",
    ).toEqual([]);
  });

  async function writeAll(): Promise<void> {
    const waiting = Array.from({ length: WRITES }, (_, index) => ({ id: newId("pst"), index }));
    const worker = async () => {
      for (let next = waiting.pop(); next; next = waiting.pop()) await writeUntilAcknowledged(next);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  }

  /** As a client does: the same request with the same id until it is answered. */
  async function writeUntilAcknowledged({ id, index }: { id: string; index: number }): Promise<void> {
    const { ben, organisation, participant, project } = staged;
    const { progress } = ben.at(organisation.id);
    const { participationId } = participant;
    const request = {
      id,
      participationId,
      kind: "answer",
      subjectId: project.metricId,
      value: { number: index % 7 },
    } as const;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      try {
        await progress.createPost(request, { idempotencyKey: id });
        acknowledged.set(id, index);
        return;
      } catch (thrown) {
        const { status = 0 } = thrown as { status?: number };
        if (status >= 400 && status < 500 && status !== 429 && status !== 409) throw thrown;
        await new Promise((resolve) => setTimeout(resolve, 250));
      }
    }
    throw new Error(`A write was not acknowledged in ${ATTEMPTS} attempts.`);
  }
});

/** Kills a process of each service, spread over the writes. */
async function killInTurn(done: () => number): Promise<void> {
  for (const [index, victim] of VICTIMS.entries()) {
    const due = ((index + 1) * WRITES) / (VICTIMS.length + 1);
    const until = Date.now() + 120_000;
    while (done() < due && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 20));
    await killService(victim);
  }
}

async function timeline({ organisation, participant }: Stage): Promise<string[]> {
  const { progress } = organisation.admin.at(organisation.id);
  const ids: string[] = [];
  let cursor = "";
  for (let page = 0; page < 100; page++) {
    const { items, nextCursor } = await progress.listTimeline({ contactId: participant.contactId, limit: 200, cursor });
    ids.push(...items.filter(({ kind }) => kind === "answer").map(({ id }) => id));
    if (!nextCursor) return ids;
    cursor = nextCursor;
  }
  return ids;
}

/** The ids of the answers that the public topic tells of this organisation: at least `wanted` different ones, or what is there. */
async function readAnswerEvents({ organisation }: Stage, wanted: number): Promise<string[]> {
  const brokers = (process.env["KAFKA_BROKERS"] ?? "").split(",");
  guardRequestQueue();
  const kafka = new Kafka({ clientId: "outside", brokers, logLevel: logLevel.NOTHING });
  const consumer = kafka.consumer({ groupId: newId("outside"), maxWaitTimeInMs: 200 });
  const ids: string[] = [];
  await consumer.connect();
  await consumer.subscribe({ topic: `${process.env["KAFKA_PREFIX"] ?? ""}progress`, fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ message }) => {
      const data = JSON.parse(message.value?.toString() ?? "{}") as { organisationId?: string; answerId?: string };
      if (data.organisationId === organisation.id && data.answerId) ids.push(data.answerId);
    },
  });
  const until = Date.now() + 30_000;
  while (new Set(ids).size < wanted && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 100));
  await consumer.disconnect();
  return ids;
}
