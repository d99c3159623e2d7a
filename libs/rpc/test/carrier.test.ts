import { Server, ServerCredentials } from "@grpc/grpc-js";
import { codec, operation } from "@partake/contract";
import { type Channel, type Outgoing, openChannel } from "@partake/rpc";
import { describe, expect, test } from "vitest";
import { getProject, type Handler, implement, open, over, project, world } from "./ends.ts";
import { startReplica, targetOf } from "./replicas.ts";
import { ORGANISATION, PROJECT } from "./world.ts";

over("carried");

const updateProject = operation("/partake.v1.Projects/UpdateProject");
const serving = (done: Record<string, Handler>) => ({ Projects: implement("Projects", done) });
const answering = serving({ getProject: async () => project, updateProject: async () => project });

const read = (channel: Channel, outgoing: Outgoing = {}) =>
  channel.call(getProject, { projectId: PROJECT }, { userToken: world.token(), ...outgoing });
const write = (channel: Channel, outgoing: Outgoing = {}) =>
  channel.call(
    updateProject,
    { projectId: PROJECT, title: "x" },
    { userToken: world.token(), ifMatch: 1, ...outgoing },
  );
const isClose = (count: number, expected: number) => Math.abs(count - expected) <= expected / 5;

describe("several replicas", () => {
  test("each get their share", async () => {
    const replicas = [await startReplica({ services: answering }), await startReplica({ services: answering })];
    const channel = open({ target: targetOf(...replicas) });
    expect(await channel.warm()).toBe(2);
    await Promise.all(Array.from({ length: 100 }, () => read(channel)));
    for (const { observed } of replicas) expect(isClose(observed.length, 50)).toBe(true);
  });

  test("one that dies loses no read, and no other call's answer is made up", async () => {
    const count = { reads: 0, writes: 0 };
    const hanging: Record<string, Handler> = {
      getProject: () => {
        count.reads += 1;
        return new Promise(() => undefined);
      },
      updateProject: () => {
        count.writes += 1;
        return new Promise(() => undefined);
      },
    };
    const dying = await startReplica({ services: serving(hanging) });
    const living = await startReplica({ services: answering });
    const channel = open({ target: targetOf(dying, living) });
    expect(await channel.warm()).toBe(2);
    const reads = Array.from({ length: 20 }, () => read(channel));
    const writes = Array.from({ length: 20 }, () => write(channel).catch((thrown: unknown) => thrown));
    await expect.poll(() => count).toEqual({ reads: 10, writes: 10 });
    dying.cut();
    for (const answer of await Promise.all(reads)) expect(answer).toMatchObject({ id: PROJECT });
    const outcomes = await Promise.all(writes);
    const lost = outcomes.filter((outcome) => outcome instanceof Error);
    expect(lost).toHaveLength(10);
    for (const failed of lost) expect(failed).toMatchObject({ code: "unavailable", reason: "service_unreachable" });
    // Nobody knows whether those were carried out, so nobody carried them out again.
    const written = living.observed.filter(({ operation: { name } }) => name === "UpdateProject");
    expect([written.length, count.writes]).toEqual([10, 10]);
  });

  test("one that dies loses no write with a key: under the key it is done once, wherever it comes again", async () => {
    let begun = 0;
    const hang: Handler = () => {
      begun += 1;
      return new Promise(() => undefined);
    };
    const dying = await startReplica({ services: serving({ updateProject: hang }) });
    const living = await startReplica({ services: answering });
    const channel = open({ target: targetOf(dying, living) });
    expect(await channel.warm()).toBe(2);
    const keyed = (index: number) => write(channel, { idempotencyKey: `key-${index}` });
    const writes = Array.from({ length: 20 }, (_, index) => keyed(index));
    await expect.poll(() => begun).toBe(10);
    dying.cut();
    for (const answer of await Promise.all(writes)) expect(answer).toMatchObject({ id: PROJECT });
    expect(living.observed).toHaveLength(20);
  });

  test("one that was away is used again when it is back", async () => {
    const replica = await startReplica({ services: answering });
    const channel = open({ target: targetOf(replica) });
    await read(channel);
    await replica.server.stop(1_000);
    const code = expect.stringMatching(/unavailable|deadline_exceeded/);
    await expect(read(channel, { timeoutMs: 500 })).rejects.toMatchObject({ code });
    const again = await startReplica({ services: answering });
    const other = open({ target: targetOf(replica, again) });
    await expect.poll(() => other.warm(), { timeout: 10_000 }).toBe(1);
    await Promise.all(Array.from({ length: 10 }, () => read(other)));
    expect(again.observed).toHaveLength(10);
  });
});

describe("a rolling restart", () => {
  test("fails no call, and does none twice, while connections grow old and servers stop", async () => {
    const done = new Map<string, number>();
    const handler: Handler = async (_, { requestId }) => {
      done.set(requestId, (done.get(requestId) ?? 0) + 1);
      await new Promise((resolve) => setTimeout(resolve, 2));
      return project;
    };
    const services = serving({ getProject: handler, updateProject: handler });
    const start = () => startReplica({ services, maxConnectionAgeMs: 400 });
    const replicas = [await start(), await start(), await start()] as const;
    const channel = open({ target: targetOf(...replicas) });
    expect(await channel.warm()).toBe(3);
    let isOver = false;
    let asked = 0;
    const failed: unknown[] = [];
    const work = async (one: typeof read) => {
      while (!isOver) {
        asked += 1;
        await one(channel, { requestId: `r${asked}` }).catch((thrown: unknown) => failed.push(thrown));
      }
    };
    const load = [read, read, read, write, write, write].map(work);
    const during = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
    // Several lives of a stream, then two of the three go one after the other.
    await during(1_200);
    for (const leaving of [replicas[0], replicas[1]]) {
      await leaving.server.stop(5_000);
      await during(300);
    }
    isOver = true;
    await Promise.all(load);
    expect(failed).toEqual([]);
    expect(asked).toBeGreaterThan(50);
    expect(done.size).toBe(asked);
    expect([...done.values()].filter((times) => times > 1)).toEqual([]);
  });

  test("lets a long call end on the stream that is being left", async () => {
    let finish: (value: object) => void = () => undefined;
    const replica = await startReplica({
      services: serving({
        getProject: async () => project,
        updateProject: () => new Promise((resolve) => (finish = resolve)),
      }),
      maxConnectionAgeMs: 200,
    });
    const channel = open({ target: targetOf(replica) });
    const long = write(channel);
    const untilMs = Date.now() + 800;
    while (Date.now() < untilMs) await read(channel);
    finish(project);
    await expect(long).resolves.toMatchObject({ id: PROJECT });
    await replica.server.stop(1_000);
  });

  test("lets a call end whose connection grows too old while its server stops", async () => {
    let finish: (value: object) => void = () => undefined;
    let begun = false;
    const hang: Handler = () => {
      begun = true;
      return new Promise((resolve) => (finish = resolve));
    };
    const replica = await startReplica({ services: serving({ updateProject: hang }), maxConnectionAgeMs: 500 });
    const channel = open({ target: targetOf(replica) });
    await channel.warm();
    const warmMs = performance.now();
    const long = write(channel);
    await expect.poll(() => begun).toBe(true);
    let stopped: Promise<void> | undefined;
    setTimeout(() => {
      stopped = replica.server.stop(10_000);
    }, 1);
    // A busy process: both are due at once, before a word of either has gone out.
    while (performance.now() < warmMs + 600);
    setTimeout(() => finish(project), 100);
    await expect(long).resolves.toMatchObject({ id: PROJECT });
    await stopped;
  });
});

describe("calls of one stream", () => {
  test("do not wait for a slow one", async () => {
    let finish: (value: object) => void = () => undefined;
    const slow: Handler = () => new Promise((resolve) => (finish = resolve));
    const replica = await startReplica({ services: serving({ getProject: async () => project, updateProject: slow }) });
    const channel = open({ target: targetOf(replica) });
    const waiting = write(channel);
    await Promise.all(Array.from({ length: 50 }, () => read(channel)));
    finish(project);
    await expect(waiting).resolves.toMatchObject({ id: PROJECT });
  });

  test("are answered in between the parts of a large answer", async () => {
    const large = { ...project, description: "é".repeat(1_000_000) };
    const replica = await startReplica({
      services: serving({ getProject: async () => project, updateProject: async () => large }),
    });
    const channel = open({ target: targetOf(replica) });
    await channel.warm();
    const order: string[] = [];
    const first = write(channel).then((answer) => {
      order.push("large");
      return answer;
    });
    const others = Array.from({ length: 20 }, () => read(channel).then(() => order.push("small")));
    await Promise.all(others);
    expect(((await first) as typeof large).description).toBe(large.description);
    expect(order.at(-1)).toBe("large");
  });

  test.each([8, 15, 16, 17, 20, 31, 32, 33, 64])(
    "of %s KiB come whole: read to the end, and refused",
    async (kibibytes) => {
      const replica = await startReplica({ services: answering });
      const channel = open({ target: targetOf(replica) });
      await channel.warm();
      for (const more of [-200, 0, 200]) {
        const message = { projectId: PROJECT, description: "x".repeat(kibibytes * 1024 + more), title: "" };
        const sent = channel.call(updateProject, message, { userToken: world.token(), ifMatch: 1 });
        await expect(sent).rejects.toMatchObject({ code: "invalid", reason: "invalid_request" });
        expect(await read(channel)).toMatchObject({ id: PROJECT });
      }
    },
  );

  test("that are large go by themselves, and are refused above the same bound", async () => {
    const replica = await startReplica({ services: answering });
    const channel = open({ target: targetOf(replica) });
    await channel.warm();
    const title = "x".repeat(100_000);
    const call = (text: string) =>
      channel.call(updateProject, { projectId: PROJECT, title: text }, { userToken: world.token(), ifMatch: 1 });
    await expect(call(title)).rejects.toMatchObject({ code: "invalid", reason: "invalid_request" });
    // Both transports share the connection.
    expect(replica.connections()).toBe(1);
    await expect(call(title.repeat(50))).rejects.toMatchObject({ code: "too_large" });
    await expect(read(channel)).resolves.toMatchObject({ id: PROJECT });
  });

  test("whose answer is larger than any may be fail alone", async () => {
    const huge = { ...project, description: "x".repeat(5_000_000) };
    const replica = await startReplica({
      services: serving({ getProject: async () => project, updateProject: async () => huge }),
    });
    const channel = open({ target: targetOf(replica) });
    await channel.warm();
    const refused = write(channel).catch((thrown: unknown) => thrown);
    await expect(read(channel)).resolves.toMatchObject({ id: PROJECT });
    expect(await refused).toMatchObject({ code: "too_large", reason: "message_too_large" });
  });

  test("beyond what a stream takes at once go by themselves", async () => {
    let count = 0;
    let finish: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (finish = resolve));
    const handler: Handler = async () => {
      count += 1;
      await gate;
      return project;
    };
    const replica = await startReplica({ services: serving({ getProject: handler }) });
    const channel = open({ target: targetOf(replica) });
    await channel.warm();
    const calls = Array.from({ length: 1_100 }, () => read(channel, { timeoutMs: 20_000 }));
    await expect.poll(() => count, { timeout: 15_000 }).toBe(1_100);
    finish();
    expect(await Promise.all(calls)).toHaveLength(1_100);
  });

  test("are each for their own user", async () => {
    const handler: Handler = async (_, { requestId, actorId }) => ({ ...project, title: `${requestId} ${actorId}` });
    const replica = await startReplica({ services: serving({ getProject: handler }) });
    const channel = open({ target: targetOf(replica) });
    await channel.warm();
    const people = Array.from({ length: 40 }, (_, index) => `usr_01890000-0000-7000-8000-0000000001${index + 10}`);
    for (const person of people)
      world.grants.put(
        { roles: [{ grantId: `grn_${person}`, role: "admin", scope: ORGANISATION }] },
        ORGANISATION,
        person,
      );
    const titles = await Promise.all(
      people.map(async (person) => {
        const answer = await read(channel, {
          userToken: world.token({ sub: person, jti: person }),
          requestId: person.slice(-4),
        });
        return (answer as typeof project).title;
      }),
    );
    expect(titles).toEqual(people.map((person) => `${person.slice(-4)} ${person}`));
  });

  test("that are given up before they are sent are not sent", async () => {
    const replica = await startReplica({ services: answering });
    const channel = open({ target: targetOf(replica) });
    await channel.warm();
    const away = new AbortController();
    const given = write(channel, { signal: away.signal }).catch((thrown: unknown) => thrown);
    away.abort();
    expect(await given).toMatchObject({ code: "cancelled" });
    await read(channel);
    expect(replica.observed.map(({ operation: { name } }) => name)).toEqual(["GetProject"]);
  });
});

describe("without a stream", () => {
  test("calls go by themselves to a server that knows none", async () => {
    const server = new Server();
    const same = (bytes: Buffer) => bytes;
    const serialisation = {
      requestSerialize: same,
      requestDeserialize: same,
      responseSerialize: same,
      responseDeserialize: same,
    };
    const method = { path: getProject.path, requestStream: false, responseStream: false, ...serialisation };
    const answer = codec(getProject.response).encode(project);
    let count = 0;
    server.addService(
      { Get: method },
      {
        Get: (_: unknown, callback: (error: null, bytes: Buffer) => void) => {
          count += 1;
          callback(null, answer);
        },
      },
    );
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      );
    });
    const channel = open({ target: `127.0.0.1:${port}` });
    expect(await channel.warm()).toBe(0);
    const answers = await Promise.all(Array.from({ length: 10 }, () => read(channel)));
    expect([answers.length, count]).toEqual([10, 10]);
    channel.close();
    server.forceShutdown();
  });

  test("single calls go by themselves, and streams open when it gets busy", async () => {
    const replica = await startReplica({ services: answering });
    const target = targetOf(replica);
    const channel = openChannel({ owner: "projects", target, serviceToken: world.serviceToken("gateway") });
    await read(channel);
    // The second call within a second finds the addresses, one of the next ones opens the stream.
    const isCarrying = async () => {
      await read(channel);
      return channel.streams();
    };
    await expect.poll(isCarrying, { timeout: 10_000 }).toBe(1);
    channel.close();
  });

  test.each(["unix:/tmp/nowhere", "xds:///projects"])("%s is left to gRPC", async (target) => {
    const channel = open({ target });
    expect(await channel.warm()).toBe(0);
    channel.close();
  });

  test("names are looked up", async () => {
    const replica = await startReplica({ services: answering });
    const channel = open({ target: `dns:///localhost:${replica.port}` });
    expect(await channel.warm()).toBe(1);
    await expect(read(channel)).resolves.toMatchObject({ id: PROJECT });
  });
});
