// Event types, from the messages that declare one.
import protobuf from "protobufjs";
import { camelCase, plainName } from "./messages.ts";
import type { EventType, ServiceName } from "./model.ts";
import { declared, OptionReader } from "./protos.ts";
import { splitFeatures } from "./services.ts";

/** Who owns each topic. `audit` is identity's: every service appends through its outbox, identity seals. */
const topicOwners: Record<string, ServiceName> = {
  roles: "identity",
  presence: "identity",
  sessions: "identity",
  audit: "identity",
  scopes: "projects",
  "deletion-requests": "projects",
  contacts: "contacts",
  progress: "progress",
  activity: "progress",
  notifications: "messaging",
  billing: "billing",
};

export function readEventTypes(root: protobuf.Root): EventType[] {
  const found = root.lookup("partake.events.v1");
  if (!(found instanceof protobuf.Namespace)) return [];
  const types = found.nestedArray.filter((nested) => nested instanceof protobuf.Type);
  return types.flatMap((type) => {
    const value = declared(type, "event");
    return value === undefined ? [] : [readEventType(type, value)];
  });
}

function readEventType(message: protobuf.Type, value: unknown): EventType {
  const name = plainName(message);
  const reader = new OptionReader(name, value, ["topic", "type", "public", "key", "compacted", "broadcast"]);
  const [topic, type, key] = [reader.string("topic"), reader.string("type"), reader.string("key")];
  if (topic === undefined || type === undefined || key === undefined)
    throw new Error(`${name}: an event needs topic, type and key`);
  const owner = topicOwners[topic];
  if (!owner) throw new Error(`${name}: nobody owns the topic ${topic}`);
  if (!/^org\.partake(\.[a-z-]+)+\.v\d+$/.test(type)) throw new Error(`${name}: malformed type ${type}`);
  return {
    type,
    message: name,
    topic,
    owner,
    public: reader.boolean("public"),
    key: camelCase(key),
    compacted: reader.boolean("compacted"),
    broadcast: reader.boolean("broadcast"),
    summary: splitFeatures(message.comment ?? "").summary,
  };
}
