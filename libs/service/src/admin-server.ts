import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Registry } from "@prometheus-io/client";

/** One thing that must be well, for /livez or /readyz. */
export interface Check {
  name: string;
  ok: boolean;
  [detail: string]: unknown;
}

export interface AdminOptions {
  port: number;
  live(): readonly Check[];
  ready(): Promise<readonly Check[]> | readonly Check[];
  registry: Registry;
}

export interface AdminServer {
  port: number;
  close(): Promise<void>;
}

/** Health and figures on a port of their own, which the network keeps from the public. */
export async function openAdminServer(options: AdminOptions): Promise<AdminServer> {
  const server = createServer((request, response) => {
    void answer(options, request.url ?? "/", response).catch(() => {
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  server.requestTimeout = 5_000;
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, () => resolve());
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(options: AdminOptions, url: string, response: ServerResponse): Promise<void> {
  switch (url.split("?")[0]) {
    case "/livez":
      return answerChecks(response, options.live());
    case "/readyz":
      return answerChecks(response, await options.ready());
    case "/metrics": {
      const text = await options.registry.metrics();
      response.writeHead(200, { "content-type": options.registry.contentType }).end(text);
      return;
    }
    default:
      response.writeHead(404).end();
  }
}

function answerChecks(response: ServerResponse, checks: readonly Check[]): void {
  const ok = checks.every((check) => check.ok);
  response.writeHead(ok ? 200 : 503, { "content-type": "application/json" }).end(`${JSON.stringify({ ok, checks })}\n`);
}
