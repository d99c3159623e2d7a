import { operation, type Services } from "@partake/contract";
import { failure } from "@partake/failure";
import { connect, type Outgoing } from "@partake/rpc";
import { describe, expect, test } from "vitest";
import { methodName } from "../src/hosted.ts";
import { channel, get, type Handler, implement, observed, over, project, start, transports, world } from "./ends.ts";
import { PROJECT } from "./world.ts";

describe.each(transports)("%s", (transport) => {
  over(transport);

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
      await expect(get({ timeoutMs: 1_000 })).rejects.toMatchObject({ code: "deadline_exceeded" });
      expect(Date.now() - startedMs).toBeLessThan(4_000);
      await expect
        .poll(() => (reason as { code?: string })?.code, { timeout: 5_000 })
        .toMatch(/deadline_exceeded|cancelled/);
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
      await expect.poll(() => aborted, { timeout: 5_000 }).toBe(true);
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
      await expect.poll(() => String(finish), { timeout: 5_000 }).not.toBe(String(() => undefined));
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
});
