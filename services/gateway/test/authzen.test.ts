// The HTTP shape of the OpenID AuthZEN Authorization API 1.0: what its sections 6, 7, 9 and 10 say of requests and answers.
import { newId } from "@partake/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type GatewayWorld, startGatewayWorld } from "./gateway-world.ts";
import type { Person } from "./people.ts";

let world: GatewayWorld;
let admin: Person;
const single = "/access/v1/evaluation";
const batch = "/access/v1/evaluations";
const project = newId("prj");
const subject = { type: "user", id: newId("usr") };
const action = { name: "project.read" };
const resource = { type: "project", id: project };

beforeAll(async () => {
  world = await startGatewayWorld();
  admin = world.people.person([["admin", world.organisationId]]);
});
afterAll(() => world?.stop());
beforeEach(() => {
  const { answers, seen } = world.upstream;
  seen.length = 0;
  answers.set("EvaluateAccess", () => ({ decision: true }));
  answers.set("EvaluateAccesses", () => ({ evaluations: [{ decision: true }] }));
});

const post = (path: string, json: unknown, headers: Record<string, string> = {}, as: Person | undefined = admin) =>
  world.ask("POST", path, { ...(as && { as }), json, headers });

describe("[Z1] the AuthZEN API over HTTP", () => {
  test("a question as the standard writes it is answered as the standard does, without an idempotency key", async () => {
    const asked = {
      subject: { ...subject, properties: { department: "Sales", ip_address: "192.0.2.1" } },
      action: { ...action, properties: { method: "GET" } },
      resource: { ...resource, properties: { "library:owner": { id: "x" } } },
      context: { time: "1985-10-26T01:22-07:00", nested: [1, { two: null }] },
    };
    const told = await post(single, asked, { "x-request-id": "bfe9eb29-ab87-4ca3-be83-a1d5d8305716" });
    expect(told).toMatchObject({ status: 200, json: { decision: true } });
    expect(Object.keys(told.json)).toEqual(["decision"]);
    expect(told.headers.get("content-type")).toBe("application/json");
    expect(told.headers.get("x-request-id")).toBe("bfe9eb29-ab87-4ca3-be83-a1d5d8305716");
    expect(world.upstream.seen).toMatchObject([
      { operation: "EvaluateAccess", request: { subject, action, resource } },
    ]);
    expect(JSON.stringify(world.upstream.seen)).not.toContain("Sales");
  });

  test("a no is an answer like a yes", async () => {
    world.upstream.answers.set("EvaluateAccess", () => ({ decision: false }));
    expect(await post(single, { subject, action, resource })).toMatchObject({
      status: 200,
      text: '{"decision":false}',
    });
  });

  test("several questions: the names of the standard, defaults and options carried, the errors of single ones shown", async () => {
    const error = { status: 404, message: "Resource not found" };
    world.upstream.answers.set("EvaluateAccesses", () => ({
      evaluations: [
        { decision: true },
        { decision: false, context: { reason: "", error } },
        { decision: false, context: { reason: "deny_on_first_deny" } },
      ],
    }));
    const asked = {
      ...{ subject, action },
      context: { time: "2024-05-31T15:22-07:00" },
      evaluations: [
        { resource, context: {} },
        { resource, action: { name: "project.edit" } },
      ],
      options: { evaluations_semantic: "deny_on_first_deny", another_option: "value" },
    };
    const told = await post(batch, asked, { "x-request-id": "1" });
    expect(told).toMatchObject({ status: 200 });
    expect(told.json).toEqual({
      evaluations: [
        { decision: true },
        { decision: false, context: { error } },
        { decision: false, context: { reason: "deny_on_first_deny" } },
      ],
    });
    expect(told.headers.get("x-request-id")).toBe("1");
    expect(world.upstream.seen[0]?.request).toMatchObject({
      ...{ subject, action },
      evaluations: [{ resource }, { resource, action: { name: "project.edit" } }],
      options: { evaluationsSemantic: "deny_on_first_deny" },
    });
  });

  test("what is wrong is pointed at by the names of the standard", async () => {
    const asked = {
      evaluations: [{ resource: { type: "project", id: 7 } }],
      options: { evaluations_semantic: "some" },
    };
    const { status, json } = await post(batch, asked);
    const pointers = (json as { errors: { pointer: string }[] }).errors.map(({ pointer }) => pointer);
    expect([status, pointers.sort()]).toEqual([400, ["/evaluations/0/resource/id", "/options/evaluations_semantic"]]);
  });

  test("without several questions the answer is that of the one", async () => {
    world.upstream.answers.set("EvaluateAccesses", () => ({ decision: true, evaluations: [] }));
    expect((await post(batch, { subject, action, resource })).json).toEqual({ decision: true });
  });

  test("says of itself where it is asked", async () => {
    const told = await world.ask("GET", "/.well-known/authzen-configuration");
    expect(told).toMatchObject({
      status: 200,
      json: {
        policy_decision_point: world.origin,
        access_evaluation_endpoint: `${world.origin}/access/v1/evaluation`,
        access_evaluations_endpoint: `${world.origin}/access/v1/evaluations`,
      },
    });
    expect(told.headers.get("content-type")).toBe("application/json");
  });

  const incomplete = { subject, action };
  test.each<[string, string, unknown, number]>([
    ["without a resource", single, incomplete, 400],
    ["without a subject's id", single, { ...incomplete, resource, subject: { type: "user" } }, 400],
    ["without an action's name", single, { subject, resource, action: {} }, 400],
    ["with an id that is a number", single, { ...incomplete, resource: { type: "project", id: 1 } }, 400],
    ["with a subject that is a list", single, { ...incomplete, resource, subject: [subject] }, 400],
    ["that is a list", single, [incomplete], 400],
    [
      "with a semantic that is none",
      batch,
      { ...incomplete, resource, options: { evaluations_semantic: "first" } },
      400,
    ],
    [
      "with the name that our own JSON would have",
      batch,
      { ...incomplete, resource, options: { evaluationsSemantic: "first" } },
      200,
    ],
    ["with evaluations that are no list", batch, { evaluations: { 0: incomplete } }, 400],
    ["with a hundred and one evaluations", batch, { ...incomplete, evaluations: Array(101).fill({ resource }) }, 400],
    ["with a prototype", single, JSON.parse('{"__proto__": {"decision": true}}'), 400],
  ])("a request %s is %i", async (_name, path, json, status) => {
    const told = await post(path, json, { "x-request-id": "of-mine" });
    expect(told.status).toBe(status);
    expect(told.headers.get("x-request-id")).toBe("of-mine");
    if (status !== 200) expect(world.upstream.seen).toEqual([]);
  });

  test("who asks is known first: 401 without a token, with the name of the request; what no header can hold is not repeated", async () => {
    const told = await world.ask("POST", single, {
      json: { subject, action, resource },
      headers: { "x-request-id": "a" },
    });
    expect(told.status).toBe(401);
    expect(told.headers.get("x-request-id")).toBe("a");
    expect(
      (await post(single, { subject, action, resource }, { "x-request-id": "x".repeat(500) })).headers.get(
        "x-request-id",
      ),
    ).toBeNull();
    expect((await post(single, { subject, action, resource })).headers.get("x-request-id")).toBeNull();
  });
});
