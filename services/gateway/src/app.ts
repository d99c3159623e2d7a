import type { IncomingMessage, ServerResponse } from "node:http";
import { type Failure, failure } from "@partake/failure";
import express, { type Express } from "express";
import type { Logger } from "pino";
import { prefersPage } from "./accept.ts";
import type { ClientAddressOf } from "./client-address.ts";
import { type Answer, type Exchange, failureOf, openExchange, send } from "./exchange.ts";
import type { RequestFigures } from "./figures.ts";
import { addressKey, type Limiter } from "./limits.ts";
import { problemAnswer } from "./problems.ts";
import type { ProviderProxy } from "./provider-proxy.ts";
import type { Found, Routes } from "./routes.ts";
import type { SecurityHeaders } from "./security-headers.ts";
import type { Target } from "./targets.ts";

export interface AppParts {
  origin: string;
  log: Logger;
  figures: RequestFigures;
  clientAddressOf: ClientAddressOf;
  security: SecurityHeaders;
  routes: Routes<Target>;
  providerProxy: ProviderProxy;
  addressLimiter: Limiter;
  logInLimiter: Limiter;
  /** Requests under way at once. */
  inFlight: number;
  refusalPage(context: { thrown: unknown; requestId: string }): Answer;
}

/** After an answer, how long the rest of a refused body may still come in before the connection is cut. */
const lingerMs = 5_000;

/** The gateway as an Express app: one middleware, which routes by a radix tree over the contract. */
export function createApp(parts: AppParts): Express {
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  app.use(createMiddleware(parts));
  return app;
}

function createMiddleware(parts: AppParts): (request: IncomingMessage, response: ServerResponse) => void {
  let underWay = 0;
  return (request, response) => {
    underWay += 1;
    const exchange = openExchange({ request, response, clientAddress: parts.clientAddressOf(request) });
    let counted = true;
    const release = () => {
      if (counted) underWay -= 1;
      counted = false;
    };
    const isOverloaded = underWay > parts.inFlight;
    void serve(parts, { exchange, isOverloaded, release }).finally(release);
  };
}

interface Serving {
  exchange: Exchange;
  isOverloaded: boolean;
  /** Called early by what stays open long, and has a bound of its own. */
  release(): void;
}

async function serve(parts: AppParts, serving: Serving): Promise<void> {
  const { exchange } = serving;
  let failed: Failure | undefined;
  try {
    requireHost(exchange.request);
    if (serving.isOverloaded) throw failure("unavailable", "overloaded", { retryAfterMs: 1_000 });
    await dispatch(parts, serving);
  } catch (thrown) {
    failed = failureOf(exchange, thrown);
    refuse(parts, exchange, { failed, target: findTarget(parts, exchange) });
  } finally {
    lingerBriefly(exchange);
    finish(parts, exchange, failed);
  }
}

/** Nothing here depends on the host that a client names; but it has to name one. (RFC 9112, section 3.2) */
function requireHost({ headers, httpVersion }: IncomingMessage): void {
  if (headers.host === undefined && httpVersion !== "1.0") throw failure("invalid", "host_required");
}

/** Finds who serves a request, and has it served. */
async function dispatch(parts: AppParts, { exchange, release }: Serving): Promise<void> {
  const { path, method } = exchange;
  const address = addressKey(exchange.clientAddress);
  parts.addressLimiter.count(exchange, address, true);
  if (parts.providerProxy.owns(path)) {
    exchange.label = "provider";
    if (provesWho(method, path)) parts.logInLimiter.count(exchange, address, true);
    return parts.providerProxy.forward(exchange);
  }
  const found = parts.routes.find(method, path);
  if (!found) return noRoute(parts, exchange);
  const { target } = found;
  exchange.label = target.label;
  if (target.isLogIn) parts.logInLimiter.count(exchange, address, true);
  if (target.staysOpen) release();
  const answer = await target.handle(exchange, found.params);
  if (answer) send(exchange, answer, parts.security);
}

function findTarget({ routes }: AppParts, { method, path }: Exchange): Target | undefined {
  return (routes.find(method, path) as Found<Target> | undefined)?.target;
}

function noRoute({ routes, security }: AppParts, exchange: Exchange): void {
  const allowed = routes.allowed(exchange.path);
  if (allowed.length === 0) throw failure("not_found", "not_found");
  exchange.headers.push("allow", [...allowed, "OPTIONS"].join(", "));
  if (exchange.method !== "OPTIONS") throw failure("method_not_allowed", "method_not_allowed");
  send(exchange, { status: 204, headers: ["cache-control", "no-store"] }, security);
}

/** The steps of a log-in, which somebody might try again and again. */
function provesWho(method: string, path: string): boolean {
  return path.startsWith("/login/") ? method === "POST" : path === "/oidc/auth";
}

function refuse(parts: AppParts, exchange: Exchange, of: { failed: Failure; target: Target | undefined }): void {
  const { request, response, requestId } = exchange;
  const { failed, target } = of;
  exchange.reason = failed.reason;
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const asPage = (target ? target.isPage === true : !isData(exchange.path)) && prefersPage(request.headers.accept);
  const answer = asPage
    ? parts.refusalPage({ thrown: failed, requestId })
    : problemAnswer(failed, { requestId, origin: parts.origin });
  send(exchange, answer, parts.security);
}

/** An address that a program calls; whatever else nobody serves, a person may have typed or followed. */
function isData(path: string): boolean {
  return path.startsWith("/v1/");
}

/** A client that goes on sending what was refused is given the time to read why, and no more. */
function lingerBriefly({ request, response }: Exchange): void {
  if (request.complete || request.destroyed) return;
  const cut = setTimeout(() => request.destroy(), lingerMs).unref();
  request.once("close", () => clearTimeout(cut));
  request.once("end", () => clearTimeout(cut));
  if (response.writableEnded) request.resume();
}

/** One line and one figure for each request: the route, never the path; how it ended, never what it said. */
function finish({ log, figures }: AppParts, exchange: Exchange, failed: Failure | undefined): void {
  const { method, label, requestId, traced, response, reason } = exchange;
  const ms = performance.now() - exchange.startedMs;
  const status = failed?.code === "cancelled" ? 499 : response.statusCode;
  figures.observe({ label, status, ms });
  traced.end(label, status);
  const line = {
    operation: label,
    method,
    status,
    ms: Math.round(ms * 10) / 10,
    requestId,
    trace: traced.traceparent.slice(3, 35),
    ...(reason === undefined ? {} : { reason }),
  };
  if (failed?.code === "internal") log.error({ ...line, cause: failed.cause }, "request");
  else log.info(line, "request");
}
