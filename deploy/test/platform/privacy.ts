import { readFile } from "node:fs/promises";
import { guardRequestQueue } from "@partake/bus";
import { eventTypes } from "@partake/contract";
import { newId } from "@partake/testing";
import { Kafka, logLevel } from "kafkajs";
import { beforeAll, describe, expect, test } from "vitest";
import { codeOnPaper } from "./on-paper.ts";
import { type Stage, stage } from "./stage.ts";

/** Everything that anybody can read of what passed through the platform, except what it answers to those who may see it. */
describe("[C5 X1] marked values of a person appear nowhere that their readers do not belong to", () => {
  let staged: Stage;
  let planted: string[];

  beforeAll(async () => {
    staged = await stage({ talking: true });
    planted = [...Object.values(staged.marks), `Marked-${staged.run}`];
    // Requests that fail must not repeat what they carried either.
    const { organisation, participant } = staged;
    const client = organisation.admin.at(organisation.id);
    const name = `${staged.marks.name} ${"x".repeat(200)}`;
    await expect(client.contacts.createContact({ id: newId("con"), kind: "client", name })).rejects.toThrow();
    await expect(
      client.contacts.updateContact({ contactId: participant.contactId, email: staged.marks.email }, { ifMatch: 999 }),
    ).rejects.toThrow();
    await client.contacts.searchContacts({ name: `Marked-${staged.run}` });
    planted.push(...(await codeOnPaper(staged)));
  }, 120_000);

  test("in no topic", async () => {
    const prefix = process.env["KAFKA_PREFIX"] ?? "";
    const topics = [...new Set(eventTypes.map(({ topic }) => `${prefix}${topic}`))];
    const read = await readTopics(topics);
    expect(read.length).toBeGreaterThan(20);
    expect(read.filter((text) => text.includes(staged.organisation.id)).length).toBeGreaterThan(10);
    for (const value of planted) expect(read.filter((text) => text.includes(value))).toEqual([]);
  });

  test("in no log line, which also means in no URL that is logged", async () => {
    for (const { name, logFile } of staged.platform.processes) {
      const log = await readFile(logFile, "utf8");
      const lines = log.split("\n").filter((line) => planted.some((value) => line.includes(value)));
      expect(lines, name).toEqual([]);
    }
  });

  test("in no figure", async () => {
    for (const { name, adminUrl } of staged.platform.processes) {
      const figures = await (await fetch(`${adminUrl}/metrics`)).text();
      expect(figures.length, name).toBeGreaterThan(500);
      for (const value of planted) expect(figures.includes(value), `${name}: ${value}`).toBe(false);
    }
  });
});

/** Every message of the topics as text: key, headers and value. */
async function readTopics(topics: string[]): Promise<string[]> {
  guardRequestQueue();
  const kafka = new Kafka({
    clientId: "search",
    brokers: (process.env["KAFKA_BROKERS"] ?? "").split(","),
    logLevel: logLevel.NOTHING,
  });
  const admin = kafka.admin();
  await admin.connect();
  const ends = await Promise.all(topics.map((topic) => admin.fetchTopicOffsets(topic)));
  const wanted = ends.flat().reduce((sum, { high, low }) => sum + Number(high) - Number(low), 0);
  await admin.disconnect();
  const consumer = kafka.consumer({ groupId: newId("search"), maxWaitTimeInMs: 200 });
  const read: string[] = [];
  await consumer.connect();
  await consumer.subscribe({ topics, fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ message }) => {
      const headers = Object.entries(message.headers ?? {}).map(([name, value]) => `${name}: ${String(value)}`);
      read.push([message.key?.toString(), ...headers, message.value?.toString()].join("\n"));
    },
  });
  const until = Date.now() + 20_000;
  while (read.length < wanted && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 50));
  await consumer.disconnect();
  return read;
}
