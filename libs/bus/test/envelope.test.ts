import { type CloudEvent, Kafka as KafkaBinding } from "cloudevents";
import type { IHeaders, KafkaMessage } from "kafkajs";
import { describe, expect, test } from "vitest";
import { toEvent, toMessage, UnreadableMessage } from "../src/envelope.ts";
import { NOTIFICATION, USER_CHANGED, user, uuid } from "./fixtures.ts";

const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const data = { userId: user(1), enabled: true, version: 3 };
const entry = {
  _id: "6b027fd10000000800000022dc707310",
  type: USER_CHANGED,
  topic: "roles",
  key: user(1),
  source: "/partake/identity",
  time: new Date("2026-11-22T05:38:25.298Z"),
  traceparent,
  data: JSON.stringify(data),
};

/** As a broker would hand it on: everything as bytes. */
function arriving(
  changes: { key?: string | null; value?: string | Buffer | null; headers?: Record<string, IHeaders[string]> } = {},
): KafkaMessage {
  const sent = toMessage(entry);
  const headers = { ...sent.headers, ...changes.headers };
  const bytes = (value: string | Buffer | null) => (typeof value === "string" ? Buffer.from(value) : value);
  return {
    key: bytes(changes.key === undefined ? entry.key : changes.key),
    value: bytes(changes.value === undefined ? entry.data : changes.value),
    timestamp: "0",
    attributes: 0,
    offset: "7",
    headers: Object.fromEntries(
      Object.entries(headers).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, typeof value === "string" ? Buffer.from(value) : value]],
      ),
    ),
  };
}

describe("CloudEvents 1.0, as others read and write them", () => {
  test("what is sent is an event to the reference library, in binary mode", () => {
    const { key, value, headers } = toMessage(entry);
    const read = KafkaBinding.toEvent({ key, value, headers } as never) as CloudEvent<typeof data>;
    expect(read.validate()).toBe(true);
    expect(read).toMatchObject({
      specversion: "1.0",
      id: entry._id,
      type: USER_CHANGED,
      source: entry.source,
      subject: entry.key,
      time: "2026-11-22T05:38:25.298Z",
      datacontenttype: "application/json",
      traceparent,
    });
    expect(read.data).toEqual(data);
    expect(
      Object.keys(headers ?? {})
        .filter((name) => name !== "content-type")
        .every((name) => /^ce_[a-z0-9]+$/.test(name)),
    ).toBe(true);
  });

  test("what the reference library sends is an event here", async () => {
    const { CloudEvent: Made } = await import("cloudevents");
    const made = new Made({
      id: "an id",
      type: USER_CHANGED,
      source: "/elsewhere",
      subject: "s",
      time: entry.time.toISOString(),
      data,
      partitionkey: entry.key,
      traceparent,
    });
    const { headers, value } = KafkaBinding.binary(made) as unknown as {
      headers: Record<string, string>;
      value: unknown;
    };
    const sent = arriving({
      headers: Object.fromEntries(Object.entries(headers).filter(([, of]) => of !== undefined)),
      value: typeof value === "string" ? value : JSON.stringify(value),
    });
    expect(toEvent(sent, "roles")).toMatchObject({ id: "an id", source: "/elsewhere", data, traceparent });
  });

  test("what goes out comes in", () => {
    expect(toEvent(arriving(), "roles")).toEqual({
      id: entry._id,
      type: USER_CHANGED,
      source: entry.source,
      subject: entry.key,
      time: "2026-11-22T05:38:25.298Z",
      key: entry.key,
      data,
      traceparent,
    });
  });
});

test("a field that a newer version added is left out, whatever it holds", () => {
  for (const later of ['"Ann"', "null", `{"userId":"${user(2)}"}`, "[".repeat(50) + "]".repeat(50)]) {
    const value = entry.data.replace("{", `{"later":${later},"Later on":1,`);
    expect(toEvent(arriving({ value }), "roles").data).toEqual(data);
  }
});

describe("what is no event of the contract", () => {
  const polluted = entry.data.replace("{", '{"__proto__":{"polluted":true},');
  const refused: [string, Parameters<typeof arriving>[0], string][] = [
    ["no specversion", { headers: { ce_specversion: undefined } }, "ce_specversion_unknown"],
    ["a later specversion", { headers: { ce_specversion: "2.0" } }, "ce_specversion_unknown"],
    ["no type", { headers: { ce_type: undefined } }, "ce_type_missing"],
    ["an unknown type", { headers: { ce_type: "org.partake.unknown.v1" } }, "type_unknown"],
    ["the name of a property of every object as its type", { headers: { ce_type: "constructor" } }, "type_unknown"],
    ["a type of another topic", { headers: { ce_type: NOTIFICATION } }, "wrong_topic"],
    ["no id", { headers: { ce_id: undefined } }, "ce_id_missing"],
    ["an empty id", { headers: { ce_id: "" } }, "ce_id_size"],
    ["a huge id", { headers: { ce_id: "x".repeat(301) } }, "ce_id_size"],
    ["an id with a line break", { headers: { ce_id: "a\nb" } }, "ce_id_malformed"],
    ["two ids", { headers: { ce_id: [Buffer.from("a"), Buffer.from("b")] } }, "ce_id_repeated"],
    ["no source", { headers: { ce_source: undefined } }, "ce_source_missing"],
    ["no time", { headers: { ce_time: undefined } }, "ce_time_missing"],
    ["a time in words", { headers: { ce_time: "yesterday" } }, "ce_time_malformed"],
    ["a 30th of February in month 13", { headers: { ce_time: "2026-13-30T00:00:00Z" } }, "ce_time_malformed"],
    ["another content type", { headers: { "content-type": "text/plain" } }, "content_type_unknown"],
    ["structured mode", { headers: { "content-type": "application/cloudevents+json" } }, "content_type_unknown"],
    ["no value", { value: null }, "data_missing"],
    ["an empty value", { value: "" }, "data_is_no_json"],
    ["no JSON", { value: "{'userId'}" }, "data_is_no_json"],
    ["a list", { value: "[]" }, "data_is_no_object"],
    ["null", { value: "null" }, "data_is_no_object"],
    ["no UTF-8", { value: Buffer.from([0x7b, 0xff, 0x7d]) }, "data_is_no_utf8"],
    ["too much", { value: `{"a":"${"x".repeat(1024 * 1024)}"}` }, "data_too_large"],
    ["deep nesting", { value: `{"a":${"[".repeat(10_000)}${"]".repeat(10_000)}}` }, "data_invalid required at /userId"],
    ["a field of a newer version, and one left out", { value: '{"later":"Ann"}' }, "data_invalid required at /userId"],
    ["a wrong type", { value: entry.data.replace("true", '"true"') }, "data_invalid type at /enabled"],
    ["a wrong id in the data", { value: entry.data.replace(user(1), "Ann") }, "data_invalid"],
    ["__proto__", { value: polluted }, "data_has_proto"],
    ["__proto__ with escapes", { value: polluted.replace("__proto__", "\\u005f_proto_\\u005f") }, "data_has_proto"],
    ["another key", { key: user(2) }, "key_differs"],
    ["no key", { key: null }, "key_missing"],
  ];
  test.each(refused)("%s", (_name, changes, reason) => {
    const reading = () => toEvent(arriving(changes), "roles");
    expect(reading).toThrow(UnreadableMessage);
    expect(reading).toThrow(reason);
    expect(reading).not.toThrow(/Ann|yesterday/);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  test("a trace context that is none is left out, not passed on", () => {
    expect(toEvent(arriving({ headers: { ce_traceparent: "00-x" } }), "roles").traceparent).toBeUndefined();
    expect(toEvent(arriving({ headers: { ce_extra: "kept out", other: "as well" } }), "roles")).toEqual(
      toEvent(arriving(), "roles"),
    );
  });

  test("an event of a topic is read from that topic only", () => {
    const message = arriving({
      key: user(1),
      value: JSON.stringify({ userId: user(1), organisationId: `org_${uuid(1)}`, notificationId: `ntf_${uuid(1)}` }),
      headers: { ce_type: NOTIFICATION },
    });
    expect(toEvent(message, "notifications").type).toBe(NOTIFICATION);
    expect(() => toEvent(message, "roles")).toThrow("wrong_topic");
  });
});
