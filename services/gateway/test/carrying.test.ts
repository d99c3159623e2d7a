import { newId } from "@partake/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type GatewayWorld, startGatewayWorld } from "./gateway-world.ts";
import type { Person } from "./people.ts";

let world: GatewayWorld;
let admin: Person;
let member: Person;

beforeAll(async () => {
  world = await startGatewayWorld();
  const { organisationId } = world;
  admin = world.people.person([["admin", organisationId]]);
  member = world.people.person([["member", organisationId]]);
});
afterAll(() => world.stop());
beforeEach(() => {
  world.upstream.answers.clear();
  world.upstream.seen.length = 0;
});

const at = "2026-03-02T09:30:00Z";
function folder(id: string, more: object = {}) {
  return {
    id,
    organisationId: world.organisationId,
    title: "Walks",
    description: "",
    position: 0,
    status: "active",
    version: 1,
    createdAt: at,
    ...more,
  };
}

describe("carrying a request to its owner", () => {
  test("a read: path, answer, version as entity tag, nothing kept by caches", async () => {
    const id = newId("fld");
    world.upstream.answers.set("GetFolder", () => folder(id, { version: 7 }));
    const told = await world.ask("GET", `/v1/folders/${id}`, { as: admin });
    expect(told).toMatchObject({ status: 200, json: folder(id, { version: 7 }) });
    expect(told.headers.get("etag")).toBe('"7"');
    expect(told.headers.get("cache-control")).toBe("no-store");
    expect(told.headers.get("content-type")).toBe("application/json");
    expect(told.headers.get("x-powered-by")).toBeNull();
    expect(told.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(world.upstream.seen).toMatchObject([
      { operation: "GetFolder", request: { folderId: id }, actorId: admin.userId },
    ]);
  });

  test("a list: the query becomes typed fields", async () => {
    world.upstream.answers.set("ListProjects", () => ({ items: [], nextCursor: "" }));
    const told = await world.ask("GET", "/v1/projects?limit=20&status=draft", { as: admin });
    expect(told).toMatchObject({ status: 200, json: { items: [], nextCursor: "" } });
    expect(world.upstream.seen[0]?.request).toMatchObject({ limit: 20, status: "draft" });
  });

  test("a creation: an id is made, the answer says where the new thing is", async () => {
    world.upstream.answers.set("CreateFolder", ({ id, title }) => folder(String(id), { title }));
    const told = await world.ask("POST", "/v1/folders", { as: admin, json: { title: "Baking" } });
    expect(told.status).toBe(201);
    expect(told.json.id).toMatch(/^fld_[0-9a-f]{8}-[0-9a-f]{4}-7/);
    expect(told.headers.get("location")).toBe(`/v1/folders/${told.json.id}`);
    expect(told.headers.get("etag")).toBe('"1"');
  });

  test("a creation repeated under its key gets the same id, at another gateway too; another person or key another one", async () => {
    world.upstream.answers.set("CreateFolder", ({ id }) => folder(String(id)));
    const other = world.people.person([["admin", world.organisationId]]);
    const make = async (as: Person, key: string, url = world.url) =>
      (await world.ask("POST", "/v1/folders", { as, url, json: { title: "A" }, headers: { "idempotency-key": key } }))
        .json.id;
    const first = await make(admin, "k1");
    expect(await make(admin, "k1")).toBe(first);
    expect(await make(admin, "k1", world.otherUrl)).toBe(first);
    expect(await make(admin, "k2")).not.toBe(first);
    expect(await make(other, "k1")).not.toBe(first);
  });

  test("twenty repeats at once get one id", async () => {
    world.upstream.answers.set("CreateFolder", ({ id }) => folder(String(id)));
    const asked = Array.from({ length: 20 }, (_, index) =>
      world.ask("POST", "/v1/folders", {
        as: admin,
        json: { title: "A" },
        headers: { "idempotency-key": "twenty" },
        url: index % 2 ? world.url : world.otherUrl,
      }),
    );
    const ids = new Set((await Promise.all(asked)).map(({ json }) => json.id));
    expect(ids.size).toBe(1);
  });

  test("a client's own id and its key are passed on", async () => {
    const id = newId("fld");
    world.upstream.answers.set("CreateFolder", () => folder(id));
    await world.ask("POST", "/v1/folders", {
      as: admin,
      json: { id, title: "A" },
      headers: { "idempotency-key": "mine" },
    });
    expect(world.upstream.seen[0]).toMatchObject({ request: { id, title: "A" }, idempotencyKey: "mine" });
  });

  test("a change carries the version that was read", async () => {
    const id = newId("fld");
    world.upstream.answers.set("UpdateFolder", () => folder(id, { version: 4 }));
    const told = await world.ask("PATCH", `/v1/folders/${id}`, {
      as: admin,
      json: { title: "B" },
      headers: { "if-match": '"3"' },
    });
    expect(told).toMatchObject({ status: 200, json: { version: 4 } });
    expect(world.upstream.seen[0]).toMatchObject({ ifMatch: 3, request: { folderId: id, title: "B" } });
  });

  test("a custom verb at the end of a path", async () => {
    const id = newId("prj");
    world.people.addProject(id, { organisationId: world.organisationId, status: "published", visibility: "people" });
    world.upstream.answers.set("MoveProject", ({ projectId }) => ({
      id: projectId,
      organisationId: world.organisationId,
      title: "",
      description: "",
      status: "draft",
      visibility: "people",
      version: 2,
      createdAt: at,
    }));
    const told = await world.ask("POST", `/v1/projects/${id}:move`, { as: admin, json: {} });
    expect(told.status).toBe(200);
    expect(world.upstream.seen[0]).toMatchObject({ operation: "MoveProject", request: { projectId: id } });
  });

  test("an answer with nothing in it", async () => {
    const id = newId("con");
    world.upstream.answers.set("DeleteContact", () => ({}));
    const told = await world.ask("DELETE", `/v1/contacts/${id}`, { as: admin, headers: { "if-match": '"1"' } });
    expect(told).toMatchObject({ status: 204, text: "" });
  });

  test("HEAD is GET without its body; OPTIONS tells the methods", async () => {
    const id = newId("fld");
    world.upstream.answers.set("GetFolder", () => folder(id));
    const head = await world.ask("HEAD", `/v1/folders/${id}`, { as: admin });
    expect([head.status, head.text, head.headers.get("etag")]).toEqual([200, "", '"1"']);
    expect(Number(head.headers.get("content-length"))).toBeGreaterThan(100);
    const options = await world.ask("OPTIONS", `/v1/folders/${id}`);
    expect([options.status, options.headers.get("allow")]).toEqual([204, "HEAD, GET, PATCH, DELETE, OPTIONS"]);
    expect(options.headers.get("access-control-allow-origin")).toBeNull();
  });

  test("the request's id and trace go along and come back", async () => {
    const id = newId("fld");
    world.upstream.answers.set("GetFolder", () => folder(id));
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const told = await world.ask("GET", `/v1/folders/${id}`, { as: admin, headers: { traceparent } });
    const [seen] = world.upstream.seen;
    expect(seen?.requestId).toBe(told.headers.get("partake-request-id"));
    expect(seen?.traceparent?.slice(3, 35)).toBe("0af7651916cd43dd8448eb211c80319c");
  });

  test("the version of grants that a write made is told to the client", async () => {
    world.upstream.answers.set("GiveRole", (request, call) => {
      call.grantsChanged(12);
      return {
        id: request["id"],
        organisationId: world.organisationId,
        userId: request["userId"],
        role: "member",
        scope: world.organisationId,
        version: 12,
        grantedAt: at,
        removed: false,
      };
    });
    const told = await world.ask("POST", "/v1/grants", { as: admin, json: { userId: newId("usr"), role: "member" } });
    expect([told.status, told.headers.get("partake-grants-version")]).toEqual([201, "12"]);
  });
});

describe("refusals", () => {
  test("a failure of the owner keeps code, reason and errors, and becomes a problem document", async () => {
    const { failure } = await import("@partake/failure");
    world.upstream.answers.set("CreateFolder", () => {
      throw failure("conflict", "id_taken", { errors: [{ pointer: "/id", code: "taken", message: "is taken" }] });
    });
    const told = await world.ask("POST", "/v1/folders", { as: admin, json: { title: "A" } });
    expect(told.status).toBe(409);
    expect(told.headers.get("content-type")).toBe("application/problem+json");
    expect(told.json).toMatchObject({
      type: "urn:partake:problem:conflict",
      code: "conflict",
      reason: "id_taken",
      errors: [{ pointer: "/id", code: "taken", message: "is taken" }],
      requestId: told.headers.get("partake-request-id"),
    });
  });

  test("a defect tells nothing of itself", async () => {
    world.upstream.answers.set("GetFolder", () => {
      throw new Error("secret detail");
    });
    const told = await world.ask("GET", `/v1/folders/${newId("fld")}`, { as: admin });
    expect(told).toMatchObject({ status: 500, json: { code: "internal", reason: "unexpected" } });
    expect(told.text).not.toContain("secret");
  });

  test("who may not, is refused before the owner is asked", async () => {
    const told = await world.ask("POST", "/v1/folders", { as: member, json: { title: "A" } });
    expect(told).toMatchObject({ status: 403, json: { code: "forbidden" } });
    expect(world.upstream.seen).toEqual([]);
  });

  test("what belongs to another organisation looks like nothing at all", async () => {
    const hidden = newId("prj");
    world.people.addProject(hidden, { organisationId: newId("org"), status: "published", visibility: "public" });
    const [one, other] = [
      await world.ask("GET", `/v1/projects/${hidden}`, { as: admin }),
      await world.ask("GET", `/v1/projects/${newId("prj")}`, { as: admin }),
    ];
    const { requestId: _, ...first } = one.json;
    const { requestId: __, ...second } = other.json;
    expect([one.status, first]).toEqual([404, second]);
  });
});
