import type { IncomingHttpHeaders } from "node:http";
import { pipeline } from "node:stream/promises";
import { failure } from "@partake/failure";
import { errors, Pool } from "undici";
import type { Exchange } from "./exchange.ts";
import { readBytes } from "./json-body.ts";
import type { HeaderList } from "./security-headers.ts";
import { type CookieNames, withoutOwnCookies } from "./sessions/cookies.ts";

export interface ProviderProxyOptions {
  /** Under which the provider is published. */
  origin: string;
  /** Where it is within the platform. */
  identityHttpUrl: string;
  cookies: CookieNames;
  /** For answers that say nothing of their own about it. */
  security: HeaderList;
}

/** Publishes the OpenID Provider under the gateway's origin. */
export interface ProviderProxy {
  /** Whether a path is the provider's. */
  owns(path: string): boolean;
  forward(exchange: Exchange): Promise<void>;
  close(): Promise<void>;
}

const providerPaths = /^\/(?:oidc|login)(?:\/[A-Za-z0-9._~-]+)+\/?$/;
const dots = /\/\.{1,2}(?:\/|$)/;
const configurationPath = "/.well-known/openid-configuration";
const methods = new Set(["GET", "HEAD", "POST"]);
const maxBodyBytes = 64 * 1024;
const timeoutMs = 10_000;
/** Of one connection alone. (RFC 9110, section 7.6.1) */
const hopByHop = new Set(
  "connection keep-alive proxy-authenticate proxy-authorization te trailer transfer-encoding upgrade expect host content-length".split(
    " ",
  ),
);
/** What a client says about where it comes from is worth nothing; we say it. */
const claimed = /^(x-|partake-|forwarded$|via$|true-client-ip$|cf-)/;

export function createProviderProxy(options: ProviderProxyOptions): ProviderProxy {
  const { origin, identityHttpUrl, cookies, security } = options;
  const pool = new Pool(identityHttpUrl, {
    connections: 32,
    pipelining: 1,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    connectTimeout: 2_000,
  });
  const { host, protocol } = new URL(origin);
  const place = { "x-forwarded-host": host, "x-forwarded-proto": protocol.slice(0, -1) };
  return {
    owns: (path) => (providerPaths.test(path) && !dots.test(path)) || path === configurationPath,
    async forward(exchange) {
      const { request, response, clientAddress, method } = exchange;
      if (!methods.has(method)) throw failure("method_not_allowed", "method_not_allowed");
      const body = method === "POST" ? await readBytes(request, { maxBytes: maxBodyBytes, timeoutMs }) : null;
      const headers = { ...forwardedHeaders(request.headers, cookies), ...place, "x-forwarded-for": clientAddress };
      const path = request.url ?? "/";
      try {
        const answer = await pool.request({ path, method: method as "GET", headers, body, signal: exchange.signal });
        response.writeHead(answer.statusCode, answerHeaders(answer.headers, { exchange, security }));
        await pipeline(answer.body, response);
      } catch (error) {
        if (response.headersSent) response.destroy();
        throw exchange.signal.aborted ? failure("cancelled", "client_gone", { cause: error }) : awayOr(error);
      }
    },
    close: () => pool.close(),
  };
}

function forwardedHeaders(headers: IncomingHttpHeaders, cookies: CookieNames): Record<string, string | string[]> {
  const kept: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !hopByHop.has(name) && !claimed.test(name)) kept[name] = value;
  }
  const cookie = withoutOwnCookies(headers.cookie ?? "", cookies);
  if (cookie === "") delete kept["cookie"];
  else kept["cookie"] = cookie;
  return kept;
}

function answerHeaders(headers: IncomingHttpHeaders, given: { exchange: Exchange; security: HeaderList }): string[] {
  const { exchange, security } = given;
  const list: string[] = [];
  for (const [name, value] of Object.entries(headers)) {
    if (
      value === undefined ||
      (hopByHop.has(name) && name !== "content-length") ||
      name === "server" ||
      name.startsWith("x-powered")
    )
      continue;
    for (const one of [value].flat()) list.push(name, one);
  }
  for (let index = 0; index < security.length; index += 2) {
    const name = security[index] ?? "";
    if (headers[name] === undefined) list.push(name, security[index + 1] ?? "");
  }
  return [...list, ...exchange.headers, "partake-request-id", exchange.requestId];
}

/** Nobody there, or not in time: "not now". */
function awayOr(error: unknown): unknown {
  const code = (error as { code?: unknown }).code;
  const isAway =
    error instanceof errors.UndiciError ||
    ["ECONNREFUSED", "ECONNRESET", "ENOTFOUND", "EPIPE", "EAI_AGAIN"].includes(String(code));
  return isAway ? failure("unavailable", "log_in_unavailable", { cause: error }) : error;
}
