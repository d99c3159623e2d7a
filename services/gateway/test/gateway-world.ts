// A whole gateway over HTTP, with a real database and real RPC calls; the services and the provider behind it are played.
import { randomBytes } from "node:crypto";
import { Agent, request } from "node:http";
import { Readable } from "node:stream";
import { createEnforcer } from "@partake/rpc";
import { openStore, type Store } from "@partake/store";
import { type FakeClock, fakeClock, newId } from "@partake/testing";
import { Registry } from "@prometheus-io/client";
import mongoose from "mongoose";
import pino from "pino";
import { assemble } from "../src/assembly.ts";
import type { FileStore } from "../src/files/file-store.ts";
import { openGridFs } from "../src/files/gridfs.ts";
import { fileDocuments, filePieces, filesUnderWay } from "../src/files/gridfs-collections.ts";
import { listen } from "../src/http-server.ts";
import { type LimitSettings, limitSettings } from "../src/limits.ts";
import { createHub, type Hub, type HubSettings, hubSettings } from "../src/live/hub.ts";
import { madeIds } from "../src/made-ids.ts";
import { sessions } from "../src/sessions/session.ts";
import { createPeople, type People, type Person } from "./people.ts";
import { type ProviderStandIn, startProvider } from "./provider-stand-in.ts";
import { startUpstream, type Upstream } from "./upstream.ts";

const agent = new Agent({ keepAlive: true });

export interface GatewayWorld {
  origin: string;
  /** Where the gateway listens. */
  url: string;
  /** Of a second gateway beside the first. */
  otherUrl: string;
  organisationId: string;
  people: People;
  upstream: Upstream;
  provider: ProviderStandIn;
  hub: Hub;
  store: Store;
  files: FileStore;
  clock: FakeClock;
  log: string[];
  metrics(): Promise<string>;
  /** Sends a request as somebody, by bearer token. */
  ask(method: string, path: string, options?: Asking): Promise<Told>;
  stop(): Promise<void>;
}

export interface Asking {
  as?: Person;
  token?: string;
  json?: unknown;
  body?: string | Buffer | ReadableStream;
  headers?: Record<string, string>;
  url?: string;
}

export interface Told {
  status: number;
  headers: Headers;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: what an answer holds is what a test looks at
  json: any;
}

export interface WorldOptions {
  origin?: string;
  limits?: Partial<LimitSettings>;
  hub?: Partial<HubSettings>;
  trustedProxies?: string[];
}

export async function startGatewayWorld(options: WorldOptions = {}): Promise<GatewayWorld> {
  const { origin = "https://partake.test" } = options;
  const uri = process.env["MONGODB_URI"];
  if (!uri) throw new Error("MONGODB_URI says where the MongoDB replica set for tests is");
  const database = `test_gateway_${randomBytes(5).toString("hex")}`;
  const clock = fakeClock(new Date());
  const organisationId = newId("org");
  const people = createPeople({ origin, nowMs: clock.nowMs, organisationId });
  const upstream = await startUpstream({ origin, people, nowMs: clock.nowMs });
  const provider = await startProvider({ origin, people, privateKey: upstream.privateKey, nowMs: clock.nowMs });
  const encryptionKeys = [randomBytes(32).toString("base64")];
  const lines: string[] = [];
  const log = pino({ level: "info" }, { write: (line: string) => void lines.push(line) });
  const collections = [sessions, madeIds, filePieces, fileDocuments, filesUnderWay];
  const store = await openStore({ uri, database, collections, encryptionKeys, source: "/partake/gateway", log, clock });
  await store.migrate();
  const files = await openGridFs({ uri, database });
  const hub = createHub({ ...hubSettings, ...options.hub }, clock.nowMs);
  const registry = new Registry();
  const start = async (metrics: Registry) => {
    const enforcer = createEnforcer({
      origin,
      keys: people.keys,
      serviceKeys: new Map(),
      grants: people.grants,
      places: people.places,
      nowMs: clock.nowMs,
    });
    const config = { origin, identityHttpUrl: provider.url, encryptionKeys, kafkaBrokers: ["kafka:9092"] };
    const parts = { config, log, store, invoke: upstream.invoke, enforcer, metrics, clock, newId };
    const limits = { ...limitSettings({ isDevelopment: true }), ...options.limits };
    const { privateKey } = upstream;
    const assembly = assemble({ parts, hub, files, limits, privateKey, trustedProxies: options.trustedProxies ?? [] });
    const server = await listen(assembly.app, { port: 0, origin });
    return {
      url: `http://127.0.0.1:${server.port}`,
      stop: async () => void (await Promise.all([server.stop(500), assembly.close()])),
    };
  };
  const [first, second] = [await start(registry), await start(new Registry())];
  const world: GatewayWorld = {
    ...{ origin, url: first.url, otherUrl: second.url, organisationId },
    ...{ people, upstream, provider, hub, store, files, clock, log: lines },
    metrics: () => registry.metrics(),
    ask: (method, path, asking = {}) => ask({ world, method, path, asking }),
    async stop() {
      hub.stop();
      await Promise.all([first.stop(), second.stop()]);
      await Promise.all([upstream.stop(), provider.stop(), files.close(), store.close()]);
      await dropDatabase(uri, database);
    },
  };
  return world;
}

async function ask(of: { world: GatewayWorld; method: string; path: string; asking: Asking }): Promise<Told> {
  const { world, method, path, asking } = of;
  const token = asking.token ?? (asking.as ? world.people.token(asking.as) : undefined);
  const headers: Record<string, string> = {
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...asking.headers,
  };
  if (asking.json !== undefined) headers["content-type"] ??= "application/json";
  if (method === "POST") headers["idempotency-key"] ??= newId("key");
  const body = asking.json === undefined ? asking.body : JSON.stringify(asking.json);
  const {
    status,
    headers: told,
    text,
  } = await sendRequest({ url: `${asking.url ?? world.url}${path}`, method, headers, body });
  return { status, headers: told, text, json: text.startsWith("{") ? JSON.parse(text) : undefined };
}

interface Sent {
  url: string;
  method: string;
  headers: Record<string, string>;
  body: Asking["body"];
}

/** By Node's own client, as `fetch` changes what a request says of itself. */
function sendRequest({
  url,
  method,
  headers,
  body,
}: Sent): Promise<{ status: number; headers: Headers; text: string }> {
  return new Promise((resolve, reject) => {
    const length =
      typeof body === "string" || Buffer.isBuffer(body) ? { "content-length": String(Buffer.byteLength(body)) } : {};
    const sent = request(url, { method, headers: { ...length, ...headers }, agent }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const told = new Headers();
        for (const [name, values] of Object.entries(response.headersDistinct))
          for (const value of values ?? []) told.append(name, value);
        resolve({ status: response.statusCode ?? 0, headers: told, text: Buffer.concat(chunks).toString() });
      });
    });
    sent.on("error", reject);
    if (body instanceof ReadableStream) Readable.fromWeb(body as never).pipe(sent);
    else sent.end(body);
  });
}

async function dropDatabase(uri: string, dbName: string): Promise<void> {
  const connection = await mongoose.createConnection(uri, { dbName }).asPromise();
  await connection.dropDatabase();
  await connection.close();
}
