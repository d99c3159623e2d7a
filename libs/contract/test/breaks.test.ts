import { describe, expect, it } from "vitest";
import { breaksBetween } from "../src/breaks.ts";
import { lockOf } from "../src/lock.ts";
import { contractOf, type SmallProtos } from "./small-protos.ts";

const access = "option (access) = { account: true };";
const post = `option (google.api.http) = { post: "/v1/items" body: "*" };`;
const rpcs = `rpc CreateItem(CreateItemRequest) returns (Item) { ${post} ${access} }
  rpc Sync(SyncRequest) returns (google.protobuf.Empty) { option (access) = { services: "gateway" }; }`;
const request = `message CreateItemRequest {
    string id = 1 [(rule) = { id: "prj" }];
    string title = 2 [(rule) = { min_length: 1 max_length: 20 }];
    optional string kind = 3 [(rule) = { one_of: "one two" }];
    repeated string tags = 4;
    int32 count = 5 [(rule) = { minimum: 0 maximum: 9 }];
  }`;
const item = `message Item { string id = 1; string state = 2 [(rule) = { one_of: "open closed" }]; int32 version = 3; }`;
const sync = "message SyncRequest { string id = 1; string name = 2; }";
const event = `message Happened {
    option (partake.v1.event) = { topic: "progress" type: "org.partake.sample.happened.v1" public: true key: "psn" };
    string psn = 1 [(partake.v1.rule) = { required: true id: "psn" }];
    string kind = 2 [(partake.v1.rule) = { required: true one_of: "story tip" }];
  }
  message Noted {
    option (partake.v1.event) = { topic: "contacts" type: "org.partake.sample.noted.v1" key: "con" };
    string con = 1 [(partake.v1.rule) = { required: true id: "con" }];
    string mood = 2 [(partake.v1.rule) = { required: true one_of: "up down" }];
    string place = 3;
  }`;
const before: Required<SmallProtos> = { rpcs, messages: request + item + sync, events: event };
const published = lockOf(contractOf(before), []);

/** The contract with a part of its text replaced. */
function changed(from: string, to: string): Required<SmallProtos> {
  const change = (text: string) => text.replace(from, () => to);
  const after = { rpcs: change(before.rpcs), messages: change(before.messages), events: change(before.events) };
  expect(after, `"${from}" is in the text`).not.toEqual(before);
  return after;
}

function breaks(protos: SmallProtos): string[] {
  return breaksBetween(published, lockOf(contractOf(protos), []));
}

const breaking: [string, string, string, string][] = [
  ["a route that is moved", "/v1/items", "/v1/things", "/partake.v1.Projects/CreateItem: its route was POST /v1/items"],
  ["a route that is removed", post, "", "/partake.v1.Projects/CreateItem: its route was"],
  ["an RPC with a route that is renamed", "CreateItem(", "MakeItem(", "/partake.v1.Projects/CreateItem: removed"],
  ["another response", "returns (Item)", "returns (SyncRequest)", "/partake.v1.Projects/CreateItem: its response was"],
  ["a field that is removed from a response", "int32 version = 3;", "", "partake.v1.Item.version: removed"],
  [
    "a field that is renamed",
    "repeated string tags",
    "repeated string labels",
    "partake.v1.CreateItemRequest.tags: removed",
  ],
  ["a field of another type", "int32 version = 3", "string version = 3", "partake.v1.Item.version: its type was int32"],
  ["a field of another number", "int32 version = 3", "int32 version = 4", "partake.v1.Item.version: its number was 3"],
  [
    "one value instead of a list",
    "repeated string tags",
    "string tags",
    "partake.v1.CreateItemRequest.tags: was repeated",
  ],
  [
    "a value that may be absent now",
    "int32 version = 3",
    "optional int32 version = 3",
    "partake.v1.Item.version: was implicit",
  ],
  [
    "a field that is required now",
    "string title = 2 [(rule) = {",
    "string title = 2 [(rule) = { required: true",
    "title: became required",
  ],
  [
    "a list that is required now",
    "repeated string tags = 4",
    "repeated string tags = 4 [(rule) = { min_items: 1 }]",
    "tags: became required",
  ],
  [
    "a new field that is required",
    "repeated string tags",
    "string note = 9 [(rule) = { required: true }]; repeated string tags",
    "note: new and required",
  ],
  ["a shorter text", "max_length: 20", "max_length: 19", "title: its maxLength was 20, is 19"],
  ["a text without its own length", " max_length: 20", " max_length: 10", "title: its maxLength"],
  ["a longer least", "min_length: 1", "min_length: 2", "title: its minLength was 1, is 2"],
  ["a smaller number", "maximum: 9", "maximum: 8", "count: its maximum was 9, is 8"],
  ["a larger least number", "minimum: 0", "minimum: 1", "count: its minimum was 0, is 1"],
  [
    "a shorter list",
    "repeated string tags = 4",
    "repeated string tags = 4 [(rule) = { max_items: 99 }]",
    "tags: its maxItems was 100, is 99",
  ],
  [
    "a pattern where there was none",
    "repeated string tags = 4",
    `repeated string tags = 4 [(rule) = { pattern: "a" }]`,
    "tags: its pattern is another",
  ],
  [
    "words where any text was",
    "repeated string tags = 4",
    `repeated string tags = 4 [(rule) = { one_of: "a" }]`,
    "tags: its oneOf is another",
  ],
  ["an id of another kind", `id: "prj"`, `id: "fld"`, "id: its id is another"],
  ["a word that a request may not say any more", "one two", "one", "kind: lost the word two"],
  ["a word that a response does not say any more", "open closed", "open shut", "state: lost the word closed"],
  [
    "an event's field that is removed",
    `string kind = 2 [(partake.v1.rule) = { required: true one_of: "story tip" }];`,
    "",
    "Happened.kind: removed",
  ],
  ["an event's word that is removed", "story tip", "story", "Happened.kind: lost the word tip"],
  [
    "an event's field that may be absent now",
    `required: true one_of: "story tip"`,
    `one_of: "story tip"`,
    "Happened.kind: is not required any more",
  ],
  [
    "an event's new field that must be there",
    `[(partake.v1.rule) = { required: true id: "psn" }];`,
    `[(partake.v1.rule) = { required: true id: "psn" }]; int32 count = 3 [(partake.v1.rule) = { required: true }];`,
    "Happened.count: new and required",
  ],
  [
    "an internal event's field that older readers require",
    `string mood = 2 [(partake.v1.rule) = { required: true one_of: "up down" }];`,
    "",
    "Noted.mood: removed, and older readers require it",
  ],
  ["an internal event's word that older events have", "up down", "up", "Noted.mood: lost the word down"],
  [
    "an internal event's field that may be absent now",
    `required: true one_of: "up down"`,
    `one_of: "up down"`,
    "Noted.mood: is not required any more",
  ],
  [
    "an internal event's new field that must be there",
    "string place = 3;",
    "string place = 3; string note = 4 [(partake.v1.rule) = { required: true }];",
    "Noted.note: new and required",
  ],
  [
    "a shorter text of an internal event",
    "string place = 3;",
    "string place = 3 [(partake.v1.rule) = { max_length: 9 }];",
    "Noted.place: its maxLength",
  ],
  [
    "an event's topic",
    `topic: "progress"`,
    `topic: "billing"`,
    "org.partake.sample.happened.v1: its topic was progress",
  ],
  ["an event's type", "sample.happened.v1", "sample.occurred.v1", "org.partake.sample.happened.v1: removed"],
  [
    "an event that is not public any more",
    " public: true",
    "",
    "org.partake.sample.happened.v1: is not public any more",
  ],
  [
    "a number that another field took, between services",
    "string id = 1; string name = 2;",
    "string id = 1; string title = 2;",
    "SyncRequest.title: took the number 2",
  ],
  [
    "a field of another type, between services",
    "string id = 1; string name = 2;",
    "string id = 1; double name = 2;",
    "SyncRequest.name: its type was string",
  ],
];

describe("a break of the published contract is found", () => {
  it.each(breaking)("%s", (_name, from, to, line) => {
    const found = breaks(changed(from, to));
    expect(found.join("\n")).toContain(line);
  });
});

const harmless: [string, string, string][] = [
  ["nothing", "sync", "sync"],
  ["a new field", "repeated string tags", "optional string note = 9; repeated string tags"],
  ["a new field of a response", "int32 version = 3;", "int32 version = 3; string note = 4;"],
  ["a new word", "one two", "one two three"],
  ["a new word of a response", "open closed", "open closed paused"],
  ["a longer text", "max_length: 20", "max_length: 21"],
  ["a larger number", "maximum: 9", "maximum: 10"],
  ["a rule that is lifted", `string id = 1 [(rule) = { id: "prj" }];`, "string id = 1;"],
  [
    "a stricter promise of a response",
    "string id = 1; string state",
    `string id = 1 [(rule) = { id: "prj" }]; string state`,
  ],
  [
    "a new RPC",
    rpcs,
    `${rpcs} rpc Other(SyncRequest) returns (Item) { option (google.api.http) = { post: "/v1/others" body: "*" }; ${access} }`,
  ],
  [
    "an RPC between services that is removed",
    `rpc Sync(SyncRequest) returns (google.protobuf.Empty) { option (access) = { services: "gateway" }; }`,
    "",
  ],
  ["a field between services that is removed", " string name = 2;", ""],
  [
    "an internal event's new field",
    `[(partake.v1.rule) = { required: true id: "con" }];`,
    `[(partake.v1.rule) = { required: true id: "con" }]; string note = 4;`,
  ],
  ["an internal event's field that nobody requires is removed", " string place = 3;", ""],
  ["an internal event's new word", "up down", "up down level"],
];

describe("what breaks nobody is let through", () => {
  it.each(harmless)("%s", (_name, from, to) => {
    expect(breaks(from === to ? before : changed(from, to))).toEqual([]);
  });
});
