import http2 from "node:http2";
import { type ServiceError, status } from "@grpc/grpc-js";
import { codec, type Operation, operations, type Services } from "@partake/contract";
import { describe, expect, test } from "vitest";
import { getProject, type Handler, implement, project, raw, server, start, world } from "./ends.ts";
import { PROJECT } from "./world.ts";

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

  test("with two authorization headers is refused, whichever is good", async () => {
    await start({ Projects: implement("Projects", { getProject: async () => project }) });
    const [good, bad] = [`Bearer ${world.token()}`, "Bearer eyJ.x.y"];
    expect(await headersOf([good])).toBe(String(status.OK));
    expect(await headersOf([good, good])).toBe(String(status.UNAUTHENTICATED));
    expect(await headersOf([good, bad])).toBe(String(status.UNAUTHENTICATED));
    expect(await headersOf([bad, good])).toBe(String(status.UNAUTHENTICATED));
    expect(await headersOf([`${good}, ${good}`])).toBe(String(status.UNAUTHENTICATED));
  });

  /** The status of a call whose HTTP/2 headers are written by hand. */
  async function headersOf(authorization: string[]): Promise<string | undefined> {
    const session = http2.connect(`http://127.0.0.1:${server?.port}`, {
      strictSingleValueFields: false,
    } as http2.ClientSessionOptions);
    const fixed = { ":method": "POST", ":path": getProject.path, ":scheme": "http", ":authority": "x", te: "trailers" };
    const listed = { ...fixed, "content-type": "application/grpc" };
    const raw = [...Object.entries(listed).flat(), ...authorization.flatMap((value) => ["authorization", value])];
    try {
      const message = codec(getProject.request).encode({ projectId: PROJECT });
      const frame = Buffer.concat([Buffer.from([0, 0, 0, 0, message.length]), message]);
      return await new Promise<string | undefined>((resolve, reject) => {
        const stream = session.request(raw);
        const read = (headers: http2.IncomingHttpHeaders) =>
          headers["grpc-status"] !== undefined && resolve(String(headers["grpc-status"]));
        stream.on("response", read).on("trailers", read).on("error", reject).resume().end(frame);
      });
    } finally {
      session.close();
    }
  }

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
  const held = ["notification.read_own", "folder.read", "project.read", "access.explain"];
  function isForAnybody({ access }: Operation): boolean {
    return (
      access.kind === "account" ||
      access.kind === "public" ||
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
