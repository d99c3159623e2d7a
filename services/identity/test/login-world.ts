import { createHash, generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newId as makeId } from "@partake/contract";
import { openStore, type Store } from "@partake/store";
import { CookieJar } from "@partake/testing";
import mongoose from "mongoose";
import { openProvider } from "../src/provider/open-provider.ts";
import { collections } from "../src/store/collections.ts";
import { addGrant } from "../src/store/grant-changes.ts";

export interface Mailed {
  email: string;
  code: string;
}

/** Where people log in, and the codes that were mailed. */
export interface LoginPlace {
  origin: string;
  readonly mails: Mailed[];
}

/** The provider alone, on a real database, with a clock that can be turned and mail that is caught. */
export interface LoginWorld extends LoginPlace {
  store: Store;
  /** What another replica has: a connection of its own. Its opener closes it. */
  anotherStore(): Promise<Store>;
  clock: { now(): Date; turn(ms: number): void };
  /** Organisations with projects that every registered user sees. */
  readonly open: Set<string>;
  /** What is done when that is asked of one, in the midst of a request for tokens. */
  readonly asked: Map<string, () => Promise<void>>;
  /** Makes the next mails fail. */
  cutMail(isCut: boolean): void;
  newId(prefix: string): string;
  gatewayKey: ReturnType<typeof generateKeyPairSync>["privateKey"];
  config: Parameters<typeof openProvider>[0]["config"];
  database: mongoose.Connection;
  stop(): Promise<void>;
}

export const operator = "operator@partake.example";

export async function startLoginWorld(
  options: { environment?: "development" | "production" } = {},
): Promise<LoginWorld> {
  const mongodbUri = process.env["MONGODB_URI"] ?? "";
  const prefix = `idtest_${randomBytes(4).toString("hex")}`;
  const folder = await mkdtemp(join(tmpdir(), "identity-test-"));
  const gateway = generateKeyPairSync("ed25519");
  const jwk = { ...gateway.publicKey.export({ format: "jwk" }), kid: "gateway", alg: "EdDSA", use: "sig" };
  const serviceKeysFile = join(folder, "services.jwks.json");
  await writeFile(serviceKeysFile, JSON.stringify({ keys: [jwk] }));
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  let offsetMs = 0;
  const clock = {
    now: () => new Date(Date.now() + offsetMs),
    turn(ms: number) {
      offsetMs += ms;
    },
  };
  const newId = (of: string) => makeId(of, clock.now());
  const encryptionKeys = [randomBytes(32).toString("base64")];
  const log = {
    debug() {},
    info() {},
    warn() {},
    error: (fields: object, message: string) =>
      process.stderr.write(`${message} ${String((fields as { err?: unknown }).err)}\n`),
  };
  const source = "/partake/identity";
  const opened = { uri: mongodbUri, database: `${prefix}_identity`, collections, encryptionKeys };
  const anotherStore = () => openStore({ ...opened, source, log, clock });
  const store = await anotherStore();
  await store.migrate();
  const mails: Mailed[] = [];
  const open = new Set<string>();
  const asked = new Map<string, () => Promise<void>>();
  let isCut = false;
  const config = {
    environment: options.environment ?? "development",
    origin,
    httpPort: port,
    mongodbUri,
    mongodbDatabasePrefix: prefix,
    encryptionKeys,
    serviceKeysFile,
    platformOperators: [operator],
    billingOperators: ["billing@partake.example"],
    mobileRedirects: ["org.partake.app:/callback", "https://app.partake.example/callback"],
  } as const;
  const running = await openProvider({
    config,
    store,
    log,
    clock,
    newId,
    async showsProjects({ organisationId }) {
      await asked.get(organisationId)?.();
      return open.has(organisationId);
    },
    async mailCode({ email, code }) {
      const { failure } = await import("@partake/failure");
      if (isCut) throw failure("unavailable", "messaging_away");
      mails.push({ email, code });
    },
    redeeming: { open: nobodysCode, reopen: nobodysCode, redeem: async () => undefined },
  });
  const database = await mongoose.createConnection(mongodbUri, { dbName: `${prefix}_identity` }).asPromise();
  return {
    origin,
    store,
    anotherStore,
    mails,
    open,
    asked,
    clock,
    newId,
    gatewayKey: gateway.privateKey,
    config,
    database,
    cutMail(cut) {
      isCut = cut;
    },
    async stop() {
      await running.stop();
      await store.close();
      await database.dropDatabase();
      await database.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** Codes are printed where there are participations: here nobody has one. */
async function nobodysCode() {
  return undefined;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== "object" || address === null) throw new Error("no port");
  return address.port;
}

export const redirectUri = "http://127.0.0.1:7999/callback";

/** Somebody's browser: follows redirects, keeps cookies, submits forms; stops where a redirect leaves the platform's origins. */
export class Browser {
  readonly cookies = new CookieJar();
  readonly stopAt: string;
  readonly userAgent: string;
  /** Every address that it went to. */
  readonly visited: string[] = [];

  constructor(stopAt: string = redirectUri, userAgent = "node") {
    this.stopAt = stopAt;
    this.userAgent = userAgent;
  }

  async open(url: string, init: RequestInit = {}): Promise<Page> {
    let [next, request] = [url, init];
    for (let hop = 0; hop < 15; hop += 1) {
      this.visited.push(next);
      const headers = {
        ...(request.headers as Record<string, string>),
        cookie: this.cookies.header(),
        accept: "text/html",
        "user-agent": this.userAgent,
      };
      const response = await fetch(next, { ...request, headers, redirect: "manual" });
      this.cookies.take(response);
      const location = response.headers.get("location");
      if (location === null)
        return { url: next, status: response.status, headers: response.headers, text: await response.text() };
      next = new URL(location, next).href;
      if (next.startsWith(this.stopAt)) return { url: next, status: 303, headers: response.headers, text: "" };
      request = {};
    }
    throw new Error("redirected for ever");
  }

  async submit(page: Page, values: Record<string, string>, action?: string): Promise<Page> {
    const target = action ?? /<form method="post" action="([^"]*)"/.exec(page.text)?.[1];
    if (target === undefined) throw new Error(`no form on ${page.url} (${page.status}): ${page.text.slice(0, 400)}`);
    return this.open(new URL(target, page.url).href, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams(values).toString(),
    });
  }
}

export interface Page {
  url: string;
  status: number;
  headers: Headers;
  text: string;
}

export interface Pkce {
  verifier: string;
  challenge: string;
}

export function pkce(): Pkce {
  const verifier = randomBytes(32).toString("base64url");
  return { verifier, challenge: createHash("sha256").update(verifier).digest("base64url") };
}

export function authorizationUrl(
  world: LoginPlace,
  of: { challenge?: string } & Record<string, string | undefined>,
): string {
  const { challenge, ...rest } = of;
  const parameters = {
    client_id: "partake-cli",
    response_type: "code",
    redirect_uri: redirectUri,
    scope: "openid profile email",
    state: "the-state",
    ...(challenge !== undefined && { code_challenge: challenge, code_challenge_method: "S256" }),
    ...rest,
  };
  const given = Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return `${world.origin}/oidc/auth?${new URLSearchParams(given)}`;
}

/** Logs in with a code from the mail and gives the authorization code. */
export async function authorize(
  world: LoginPlace,
  of: { email: string; challenge: string; browser?: Browser } & Record<string, unknown>,
): Promise<string> {
  const { email, challenge, browser = new Browser(), ...rest } = of;
  const start = await browser.open(authorizationUrl(world, { challenge, ...(rest as Record<string, string>) }));
  const sent = await browser.submit(start, { email });
  const code = world.mails.findLast((mail) => mail.email === email)?.code ?? "";
  const end = await browser.submit(sent, { code });
  const given = new URL(end.url).searchParams.get("code");
  if (given === null) throw new Error(`no code: ${end.url} ${end.status} ${end.text.slice(0, 500)}`);
  return given;
}

export interface TokenAnswer {
  status: number;
  access_token: string;
  refresh_token: string;
  id_token: string;
  scope?: string;
  error?: string;
}

export async function askForTokens(world: LoginPlace, parameters: Record<string, string>): Promise<TokenAnswer> {
  const response = await fetch(`${world.origin}/oidc/token`, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ client_id: "partake-cli", ...parameters }).toString(),
  });
  return { status: response.status, ...((await response.json()) as Omit<TokenAnswer, "status">) };
}

/** A whole log-in of a native client. */
export async function logIn(world: LoginPlace, email: string, more: Record<string, string> = {}): Promise<TokenAnswer> {
  const { verifier, challenge } = pkce();
  const code = await authorize(world, { email, challenge, ...more });
  return askForTokens(world, {
    grant_type: "authorization_code",
    code,
    redirect_uri: redirectUri,
    code_verifier: verifier,
  });
}

export function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8")) as Record<string, unknown>;
}

/** An organisation in which somebody holds a role. */
export async function organisationOf(
  { store, newId }: Pick<LoginWorld, "store" | "newId">,
  of: { userId: string; role?: string },
): Promise<string> {
  const [id, grantId] = [newId("org"), newId("grn")];
  const { organisations } = await import("../src/store/organisations.ts");
  await store.write({ actorId: "test", traceparent: undefined }, async (tx) => {
    await tx.insert(organisations, {
      _id: id,
      organisationId: id,
      name: "Riverside",
      preset: "charity",
      timeZone: "Europe/London",
      language: "en",
      state: "active",
      switches: {
        managersGiveRoles: true,
        creatorsCreateProjects: true,
        contactCreators: ["admin"],
        redactedAccess: false,
        visitorsSeeProjects: false,
      },
      createdAt: tx.now,
    });
    await addGrant(tx, {
      id: grantId,
      organisationId: id,
      userId: of.userId,
      role: of.role ?? "admin",
      scope: id,
      origin: "given",
      grantedBy: "test",
    });
    return id;
  });
  return id;
}

export function refreshAt(place: LoginPlace, token: string, resource?: string) {
  const named = resource === undefined ? {} : { resource };
  return askForTokens(place, { grant_type: "refresh_token", refresh_token: token, ...named });
}
