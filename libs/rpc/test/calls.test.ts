import { status } from "@grpc/grpc-js";
import { operation } from "@partake/contract";
import { failure } from "@partake/failure";
import { type Call, connect } from "@partake/rpc";
import { beforeEach, describe, expect, test } from "vitest";
import {
  channel,
  get,
  getProject,
  type Handler,
  implement,
  observed,
  over,
  project,
  raw,
  start,
  transports,
  world,
} from "./ends.ts";
import { ORGANISATION, PROJECT } from "./world.ts";

describe.each(transports)("%s", (transport) => {
  over(transport);

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
      expect(observed[0]).not.toHaveProperty("request");
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
      // Nearer than the five seconds of a call that has no other bound.
      expect(inner?.deadlineMs).toBeLessThan(startedMs + 3_000);
      expect(inner?.deadlineMs).toBeGreaterThan(startedMs + 1_000);
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
        request: { projectId: PROJECT },
      });
      expect(observed.find(({ side }) => side === "client")).not.toHaveProperty("request");
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
      const stopped = await start({ Projects: implement("Projects", {}) });
      await stopped.stop(10);
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
});
