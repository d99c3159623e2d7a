// The gateway as a process runs it: with the bus, and beside another one.
import { createPublicKey, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openBus } from "@partake/bus";
import { type Running, run } from "@partake/service";
import { openStore } from "@partake/store";
import { newId } from "@partake/testing";
import mongoose from "mongoose";
import pino from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { defineGateway } from "../src/gateway.ts";
import { createPeople, type People, type Person } from "./people.ts";
import { startUpstream, type Upstream } from "./upstream.ts";

const origin = "https://partake.test";
const databasePrefix = `${given("MONGODB_DATABASE_PREFIX")}_${randomBytes(3).toString("hex")}`;
const kafkaPrefix = `${given("KAFKA_PREFIX")}${randomBytes(3).toString("hex")}-`;
const folder = mkdtempSync(join(tmpdir(), "partake-gateway-"));
const project = newId("prj");
const gateways: { url: string; running: Running }[] = [];
let people: People;
let upstream: Upstream;
let manager: Person;
const environment: Record<string, string> = {};

beforeAll(async () => {
  const organisationId = newId("org");
  people = createPeople({ origin, nowMs: Date.now, organisationId });
  people.addProject(project, { organisationId, status: "published", visibility: "people" });
  manager = people.person([["manager", project]]);
  upstream = await startUpstream({ origin, people, nowMs: Date.now });
  writeFileSync(join(folder, "own.pem"), upstream.privateKey);
  const publicKey = createPublicKey(upstream.privateKey).export({ format: "jwk" });
  writeFileSync(join(folder, "all.json"), JSON.stringify({ keys: [{ ...publicKey, kid: "gateway" }] }));
  Object.assign(environment, {
    ...{ PARTAKE_ENVIRONMENT: "development", PARTAKE_ORIGIN: origin, LOG_LEVEL: "error" },
    ...{
      MONGODB_URI: given("MONGODB_URI"),
      MONGODB_DATABASE_PREFIX: databasePrefix,
      KAFKA_BROKERS: given("KAFKA_BROKERS"),
      KAFKA_PREFIX: kafkaPrefix,
    },
    ...{
      SERVICE_KEY_FILE: join(folder, "own.pem"),
      SERVICE_KEYS_FILE: join(folder, "all.json"),
      ENCRYPTION_KEYS: randomBytes(32).toString("base64"),
    },
    ...Object.fromEntries(
      ["IDENTITY", "PROJECTS", "CONTACTS", "PROGRESS", "MESSAGING", "BILLING"].map((name) => [
        `${name}_ADDRESS`,
        upstream.address,
      ]),
    ),
  });
  await start({ argv: ["migrate"] });
  for (let count = 0; count < 2; count += 1) gateways.push(await start({ argv: [] }));
});
afterAll(async () => {
  await Promise.all(gateways.map(({ running }) => running.stop()));
  await upstream?.stop();
  const connection = await mongoose
    .createConnection(given("MONGODB_URI"), { dbName: `${databasePrefix}_gateway` })
    .asPromise();
  await connection.dropDatabase();
  await connection.close();
  rmSync(folder, { recursive: true, force: true });
});

function given(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} says where the servers of the tests are`);
  return value;
}

async function start({
  argv,
  grace = 0,
}: {
  argv: string[];
  grace?: number;
}): Promise<{ url: string; running: Running }> {
  const [httpPort, adminPort] = [await freePort(), await freePort()];
  const definition = {
    ...defineGateway(),
    // identity and projects are played: they tell who holds what, and where projects lie.
    keysSource: () => people.keys,
    grantsSource: () => ({ read: async ({ organisationId, userId }: Person) => grantsOf({ organisationId, userId }) }),
    placesSource: () => ({
      read: async () => ({
        items: [
          {
            projectId: project,
            organisationId: manager.organisationId,
            status: "published" as const,
            visibility: "people" as const,
            version: 1,
          },
        ],
        nextCursor: "",
      }),
    }),
  };
  const running = await run(definition, {
    environment: {
      ...environment,
      HTTP_PORT: String(httpPort),
      ADMIN_PORT: String(adminPort),
      DRAIN_GRACE_SECONDS: String(grace),
    },
    argv,
    ownsProcess: false,
  });
  return { url: `http://127.0.0.1:${httpPort}`, running };
}

async function grantsOf(of: Person) {
  const held = await people.grants.read({ ...of, version: 0 });
  const grants = (held?.roles ?? []).map(({ grantId, role, scope }) => ({
    id: grantId,
    ...of,
    role,
    scope,
    version: 1,
    grantedAt: "",
    removed: false,
  }));
  const switches = {
    managersGiveRoles: true,
    creatorsCreateProjects: true,
    contactCreators: [],
    redactedAccess: false,
    visitorsSeeProjects: false,
  };
  return { grants, version: held?.version ?? 0, enabled: true, switches, withheld: [], endedSessionIds: [] };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" ? (address?.port ?? 0) : 0;
}

interface Watching {
  text(): string;
  close(): void;
}

async function watch(url: string, cursor?: string): Promise<Watching> {
  const stop = new AbortController();
  const headers = {
    authorization: `Bearer ${people.token(manager)}`,
    ...(cursor === undefined ? {} : { "last-event-id": cursor }),
  };
  const answer = await fetch(`${url}/events`, { headers, signal: stop.signal });
  if (answer.status !== 200) throw new Error(`answered ${answer.status}: ${await answer.text()}`);
  let text = "";
  const read = async () => {
    for await (const piece of answer.body ?? []) text += Buffer.from(piece).toString();
  };
  read().catch(() => undefined);
  return { text: () => text, close: () => stop.abort() };
}

const patienceMs = 60_000;

async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const endsMs = performance.now() + patienceMs;
  while (performance.now() < endsMs) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`never: ${what}`);
}

test("[E8] what is published reaches streams at both gateways, and a stream goes on at the other one", async () => {
  const log = pino({ level: "silent" });
  const clock = { now: () => new Date() };
  const storeOptions = {
    uri: given("MONGODB_URI"),
    database: `${databasePrefix}_gateway`,
    collections: [],
    encryptionKeys: [environment["ENCRYPTION_KEYS"] ?? ""],
    source: "/partake/progress",
    log,
    clock,
  };
  const store = await openStore(storeOptions);
  const bus = openBus({
    brokers: [given("KAFKA_BROKERS")],
    prefix: kafkaPrefix,
    clientId: "progress",
    store,
    source: "/partake/progress",
    log,
  });
  const publish = async () => {
    const recordId = newId("pst");
    const data = {
      contactId: newId("con"),
      organisationId: manager.organisationId,
      projectId: project,
      kind: "post.created" as const,
      recordId,
      actorId: newId("usr"),
      threadUserIds: [],
      contactProjectIds: [project],
      staffOnly: false,
      recordedAt: new Date().toISOString(),
    };
    await bus.publish({ type: "org.partake.activity.recorded.v1", data });
    return recordId;
  };
  const [one, other] = [await watch(gateways[0]?.url ?? ""), await watch(gateways[1]?.url ?? "")];
  const early: string[] = [];
  // Whether a broadcast was joined is seen by what arrives. One at a time, and again if it fails: the bus gives up on a slow Kafka.
  await until(async () => {
    early.push(...(await Promise.allSettled([publish()])).flatMap((sent) => ("value" in sent ? [sent.value] : [])));
    return early.some((id) => one.text().includes(id)) && early.some((id) => other.text().includes(id));
  }, "a first event at both");
  const last = await publish();
  await until(() => one.text().includes(last) && other.text().includes(last), "the same event at both");
  const cursor = [...one.text().matchAll(/^id: (.*)\ndata: .*$/gm)].at(-1)?.[1] ?? "";
  one.close();
  const missed = await publish();
  await until(() => other.text().includes(missed), "the missed event");
  const again = await watch(gateways[1]?.url ?? "", cursor);
  await until(
    () => again.text().includes(missed) || again.text().includes('"resync"'),
    "the missed event, or word of it",
  );
  for (const watching of [other, again]) watching.close();
  await bus.close();
  await store.close();
}, 240_000);

test("a gateway that stops ends its streams and its connections, and takes no more", async () => {
  const gone = await start({ argv: [] });
  const watching = await watch(gone.url);
  const idle = await fetch(gone.url);
  expect([idle.status, (await idle.text()).length > 100]).toEqual([200, true]);
  const startedMs = performance.now();
  await gone.running.stop();
  expect(performance.now() - startedMs).toBeLessThan(15_000);
  expect(watching.text()).toContain("retry: ");
  await expect(fetch(gone.url)).rejects.toThrow();
});

test("a gateway that ends answers through its grace, and with each answer sends its client elsewhere", async () => {
  const gone = await start({ argv: [], grace: 2 });
  const before = await fetch(gone.url);
  expect([before.headers.get("connection"), (await before.text()).length > 100]).toEqual(["keep-alive", true]);
  const stopped = gone.running.stop();
  // Asked on the connection that was kept.
  const during = await fetch(gone.url);
  expect([during.status, during.headers.get("connection"), (await during.text()).length > 100]).toEqual([
    200,
    "close",
    true,
  ]);
  await stopped;
  await expect(fetch(gone.url)).rejects.toThrow();
});
