// CloudEvents 1.0 in the binary content mode of the Kafka protocol binding 1.0.2: attributes are headers ce_…, the value is the
// data as JSON. The distributed tracing extension carries traceparent.
import { randomUUID } from "node:crypto";
import { type Events, eventType, type FieldError, known, validate } from "@partake/contract";
import type { OutboxEntry, Outgoing } from "@partake/store";
import type { IHeaders, KafkaMessage, Message } from "kafkajs";
import type { Arrived } from "./types.ts";

const contentType = "application/json";
const mostBytes = 1024 * 1024;
const mostHeaderBytes = 300;
const traceparentForm = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;
/** RFC 3339, as CloudEvents' Timestamp. */
const timeForm = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;
const printable = /^[\x20-\x7e]+$/;
const utf8 = new TextDecoder("utf-8", { fatal: true });

/** A message that is no event of the contract. The reason is a word and a place, never a value. */
export class UnreadableMessage extends Error {
  override readonly name = "UnreadableMessage";
  readonly reason: string;

  constructor(reason: string) {
    super(reason);
    this.reason = reason;
  }
}

/** A message and where it lies. `topic` is as in the contract; of a replayed message the one that it first came from. */
export interface Place {
  message: KafkaMessage;
  topic: string;
  /** The Kafka topic it was read from just now. */
  readFrom: string;
  partition: number;
}

export type ArrivedEvent = Omit<Arrived, "cause">;

/** An entry of the outbox as a Kafka message. Its data was held against the contract when it was written. */
export function toMessage(entry: OutboxEntry): Message {
  return {
    key: entry.key,
    value: entry.data,
    timestamp: String(entry.time.getTime()),
    headers: {
      "content-type": contentType,
      ce_specversion: "1.0",
      ce_id: entry._id,
      ce_source: entry.source,
      ce_type: entry.type,
      ce_subject: entry.key,
      ce_time: entry.time.toISOString(),
      ...(entry.traceparent !== undefined && { ce_traceparent: entry.traceparent }),
    },
  };
}

/** An event that no transaction belongs to, as a Kafka message; one that does not fit the contract is a defect and throws. */
export function directMessage(
  event: Outgoing,
  { source, now }: { source: string; now: Date },
): { topic: string; message: Message } {
  const { message, topic, key } = eventType(event.type);
  const [wrong] = validate(message, event.data);
  if (wrong) throw new TypeError(`${event.type}: ${wrong.pointer} ${wrong.code}`);
  const entry = {
    _id: randomUUID(),
    type: event.type,
    topic,
    key: String((event.data as unknown as Record<string, unknown>)[key]),
    source,
    time: now,
    data: JSON.stringify(event.data),
  };
  return { topic, message: toMessage(entry) };
}

/** The event type that a message claims, unchecked beyond its form: enough to tell whether anybody here wants it. */
export function claimedType(message: KafkaMessage): string {
  return header(message.headers, "ce_type") ?? unreadable("ce_type_missing");
}

/** A message as an event, held against the envelope and the contract. `topic` is without the installation's prefix. */
export function toEvent(message: KafkaMessage, topic: string): ArrivedEvent {
  const headers = message.headers;
  if (header(headers, "ce_specversion") !== "1.0") unreadable("ce_specversion_unknown");
  if (!/^application\/json(; *charset=utf-8)?$/i.test(header(headers, "content-type") ?? ""))
    unreadable("content_type_unknown");
  const type = claimedType(message);
  const declared = knownType(type);
  if (declared.topic !== topic) unreadable("wrong_topic");
  const time = header(headers, "ce_time") ?? unreadable("ce_time_missing");
  if (!timeForm.test(time) || Number.isNaN(Date.parse(time))) unreadable("ce_time_malformed");
  const data = readData(declared.message, parseData(message.value));
  const key = text(message.key, "key");
  if ((data as Record<string, unknown>)[declared.key] !== key) unreadable("key_differs");
  const traceparent = header(headers, "ce_traceparent");
  return {
    id: header(headers, "ce_id") ?? unreadable("ce_id_missing"),
    type: type as keyof Events,
    source: header(headers, "ce_source") ?? unreadable("ce_source_missing"),
    subject: header(headers, "ce_subject") ?? "",
    time,
    key,
    data: data as Events[keyof Events],
    traceparent: traceparent !== undefined && traceparentForm.test(traceparent) ? traceparent : undefined,
  };
}

function knownType(type: string) {
  try {
    return eventType(type);
  } catch {
    return unreadable("type_unknown");
  }
}

/** Fields are added to events while older readers run: those that are not known here are left out, all others must fit. (ADR 28) */
function readData(message: string, sent: object): object {
  const faults = validate(message, sent);
  if (faults.length === 0) return sent;
  const data = faults.some(({ code }) => code === "unknown") ? known(message, sent) : sent;
  const [wrong] = validate(message, data);
  if (wrong) unreadable(`data_invalid ${wrong.code}${placeOf(wrong)}`);
  return data;
}

function parseData(value: Buffer | null): object {
  if (value === null) return unreadable("data_missing");
  if (value.length > mostBytes) return unreadable("data_too_large");
  const json = text(value, "data");
  let data: unknown;
  try {
    data = JSON.parse(json);
  } catch {
    return unreadable("data_is_no_json");
  }
  if (typeof data !== "object" || data === null || Array.isArray(data)) return unreadable("data_is_no_object");
  // A key may be written with escapes, so those are looked at as well.
  if (/__proto__|\\u/.test(json)) refuseProto(data, 0);
  return data;
}

function refuseProto(value: unknown, depth: number): void {
  if (typeof value !== "object" || value === null) return;
  if (depth > 20) unreadable("data_too_deep");
  if (Object.hasOwn(value, "__proto__")) unreadable("data_has_proto");
  for (const inner of Object.values(value)) refuseProto(inner, depth + 1);
}

function header(headers: IHeaders | undefined, name: string): string | undefined {
  const value = headers?.[name];
  if (value === undefined) return undefined;
  if (Array.isArray(value)) return unreadable(`${name.replace("-", "_")}_repeated`);
  if (value.length === 0 || value.length > mostHeaderBytes) return unreadable(`${name.replace("-", "_")}_size`);
  const decoded = typeof value === "string" ? value : text(value, name.replace("-", "_"));
  return printable.test(decoded) ? decoded : unreadable(`${name.replace("-", "_")}_malformed`);
}

function text(value: Buffer | null, what: string): string {
  if (value === null) return unreadable(`${what}_missing`);
  try {
    return utf8.decode(value);
  } catch {
    return unreadable(`${what}_is_no_utf8`);
  }
}

/** Of the pointer only its first name is told, where that is a field of the contract: other names come from outside. */
function placeOf({ code, pointer }: FieldError): string {
  const [place] = code === "unknown" ? [] : (/^\/[A-Za-z0-9]{1,60}/.exec(pointer) ?? []);
  return place === undefined ? "" : ` at ${place}`;
}

function unreadable(reason: string): never {
  throw new UnreadableMessage(reason);
}
