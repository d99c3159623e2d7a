import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { guardRequestQueue, openDeadLetters } from "@partake/bus";
import { Kafka, logLevel } from "kafkajs";
import { beforeAll, describe, expect, inject, test } from "vitest";

const script = join(import.meta.dirname, "..", "cluster", "dead-letters.ts");
const prefix = `${inject("kafkaPrefix")}${randomBytes(3).toString("hex")}-`;
const brokers = inject("kafkaBrokers").split(",");
const text = "what Ann wrote";

function run(...args: string[]): Promise<{ code: number; output: string }> {
  const env = { PATH: process.env["PATH"], KAFKA_BROKERS: brokers.join(","), KAFKA_PREFIX: prefix };
  return new Promise((resolve) => {
    execFile(process.execPath, [script, ...args], { env }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === "number" ? error.code : 0, output: stdout + stderr }),
    );
  });
}

/** As the bus sets a message aside. */
function letter(offset: number) {
  const headers = {
    ce_type: "org.partake.contacts.contact-changed.v1",
    ce_id: `event ${offset}`,
    dl_topic: "contacts",
    dl_partition: "0",
    dl_offset: String(offset),
    dl_cause: "TypeError",
    dl_attempts: "5",
    dl_at: "2026-03-02T09:00:00.000Z",
  };
  return { key: `contacts-0-${offset}`, value: JSON.stringify({ text }), headers };
}

beforeAll(async () => {
  guardRequestQueue();
  const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  const topics = ["a.dead-letters", "a.replays", "b.dead-letters", "b.replays"].map((topic) => `${prefix}${topic}`);
  await admin.createTopics({ topics: topics.map((topic) => ({ topic, numPartitions: 1 })), waitForLeaders: true });
  await admin.disconnect();
  const producer = kafka.producer({ allowAutoTopicCreation: false });
  await producer.connect();
  await producer.send({ topic: `${prefix}a.dead-letters`, messages: [letter(1), letter(2), letter(3)] });
  await producer.disconnect();
}, 60_000);

describe("npm run dead-letters", () => {
  test("lists what every group set aside, and never what it says", async () => {
    const { code, output } = await run();
    expect(code).toBe(0);
    expect(output).toMatch(/^group +id +type +tried +set aside +cause\n/);
    expect(
      output.match(/^a +contacts-0-\d +org\.partake\.contacts\.contact-changed\.v1 +5× .*TypeError$/gm),
    ).toHaveLength(3);
    expect(output).not.toContain(text);
    const { output: json } = await run("list", "a", "--json");
    expect(JSON.parse(json)).toMatchObject([{ group: "a", topic: "contacts", offset: "1", attempts: 5 }, {}, {}]);
    expect(json).not.toContain(text);
  }, 60_000);

  test("replays those that are named and drops others, and forgets both", async () => {
    expect((await run("replay", "a", "--id", "contacts-0-1")).output).toContain("\n1 replayed.\n");
    expect((await run("drop", "a", "--id", "contacts-0-2")).output).toContain("\n1 dropped.\n");
    const deadLetters = openDeadLetters({ brokers, prefix, log: { debug() {}, info() {}, warn() {}, error() {} } });
    const left = await deadLetters.list("a").finally(() => deadLetters.close());
    expect(left.map(({ id }) => id)).toEqual(["contacts-0-3"]);
    expect((await run("list", "b")).output).toBe("There are none.\n");
  }, 90_000);

  test.each([
    [["list", "c"], "There is no group c.\n  → The groups are: a, b."],
    [["replay"], "replay needs a group."],
    [["drop", "a"], "drop needs ids."],
    [["mend", "a"], "There is no action mend."],
    [["--wrong"], "Unknown option '--wrong'"],
  ])(
    "%j is told how, without a stack",
    async (args, message) => {
      const { code, output } = await run(...args);
      expect(code).toBe(1);
      expect(output).toContain(message);
      expect(output).not.toMatch(/^\s+at /m);
    },
    60_000,
  );
});
