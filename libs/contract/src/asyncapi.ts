// The AsyncAPI 3.0 document of the public topics: CloudEvents 1.0 in Kafka's binary mode.
import { exampleId, exampleMessage } from "./examples.ts";
import { messageSchema, type Schema, type SchemaOptions, shortName } from "./json-schema.ts";
import type { Contract, EventType, Message } from "./model.ts";
import { reachable } from "./types-source.ts";

export function asyncApiDocument(contract: Contract, { broker }: { broker: string }): object {
  const types = contract.eventTypes.filter((eventType) => eventType.public);
  const topics = [...new Set(types.map(({ topic }) => topic))].sort();
  const ofTopic = (topic: string) => types.filter((eventType) => eventType.topic === topic);
  const name = (eventType: EventType) => shortName(contract, eventType.message);
  const keyed = <T>(entries: [string, T][]) => Object.fromEntries(entries);
  return {
    asyncapi: "3.0.0",
    info: { title: "Partake events", version: "1", description },
    defaultContentType: "application/json",
    servers: { kafka: { host: broker, protocol: "kafka", description: "Kafka's bootstrap address." } },
    channels: keyed(topics.map((topic) => [topic, channel(topic, ofTopic(topic).map(name))])),
    operations: keyed(topics.map((topic) => [`send${capital(topic)}`, sending(topic, ofTopic(topic).map(name))])),
    components: {
      messages: keyed(types.map((eventType) => [name(eventType), message(contract, eventType)])),
      schemas: keyed(payloads(contract, types).map((found) => [found.shortName, payload(contract, found)])),
      messageTraits: { cloudEvent: { headers: headers() } },
    },
  };
}

const description = [
  "What happens, for other systems. No event names a person: people appear under a pseudonym whose mapping erasure destroys.",
  "Events are CloudEvents 1.0 in Kafka's binary mode. An installation may put a prefix before the names of topics.",
  "Each event arrives at least once and in order per key; its id tells a repetition. Fields are only ever added.",
].join("\n\n");

function channel(topic: string, messages: readonly string[]): object {
  const references = messages.map((name) => [name, { $ref: `#/components/messages/${name}` }]);
  return { address: topic, servers: [{ $ref: "#/servers/kafka" }], messages: Object.fromEntries(references) };
}

function sending(topic: string, messages: readonly string[]): object {
  const references = messages.map((name) => ({ $ref: `#/channels/${topic}/messages/${name}` }));
  return { action: "send", channel: { $ref: `#/channels/${topic}` }, messages: references };
}

function message(contract: Contract, eventType: EventType): object {
  const name = shortName(contract, eventType.message);
  const data = exampleMessage(contract, eventType.message);
  return {
    name: eventType.type,
    title: name,
    summary: eventType.summary,
    contentType: "application/json",
    traits: [{ $ref: "#/components/messageTraits/cloudEvent" }],
    payload: { $ref: `#/components/schemas/${name}` },
    bindings: {
      kafka: { key: { type: "string", description: `The value of \`${eventType.key}\`.` }, bindingVersion: "0.5.0" },
    },
    examples: [{ name: "example", headers: exampleHeaders(eventType), payload: data }],
  };
}

/** CloudEvents Kafka protocol binding 1.0.2, section 3.2. */
function headers(): Schema {
  const text = (about: string, more: Schema = {}) => ({ type: "string", description: about, ...more });
  return {
    type: "object",
    required: ["ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time", "content-type"],
    properties: {
      ce_specversion: text("The version of CloudEvents.", { const: "1.0" }),
      ce_id: text("The event's id: the same id again is the same event."),
      ce_source: text("The service that it happened in."),
      ce_type: text("What happened, with the version of its form."),
      ce_time: text("When it was recorded.", { format: "date-time" }),
      ce_subject: text("The id of what it happened to."),
      ce_traceparent: text("The trace that it happened in (W3C Trace Context)."),
      "content-type": text("The form of the value.", { const: "application/json" }),
    },
  };
}

function exampleHeaders(eventType: EventType): Record<string, string> {
  return {
    ce_specversion: "1.0",
    ce_id: exampleId("evt"),
    ce_source: `/partake/${eventType.owner}`,
    ce_type: eventType.type,
    ce_time: "2026-03-02T09:30:00Z",
    "content-type": "application/json",
  };
}

function payloads(contract: Contract, types: readonly EventType[]): Message[] {
  const names = reachable(
    contract,
    types.map((eventType) => eventType.message),
  );
  return [...contract.messages.values()].filter((found) => names.has(found.name));
}

function payload(contract: Contract, found: Message): Schema {
  const reference = (name: string) => `#/components/schemas/${shortName(contract, name)}`;
  const options: SchemaOptions = { reference, direction: "sent", mayBeEmpty: false };
  return messageSchema(found, options);
}

function capital(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
