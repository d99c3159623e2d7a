// Starts the stand-in service as a process, with everything that it needs of others: keys, an issuer, and an identity service.
import { type ChildProcess, spawn } from "node:child_process";
import { generateKeyPairSync, type KeyObject, randomBytes, randomInt, sign } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Bus, openBus } from "@partake/bus";
import { type MintServiceToken, mintServiceTokens, readServiceKeys, type ServiceKeys } from "@partake/rpc";
import type { Store } from "@partake/store";

export const ORIGIN = "http://localhost:8080";
export const ORGANISATION = "org_01890000-0000-7000-8000-000000000001";
export const USER = "usr_01890000-0000-7000-8000-000000000003";

export interface Started {
  child: ChildProcess;
  adminPort: number;
  rpcPort: number;
  /** Every line that it wrote. */
  lines: string[];
  /** The status with which it ended, and after how long. */
  ended: Promise<number | null>;
}

export interface Surroundings {
  folder: string;
  environment: Record<string, string>;
  /** A token that admits its bearer to the organisation, as an admin; for five minutes unless it says otherwise. */
  token(lifeSeconds?: number): string;
  serviceToken: MintServiceToken;
  serviceKeys: ServiceKeys;
  start(changes?: Record<string, string | undefined>, ...argv: string[]): Started;
  close(): void;
}

const standIn = new URL("./billing-stand-in.ts", import.meta.url).pathname;

/** More than the processes of one file need, two for each. */
const PORTS = 60;
let nextPort = 0;

export async function surround(): Promise<Surroundings> {
  nextPort = await freePorts();
  const folder = mkdtempSync(join(tmpdir(), "partake-service-"));
  const own = generateKeyPairSync("ed25519");
  const issuer = generateKeyPairSync("rsa", { modulusLength: 2048 });
  writeFileSync(join(folder, "own.pem"), own.privateKey.export({ format: "pem", type: "pkcs8" }));
  const publicKeys = { keys: [{ ...own.publicKey.export({ format: "jwk" }), kid: "billing" }] };
  writeFileSync(join(folder, "all.json"), JSON.stringify(publicKeys));
  const keys = await serveKeys(issuer.publicKey);
  const environment = {
    PARTAKE_ENVIRONMENT: "development",
    PARTAKE_ORIGIN: ORIGIN,
    MONGODB_URI: given("MONGODB_URI"),
    MONGODB_DATABASE_PREFIX: `${process.env["MONGODB_DATABASE_PREFIX"] ?? "test"}_${randomBytes(3).toString("hex")}`,
    KAFKA_BROKERS: given("KAFKA_BROKERS"),
    KAFKA_PREFIX: `${process.env["KAFKA_PREFIX"] ?? "test-"}${randomBytes(3).toString("hex")}-`,
    IDENTITY_HTTP_URL: `http://127.0.0.1:${(keys.address() as AddressInfo).port}`,
    IDENTITY_ADDRESS: "127.0.0.1:1",
    PROJECTS_ADDRESS: "127.0.0.1:1",
    SERVICE_KEY_FILE: join(folder, "own.pem"),
    SERVICE_KEYS_FILE: join(folder, "all.json"),
    ENCRYPTION_KEYS: randomBytes(32).toString("base64"),
    LOG_LEVEL: "debug",
  };
  return {
    folder,
    environment,
    serviceKeys: await readServiceKeys(publicKeys),
    serviceToken: mintServiceTokens({
      service: "billing",
      privateKey: own.privateKey.export({ format: "pem", type: "pkcs8" }).toString(),
    }),
    token: (lifeSeconds = 300) => token(issuer.privateKey, lifeSeconds),
    start: (changes = {}, ...argv) => start({ ...environment, ...changes }, argv),
    close: () => {
      keys.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** identity's part in Kafka: its heartbeats, and what a test lets it say. */
export function speakAsIdentity({ environment }: Surroundings): { bus: Bus; stop(): Promise<void> } {
  const { KAFKA_BROKERS: brokers = "", KAFKA_PREFIX: prefix = "" } = environment;
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const of = { clientId: "identity", store: {} as Store, source: "/partake/identity", log };
  const bus = openBus({ brokers: [brokers], prefix, ...of });
  const beating = setInterval(() => {
    const data = { source: "identity", sentAt: new Date().toISOString() };
    void bus.publish({ type: "org.partake.identity.heartbeat.v1", data }).catch(() => undefined);
  }, 500);
  return {
    bus,
    async stop() {
      clearInterval(beating);
      await bus.close();
    },
  };
}

function given(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} says where the servers of the tests are`);
  return value;
}

function serveKeys(key: KeyObject): Promise<Server> {
  const document = JSON.stringify({ keys: [{ ...key.export({ format: "jwk" }), kid: "k", use: "sig", alg: "RS256" }] });
  const server = createServer((_, response) => response.end(document));
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

function token(key: KeyObject, lifeSeconds: number): string {
  const now = Math.floor(Date.now() / 1000);
  const base = {
    iss: ORIGIN,
    sub: USER,
    aud: `${ORIGIN}/orgs/${ORGANISATION}`,
    iat: now,
    exp: now + lifeSeconds,
    jti: randomBytes(8).toString("hex"),
  };
  const claims = { ...base, client_id: "c", roles: [`admin:${ORGANISATION}`], grants_version: 1 };
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");
  const signed = `${encode({ alg: "RS256", typ: "at+jwt", kid: "k" })}.${encode(claims)}`;
  return `${signed}.${sign("sha256", Buffer.from(signed), key).toString("base64url")}`;
}

/** The first of so many that are free, below those that the system gives to connections, which would hold one in passing. */
async function freePorts(): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const first = randomInt(10_000, 20_000 - PORTS);
    const free = await Promise.all(Array.from({ length: PORTS }, (_, place) => isFree(first + place)));
    if (free.every(Boolean)) return first;
  }
  throw new Error("no ports");
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const isHeld = await new Promise<boolean>((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, () => resolve(true));
  });
  await new Promise((resolve) => server.close(resolve));
  return isHeld;
}

function start(environment: Record<string, string | undefined>, argv: string[]): Started {
  const [rpcPort, adminPort] = [nextPort, nextPort + 1];
  nextPort += 2;
  const env = { PATH: process.env["PATH"], ...environment, RPC_PORT: String(rpcPort), ADMIN_PORT: String(adminPort) };
  const child = spawn(process.execPath, [standIn, ...argv], { env, stdio: ["ignore", "pipe", "pipe"] });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => lines.push(...chunk.toString().split("\n").filter(Boolean)));
  }
  const ended = new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)));
  return { child, adminPort, rpcPort, lines, ended };
}
