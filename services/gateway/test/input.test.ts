import { newId } from "@partake/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Asking, type GatewayWorld, startGatewayWorld } from "./gateway-world.ts";
import type { Person } from "./people.ts";
import { sendRaw } from "./raw-http.ts";

let world: GatewayWorld;
let admin: Person;
const boardId = newId("brd");

beforeAll(async () => {
  world = await startGatewayWorld();
  admin = world.people.person([["admin", world.organisationId]]);
});
afterAll(() => world.stop());
beforeEach(() => {
  world.upstream.seen.length = 0;
  const { answers } = world.upstream;
  const folder = {
    organisationId: world.organisationId,
    title: "",
    description: "",
    position: 0,
    status: "active",
    version: 1,
    createdAt: "",
  };
  answers.set("CreateFolder", ({ id }) => ({ ...folder, id }));
  answers.set("UpdateFolder", ({ folderId }) => ({ ...folder, id: folderId }));
  answers.set("GetFolder", ({ folderId }) => ({ ...folder, id: folderId }));
  answers.set("ListProjects", () => ({ items: [], nextCursor: "" }));
  answers.set("UpdateBoard", () => ({ id: boardId, projectId: "", title: "", managed: false, cards: [], version: 2 }));
});

const json = { "content-type": "application/json" };
const post =
  (body: Asking["body"], headers: Record<string, string> = json) =>
  () =>
    world.ask("POST", "/v1/folders", { as: admin, ...(body === undefined ? {} : { body }), headers });
const create = (value: unknown) => () => world.ask("POST", "/v1/folders", { as: admin, json: value });
const list = (query: string) => () => world.ask("GET", `/v1/projects?${query}`, { as: admin });
const patch = (headers: Record<string, string>) => () =>
  world.ask("PATCH", `/v1/folders/${newId("fld")}`, { as: admin, json: { title: "A" }, headers });
const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;

describe("what is taken", () => {
  const cases: [name: string, ask: () => ReturnType<GatewayWorld["ask"]>, status: number][] = [
    ["the least that is needed", create({ title: "A" }), 201],
    ["every member", create({ id: newId("fld"), title: "A", description: "B", position: 3 }), 201],
    ["an id that is empty", create({ id: "", title: "A" }), 201],
    ["the longest text", create({ title: "é".repeat(120) }), 201],
    ["text in any script", create({ title: "Ęćß 漢字 👩‍👩‍👧 عربى" }), 201],
    ["JSON with escapes and white space", post('  {"t\\u0069tle" : "A" }\n'), 201],
    [
      "a charset that JSON has anyway",
      post('{"title":"A"}', { "content-type": 'application/json; charset="UTF-8"' }),
      201,
    ],
    ["a type in capitals", post('{"title":"A"}', { "content-type": "Application/JSON" }), 201],
    ["a body as large as the bound allows", post(`{"title":"A"}${" ".repeat(1024 * 1024 - 13)}`), 201],
    [
      "the same name in different objects",
      () =>
        world.ask("PATCH", `/v1/boards/${boardId}`, {
          as: admin,
          headers: { "if-match": '"1"' },
          json: {
            title: "A",
            cards: {
              items: [
                { subjectId: newId("qst"), cadence: "once" },
                { subjectId: newId("met"), cadence: "once" },
              ],
            },
          },
        }),
      200,
    ],
    ["no query", () => world.ask("GET", "/v1/projects", { as: admin }), 200],
    ["an empty query", list(""), 200],
    ["the greatest page", list("limit=200"), 200],
    [
      "an encoded character that needs none",
      () => world.ask("GET", `/v1/folders/${newId("fld").replace("_", "%5F")}`, { as: admin }),
      200,
    ],
    [
      "any answer",
      () => world.ask("GET", "/v1/projects", { as: admin, headers: { accept: "text/html, */*;q=0.1" } }),
      200,
    ],
    [
      "JSON among others",
      () =>
        world.ask("GET", "/v1/projects", { as: admin, headers: { accept: "application/xml, application/*;q=0.5" } }),
      200,
    ],
    ["the version as it was read", patch({ "if-match": '"3"' }), 200],
    ["a key of every kind", post('{"title":"A"}', { ...json, "idempotency-key": "A.b_c~d-1" }), 201],
  ];
  test.each(cases)("%s", async (_, ask, status) => {
    const told = await ask();
    expect([told.status, told.text.slice(0, 300)]).toEqual([status, expect.anything()]);
  });
});

describe("what is refused, and changes nothing", () => {
  const cases: [
    name: string,
    ask: () => ReturnType<GatewayWorld["ask"]>,
    status: number,
    reason: string,
    pointer?: string,
  ][] = [
    ["no body", post(undefined), 400, "malformed_json", ""],
    ["half a body", post('{"title":"A"'), 400, "malformed_json", ""],
    ["two bodies", post('{"title":"A"}{}'), 400, "malformed_json", ""],
    ["a comment", post('{"title":"A"/**/}'), 400, "malformed_json", ""],
    ["NaN", post('{"title":"A","position":NaN}'), 400, "malformed_json", ""],
    [
      "bytes that are no UTF-8",
      post(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])),
      400,
      "malformed_json",
      "",
    ],
    ["a list", create([]), 400, "invalid_request", ""],
    ["null", create(null), 400, "invalid_request", ""],
    ["a text", create("A"), 400, "invalid_request", ""],
    ["a name twice", post('{"title":"A","title":"B"}'), 400, "duplicate_name", "/title"],
    ["a name twice, once written otherwise", post('{"title":"A","t\\u0069tle":"B"}'), 400, "duplicate_name", "/title"],
    ["__proto__", post('{"title":"A","__proto__":{"admin":true}}'), 400, "forbidden_name", ""],
    ["__proto__ inside", post('{"title":"A","position":{"__proto__":1}}'), 400, "forbidden_name", "/position"],
    ["constructor", create({ title: "A", constructor: { prototype: {} } }), 400, "invalid_request", "/constructor"],
    ["depth of a hundred", post(nested(100)), 400, "json_too_deep"],
    ["depth of ten thousand", post(nested(10_000)), 400, "json_too_deep"],
    ["lists in lists", post(`{"title":${"[".repeat(50_000)}${"]".repeat(50_000)}}`), 400, "json_too_deep"],
    ["an unknown member", create({ title: "A", createdBy: "me" }), 400, "invalid_request", "/createdBy"],
    [
      "another's organisation",
      create({ title: "A", organisationId: newId("org") }),
      400,
      "invalid_request",
      "/organisationId",
    ],
    ["a role for oneself", create({ title: "A", role: "admin" }), 400, "invalid_request", "/role"],
    ["an operator of MongoDB", create({ title: { $ne: "" } }), 400, "invalid_request", "/title"],
    ["an operator as a name", create({ title: "A", $where: "1" }), 400, "invalid_request", ""],
    ["a missing member", create({ description: "A" }), 400, "invalid_request", "/title"],
    ["null for a text", create({ title: null }), 400, "invalid_request", "/title"],
    ["a number for a text", create({ title: 1 }), 400, "invalid_request", "/title"],
    ["a text for a number", create({ title: "A", position: "1" }), 400, "invalid_request", "/position"],
    ["a fraction", create({ title: "A", position: 1.5 }), 400, "invalid_request", "/position"],
    ["less than nothing", create({ title: "A", position: -1 }), 400, "invalid_request", "/position"],
    ["2^53", create({ title: "A", position: 2 ** 53 }), 400, "invalid_request", "/position"],
    ["infinity", post('{"title":"A","position":1e999}'), 400, "invalid_request", "/position"],
    ["a text too long", create({ title: "a".repeat(121) }), 400, "invalid_request", "/title"],
    ["a text with a zero byte", create({ title: "a\u0000b" }), 400, "invalid_request", "/title"],
    ["half a character", post('{"title":"\\ud800"}'), 400, "invalid_request", "/title"],
    ["another kind's id", create({ id: newId("prj"), title: "A" }), 400, "invalid_request", "/id"],
    ["an id in capitals", create({ id: newId("fld").toUpperCase(), title: "A" }), 400, "invalid_request", "/id"],
    ["a hundred thousand ids", create({ title: "A", ids: Array(20_000).fill("x") }), 400, "invalid_request", "/ids"],
    ["a form", post("title=A", { "content-type": "application/x-www-form-urlencoded" }), 415, "json_required"],
    [
      "a form of several parts",
      post("--x", { "content-type": "multipart/form-data; boundary=x" }),
      415,
      "json_required",
    ],
    ["no type", post(Buffer.from('{"title":"A"}'), {}), 415, "json_required"],
    ["nearly JSON", post('{"title":"A"}', { "content-type": "application/json-patch+json" }), 415, "json_required"],
    [
      "another charset",
      post('{"title":"A"}', { "content-type": "application/json; charset=utf-16" }),
      415,
      "json_required",
    ],
    ["a packed body", post(Buffer.from("x"), { ...json, "content-encoding": "gzip" }), 415, "content_encoding"],
    ["a byte more than the bound", post(`{"title":"A"}${" ".repeat(1024 * 1024 - 12)}`), 413, "body_too_large", ""],
    ["a body of unknown length past the bound", post(endless()), 413, "body_too_large", ""],
    [
      "a query that writes have not",
      () => world.ask("POST", "/v1/folders?title=B", { as: admin, json: { title: "A" } }),
      400,
      "invalid_request",
      "/title",
    ],
    [
      "a member that belongs into the path",
      () =>
        world.ask("PATCH", `/v1/folders/${newId("fld")}`, {
          as: admin,
          json: { folderId: newId("fld") },
          headers: { "if-match": '"1"' },
        }),
      400,
      "invalid_request",
      "/folderId",
    ],
    ["an unknown parameter", list("sort=name"), 400, "invalid_request", "/sort"],
    ["a parameter twice", list("limit=1&limit=2"), 400, "invalid_request", "/limit"],
    ["page size -1", list("limit=-1"), 400, "invalid_request", "/limit"],
    ["page size 1e9", list("limit=1e9"), 400, "invalid_request", "/limit"],
    ["page size 0x10", list("limit=0x10"), 400, "invalid_request", "/limit"],
    ["a parameter as an object", list("status[$ne]=draft"), 400, "invalid_request", ""],
    ["a word that is not among them", list("status=deleted"), 400, "invalid_request", "/status"],
    ["a token in the query", list("access_token=x"), 400, "invalid_request", "/access_token"],
    ["an id that is none", () => world.ask("GET", "/v1/folders/1", { as: admin }), 400, "invalid_request", "/folderId"],
    ["no version", patch({}), 428, "if_match_missing"],
    ["any version", patch({ "if-match": "*" }), 400, "if_match_malformed"],
    ["several versions", patch({ "if-match": '"1", "2"' }), 400, "if_match_malformed"],
    ["a version without quotes", patch({ "if-match": "3" }), 400, "if_match_malformed"],
    ["a version past all", patch({ "if-match": '"9999999999"' }), 400, "if_match_malformed"],
    ["a weak version", patch({ "if-match": 'W/"3"' }), 412, "version_mismatch"],
    [
      "a key with a space",
      post('{"title":"A"}', { ...json, "idempotency-key": "a b" }),
      400,
      "idempotency_key_malformed",
    ],
    [
      "a key too long",
      post('{"title":"A"}', { ...json, "idempotency-key": "a".repeat(101) }),
      400,
      "idempotency_key_malformed",
    ],
    [
      "an answer that is not to be had",
      () => world.ask("GET", "/v1/projects", { as: admin, headers: { accept: "application/xml" } }),
      406,
      "not_acceptable",
    ],
    [
      "JSON at no price",
      () => world.ask("GET", "/v1/projects", { as: admin, headers: { accept: "application/json;q=0, text/html" } }),
      406,
      "not_acceptable",
    ],
    [
      "a method that the path has not",
      () => world.ask("DELETE", "/v1/folders", { as: admin }),
      405,
      "method_not_allowed",
    ],
    [
      "a method in a header",
      () =>
        world.ask("POST", `/v1/folders/${newId("fld")}`, {
          as: admin,
          json: {},
          headers: { "x-http-method-override": "DELETE" },
        }),
      405,
      "method_not_allowed",
    ],
    ["a path with a slash too many", () => world.ask("GET", "/v1/projects/", { as: admin }), 404, "not_found"],
    ["a path in capitals", () => world.ask("GET", "/V1/projects", { as: admin }), 404, "not_found"],
    ["an encoded slash", () => world.ask("GET", "/v1/folders/..%2fprojects", { as: admin }), 404, "not_found"],
    ["an encoded zero byte", () => world.ask("GET", "/v1/folders/%00", { as: admin }), 404, "not_found"],
    ["encoding that is none", () => world.ask("GET", "/v1/folders/%zz", { as: admin }), 404, "not_found"],
    [
      "the router's own sign",
      () => world.ask("POST", "/v1/contacts/~search", { as: admin, json: {} }),
      404,
      "not_found",
    ],
    ["an unknown verb", () => world.ask("POST", "/v1/contacts:drop", { as: admin, json: {} }), 404, "not_found"],
    [
      "an internal operation by its name",
      () => world.ask("POST", "/partake.v1.Identity/ReadGrants", { as: admin, json: {} }),
      404,
      "not_found",
    ],
  ];
  test.each(cases)("%s", async (_, ask, status, reason, pointer) => {
    // The processor's time: others may use the machine as well.
    const before = process.cpuUsage();
    const told = await ask();
    expect([told.status, told.json?.reason, told.text.slice(0, 400)]).toEqual([status, reason, expect.anything()]);
    expect(told.headers.get("content-type")).toBe("application/problem+json");
    if (pointer !== undefined)
      expect(told.json.errors?.map((error: { pointer: string }) => error.pointer)).toContain(pointer);
    expect(world.upstream.seen).toEqual([]);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1_000).toBeLessThan(1_000);
  });

  test("a creation without a key", async () => {
    const headers = { ...json, authorization: `Bearer ${world.people.token(admin)}` };
    const answer = await fetch(`${world.url}/v1/folders`, { method: "POST", headers, body: '{"title":"A"}' });
    expect([answer.status, ((await answer.json()) as { reason: string }).reason]).toEqual([
      400,
      "idempotency_key_required",
    ]);
  });

  test("the value of a wrong field is repeated nowhere", async () => {
    const told = await create({ title: "A", "Ann Marked-Smith": 1, position: "Ann Marked-Smith" })();
    expect(told.status).toBe(400);
    expect(told.text).not.toContain("Marked");
    expect(world.log.join("")).not.toContain("Marked");
  });
});

describe("what no library sends", () => {
  const request = (line: string, headers: string[] = [], body = "") =>
    [line, "Host: x", ...headers, "", body].join("\r\n");
  const cases: [name: string, text: string, statuses: number[]][] = [
    ["dot segments", request("GET /v1/../v1/me HTTP/1.1"), [404]],
    ["a backslash", request("GET /v1\\me HTTP/1.1"), [404, 400]],
    ["two slashes", request("GET //evil.example/ HTTP/1.1"), [404]],
    ["an absolute target", request("GET http://evil.example/v1/me HTTP/1.1"), [404]],
    ["no host", "GET / HTTP/1.1\r\n\r\n", [400]],
    ["a header without end", request("GET / HTTP/1.1", [`X-Flood: ${"a".repeat(20_000)}`]), [431]],
    [
      "a thousand headers",
      request(
        "GET / HTTP/1.1",
        Array.from({ length: 2_000 }, (_, index) => `X-${index}: aaaaaaaa`),
      ),
      [431],
    ],
    ["two lengths", request("POST /v1/folders HTTP/1.1", ["Content-Length: 2", "Content-Length: 5"], "{}"), [400]],
    [
      "length and chunks",
      request("POST /v1/folders HTTP/1.1", ["Content-Length: 2", "Transfer-Encoding: chunked"], "0\r\n\r\n"),
      [400],
    ],
    ["a line that is no header", request("GET / HTTP/1.1", ["nonsense"]), [400]],
    ["an unknown method", request("FLY / HTTP/1.1"), [400]],
    ["TRACE", request("TRACE / HTTP/1.1"), [405]],
    ["a web socket", request("GET /events HTTP/1.1", ["Connection: Upgrade", "Upgrade: websocket"]), [401]],
  ];
  test.each(cases)("%s", async (_, text, statuses) => {
    const told = await sendRaw(world.url, text);
    expect(statuses).toContain(told.status);
    expect(told.head.toLowerCase()).toContain("application/problem+json");
    expect(JSON.parse(told.body.split("\r\n").at(-1) ?? told.body)).toMatchObject({ status: told.status });
  });
});

function endless(): ReadableStream {
  const piece = new TextEncoder().encode(`{"title":"${"a".repeat(64 * 1024)}`);
  let sent = 0;
  return new ReadableStream({
    pull(controller) {
      sent += 1;
      if (sent > 40) return controller.close();
      controller.enqueue(piece);
    },
  });
}
