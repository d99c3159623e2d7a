import { generateKeyPairSync, randomBytes, randomInt } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Switches } from "@partake/authz";
import { type Arrived, guardRequestQueue } from "@partake/bus";
import { operations, type ServiceName } from "@partake/contract";
import { asFailure } from "@partake/failure";
import { type Channel, mintServiceTokens, type Outgoing, openChannel } from "@partake/rpc";
import {
  type Clock,
  type Parts,
  type ReadGrants,
  type ReadScopes,
  run,
  type ServiceDefinition,
} from "@partake/service";
import { Kafka, logLevel } from "kafkajs";
import mongoose from "mongoose";
import { newId } from "./ids.ts";
import {
  addPerson,
  changeRoles,
  type PlayedIdentity,
  readGrants,
  type TestCaller,
  type TestRole,
  tokenFor,
} from "./played-identity.ts";

const ORIGIN = "http://localhost:8080";

/** One service alone, whole, on a real database and broker, called over gRPC with real tokens. Only identity is played. */
export interface ServiceWorld {
  parts: Parts;
  organisationId: string;
  /** Somebody who holds these roles, in the world's organisation or another. */
  person(roles: readonly TestRole[], of?: { organisationId?: string; switches?: Partial<Switches> }): TestCaller;
  /** From now on they hold these roles and no others: their next token says so, and nothing older counts. */
  hold(who: TestCaller, roles: readonly TestRole[]): void;
  /** What identity says of anybody, for a test that plays it to the service's own questions, too. */
  readGrants(of: { organisationId: string; userId: string }): ReadGrants;
  service(name: ServiceName): TestCaller;
  /** Calls an operation by its name: "CreateProject". */
  call<A = Record<string, unknown>>(
    as: TestCaller | undefined,
    name: string,
    request?: object,
    more?: Outgoing,
  ): Promise<A>;
  /** How a call is refused: "forbidden no_role"; "ok" where it is not. */
  refusal(as: TestCaller | undefined, name: string, request?: object, more?: Outgoing): Promise<string>;
  /** Everything that was published on the topics since the world began. */
  events: Arrived[];
  stop(): Promise<void>;
}

export interface ServiceWorldOptions {
  definition: ServiceDefinition;
  /** Topics to listen to. */
  topics?: readonly string[];
  /** Default: the time as it is. */
  clock?: Clock;
  /** Other services that a test plays, by their proto service: `{ Identity: { giveCreatorRole } }`. */
  clients?: { [S in keyof Parts["clients"]]?: Partial<Parts["clients"][S]> };
  /** Variables that this service needs beside those of every service. */
  environment?: Readonly<Record<string, string>>;
  /** The places of projects that the service is told; a service that has its own needs none. */
  places?: readonly ReadScopes["items"][number][];
}

/** Starts the service. Its databases and topics are of this run alone. */
export async function startServiceWorld(options: ServiceWorldOptions): Promise<ServiceWorld> {
  const { definition, clock = { now: () => new Date() } } = options;
  const folder = mkdtempSync(join(tmpdir(), "partake-test-"));
  const { environment: common, issuer, serviceKeys } = surroundings(folder, [await freePort(), await freePort()]);
  const environment = { ...common, ...options.environment };
  const played: PlayedIdentity = {
    ...{ grants: new Map(), version: 1, clock },
    ...{ origin: ORIGIN, issuer: issuer.privateKey },
  };
  const events: Arrived[] = [];
  const joined = Promise.withResolvers<void>();
  let parts: Parts | undefined;
  const watched: ServiceDefinition = {
    ...definition,
    api: (given) => {
      parts = withClients(given, options.clients ?? {});
      return definition.api?.(parts) ?? {};
    },
    consumers: (given) => definition.consumers?.(withClients(given, options.clients ?? {})) ?? [],
    background: (given) => definition.background?.(withClients(given, options.clients ?? {})) ?? [],
    grantsSource: () => ({ read: async (of) => readGrants(played, of) }),
    placesSource: definition.placesSource ?? (() => ({ read: async (of) => readScopes(options.places ?? [], of) })),
    keysSource: () => ({ key: async () => issuer.publicKey as never, onChange: () => undefined }),
    broadcasts: (given) => [
      ...(definition.broadcasts?.(given) ?? []),
      { topics: options.topics ?? [], handle: (event) => events.push(event), lost: joined.resolve },
    ],
  };
  const started = { environment, clock, ownsProcess: false };
  await run(watched, { ...started, argv: ["migrate"] });
  const running = await run(watched, { ...started, argv: [] });
  // A service is ready without its topics; the world is not, or it would miss the first events on a broker that is new.
  await joined.promise;
  if (!parts) throw new Error("the service has no parts");
  const channels = new Map<string, Channel>();
  const organisationId = newId("org");
  const world: ServiceWorld = {
    parts,
    organisationId,
    events,
    person: (roles, of = {}) => addPerson(played, { organisationId, ...of }, roles),
    hold: (who, roles) => changeRoles(played, who, roles),
    readGrants: (of) => readGrants(played, of),
    service: (name) => ({ kind: "service", name }),
    async call<A>(as: TestCaller | undefined, name: string, request: object = {}, more: Outgoing = {}) {
      const operation = operations.find((one) => one.owner === definition.name && one.name === name);
      if (!operation) throw new Error(`no operation ${name}`);
      const service = as?.kind === "service" ? as.name : "gateway";
      const channel = channels.get(service) ?? openTo(environment, { definition, service, serviceKeys, clock });
      channels.set(service, channel);
      const userToken = as?.kind === "person" ? { userToken: tokenFor(played, as) } : {};
      return (await channel.call(operation, request, { timeoutMs: 10_000, ...userToken, ...more })) as A;
    },
    async refusal(as, name, request, more) {
      try {
        await world.call(as, name, request, more);
        return "ok";
      } catch (thrown) {
        const { code, reason } = asFailure(thrown);
        return `${code} ${reason}`;
      }
    },
    async stop() {
      for (const channel of channels.values()) channel.close();
      await running.stop();
      await dropDatabase(environment, definition.name);
      await dropTopics(environment);
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return world;
}

/** Whoever is not played is called over the network, where nobody is. */
function withClients(parts: Parts, played: NonNullable<ServiceWorldOptions["clients"]>): Parts {
  const own = Object.entries(played).map(([name, value]) => [name, { value }]);
  const clients = Object.create(parts.clients, Object.fromEntries(own)) as Parts["clients"];
  return Object.create(parts, { clients: { value: clients } }) as Parts;
}

function surroundings(folder: string, [rpcPort, adminPort]: readonly [number, number]) {
  const own = generateKeyPairSync("ed25519");
  const issuer = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const names: ServiceName[] = ["gateway", "identity", "projects", "contacts", "progress", "messaging", "billing"];
  // One key for all of them: whose a token is says its kid.
  const keys = names.map((kid) => ({ ...own.publicKey.export({ format: "jwk" }), kid }));
  const serviceKeys = own.privateKey.export({ format: "pem", type: "pkcs8" }).toString();
  writeFileSync(join(folder, "own.pem"), serviceKeys);
  writeFileSync(join(folder, "all.json"), JSON.stringify({ keys }));
  const run = randomBytes(4).toString("hex");
  const addresses = Object.fromEntries(names.map((name) => [`${name.toUpperCase()}_ADDRESS`, "127.0.0.1:1"]));
  const environment: Record<string, string> = {
    ...addresses,
    PARTAKE_ENVIRONMENT: "development",
    PARTAKE_ORIGIN: ORIGIN,
    MONGODB_URI: given("MONGODB_URI"),
    MONGODB_DATABASE_PREFIX: `test_${run}`,
    KAFKA_BROKERS: given("KAFKA_BROKERS"),
    KAFKA_PREFIX: `test-${run}-`,
    RPC_PORT: String(rpcPort),
    ADMIN_PORT: String(adminPort),
    SERVICE_KEY_FILE: join(folder, "own.pem"),
    SERVICE_KEYS_FILE: join(folder, "all.json"),
    ENCRYPTION_KEYS: randomBytes(32).toString("base64"),
    LOG_LEVEL: process.env["LOG_LEVEL"] ?? "error",
  };
  return { environment, issuer, serviceKeys };
}

function given(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} says where the servers of the tests are`);
  return value;
}

/** Below the ports that the system gives to connections: one that was free a moment ago is not taken by a passing one. */
async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const port = randomInt(10_000, 20_000);
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(false));
      server.listen(port, () => resolve(true));
    });
    await new Promise((resolve) => server.close(resolve));
    if (isFree) return port;
  }
  throw new Error("no port");
}

interface Line {
  definition: ServiceDefinition;
  service: string;
  serviceKeys: string;
  clock: Clock;
}

function openTo(environment: Record<string, string>, { definition, service, serviceKeys, clock }: Line): Channel {
  const nowMs = () => clock.now().getTime();
  const serviceToken = mintServiceTokens({ service, privateKey: serviceKeys, nowMs });
  return openChannel({ owner: definition.name, target: `127.0.0.1:${environment["RPC_PORT"]}`, serviceToken });
}

async function readScopes(
  places: readonly ReadScopes["items"][number][],
  of: { organisationId?: string; projectIds?: string[] },
): Promise<ReadScopes> {
  const items = places.filter(
    (place) => place.organisationId === of.organisationId || of.projectIds?.includes(place.projectId),
  );
  return { items, nextCursor: "" };
}

async function dropDatabase(environment: Record<string, string>, service: string): Promise<void> {
  const dbName = `${environment["MONGODB_DATABASE_PREFIX"]}_${service}`;
  const connection = await mongoose.createConnection(environment["MONGODB_URI"] ?? "", { dbName }).asPromise();
  await connection.dropDatabase();
  await connection.close();
}

async function dropTopics(environment: Record<string, string>): Promise<void> {
  guardRequestQueue();
  const kafka = new Kafka({ brokers: (environment["KAFKA_BROKERS"] ?? "").split(","), logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  const prefix = environment["KAFKA_PREFIX"] ?? "";
  const topics = (await admin.listTopics()).filter((topic) => prefix !== "" && topic.startsWith(prefix));
  if (topics.length > 0) await admin.deleteTopics({ topics });
  await admin.disconnect();
}
