import { credentials, Client as GrpcClient, Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { codec, type Operation, operation, operations, type Services } from "@partake/contract";
import { failure } from "@partake/failure";
import {
  type Call,
  type Channel,
  connect,
  type Implementations,
  type Observation,
  type Outgoing,
  openChannel,
  type RpcServer,
  serve,
} from "@partake/rpc";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { methodName } from "../src/server.ts";
import { createWorld, ORGANISATION, PROJECT, role, type World } from "./world.ts";

type Handler = (request: object, call: Call) => Promise<object>;

let world: World;
let server: RpcServer | undefined;
let channels: Channel[];
let observed: Observation[];

beforeEach(async () => {
  world = await createWorld({ live: true });
  channels = [];
  observed = [];
});

afterEach(async () => {
  for (const channel of channels) channel.close();
  await server?.stop(100);
  server = undefined;
});

/** Implements every RPC of a proto service, with some done by the test. */
function implement(service: keyof Services, done: Record<string, Handler>): object {
  const rest: Handler = async () => {
    throw new Error("a handler was reached that should not be");
  };
  const declared = operations.filter((one) => one.service === service);
  return { ...Object.fromEntries(declared.map((one) => [methodName(one), rest])), ...done };
}

async function start(services: Record<string, object>): Promise<RpcServer> {
  const observe = (observation: Observation) => observed.push(observation);
  server = await serve({
    services: services as Implementations,
    port: 0,
    host: "127.0.0.1",
    enforcer: world.enforcer,
    observe,
  });
  return server;
}

function channel(owner: Parameters<typeof openChannel>[0]["owner"] = "projects", caller = "gateway"): Channel {
  const opened = openChannel({
    owner,
    target: `127.0.0.1:${server?.port}`,
    serviceToken: world.serviceToken(caller),
    observe: (observation) => observed.push(observation),
  });
  channels.push(opened);
  return opened;
}

const getProject = operation("/partake.v1.Projects/GetProject");
const project = { id: PROJECT, organisationId: ORGANISATION, title: "A project", version: 1 };
const get = (outgoing: Outgoing = {}) =>
  channel().call(getProject, { projectId: PROJECT }, { userToken: world.token(), ...outgoing });

describe("a call", () => {
  test("goes from a typed client to its handler and back", async () => {
    let seen: Call | undefined;
    await start({
      Projects: implement("Projects", {
        getProject: async (_, call) => {
          seen = call;
          return project;
        },
      }),
    });
    const projects = connect("Projects", channel());
    const outgoing = { userToken: world.token(), requestId: "req-1", ifMatch: 7, idempotencyKey: "key-1" };
    expect(await projects.getProject({ projectId: PROJECT }, outgoing)).toMatchObject({
      id: PROJECT,
      title: "A project",
      version: 1,
    });
    expect(seen).toMatchObject({
      requestId: "req-1",
      ifMatch: 7,
      idempotencyKey: "key-1",
      organisationId: ORGANISATION,
    });
    expect(seen?.actorId).toMatch(/^usr_/);
    expect(seen?.requestHash).toMatch(/^[0-9a-f]{64}$/);
  });

  test("is observed once on each side, without a value of it", async () => {
    await start({ Projects: implement("Projects", { getProject: async () => project }) });
    await get({ requestId: "req-2", traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" });
    expect(observed.map(({ side, code, requestId }) => ({ side, code, requestId }))).toEqual([
      { side: "server", code: "ok", requestId: "req-2" },
      { side: "client", code: "ok", requestId: "req-2" },
    ]);
    expect(observed[0]?.traceparent).toContain("0af7651916cd43dd8448eb211c80319c");
    expect(JSON.stringify(observed)).not.toContain("A project");
  });

  test("passes on its user, deadline, trace and request id to the calls in its course", async () => {
    let inner: Call | undefined;
    await start({
      Projects: implement("Projects", {
        getProject: async (_, call) => {
          await connect("Projects", channel("projects", "contacts")).updateProject(
            { projectId: PROJECT, title: "x" },
            { on: call, ifMatch: 1 },
          );
          return project;
        },
        updateProject: async (_, call) => {
          inner = call;
          return project;
        },
      }),
    });
    const startedMs = Date.now();
    await get({
      timeoutMs: 2_000,
      requestId: "req-3",
      traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
      grantsVersion: 1,
    });
    expect(inner?.requestId).toBe("req-3");
    expect(inner?.actorId).toMatch(/^usr_/);
    expect(inner?.traceparent).toContain("0af7651916cd43dd8448eb211c80319c");
    expect(inner?.deadlineMs).toBeLessThan(startedMs + 2_000);
    expect(inner?.deadlineMs).toBeGreaterThan(startedMs + 1_500);
  });

  test("tells the version of grants that it made", async () => {
    await start({
      Projects: implement("Projects", {
        getProject: async (_, call) => {
          call.grantsChanged(42);
          return project;
        },
      }),
    });
    const told: (number | undefined)[] = [];
    await get({ onTold: ({ grantsVersion }) => told.push(grantsVersion) });
    expect(told).toEqual([42]);
  });
});

describe("a failure", () => {
  const failing = (handler: Handler) => start({ Projects: implement("Projects", { getProject: handler }) });

  test("arrives as it was thrown, without its cause", async () => {
    await failing(async () => {
      throw failure("conflict", "id_taken", {
        cause: new Error("secret"),
        errors: [{ pointer: "/id", code: "taken", message: "is taken" }],
        retryAfterMs: 500,
      });
    });
    const error = await get().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: "conflict",
      reason: "id_taken",
      retryAfterMs: 500,
      errors: [{ pointer: "/id" }],
    });
    expect(String((error as Error).cause)).not.toContain("secret");
  });

  test("that is none of ours becomes internal, and tells nothing", async () => {
    await failing(async () => {
      throw new Error("E11000 duplicate key: anna@example.org");
    });
    const error = await get().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "internal", reason: "unexpected" });
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain("anna");
    expect(String((error as Error).cause)).not.toContain("anna");
    expect(observed.find(({ side }) => side === "server")).toMatchObject({
      code: "internal",
      cause: expect.any(Error),
    });
  });

  test("with thousands of field errors still arrives", async () => {
    const errors = Array.from({ length: 5_000 }, (_, index) => ({
      pointer: `/items/${index}`,
      code: "type",
      message: "is wrong",
    }));
    await failing(async () => {
      throw failure("invalid", "invalid_request", { errors });
    });
    const error = (await get().catch((thrown: unknown) => thrown)) as { code: string; errors: unknown[] };
    expect(error.code).toBe("invalid");
    expect(error.errors.length).toBeGreaterThan(10);
  });

  test("of the network is unavailable", async () => {
    server = await start({ Projects: implement("Projects", {}) });
    await server.stop(10);
    await expect(
      channel().call(operation("/partake.v1.Projects/UpdateProject"), { projectId: PROJECT }, { timeoutMs: 1_000 }),
    ).rejects.toMatchObject({
      code: "unavailable",
      reason: "service_unreachable",
    });
  });
});

describe("a request that is not valid", () => {
  beforeEach(() => start({ Projects: implement("Projects", {}) }));
  test("is refused with its field errors, after the access check", async () => {
    const createFolder = operation("/partake.v1.Projects/CreateFolder");
    const invalid = { title: "", position: -1 };
    await expect(channel().call(createFolder, invalid, { userToken: world.token() })).rejects.toMatchObject({
      code: "invalid",
      errors: expect.arrayContaining([expect.objectContaining({ pointer: "/position" })]),
    });
    await expect(channel().call(createFolder, invalid, {})).rejects.toMatchObject({ code: "unauthenticated" });
  });
  test("is refused where its bytes are no message", async () => {
    expect(
      await raw(getProject.path, Buffer.from([0xff, 0xff, 0xff]), { authorization: `Bearer ${world.token()}` }),
    ).toMatchObject({
      code: status.INVALID_ARGUMENT,
    });
  });
  test("needs If-Match where its operation does", async () => {
    const update = operation("/partake.v1.Projects/UpdateProject");
    await expect(
      channel().call(update, { projectId: PROJECT, title: "x" }, { userToken: world.token() }),
    ).rejects.toMatchObject({
      code: "precondition_required",
    });
  });
  test("is refused where it is larger than a message may be", async () => {
    const error = await raw(getProject.path, Buffer.alloc(5 * 1024 * 1024), {
      authorization: `Bearer ${world.token()}`,
    });
    expect(error).toMatchObject({ code: status.RESOURCE_EXHAUSTED });
  });
});

describe("an operation on a record", () => {
  const getContact = operation("/partake.v1.Contacts/GetContact");
  const CONTACT = "con_01890000-0000-7000-8000-000000000006";
  const record = { organisationId: ORGANISATION, contactId: CONTACT, contactProjectIds: [PROJECT] };
  const ask = (handler: Handler) =>
    start({ Contacts: implement("Contacts", { getContact: handler }) }).then(() =>
      channel("contacts").call(getContact, { contactId: CONTACT }, { userToken: world.token() }),
    );

  test("fails where its handler answered without deciding", async () => {
    await expect(ask(async () => ({ id: CONTACT, name: "Anna" }))).rejects.toMatchObject({
      code: "internal",
      reason: "access_undecided",
    });
  });
  test("is answered where it decided", async () => {
    await expect(
      ask(async (_, call: Call) => {
        call.decide(record);
        return { id: CONTACT };
      }),
    ).resolves.toMatchObject({ id: CONTACT });
  });
  test("is answered where it listed what is visible", async () => {
    await expect(
      ask(async (_, call) => {
        expect(call.visible()).toMatchObject({});
        return { id: CONTACT };
      }),
    ).resolves.toMatchObject({ id: CONTACT });
  });
  test("asking whether is not deciding", async () => {
    await expect(
      ask(async (_, call) => {
        expect(call.may("contact.read", record)).toBe(true);
        return { id: CONTACT };
      }),
    ).rejects.toMatchObject({ reason: "access_undecided" });
  });
  test("that is missing, another organisation's, or hidden, is not found: all the same", async () => {
    const failures: unknown[] = [];
    const other = { ...record, organisationId: "org_01890000-0000-7000-8000-0000000000ff" };
    const records = [undefined, null, other];
    await start({
      Contacts: implement("Contacts", {
        getContact: async (_, call: Call) => {
          call.decide(records.shift());
          return {};
        },
      }),
    });
    while (records.length > 0) {
      failures.push(
        await raw(getContact.path, codec(getContact.request).encode({ contactId: CONTACT }), {
          authorization: `Bearer ${world.token()}`,
        }),
      );
    }
    const plain = failures.map((error) => {
      const { code, details, metadata } = error as ServiceError;
      return { code, details, failure: metadata.get("partake-failure-bin").map(String) };
    });
    expect(new Set(plain.map((one) => JSON.stringify(one))).size).toBe(1);
    expect(plain[0]?.code).toBe(status.NOT_FOUND);
  });
  test("shows less than newer grants would: the client is sent to refresh", async () => {
    world.grants.put({
      roles: [role("manager", PROJECT), role("manager", "prj_01890000-0000-7000-8000-0000000000aa")],
      version: 2,
    });
    await start({
      Contacts: implement("Contacts", {
        getContact: async (_, call) => {
          call.visible();
          return {};
        },
      }),
    });
    const token = world.token({ roles: [`manager:${PROJECT}`] });
    await expect(
      channel("contacts").call(getContact, { contactId: CONTACT }, { userToken: token }),
    ).rejects.toMatchObject({ reason: "token_stale" });
  });
});

describe("time", () => {
  test("a call whose deadline passes ends, and its handler is told", async () => {
    let reason: unknown;
    await start({
      Projects: implement("Projects", {
        getProject: (_, call) =>
          new Promise((_resolve, reject) => {
            call.signal.addEventListener("abort", () => {
              reason = call.signal.reason;
              reject(call.signal.reason);
            });
          }),
      }),
    });
    const startedMs = Date.now();
    await expect(get({ timeoutMs: 200 })).rejects.toMatchObject({ code: "deadline_exceeded" });
    expect(Date.now() - startedMs).toBeLessThan(1_000);
    await expect.poll(() => (reason as { code?: string })?.code).toMatch(/deadline_exceeded|cancelled/);
  });

  test("a client that goes away cancels the handler", async () => {
    let aborted = false;
    const away = new AbortController();
    await start({
      Projects: implement("Projects", {
        getProject: (_, call) =>
          new Promise((_resolve, reject) => {
            call.signal.addEventListener("abort", () => {
              aborted = true;
              reject(call.signal.reason);
            });
            away.abort();
          }),
      }),
    });
    await expect(get({ signal: away.signal })).rejects.toMatchObject({ code: "cancelled" });
    await expect.poll(() => aborted).toBe(true);
  });

  test("a call in the course of one that has no time left is not made", async () => {
    let inner: unknown;
    await start({
      Projects: implement("Projects", {
        getProject: async (_, call) => {
          const late = new Proxy(call, {
            get: (of, name) => (name === "deadlineMs" ? Date.now() + 10 : Reflect.get(of, name)),
          });
          inner = await connect("Projects", channel())
            .getProject({ projectId: PROJECT }, { on: late })
            .catch((error: unknown) => error);
          return project;
        },
      }),
    });
    await get();
    expect(inner).toMatchObject({ code: "deadline_exceeded" });
    expect(observed.filter(({ side }) => side === "server")).toHaveLength(1);
  });

  test("a stopping server finishes what it began and takes nothing new", async () => {
    let finish: (value: object) => void = () => undefined;
    const running = await start({
      Projects: implement("Projects", { getProject: () => new Promise((resolve) => (finish = resolve)) }),
    });
    const answer = get();
    await expect.poll(() => String(finish)).not.toBe(String(() => undefined));
    const stopped = running.stop(5_000);
    setTimeout(() => finish(project), 200);
    await expect(answer).resolves.toMatchObject({ id: PROJECT });
    await stopped;
    await expect(get({ timeoutMs: 500 })).rejects.toMatchObject({
      code: expect.stringMatching(/unavailable|deadline_exceeded/),
    });
  });

  test("a stopping server cuts what does not finish", async () => {
    const running = await start({
      Projects: implement("Projects", { getProject: () => new Promise(() => undefined) }),
    });
    const answer = get({ timeoutMs: 5_000 }).catch((error: unknown) => error);
    await expect.poll(() => running.port).toBeGreaterThan(0);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const startedMs = Date.now();
    await running.stop(200);
    expect(Date.now() - startedMs).toBeLessThan(1_500);
    expect(await answer).toMatchObject({
      code: expect.stringMatching(/unavailable|cancelled|internal|deadline_exceeded/),
    });
  });
});

describe("trying again", () => {
  async function attempts(path: string, request: object, outgoing: Outgoing): Promise<number> {
    let count = 0;
    const away: Handler = async () => {
      count += 1;
      throw failure("unavailable", "away");
    };
    const one = operation(path);
    await start({ [one.service]: implement(one.service as keyof Services, { [methodName(one)]: away }) });
    const error = await channel(one.owner, "contacts")
      .call(one, request, outgoing)
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "unavailable", reason: "away" });
    return count;
  }
  const credit = { participationId: "par_01890000-0000-7000-8000-000000000007" };

  test("a read is tried again, thrice in all", async () => {
    expect(
      await attempts("/partake.v1.Projects/GetProject", { projectId: PROJECT }, { userToken: world.token() }),
    ).toBe(3);
  });
  test("what is documented as idempotent is tried again", async () => {
    expect(await attempts("/partake.v1.Billing/ReleaseCredit", credit, {})).toBe(3);
  });
  test("a write is not tried again", async () => {
    expect(await attempts("/partake.v1.Projects/CreateFolder", { title: "x" }, { userToken: world.token() })).toBe(1);
  });
  test("a change is not tried again", async () => {
    expect(
      await attempts(
        "/partake.v1.Projects/UpdateProject",
        { projectId: PROJECT, title: "x" },
        { userToken: world.token(), ifMatch: 1 },
      ),
    ).toBe(1);
  });
});

describe("gRPC straight at a service", () => {
  const hosted = operations.filter(({ service }) => service !== "Gateway");
  const everything = () =>
    Object.fromEntries(
      [...new Set(hosted.map(({ service }) => service))].map((service) => [
        service,
        implement(service as keyof Services, {}),
      ]),
    );

  test.each([
    ["without any token", () => ({}), status.UNAUTHENTICATED],
    [
      "with a forged user's token",
      () => ({ authorization: `Bearer ${world.token().slice(0, -6)}AAAAAA` }),
      status.UNAUTHENTICATED,
    ],
    [
      "with an expired token",
      () => ({ authorization: `Bearer ${world.token({ iat: 1_700_000_000, exp: 1_700_000_300 })}` }),
      status.UNAUTHENTICATED,
    ],
    [
      "with headers that claim to be somebody",
      () => ({ "x-user-id": "usr_1", "x-roles": "admin", "partake-user": "admin" }),
      status.UNAUTHENTICATED,
    ],
    [
      "with a service's token that nobody signed",
      () => ({ "partake-service-token": "eyJhbGciOiJub25lIn0.e30." }),
      status.UNAUTHENTICATED,
    ],
  ])("%s is refused by every RPC of every service", async (_, headers, expected) => {
    await start(everything());
    for (const one of hosted.filter(({ access }) => access.kind !== "public")) {
      const error = (await raw(one.path, Buffer.alloc(0), headers())) as ServiceError;
      expect({ path: one.path, code: error.code }).toEqual({ path: one.path, code: expected });
    }
  });

  test("as a person who holds nothing opens only what is everybody's own", async () => {
    await start(everything());
    world.grants.put({ roles: [] });
    const authorization = `Bearer ${world.token({ roles: [] })}`;
    const refused = [status.UNAUTHENTICATED, status.NOT_FOUND, status.PERMISSION_DENIED];
    const opened: string[] = [];
    for (const one of hosted) {
      const { code } = (await raw(one.path, Buffer.alloc(0), { authorization })) as ServiceError;
      if (!refused.includes(code)) opened.push(one.name);
    }
    expect(opened.sort()).toEqual(
      hosted
        .filter(isForAnybody)
        .map(({ name }) => name)
        .sort(),
    );
  });

  /** The permissions that any registered user holds, on what is theirs or open to all; the handler decides which record that is. */
  const held = ["notification.read_own", "folder.read", "project.read"];
  function isForAnybody({ access }: Operation): boolean {
    return (
      access.kind === "account" ||
      (access.kind === "permission" && access.scope === undefined && held.includes(access.permission))
    );
  }
});

describe("start-up", () => {
  const { getProject: _left, ...incomplete } = implement("Projects", {}) as Record<string, Handler>;
  test.each([
    ["an RPC has no implementation", { Projects: incomplete }, /GetProject has no implementation/],
    [
      "a function has no RPC",
      { Projects: { ...implement("Projects", {}), dropTables: async () => ({}) } },
      /declares no RPC dropTables/,
    ],
    ["a service is unknown", { Nothing: {} }, /no proto service is called Nothing/],
    ["a stream is hosted", { Gateway: implement("Gateway", {}) }, /is a stream/],
  ])("fails where %s", async (_, services, message) => {
    await expect(start(services as Record<string, object>)).rejects.toThrow(message);
  });

  test("the health service tells readiness", async () => {
    const running = await start({ Projects: implement("Projects", {}) });
    const ask = () => raw("/grpc.health.v1.Health/Check", Buffer.alloc(0), {});
    expect(await ask()).toEqual(Buffer.from([8, 2]));
    running.setReady(true);
    expect(await ask()).toEqual(Buffer.from([8, 1]));
    running.setReady(false);
    expect(await ask()).toEqual(Buffer.from([8, 2]));
  });

  test("reflection is off unless it is asked for", async () => {
    await start({ Projects: implement("Projects", {}) });
    expect(await raw("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", Buffer.alloc(0), {})).toMatchObject({
      code: status.UNIMPLEMENTED,
    });
  });
});

/** A call as anybody on the network could make it. */
function raw(path: string, bytes: Buffer, headers: Record<string, string>): Promise<Buffer | ServiceError> {
  const client = new GrpcClient(`127.0.0.1:${server?.port}`, credentials.createInsecure());
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  const same = (of: Buffer) => of;
  return new Promise((resolve) => {
    client.makeUnaryRequest(path, same, same, bytes, metadata, { deadline: Date.now() + 5_000 }, (error, answer) => {
      client.close();
      resolve(error ?? answer ?? Buffer.alloc(0));
    });
  });
}
