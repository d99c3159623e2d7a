import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { TestPlatformFacts } from "@partake/testing";
import { type Mailbox, startMailbox } from "../mailbox/mailbox.ts";
import type { ServiceName } from "../platform/plan.ts";
import { type Platform, startPlatform } from "../platform/platform.ts";
import type { Reporter } from "../terminal/reporter.ts";

export interface TestDoorOptions {
  mongodbUri: string;
  kafkaBrokers: string;
  databasePrefix: string;
  kafkaPrefix: string;
  folder: string;
  reporter: Reporter;
}

interface Shared {
  platform: Platform;
  mailbox: Mailbox;
}

/**
 * Test files run in processes of their own but share one platform. The process that all of them descend from starts it at
 * the first request and ends or restarts single services on request.
 */
export async function startTestDoor(options: TestDoorOptions): Promise<{ url: string; stop(): Promise<void> }> {
  let shared: Promise<Shared> | undefined;
  const open = () => {
    shared ??= startShared(options);
    return shared;
  };
  const server = createServer((request, response) => {
    answer(request, open).then(
      (body) => send(response, 200, body),
      (error: Error) => send(response, 500, { message: error.message }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.closeAllConnections();
      server.close();
      // A platform that could not start has ended what it had begun.
      const running = await shared?.catch(() => undefined);
      await running?.platform.stop();
      await running?.mailbox.stop();
    },
  };
}

async function startShared(options: TestDoorOptions): Promise<Shared> {
  if (process.env["PARTAKE_TEST_PLATFORM"] === "off")
    throw new Error("PARTAKE_TEST_PLATFORM=off: no platform is started.");
  const mailbox = await startMailbox({ httpPort: 0, smtpPort: 0 });
  const replicas = Number(process.env["PARTAKE_TEST_REPLICAS"] ?? "2");
  try {
    const platform = await startPlatform({
      infrastructure: options,
      folder: join(options.folder, "platform"),
      smtpUrl: mailbox.smtpUrl,
      reporter: options.reporter,
      databasePrefix: options.databasePrefix,
      kafkaPrefix: options.kafkaPrefix,
      replicas,
    });
    return { platform, mailbox };
  } catch (error) {
    await mailbox.stop();
    throw error;
  }
}

/** `POST /platform`, `POST /processes/{name}/{replica}/kill?signal=` and `…/restart`. */
async function answer(request: IncomingMessage, open: () => Promise<Shared>): Promise<unknown> {
  const url = new URL(request.url ?? "/", "http://localhost");
  const shared = await open();
  if (url.pathname === "/platform") return factsOf(shared);
  const [, name, replica, action] = /^\/processes\/(\w+)\/(\d)\/(kill|restart)$/.exec(url.pathname) ?? [];
  const target = shared.platform.process(name as ServiceName, Number(replica));
  if (action === "kill") await target.kill((url.searchParams.get("signal") ?? "SIGKILL") as NodeJS.Signals);
  if (action === "restart") await target.restart();
  return factsOf(shared);
}

function factsOf({ platform, mailbox }: Shared): TestPlatformFacts {
  const processes = platform.processes.map((one) => ({
    name: one.name,
    replica: one.replica,
    pid: one.pid,
    rpcAddress: one.rpcAddress,
    adminUrl: one.adminUrl,
    logFile: one.logFile,
    ready: one.isReady(),
  }));
  return { origin: platform.origin, origins: platform.origins, mailboxUrl: mailbox.url, processes };
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
