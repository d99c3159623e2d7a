import { type ServiceError, status } from "@grpc/grpc-js";
import { codec, operations, type Services } from "@partake/contract";
import { afterEach, describe, expect, test } from "vitest";
import { CARRY, maxMessageBytes } from "../src/frames.ts";
import { getProject, implement, project, raw, start, world } from "./ends.ts";
import { asService, callHead, openRaw, type RawCarrier } from "./raw-carrier.ts";
import { PROJECT } from "./world.ts";

const opened: RawCarrier[] = [];
const openStream = (headers: Record<string, string>): RawCarrier => {
  const carrier = openRaw(headers);
  opened.push(carrier);
  return carrier;
};
afterEach(() => {
  for (const carrier of opened.splice(0)) carrier.close();
});

const serveProjects = () => start({ Projects: implement("Projects", { getProject: async () => project }) });
const body = codec(getProject.request).encode({ projectId: PROJECT });

describe("a stream of calls", () => {
  const forged = () => world.serviceToken("gateway")();
  test.each([
    ["without a token", async () => ({})],
    ["with a person's token only", async () => ({ authorization: `Bearer ${world.token()}` })],
    ["with a person's token as a service's", async () => ({ "partake-service-token": world.token() })],
    ["with a token that nobody signed", async () => ({ "partake-service-token": "eyJhbGciOiJub25lIn0.e30." })],
    [
      "with a token whose signature was changed",
      async () => ({ "partake-service-token": `${(await forged()).slice(0, -6)}AAAAAA` }),
    ],
    ["with headers that claim to be a service", async () => ({ "partake-service": "gateway", "x-service": "gateway" })],
  ])("%s is not opened", async (_, headers) => {
    await serveProjects();
    const carrier = openStream(await headers());
    expect(await carrier.ended).toBe(status.UNAUTHENTICATED);
    expect(carrier.answers.size).toBe(0);
  });

  test("what is sent before it is let in is never carried out", async () => {
    let count = 0;
    const handler = async () => {
      count += 1;
      return project;
    };
    await start({ Projects: implement("Projects", { getProject: handler }) });
    const carrier = openStream({});
    const call = callHead(1, getProject.path, { bytes: body.length, user: 0 });
    carrier.send({ service: await forged(), users: [world.token()], calls: [call], cancelled: [] }, body);
    expect(await carrier.ended).toBe(status.UNAUTHENTICATED);
    expect(count).toBe(0);
  });

  test("is no unary call", async () => {
    await serveProjects();
    const error = (await raw(CARRY, Buffer.alloc(0), await asService())) as ServiceError;
    expect(error.code).not.toBe(status.OK);
  });
});

describe("a call in a stream that a service opened", () => {
  const hosted = operations.filter(({ service }) => service !== "Gateway");
  const everything = () => {
    const names = [...new Set(hosted.map(({ service }) => service))];
    return Object.fromEntries(names.map((name) => [name, implement(name as keyof Services, {})]));
  };
  const own = () => world.serviceToken("gateway")();

  test.each([
    ["without any token", async () => ({ service: "", user: undefined })],
    [
      "with a forged service's token",
      async () => ({ service: `${(await own()).slice(0, -6)}AAAAAA`, user: undefined }),
    ],
    ["with a forged user's token", async () => ({ service: await own(), user: `${world.token().slice(0, -6)}AAAAAA` })],
    [
      "with an expired user's token",
      async () => ({ service: await own(), user: world.token({ iat: 1_700_000_000, exp: 1_700_000_300 }) }),
    ],
  ])("%s is refused by every RPC of every service", async (_, made) => {
    await start(everything());
    const { service, user } = await made();
    const carrier = openStream(await asService());
    const guarded = hosted.filter(({ access }) => access.kind !== "public");
    const calls = guarded.map(({ path }, index) => callHead(index, path, user === undefined ? {} : { user: 0 }));
    carrier.send({ service, users: user === undefined ? [] : [user], calls, cancelled: [] });
    await expect.poll(() => carrier.answers.size, { timeout: 10_000 }).toBe(guarded.length);
    const open = guarded.filter((_one, index) => !carrier.answers.get(index)?.outcome.startsWith("unauthenticated"));
    expect(open.map(({ path }) => path)).toEqual([]);
  });

  test("for a person who holds nothing is refused as it is alone", async () => {
    await serveProjects();
    world.grants.put({ roles: [] });
    const carrier = openStream(await asService());
    const call = callHead(1, getProject.path, { bytes: body.length, user: 0 });
    const users = [world.token({ roles: [] })];
    carrier.send({ service: await own(), users, calls: [call], cancelled: [] }, body);
    await expect.poll(() => carrier.answers.get(1)?.outcome, { timeout: 5_000 }).toMatch(/^(not_found|forbidden) /);
  });

  test("has the rights of its own user only, whoever else is named in the message", async () => {
    const callers: string[] = [];
    const handler = async (_: object, { actorId }: { actorId: string }) => {
      callers.push(actorId);
      return project;
    };
    await start({ Projects: implement("Projects", { getProject: handler }) });
    const carrier = openStream(await asService());
    const nobody = `${world.token().slice(0, -6)}AAAAAA`;
    const calls = [0, 1, undefined].map((user, index) =>
      callHead(index, getProject.path, { bytes: body.length, ...(user === undefined ? {} : { user }) }),
    );
    const users = [nobody, world.token()];
    carrier.send({ service: await own(), users, calls, cancelled: [] }, body, body, body);
    await expect.poll(() => carrier.answers.size, { timeout: 5_000 }).toBe(3);
    expect([0, 1, 2].map((number) => carrier.answers.get(number)?.outcome)).toEqual([
      "unauthenticated token_invalid",
      "ok",
      "unauthenticated token_missing",
    ]);
    expect(callers).toHaveLength(1);
  });

  test("of an operation that the server does not have fails alone", async () => {
    await serveProjects();
    const carrier = openStream(await asService());
    const calls = [
      callHead(1, "/partake.v1.Projects/DropTables"),
      callHead(2, getProject.path, { bytes: body.length, user: 0 }),
    ];
    carrier.send({ service: await own(), users: [world.token()], calls, cancelled: [7] }, Buffer.alloc(0), body);
    await expect.poll(() => carrier.answers.size, { timeout: 5_000 }).toBe(2);
    expect(carrier.answers.get(1)?.outcome).toBe("internal unexpected");
    expect(carrier.answers.get(2)?.outcome).toBe("ok");
  });

  test("with headers of a wrong form loses only those", async () => {
    let seen: unknown;
    const handler = async (_: object, call: { idempotencyKey: unknown; ifMatch: unknown; requestId: string }) => {
      seen = { idempotencyKey: call.idempotencyKey, ifMatch: call.ifMatch, hasOwnId: call.requestId === "a b" };
      return project;
    };
    await start({ Projects: implement("Projects", { getProject: handler }) });
    const carrier = openStream(await asService());
    const wrong = { requestId: "a b", idempotencyKey: "x".repeat(101), ifMatch: -1, grantsVersion: 1.5 };
    const call = callHead(1, getProject.path, { bytes: body.length, user: 0, ...wrong });
    carrier.send({ service: await own(), users: [world.token()], calls: [call], cancelled: [] }, body);
    await expect.poll(() => carrier.answers.get(1)?.outcome, { timeout: 5_000 }).toBe("ok");
    expect(seen).toEqual({ idempotencyKey: undefined, ifMatch: undefined, hasOwnId: false });
  });
});

describe("a message that is none ends the stream", () => {
  const head = (calls: object[]) => ({ service: "s", users: [], calls, cancelled: [] });
  test.each<[string, (carrier: RawCarrier) => void]>([
    ["no bytes", (carrier) => carrier.sendBytes(Buffer.alloc(0))],
    ["a head longer than the message", (carrier) => carrier.sendBytes(Buffer.from([0, 0, 1, 0, 123]))],
    ["a head that is no JSON", (carrier) => carrier.sendBytes(Buffer.from([0, 0, 0, 2, 123, 123]))],
    ["a head that is no object", (carrier) => carrier.send([1])],
    ["a call without a number", (carrier) => carrier.send(head([{ bytes: 0, operation: "x", timeoutMs: 1 }]))],
    ["a call of a user who is not named", (carrier) => carrier.send(head([callHead(1, "x", { user: 0 })]))],
    ["a header that is no text", (carrier) => carrier.send(head([{ ...callHead(1, "x"), requestId: { a: 1 } }]))],
    ["fewer bytes than its calls count", (carrier) => carrier.send(head([callHead(1, "x", { bytes: 9 })]))],
    ["more bytes than its calls count", (carrier) => carrier.send(head([]), Buffer.alloc(9))],
    ["more than a message may hold", (carrier) => carrier.send(head([]), Buffer.alloc(maxMessageBytes))],
    ["more than gRPC takes", (carrier) => carrier.sendBytes(Buffer.alloc(5 * 1024 * 1024))],
  ])("%s", async (_, send) => {
    await serveProjects();
    const carrier = openStream(await asService());
    send(carrier);
    expect([status.INVALID_ARGUMENT, status.RESOURCE_EXHAUSTED]).toContain(await carrier.ended);
    expect(carrier.answers.size).toBe(0);
  });

  test("a number that is in use", async () => {
    await start({ Projects: implement("Projects", { getProject: () => new Promise(() => undefined) }) });
    const carrier = openStream(await asService());
    const call = callHead(1, getProject.path, { bytes: body.length, user: 0 });
    const message = { service: await world.serviceToken("gateway")(), users: [world.token()], cancelled: [] };
    carrier.send({ ...message, calls: [call, call] }, body, body);
    expect(await carrier.ended).toBe(status.INVALID_ARGUMENT);
  });

  test("more calls at once than the server said", async () => {
    await start({ Projects: implement("Projects", { getProject: () => new Promise(() => undefined) }) });
    const carrier = openStream(await asService());
    const message = { service: await world.serviceToken("gateway")(), users: [world.token()], cancelled: [] };
    for (let batch = 0; batch < 11; batch += 1) {
      const calls = Array.from({ length: 100 }, (_, index) =>
        callHead(batch * 100 + index, getProject.path, { bytes: body.length, user: 0 }),
      );
      carrier.send({ ...message, calls }, ...calls.map(() => body));
    }
    expect(await carrier.ended).toBe(status.INVALID_ARGUMENT);
  });
});
