import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { guardRequestQueue } from "@partake/bus";
import { newId as makeId, type Services } from "@partake/contract";
import { asFailure } from "@partake/failure";
import {
  type Client,
  connect,
  type Enforcer,
  mintServiceTokens,
  type Outgoing,
  openChannel,
  type RpcServer,
  serve,
} from "@partake/rpc";
import { type Parts, run } from "@partake/service";
import { Kafka, type KafkaConfig, logLevel } from "kafkajs";
import mongoose from "mongoose";
import { background } from "../src/background.ts";
import { definition } from "../src/definition.ts";
import { type Elsewhere, standIns } from "./elsewhere.ts";
import { askForTokens, claimsOf, freePort, type LoginPlace, logIn as logInThere, type Mailed } from "./login-world.ts";

type Mail = Services["Messaging"]["sendMail"]["request"];

/** Somebody who is logged in. */
export interface Person {
  email: string;
  userId: string;
  refreshToken: string;
}

/** identity as it runs, with stand-ins for the services that it calls. */
export interface IdentityWorld {
  origin: string;
  place: LoginPlace;
  mails: Mail[];
  elsewhere: Elsewhere;
  database: mongoose.Connection;
  kafka: Kafka;
  kafkaOptions: KafkaConfig;
  kafkaPrefix: string;
  newId(prefix: string): string;
  person(email: string): Promise<Person>;
  /** An access token for an organisation, or for the own account. */
  token(person: Person, organisationId?: string): Promise<string>;
  as(person: Person, organisationId?: string, more?: Outgoing): Promise<Caller>;
  /** Called with a token as it is. */
  with(userToken: string): Caller;
  /** Called by another service. */
  from(service: string): Caller;
  organisation(name: string): Promise<{ id: string; admin: Person }>;
  /** Invites and accepts. */
  colleague(of: {
    organisationId: string;
    admin: Person;
    email: string;
    role: string;
    scope?: string;
  }): Promise<Person>;
  accept(person: Person, mailedTo?: string): Promise<{ organisationId: string }>;
  /** Resolves when the service says that it is ready: it heard its own heartbeat. */
  ready(): Promise<void>;
  stop(): Promise<void>;
}

/** identity's RPCs, by a caller who is known. */
export type Caller = {
  [M in keyof Client<"Identity">]: (
    request: Parameters<Client<"Identity">[M]>[0],
    more?: Outgoing,
  ) => ReturnType<Client<"Identity">[M]>;
};

export const operator = "operator@partake.example";

/** `lookEveryMs`: how often identity looks for what is due, where a test waits for that. */
export async function startIdentityWorld(of: { lookEveryMs?: number } = {}): Promise<IdentityWorld> {
  const mongodbUri = process.env["MONGODB_URI"] ?? "";
  const brokers = (process.env["KAFKA_BROKERS"] ?? "").split(",");
  const prefix = `idt${randomBytes(4).toString("hex")}`;
  const kafkaPrefix = `${prefix}.`;
  const folder = await mkdtemp(join(tmpdir(), "identity-test-"));
  const keys = await writeKeys(folder);
  const elsewhere: Elsewhere = {
    folders: new Set(),
    projects: new Map(),
    followed: new Map(),
    projectsIsAway: false,
    boards: new Map(),
    contacts: new Map(),
    participations: new Map(),
    asked: [],
    messagingIsAway: false,
    unmailable: new Map(),
    contactsIsAway: false,
    accepted: [],
    participationsEnded: new Set(),
    linked: new Map(),
  };
  const mails: Mail[] = [];
  const peers = await serve({ services: standIns(elsewhere, mails), port: 0, host: "127.0.0.1", enforcer: trusting });
  peers.setReady(true);
  const [httpPort, rpcPort, adminPort] = [await freePort(), await freePort(), await freePort()];
  const origin = `http://localhost:${httpPort}`;
  const others = ["PROJECTS", "CONTACTS", "PROGRESS", "MESSAGING", "BILLING"];
  const environment = {
    PARTAKE_ENVIRONMENT: "development",
    PARTAKE_ORIGIN: origin,
    MONGODB_URI: mongodbUri,
    MONGODB_DATABASE_PREFIX: prefix,
    KAFKA_BROKERS: brokers.join(","),
    KAFKA_PREFIX: kafkaPrefix,
    RPC_PORT: String(rpcPort),
    HTTP_PORT: String(httpPort),
    ADMIN_PORT: String(adminPort),
    IDENTITY_HTTP_URL: origin,
    SERVICE_KEY_FILE: keys.keyFile("identity"),
    SERVICE_KEYS_FILE: keys.publicKeysFile,
    ENCRYPTION_KEYS: randomBytes(32).toString("base64"),
    PLATFORM_OPERATORS: operator,
    BILLING_OPERATORS: "billing@partake.example",
    LOG_LEVEL: "error",
    ...Object.fromEntries(others.map((name) => [`${name}_ADDRESS`, `127.0.0.1:${peers.port}`])),
  };
  await run(definition, { environment, argv: ["migrate"], ownsProcess: false });
  const paced = { ...definition, background: (parts: Parts) => background(parts, of) };
  const running = await run(paced, { environment, argv: [], ownsProcess: false });
  const database = await mongoose.createConnection(mongodbUri, { dbName: `${prefix}_identity` }).asPromise();
  const kafkaOptions: KafkaConfig = { brokers, clientId: prefix, logLevel: logLevel.NOTHING };
  guardRequestQueue();
  const kafka = new Kafka(kafkaOptions);
  const place = placeOf(origin, mails);
  const channels = new Map<string, ReturnType<typeof openChannel>>();
  const channelOf = (service: string) => {
    const known = channels.get(service);
    if (known !== undefined) return known;
    const serviceToken = mintServiceTokens({ service, privateKey: keys.privateKey(service) });
    const channel = openChannel({ owner: "identity", target: `127.0.0.1:${rpcPort}`, serviceToken });
    channels.set(service, channel);
    return channel;
  };
  const caller = (service: string, outgoing: Outgoing): Caller => {
    const client = connect("Identity", channelOf(service)) as unknown as Record<
      string,
      (request: object, of: Outgoing) => Promise<object>
    >;
    const names = Object.keys(client);
    return Object.fromEntries(
      names.map((name) => [
        name,
        (request: object, more: Outgoing = {}) =>
          client[name]?.(request, {
            idempotencyKey: randomBytes(8).toString("hex"),
            timeoutMs: 20_000,
            ...outgoing,
            ...more,
          }),
      ]),
    ) as Caller;
  };

  const world: IdentityWorld = {
    ...{ origin, place, mails, elsewhere, database, kafka, kafkaOptions, kafkaPrefix },
    newId: (of) => makeId(of, new Date()),
    async person(email) {
      const tokens = await logInThere(place, email);
      return { email, userId: String(claimsOf(tokens.access_token)["sub"]), refreshToken: tokens.refresh_token };
    },
    async token(person, organisationId) {
      const resource = organisationId === undefined ? `${origin}/account` : `${origin}/orgs/${organisationId}`;
      const answer = await askForTokens(place, {
        grant_type: "refresh_token",
        refresh_token: person.refreshToken,
        resource,
      });
      if (answer.status !== 200) throw new Error(`${answer.status} ${answer.error}`);
      person.refreshToken = answer.refresh_token;
      return answer.access_token;
    },
    async as(person, organisationId, more = {}) {
      return caller("gateway", { userToken: await world.token(person, organisationId), ...more });
    },
    with: (userToken) => caller("gateway", { userToken }),
    from: (service) => caller(service, {}),
    async organisation(name) {
      const boss = await world.person(operator);
      const platform = await world.as(boss, "platform");
      const id = world.newId("org");
      await platform.createOrganisation({ id, name, preset: "charity", timeZone: "Europe/London", language: "en" });
      const email = `admin-${randomBytes(4).toString("hex")}@example.org`;
      await platform.inviteFirstAdmin({ organisationId: id, email });
      const admin = await world.person(email);
      await world.accept(admin);
      return { id, admin };
    },
    async colleague({ organisationId, admin, email, role, scope }) {
      const asked = await world.as(admin, organisationId);
      await asked.inviteColleague({ email, role: role as "member", ...(scope !== undefined && { scope }) });
      const person = await world.person(email);
      await world.accept(person);
      return person;
    },
    async accept(person, mailedTo = person.email) {
      const account = await world.as(person);
      return account.acceptInvitation({ token: secretMailedTo(mails, mailedTo) });
    },
    async ready() {
      while (!(await fetch(`http://127.0.0.1:${adminPort}/readyz`)).ok) await sleep(100);
    },
    async stop() {
      for (const channel of channels.values()) channel.close();
      await running.stop();
      await peers.stop(100);
      await dropTopics(kafka, kafkaPrefix);
      await database.dropDatabase();
      await database.close();
      await rm(folder, { recursive: true });
    },
  };
  return world;
}

/** How a call ended: "ok", or its code and reason. */
export async function outcome(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "ok";
  } catch (error) {
    const { code, reason } = asFailure(error);
    return `${code} ${reason}`;
  }
}

/** The secret of the newest invitation that was mailed to an address. */
export function secretMailedTo(mails: readonly Mail[], email: string): string {
  const mail = mails.findLast(({ to, template }) => to === email && template.endsWith("_invitation"));
  const secret = mail?.values["link"]?.split("#")[1];
  if (secret === undefined) throw new Error(`no invitation was mailed to ${email}`);
  return secret;
}

function placeOf(origin: string, mails: readonly Mail[]): LoginPlace {
  return {
    origin,
    get mails(): Mailed[] {
      return mails
        .filter(({ template }) => template === "login_code")
        .map(({ to, values }) => ({ email: to, code: values["code"] ?? "" }));
    },
  };
}

async function writeKeys(folder: string) {
  const names = ["gateway", "identity", "projects", "contacts", "progress", "messaging", "billing"];
  const pairs = new Map(names.map((name) => [name, generateKeyPairSync("ed25519")]));
  const pem = (name: string) => String(pairs.get(name)?.privateKey.export({ format: "pem", type: "pkcs8" }));
  const keyFile = (name: string) => join(folder, `${name}.pem`);
  for (const name of names) await writeFile(keyFile(name), pem(name));
  const keys = names.map((kid) => ({
    ...pairs.get(kid)?.publicKey.export({ format: "jwk" }),
    kid,
    use: "sig",
    alg: "EdDSA",
  }));
  const publicKeysFile = join(folder, "services.jwks.json");
  await writeFile(publicKeysFile, JSON.stringify({ keys }));
  return { keyFile, publicKeysFile, privateKey: pem };
}

/** Lets every call through: what the stand-ins refuse, they refuse by themselves. */
const trusting: Enforcer = {
  authenticate: ({ authorization }) => ({
    caller: { kind: "service", service: "identity" },
    service: "identity",
    userToken: String(authorization ?? "").replace("Bearer ", "") || undefined,
    expiresAtMs: Number.POSITIVE_INFINITY,
    grantsKnown: () => 0,
  }),
  authorize: async () => undefined,
};

async function dropTopics(kafka: Kafka, prefix: string): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(prefix));
  if (topics.length > 0) await admin.deleteTopics({ topics }).catch(() => undefined);
  await admin.disconnect();
}

export type { RpcServer };
