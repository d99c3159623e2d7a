import { describe, expect, it } from "vitest";
import { readContract } from "../src/reading.ts";
import { contractOf, type SmallProtos } from "./small-protos.ts";

const item = `message Item { string id = 1 [(rule) = { id: "prj" }]; string name = 2 [(personal) = true]; }`;
const get = `message Get { string id = 1 [(rule) = { required: true id: "prj" }]; optional string filter = 2; }`;
const route = (path: string, kind = "get") =>
  `option (google.api.http) = { ${kind}: "${path}" ${kind === "get" || kind === "delete" ? "" : 'body: "*"'} };`;
const reader = `option (access) = { permission: "project.read" scope: "id" };`;
const rpc = (...options: string[]) => `rpc GetItem(Get) returns (Item) { ${options.join(" ")} }`;
const messages = item + get;
const event = (option: string, fields: string) =>
  `message Happened { option (partake.v1.event) = { ${option} }; ${fields} }`;
const requiredKey = `string a = 1 [(partake.v1.rule) = { required: true id: "con" }];`;
const publicEvent = (fields: string) =>
  event(
    `topic: "progress" type: "org.partake.sample.happened.v1" public: true key: "psn"`,
    `string psn = 1 [(partake.v1.rule) = { required: true id: "psn" }]; ${fields}`,
  );

describe("a contract that holds", () => {
  it("is read with its routes, access, features and events", () => {
    const contract = contractOf({
      rpcs: `// Reads one. (P1, P2)
        rpc GetItem(Get) returns (Item) { ${route("/v1/items/{id}")} ${reader} option (refusals) = "gone_away"; }`,
      messages,
      events: publicEvent(`string at = 2 [(partake.v1.rule) = { format: "date-time" }];`),
    });
    expect(contract.operations).toEqual([
      {
        name: "GetItem",
        service: "Projects",
        owner: "projects",
        path: "/partake.v1.Projects/GetItem",
        request: "partake.v1.Get",
        response: "partake.v1.Item",
        requestStream: false,
        responseStream: false,
        route: {
          method: "GET",
          path: "/v1/items/{id}",
          pathFields: ["id"],
          queryFields: ["filter"],
          body: false,
          status: 200,
        },
        access: { kind: "permission", permission: "project.read", scope: "id" },
        bytes: "none",
        refusals: ["gone_away"],
        needsIdempotencyKey: false,
        foreign: false,
        needsIfMatch: false,
        fresh: false,
        summary: "Reads one.",
        features: ["P1", "P2"],
      },
    ]);
    expect(contract.eventTypes).toMatchObject([{ owner: "progress", key: "psn", public: true, compacted: false }]);
  });

  it("is Partake's own", () => {
    const { operations, eventTypes } = readContract();
    expect(operations.length).toBeGreaterThan(50);
    expect(eventTypes.filter((type) => type.public).map(({ topic }) => topic)).toContain("billing");
    for (const { needsIdempotencyKey, needsIfMatch, route } of operations) {
      if (needsIdempotencyKey) expect(route?.method).toBe("POST");
      if (needsIfMatch) expect(route?.method).toMatch(/PATCH|PUT|DELETE/);
    }
  });

  const methods: [string, string, { key: boolean; match: boolean; status: number }][] = [
    ["a POST", route("/v1/items", "post"), { key: true, match: false, status: 201 }],
    ["a POST on one", route("/v1/items/{id}:move", "post"), { key: true, match: false, status: 200 }],
    ["a search", route("/v1/items:search", "post"), { key: false, match: false, status: 200 }],
    ["a PATCH", route("/v1/items/{id}", "patch"), { key: false, match: true, status: 200 }],
    ["a PUT", route("/v1/items/{id}", "put"), { key: false, match: true, status: 200 }],
    ["a DELETE", route("/v1/items/{id}", "delete"), { key: false, match: true, status: 200 }],
    ["a GET", route("/v1/items/{id}"), { key: false, match: false, status: 200 }],
  ];
  it.each(methods)("knows the headers that %s needs", (_name, option, { key, match, status }) => {
    const [operation] = contractOf({ rpcs: rpc(option, reader), messages }).operations;
    expect(operation).toMatchObject({ needsIdempotencyKey: key, needsIfMatch: match, route: { status } });
    expect(operation?.idPrefix).toBe(status === 201 ? "prj" : undefined);
  });
});

const account = "option (access) = { account: true };";
const broken: [string, SmallProtos, RegExp][] = [
  ["no access", { rpcs: rpc(), messages }, /GetItem: declares no access/],
  [
    "two kinds of access",
    { rpcs: rpc(`option (access) = { public: true account: true };`), messages },
    /GetItem: .*exactly one/,
  ],
  ["an access of none", { rpcs: rpc(`option (access) = { };`), messages }, /GetItem/],
  [
    "a misspelt access",
    { rpcs: rpc(`option (access) = { permision: "a.b" };`), messages },
    /GetItem: unknown member permision/,
  ],
  [
    "a misspelt option",
    { rpcs: rpc(account, `option (acess) = { public: true };`), messages },
    /GetItem: unknown option/,
  ],
  [
    "a scope that is no field",
    { rpcs: rpc(`option (access) = { permission: "a.b" scope: "folder" };`), messages },
    /GetItem: its scope/,
  ],
  [
    "a scope that is no id",
    { rpcs: rpc(`option (access) = { permission: "a.b" scope: "filter" };`), messages },
    /GetItem: its scope/,
  ],
  [
    "a record that is no field",
    { rpcs: rpc(`option (access) = { permission: "a.b" record: "items" };`), messages },
    /GetItem: its record/,
  ],
  [
    "scope and record",
    { rpcs: rpc(`option (access) = { permission: "a.b" scope: "id" record: "id" };`), messages },
    /GetItem: both/,
  ],
  [
    "a scope without a permission",
    { rpcs: rpc(`option (access) = { account: true scope: "id" };`), messages },
    /GetItem: scope/,
  ],
  [
    "an unknown service",
    { rpcs: rpc(`option (access) = { services: "gateway mailer" };`), messages },
    /GetItem: no service .*mailer/,
  ],
  [
    "services with a route",
    { rpcs: rpc(route("/v1/items"), `option (access) = { services: "gateway" };`), messages },
    /GetItem: only services/,
  ],
  [
    "a path field that is none",
    { rpcs: rpc(route("/v1/items/{item}"), account), messages },
    /GetItem: its route names no field item/,
  ],
  ["a malformed path", { rpcs: rpc(route("/v1/{id=*}"), account), messages }, /GetItem: malformed path/],
  [
    "a POST without a body",
    { rpcs: rpc(`option (google.api.http) = { post: "/v1/items" };`, account), messages },
    /GetItem: post needs a body/,
  ],
  [
    "a personal field in a query",
    {
      rpcs: rpc(route("/v1/items"), account),
      messages: `${item} message Get { string name = 1 [(personal) = true]; }`,
    },
    /GetItem: the personal field name would be in a URL/,
  ],
  [
    "a message in a query",
    {
      rpcs: rpc(route("/v1/items"), account),
      messages: `${item} message Get { Inner inner = 1; } message Inner { string id = 1; }`,
    },
    /GetItem: a URL cannot hold inner/,
  ],
  [
    "an optional field in a path",
    {
      rpcs: rpc(route("/v1/items/{id}"), account),
      messages: `${item} message Get { string id = 1 [(rule) = { id: "prj" }]; }`,
    },
    /GetItem: id in the path must be a required id/,
  ],
  [
    "the same route twice",
    {
      rpcs: rpc(route("/v1/items"), account) + rpc(route("/v1/items"), account).replace("GetItem", "GetOther"),
      messages,
    },
    /GetOther: another RPC has the route/,
  ],
  [
    "an unknown rule",
    { messages: `message A { string a = 1 [(rule) = { max_lenght: 3 }]; }` },
    /A\.a: unknown member max_lenght/,
  ],
  [
    "a misspelt mark of the personal",
    { messages: `message A { string a = 1 [(personnal) = true]; }` },
    /A\.a: unknown option/,
  ],
  [
    "a rule for text on a number",
    { messages: `message A { int32 a = 1 [(rule) = { max_length: 3 }]; }` },
    /A\.a: a rule for text/,
  ],
  [
    "a rule for numbers on a text",
    { messages: `message A { string a = 1 [(rule) = { minimum: 3 }]; }` },
    /A\.a: a rule for numbers/,
  ],
  [
    "a rule for lists on a text",
    { messages: `message A { string a = 1 [(rule) = { max_items: 3 }]; }` },
    /A\.a: a rule for lists/,
  ],
  [
    "an unknown format",
    { messages: `message A { string a = 1 [(rule) = { format: "phone" }]; }` },
    /A\.a: unknown format phone/,
  ],
  [
    "two kinds of text",
    { messages: `message A { string a = 1 [(rule) = { id: "prj" format: "date" }]; }` },
    /A\.a: .*exclude/,
  ],
  [
    "a pattern that is none",
    { messages: `message A { string a = 1 [(rule) = { pattern: "(" }]; }` },
    /regular expression/i,
  ],
  ["a 64-bit number", { messages: "message A { int64 a = 1; }" }, /A\.a: unsupported type int64/],
  ["bytes", { messages: "message A { bytes a = 1; }" }, /A\.a: unsupported type bytes/],
  ["an enum", { messages: "enum E { E_NONE = 0; } message A { E a = 1; }" }, /A\.a: use a string with one_of/],
  ["a oneof", { messages: "message A { oneof b { string c = 1; } }" }, /A\.b: a oneof/],
  [
    "a message in itself",
    { messages: "message A { B b = 1; } message B { repeated A a = 1; }" },
    /may not contain itself/,
  ],
  [
    "a personal field in a public event",
    { events: publicEvent(`double a = 2 [(partake.v1.personal) = true];`) },
    /Happened\.a: personal/,
  ],
  ["free text in a public event", { events: publicEvent("string a = 2;") }, /Happened\.a: free text/],
  ["a map in a public event", { events: publicEvent("map<string, double> a = 2;") }, /Happened\.a: a map/],
  [
    "a user in a public event",
    { events: publicEvent(`string a = 2 [(partake.v1.rule) = { id: "usr" }];`) },
    /Happened\.a: the id of a person/,
  ],
  [
    "a contact in a public event",
    { events: publicEvent(`repeated string a = 2 [(partake.v1.rule) = { id: "con" }];`) },
    /the id of a person/,
  ],
  [
    "a participation by pattern",
    { events: publicEvent(`string a = 2 [(partake.v1.rule) = { pattern: "(par|psn)_.*" }];`) },
    /the id of a person/,
  ],
  [
    "free text by pattern",
    { events: publicEvent(`string a = 2 [(partake.v1.rule) = { pattern: ".*" }];`) },
    /Happened\.a/,
  ],
  [
    "an address in a public event",
    { events: publicEvent(`string a = 2 [(partake.v1.rule) = { format: "email" }];`) },
    /may identify/,
  ],
  [
    "free text deep in a public event",
    { events: `${publicEvent("Inner a = 2;")} message Inner { string b = 1; }` },
    /Inner\.b: free text/,
  ],
  [
    "a topic of nobody",
    { events: event(`topic: "other" type: "org.partake.a.b.v1" key: "a"`, "string a = 1;") },
    /nobody owns the topic other/,
  ],
  [
    "a key that is no field",
    { events: event(`topic: "contacts" type: "org.partake.a.b.v1" key: "b"`, "string a = 1;") },
    /Happened: its key b/,
  ],
  [
    "a key that may be absent",
    { events: event(`topic: "contacts" type: "org.partake.a.b.v1" key: "a"`, "string a = 1;") },
    /Happened: its key a/,
  ],
  [
    "roles that are not compacted",
    {
      events: event(
        `topic: "roles" type: "org.partake.a.b.v1" key: "a"`,
        `string a = 1 [(partake.v1.rule) = { required: true id: "grn" }];`,
      ),
    },
    /Happened: roles must be compacted/,
  ],
  [
    "a topic that only some of its events call a broadcast",
    {
      events: `${event(`topic: "contacts" type: "org.partake.a.b.v1" key: "a" broadcast: true`, requiredKey)} ${event(
        `topic: "contacts" type: "org.partake.a.c.v1" key: "a"`,
        requiredKey,
      ).replace("Happened", "Again")}`,
    },
    /Again: contacts is a broadcast/,
  ],
  [
    "a type without a version",
    { events: event(`topic: "contacts" type: "org.partake.a" key: "a"`, "string a = 1;") },
    /malformed type/,
  ],
];

describe("a contract that does not hold stops the process, naming the RPC or field", () => {
  it.each(broken)("%s", (_name, protos, message) => {
    expect(() => contractOf(protos)).toThrow(message);
  });
});
