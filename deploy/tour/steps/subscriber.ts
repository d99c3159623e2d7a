import { guardRequestQueue } from "@partake/bus";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { type IHeaders, Kafka, logLevel } from "kafkajs";
import { newId, type Tour } from "../visitor.ts";
import type { Conversation } from "./answers.ts";

const TOPICS = ["progress", "billing"];
const WAIT_MS = 30_000;

interface Message {
  topic: string;
  type: string;
  data: Record<string, unknown>;
  /** Everything of the message as text: key, headers, value. */
  text: string;
}

/** An outside system reads the public topics: CloudEvents that fit their schemas and name nobody. (X1) */
export async function subscribe(tour: Tour, conversation: Conversation): Promise<void> {
  const { narrator } = tour;
  const { organisation, participant, marks, ben, project } = conversation;
  narrator.step("An outside system subscribes to the topics progress and billing");
  const wanted = ["credits-granted", "credit-held", "credit-used", "answer-recorded", "comment-posted"];
  const all = await readTopics(tour, (messages) => {
    const types = messages.filter(({ data }) => data["organisationId"] === organisation.id).map(({ type }) => type);
    return wanted.every((name) => types.some((type) => type.includes(name)));
  });
  const messages = all.filter(({ data }) => data["organisationId"] === organisation.id);
  await validateAll(tour, messages);
  const types = [...new Set(messages.map(({ type }) => type.split(".").at(-2)))].sort();
  narrator.expect(
    wanted.every((name) => types.includes(name)),
    `it reads ${messages.length} events: ${types.join(", ")}`,
  );
  const own = messages.filter(({ data }) => data["projectId"] === project.id);
  const pseudonyms = new Set(own.map(({ data }) => data["pseudonym"]));
  narrator.expect(pseudonyms.size === 1, "Ben is one pseudonym in both topics");
  const me = await ben.at("account").identity.getMe({});
  const personal = [...Object.values(marks), participant.contactId, participant.participationId, me.id];
  const text = messages.map((message) => message.text).join("\n");
  narrator.expect(
    !personal.some((value) => text.includes(value)),
    "no name, e-mail, text or id of a person is in them",
  );
}

async function validateAll({ settings, narrator }: Tour, messages: readonly Message[]): Promise<void> {
  const ajv = new Ajv2020({ strict: false });
  addFormats.default(ajv);
  for (const type of new Set(messages.map((message) => message.type))) {
    const response = await narrator.fetch(`${settings.origin}/schemas/events/${type}.json`);
    if (!response.ok) throw new Error(`The schema of ${type} answered ${response.status}.`);
    const fits = ajv.compile((await response.json()) as object);
    const wrong = messages.find((message) => message.type === type && !fits(message.data));
    if (wrong) throw new Error(`An event of ${type} does not fit its schema: ${ajv.errorsText(fits.errors)}`);
  }
  narrator.expect(messages.length > 0, "every event fits its published schema");
}

/** Reads from the beginning with a group of its own until it has seen enough. */
async function readTopics({ settings }: Tour, enough: (messages: Message[]) => boolean): Promise<Message[]> {
  guardRequestQueue();
  const kafka = new Kafka({
    clientId: "outside",
    brokers: settings.kafkaBrokers.split(","),
    logLevel: logLevel.NOTHING,
  });
  const consumer = kafka.consumer({ groupId: newId("outside") });
  const messages: Message[] = [];
  const { promise: done, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, WAIT_MS);
  await consumer.connect();
  await consumer.subscribe({ topics: TOPICS.map((topic) => `${settings.kafkaPrefix}${topic}`), fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ topic, message }) => {
      messages.push(read(topic, message));
      if (enough(messages)) resolve();
    },
  });
  await done;
  clearTimeout(timer);
  await consumer.disconnect();
  return messages;
}

function read(topic: string, message: { key: Buffer | null; value: Buffer | null; headers?: IHeaders }): Message {
  const headers = Object.entries(message.headers ?? {}).map(([name, value]) => [name, String(value)] as const);
  const attributes = new Map(headers);
  if (attributes.get("ce_specversion") !== "1.0") throw new Error(`A message of ${topic} is no CloudEvent 1.0.`);
  const value = message.value?.toString() ?? "";
  return {
    topic,
    type: attributes.get("ce_type") ?? "",
    data: JSON.parse(value) as Record<string, unknown>,
    text: JSON.stringify([message.key?.toString(), headers, value]),
  };
}
