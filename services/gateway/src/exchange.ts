import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { asFailure, type Failure, failure } from "@partake/failure";
import type { HeaderList, SecurityHeaders } from "./security-headers.ts";
import { startTrace, type Traced } from "./tracing.ts";

/** One request and its answer, from the first line to the log line. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
  readonly traced: Traced;
  readonly startedMs: number;
  readonly method: string;
  /** The target as it came, in two: what is before the first "?", and what is after it. */
  readonly path: string;
  readonly query: string;
  readonly clientAddress: string;
  /** Of the route that was found, for log and metrics: never the path itself, which holds ids and whatever people type. */
  label: string;
  /** Why it was refused, for the log. */
  reason: string | undefined;
  /** Headers that any answer is to carry: cookies, rate limits. */
  readonly headers: string[];
  /** Aborted when the client goes away. Made at first use: most reads are over before anybody asks. */
  readonly signal: AbortSignal;
}

export function openExchange(options: {
  request: IncomingMessage;
  response: ServerResponse;
  clientAddress: string;
}): Exchange {
  const { request, response, clientAddress } = options;
  const target = request.url ?? "/";
  const mark = target.indexOf("?");
  let controller: AbortController | undefined;
  return {
    request,
    response,
    clientAddress,
    requestId: randomUUID(),
    traced: startTrace(request.headers["traceparent"]),
    startedMs: performance.now(),
    method: request.method ?? "GET",
    path: mark === -1 ? target : target.slice(0, mark),
    query: mark === -1 ? "" : target.slice(mark + 1),
    label: "none",
    reason: undefined,
    headers: [],
    get signal() {
      controller ??= abortWithClient(response);
      return controller.signal;
    },
  };
}

export interface Answer {
  status: number;
  headers: HeaderList;
  body?: string | Buffer | undefined;
  /** What a browser may do with it; absent: nothing. */
  kind?: keyof SecurityHeaders;
}

/** Serves a request by itself, or gives the answer that is to be sent. */
export type Handler = (exchange: Exchange, params: Params) => Promise<Answer | undefined> | Answer;
export type Params = Readonly<Record<string, string | undefined>>;

/** Sends an answer whole. `HEAD` gets everything but the body; Node leaves that out by itself. */
export function send(exchange: Exchange, answer: Answer, security: SecurityHeaders): void {
  const { response } = exchange;
  const { body, kind = "data" } = answer;
  const headers = [...security[kind], ...answer.headers, ...exchange.headers, "partake-request-id", exchange.requestId];
  if (body !== undefined) headers.push("content-length", String(Buffer.byteLength(body)));
  response.writeHead(answer.status, headers);
  response.end(body);
}

function abortWithClient(response: ServerResponse): AbortController {
  const controller = new AbortController();
  if (response.destroyed) controller.abort();
  response.once("close", () => {
    if (!response.writableFinished) controller.abort();
  });
  return controller;
}

const brokenOff = new Set(["AbortError", "ERR_STREAM_PREMATURE_CLOSE", "ECONNRESET", "EPIPE"]);

/** What a handler threw; that a client broke its request off is no defect of ours. */
export function failureOf(exchange: Exchange, thrown: unknown): Failure {
  const failed = asFailure(thrown);
  const { code, name } = (failed.cause ?? {}) as { code?: unknown; name?: unknown };
  const isBrokenOff = brokenOff.has(String(code)) || brokenOff.has(String(name));
  const isGone = exchange.response.destroyed || exchange.request.socket.destroyed;
  return failed.code === "internal" && isBrokenOff && isGone
    ? failure("cancelled", "client_gone", { cause: failed.cause })
    : failed;
}
