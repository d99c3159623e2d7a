import { randomUUID } from "node:crypto";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { failure } from "@partake/failure";
import { problemAnswer } from "./problems.ts";

export interface HttpServer {
  readonly port: number;
  /** Every answer from now on ends its connection: the client's next one leads to another gateway. */
  leave(): void;
  /** Takes no more connections and lets requests end; after the bound they are cut. */
  stop(timeoutMs: number): Promise<void>;
}

const maxHeaderBytes = 16 * 1024;
const maxConnections = 20_000;
const idleEveryMs = 100;

/** Listens for HTTP/1.1, with a bound on everything that a peer can let last or grow. */
export async function listen(handler: RequestListener, options: { port: number; origin: string }): Promise<HttpServer> {
  const server = createServer(
    { maxHeaderSize: maxHeaderBytes, requireHostHeader: false, keepAlive: true, noDelay: true },
    handler,
  );
  server.headersTimeout = 10_000;
  // The longest that an upload may take; JSON bodies have a bound of their own.
  server.requestTimeout = 300_000;
  server.keepAliveTimeout = 65_000;
  server.maxConnections = maxConnections;
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Socket) =>
    refuseUnreadable({ error, socket, origin: options.origin }),
  );
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    leave: () => void server.prependListener("request", (_, response) => response.setHeader("connection", "close")),
    stop: (timeoutMs) => stop(server, timeoutMs),
  };
}

/** What the parser does not take never becomes a request; whoever sent it is still told in the form of every refusal. */
function refuseUnreadable({
  error,
  socket,
  origin,
}: {
  error: NodeJS.ErrnoException;
  socket: Socket;
  origin: string;
}): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const { status, title, reason } = refusalOf(error);
  const told = problemAnswer(failure("invalid", reason), { requestId: randomUUID(), origin });
  const body = JSON.stringify({ ...JSON.parse(String(told.body)), status, title });
  const headers = [
    "content-type: application/problem+json",
    `content-length: ${Buffer.byteLength(body)}`,
    "cache-control: no-store",
    "connection: close",
  ];
  socket.end([`HTTP/1.1 ${status} ${title}`, ...headers, "", body].join("\r\n"));
}

function refusalOf({ code }: NodeJS.ErrnoException): { status: number; title: string; reason: string } {
  switch (code) {
    case "HPE_HEADER_OVERFLOW":
      return { status: 431, title: "Request Header Fields Too Large", reason: "headers_too_large" };
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return { status: 408, title: "Request Timeout", reason: "request_too_slow" };
    default:
      return { status: 400, title: "Bad Request", reason: "malformed_http" };
  }
}

async function stop(server: Server, timeoutMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  // A connection that was busy when the server closed is idle after its answer, and its client would keep it.
  const idle = setInterval(() => server.closeIdleConnections(), idleEveryMs);
  const cut = setTimeout(() => server.closeAllConnections(), timeoutMs);
  await closed;
  clearInterval(idle);
  clearTimeout(cut);
}
