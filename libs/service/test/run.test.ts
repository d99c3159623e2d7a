import { createServer as createHttpServer } from "node:http";
import http2 from "node:http2";
import { type AddressInfo, connect, createServer } from "node:net";
import { operation } from "@partake/contract";
import { openChannel } from "@partake/rpc";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Started, type Surroundings, speakAsIdentity, surround } from "./process.ts";

let surroundings: Surroundings;
let speaking: ReturnType<typeof speakAsIdentity>;
const started: Started[] = [];

beforeAll(async () => {
  surroundings = await surround();
  const migration = surroundings.start({}, "migrate");
  expect(await migration.ended, migration.lines.join("\n")).toBe(0);
  speaking = speakAsIdentity(surroundings);
});

afterEach(async () => {
  for (const one of started.splice(0)) {
    one.child.kill("SIGKILL");
    await one.ended;
  }
});

afterAll(async () => {
  await speaking.stop();
  surroundings.close();
});

test("a migration waits for a database that is started beside it", async () => {
  const { hostname, port } = new URL(surroundings.environment["MONGODB_URI"] ?? "");
  const door = createServer((inside) => {
    const outside = connect(Number(port), hostname);
    inside.on("error", () => outside.destroy()).pipe(outside);
    outside.on("error", () => inside.destroy()).pipe(inside);
  });
  const closed = await new Promise<number>((resolve) => {
    const probing = createServer().listen(0, "127.0.0.1", () => {
      const { port: free } = probing.address() as AddressInfo;
      probing.close(() => resolve(free));
    });
  });
  const uri = `mongodb://127.0.0.1:${closed}/?directConnection=true`;
  const migration = surroundings.start({ MONGODB_URI: uri }, "migrate");
  await expect.poll(() => migration.lines.some((line) => line.includes("could not migrate yet")), patient).toBe(true);
  door.listen(closed, "127.0.0.1");
  expect(await migration.ended, migration.lines.join("\n")).toBe(0);
  door.close();
}, 120_000);

function start(changes: Record<string, string | undefined> = {}): Started {
  const one = surroundings.start(changes);
  started.push(one);
  return one;
}

const probe = async (of: Started, path: string) => {
  const answer = await fetch(`http://127.0.0.1:${of.adminPort}${path}`).catch(() => undefined);
  return { status: answer?.status ?? 0, text: (await answer?.text()) ?? "" };
};

/** The machine may have other things to do. */
const patient = { timeout: 45_000, interval: 100 };

const isReady = (of: Started) => expect.poll(async () => (await probe(of, "/readyz")).status, patient).toBe(200);

/** What it says of its being ready; lines are written together, a moment later. */
const saysReady = (of: Started) =>
  expect.poll(() => JSON.parse(of.lines.find((line) => line.includes('"msg":"ready"')) ?? "{}") as object, patient);

/** The handler has begun. */
const isWaiting = (of: Started) =>
  expect.poll(() => of.lines.some((line) => line.includes('"waiting"')), patient).toBe(true);

const getBalance = operation("/partake.v1.Billing/GetBalance");
const listEntries = operation("/partake.v1.Billing/ListEntries");
const confirmOrder = operation("/partake.v1.Billing/ConfirmOrder");

/** Asks for the balance, which takes as long as is said. */
async function ask(of: Started, waitMs = 0, what = getBalance, request = {}, told = {}): Promise<string> {
  const channel = openChannel({
    owner: "billing",
    target: `127.0.0.1:${of.rpcPort}`,
    serviceToken: surroundings.serviceToken,
  });
  try {
    const outgoing = {
      userToken: surroundings.token(),
      timeoutMs: 10_000,
      idempotencyKey: String(waitMs),
      requestId: "req-1",
      ...told,
    };
    await channel.call(what, request, outgoing);
    return "ok";
  } catch (error) {
    return `${(error as { code: string }).code} ${(error as { reason: string }).reason}`;
  } finally {
    channel.close();
  }
}

const grpcOk = "0";
const grpcUnimplemented = "12";

/** The status of a question for everything that the service can do, without any token. */
async function reflected({ rpcPort }: Started): Promise<string> {
  const session = http2.connect(`http://127.0.0.1:${rpcPort}`);
  const path = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
  const headers = { ":method": "POST", ":path": path, "content-type": "application/grpc", te: "trailers" };
  try {
    return await new Promise<string>((resolve, reject) => {
      const read = (given: http2.IncomingHttpHeaders) => {
        const status = given["grpc-status"];
        if (status !== undefined) resolve(String(status));
      };
      session.request(headers).on("response", read).on("trailers", read).on("error", reject).resume().end();
    });
  } finally {
    session.close();
  }
}

describe("a service", () => {
  test("becomes ready when it heard identity, so that what it reads from then on is kept current", async () => {
    const one = start();
    await isReady(one);
    await saysReady(one).toMatchObject({ isCurrent: true });
  });

  test("becomes ready though no other service is there, and answers by the claims alone", async () => {
    const alone = { KAFKA_PREFIX: `${surroundings.environment["KAFKA_PREFIX"]}alone-` };
    expect(await surroundings.start(alone, "migrate").ended).toBe(0);
    const one = start(alone);
    await isReady(one);
    await saysReady(one).toMatchObject({ isCurrent: false });
    expect(await ask(one)).toBe("ok");
  });

  test("tells how it is: live, ready, and its figures", async () => {
    const one = start();
    await isReady(one);
    expect(await ask(one)).toBe("ok");
    expect(await probe(one, "/livez")).toMatchObject({ status: 200 });
    expect(await probe(one, "/nothing")).toMatchObject({ status: 404 });
    const { text } = await probe(one, "/metrics");
    expect(text).toContain(
      'partake_rpc_duration_seconds_count{side="server",operation="partake.v1.Billing/GetBalance",code="ok"} 1',
    );
    expect(text).toMatch(/partake_outbox_depth \d/);
    expect(text).toMatch(/process_resident_memory_bytes \d/);
  });

  test("writes one line for a request, and nothing of what it says", async () => {
    const one = start();
    await isReady(one);
    expect(await ask(one, 0, confirmOrder, { orderId: "ord_01890000-0000-7000-8000-000000000001" })).not.toBe("ok");
    expect(await ask(one)).toBe("ok");
    await expect.poll(() => one.lines.filter((line) => line.includes('"msg":"request"')).length, patient).toBe(2);
    const line = JSON.parse(one.lines.findLast((text) => text.includes('"msg":"request"')) ?? "{}") as object;
    expect(line).toMatchObject({
      service: "billing",
      operation: "partake.v1.Billing/GetBalance",
      code: "ok",
      requestId: "req-1",
      ms: expect.any(Number),
    });
    expect(one.lines.join("\n")).not.toContain("anna@example.org");
    expect(one.lines.join("\n")).not.toContain("a note");
    expect(one.lines.join("\n")).not.toContain("eyJ");
  });
});

test("a trace goes on through a service: in its spans, and in the events that it writes", async () => {
  const traceId = "0af7651916cd43dd8448eb211c80319c";
  const exported: Buffer[] = [];
  const collector = createHttpServer(async (request, response) => {
    for await (const chunk of request) exported.push(chunk as Buffer);
    response.end();
  });
  await new Promise<void>((resolve) => collector.listen(0, "127.0.0.1", resolve));
  const told: (string | undefined)[] = [];
  const handle = ({ traceparent }: { traceparent: string | undefined }) => void told.push(traceparent);
  const listening = await speaking.bus.broadcast({ topics: ["audit"], handle, lost: () => undefined });
  const endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
  const one = start({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint });
  await isReady(one);
  const parent = `00-${traceId}-b7ad6b7169203331-01`;
  // A key of its own: what was asked under another's is not written again.
  expect(await ask(one, 0, getBalance, {}, { traceparent: parent, idempotencyKey: "000" })).toBe("ok");
  await expect.poll(() => told.filter((each) => each?.startsWith(`00-${traceId}-`)), patient).toHaveLength(1);
  // Under the service's own span, not beside it.
  expect(told).not.toContain(parent);
  one.child.kill("SIGTERM");
  expect(await one.ended).toBe(0);
  const spans = Buffer.concat(exported);
  expect(spans.includes(Buffer.from(traceId, "hex"))).toBe(true);
  expect(spans.includes("partake.v1.Billing/GetBalance")).toBe(true);
  await listening.stop();
  collector.close();
});

test.each([
  ["production", "on", grpcUnimplemented],
  ["development", "off", grpcUnimplemented],
  ["development", "on", grpcOk],
])("in %s with RPC_REFLECTION %s the service describes itself, or not", async (environment, reflection, expected) => {
  const elsewhere = ["CONTACTS", "PROGRESS", "MESSAGING"].map((name) => [`${name}_ADDRESS`, "127.0.0.1:1"]);
  const settings = { PARTAKE_ENVIRONMENT: environment, RPC_REFLECTION: reflection, DRAIN_GRACE_SECONDS: "0" };
  const one = start({ ...settings, ...Object.fromEntries(elsewhere) });
  await isReady(one);
  expect(await reflected(one)).toBe(expected);
});

describe("SIGTERM", () => {
  test("takes readiness away, finishes what is under way, flushes the outbox, and ends well", async () => {
    const one = start();
    await isReady(one);
    const answer = ask(one, 1_500);
    await isWaiting(one);
    const startedMs = Date.now();
    one.child.kill("SIGTERM");
    await expect.poll(async () => (await probe(one, "/readyz")).status, { timeout: 5_000, interval: 20 }).toBe(503);
    expect(await answer).toBe("ok");
    expect(await one.ended).toBe(0);
    expect(Date.now() - startedMs).toBeLessThan(12_000);
    expect(one.lines.join("\n")).toContain("the background has stopped");
    expect(one.lines.join("\n")).not.toContain("did not end well");
  });

  test("twice ends at once", async () => {
    const one = start();
    await isReady(one);
    void ask(one, 8_000);
    await isWaiting(one);
    one.child.kill("SIGTERM");
    await new Promise((resolve) => setTimeout(resolve, 300));
    const startedMs = Date.now();
    one.child.kill("SIGINT");
    expect(await one.ended).toBe(1);
    expect(Date.now() - startedMs).toBeLessThan(2_000);
  });
});

describe("a defect", () => {
  test("that nobody handles ends the process with status 1, without its message", async () => {
    const one = start();
    await isReady(one);
    expect(await ask(one, 0, listEntries)).toBe("ok");
    expect(await one.ended).toBe(1);
    const last = JSON.parse(one.lines.at(-1) ?? "{}") as object;
    expect(last).toMatchObject({ level: "fatal", msg: "unhandled rejection", cause: { name: "Error" } });
    expect(one.lines.join("\n")).not.toContain("nobody waits");
  });

  test.each([
    ["a variable is missing", { MONGODB_URI: undefined }, "MONGODB_URI is not set"],
    [
      "a file is missing",
      { SERVICE_KEY_FILE: "/nowhere/key.pem" },
      "SERVICE_KEY_FILE names a file that cannot be read (ENOENT)",
    ],
    [
      "the key is of another kind",
      { SERVICE_KEY_FILE: import.meta.filename },
      "SERVICE_KEY_FILE does not hold an Ed25519 key",
    ],
    ["the keys are no JSON", { SERVICE_KEYS_FILE: import.meta.filename }, "SERVICE_KEYS_FILE does not hold JSON"],
  ])("of configuration (%s) is told by the variable's name, without a stack", async (_, changes, message) => {
    const one = start(changes);
    expect(await one.ended).toBe(1);
    expect(one.lines.join("\n")).toContain(message);
    expect(one.lines.join("\n")).not.toMatch(/\n\s+at /);
  });
});
