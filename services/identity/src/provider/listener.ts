import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { asFailure, codes, failure } from "@partake/failure";
import type { Running } from "@partake/service";
import type { Log } from "@partake/store";
import type Provider from "oidc-provider";
import { clientNetwork } from "../domain/network-address.ts";
import type { EmailUndo } from "./email-undo.ts";
import { redirect, sendFailure } from "./http.ts";
import { interact } from "./interactions.ts";
import type { InteractionsParts } from "./step.ts";

export interface ListenerParts extends InteractionsParts {
  origin: string;
  port: number;
  emailUndo: EmailUndo;
  log: Log;
  /** The provider that signs with the present keys. */
  current(): ServingProvider;
}

export interface ServingProvider {
  provider: Provider;
  /** Its own endpoints. */
  answer(request: IncomingMessage, response: ServerResponse): unknown;
}

const requestTimeoutMs = 30_000;
const loginPath = /^\/login\/([A-Za-z0-9_-]{1,64})(?:\/([a-z]{1,20}))?$/;

/** Answers HTTP: the provider's endpoints, and the pages of logging in. Only the gateway reaches it. */
export async function listen(parts: ListenerParts): Promise<Running & { port: number }> {
  const server = createServer({ requestTimeout: requestTimeoutMs, maxHeaderSize: 32 * 1024 }, (request, response) => {
    logWhenDone(parts.log, request, response);
    answer(parts, request, response).catch((error: unknown) => refuse(parts, response, error));
  });
  // Longer than the gateway keeps its connections: it closes them first, never in the middle of a request.
  server.keepAliveTimeout = 65_000;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen(parts.port, () => resolve());
  await promise;
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : parts.port,
    // The gateway's connections would otherwise end in the middle of what it sends.
    leave: () => void server.prependListener("request", (_, response) => response.setHeader("connection", "close")),
    stop: () => close(server),
  };
}

async function answer(parts: ListenerParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const ip = clientNetwork(clientAddress(request));
  presentOrigin(request, parts.origin);
  const { provider, answer: answerItself } = parts.current();
  const url = new URL(request.url ?? "/", parts.origin);
  if (!url.pathname.startsWith("/login/")) return void (await answerItself(request, response));
  if (url.pathname === "/login/callback" && request.method === "GET") {
    const { uid } = await parts.outside.arrive({ query: url.searchParams, cookies: readCookies(request) });
    return redirect(response, `/login/${uid}/arrived`);
  }
  if (url.pathname === "/login/undo-email") return parts.emailUndo.answer(request, response, url.searchParams);
  const [, uid, step = ""] = loginPath.exec(url.pathname) ?? [];
  if (uid === undefined) throw failure("not_found", "not_found");
  await interact(parts, { provider, request, response, ip }, { uid, step });
}

/** One line for each request: its route, never the ids and hints that stand in its address. */
function logWhenDone(log: Log, request: IncomingMessage, response: ServerResponse): void {
  const startedMs = performance.now();
  const { method } = request;
  const path = (request.url ?? "").split("?")[0] ?? "";
  const route = path.replace(/^\/(login|oidc\/auth)\/(?!callback$|undo-email$)[^/]+/, "/$1/:uid").slice(0, 80);
  response.once("close", () => {
    const ms = Math.round((performance.now() - startedMs) * 10) / 10;
    log.info(
      { method, route: /^[a-z/:.-]*$/.test(route) ? route : "other", status: response.statusCode, ms },
      "request",
    );
  });
}

function refuse({ log }: ListenerParts, response: ServerResponse, error: unknown): void {
  const refusal = isDatabaseAway(error) ? failure("unavailable", "database_away", { cause: error }) : asFailure(error);
  if (refusal.code === "internal") log.error({ err: error }, "a log-in page failed");
  else if (refusal.code === "unavailable")
    log.warn({ err: error, reason: refusal.reason }, "a log-in page is not to be had");
  if (response.headersSent) response.destroy();
  else sendFailure(response, { failure: refusal, status: codes[refusal.code].http });
}

function isDatabaseAway(error: unknown): boolean {
  const isTemporary = error instanceof Error && "statusCode" in error && error.statusCode === 503;
  return (
    isTemporary ||
    (error instanceof Error && /^Mongo(ServerSelection|Network|NotConnected|PoolCleared)/.test(error.name))
  );
}

/**
 * Whatever a client or a proxy says, the provider speaks as its one public origin: a forged header changes no address, and no
 * cookie loses its `Secure`.
 */
function presentOrigin(request: IncomingMessage, origin: string): void {
  const { protocol, host } = new URL(origin);
  request.headers["x-forwarded-proto"] = protocol.slice(0, -1);
  request.headers["x-forwarded-host"] = host;
  request.headers.host = host;
}

/** The address that the gateway saw: it appends to the header, so what a client wrote there before is never the last. */
function clientAddress(request: IncomingMessage): string {
  const forwarded = String(request.headers["x-forwarded-for"] ?? "");
  const last = forwarded.slice(forwarded.lastIndexOf(",") + 1).trim();
  return last === "" ? (request.socket.remoteAddress ?? "") : last.slice(0, 64);
}

function readCookies(request: IncomingMessage): ReadonlyMap<string, string> {
  const pairs = (request.headers.cookie ?? "").split(";").map((pair) => pair.trim().split("="));
  return new Map(pairs.map(([name = "", ...value]) => [name, value.join("=")]));
}

async function close(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  server.closeIdleConnections();
  const late = setTimeout(() => server.closeAllConnections(), 10_000);
  await promise;
  clearTimeout(late);
}
