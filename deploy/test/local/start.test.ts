import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { planProcesses, portNeeds, serviceNames } from "../../local/platform/plan.ts";
import { freePorts, isPortFree } from "../../local/processes/ports.ts";

const script = join(import.meta.dirname, "..", "..", "local", "start.ts");
const timeout = 240_000;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "partake-start-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** The ports of the services lie one after the other: all of them have to be free. */
async function servicesPort(gatewayPort: number): Promise<number> {
  for (;;) {
    const [servicesPort = 0] = await freePorts(1);
    const ports = { kind: "fixed", gatewayPort, servicesPort } as const;
    const needs = portNeeds(await planProcesses({ services: serviceNames, replicas: 1, ports }));
    const free = await Promise.all(needs.map(({ port }) => isPortFree(port)));
    if (free.every(Boolean)) return servicesPort;
  }
}

async function start() {
  const [gateway = 0, mailbox = 0, smtp = 0] = await freePorts(3);
  const env = {
    PATH: process.env["PATH"],
    HOME: process.env["HOME"],
    MONGODB_URI: inject("mongodbUri"),
    KAFKA_BROKERS: inject("kafkaBrokers"),
    MONGODB_DATABASE_PREFIX: `${inject("databasePrefix")}_start`,
    KAFKA_PREFIX: `${inject("kafkaPrefix")}start-`,
    PARTAKE_DATA: folder,
    PARTAKE_DEMO: "off",
    PARTAKE_GATEWAY_PORT: String(gateway),
    PARTAKE_MAILBOX_PORT: String(mailbox),
    PARTAKE_SMTP_PORT: String(smtp),
    PARTAKE_SERVICES_PORT: String(await servicesPort(gateway)),
  };
  const child = spawn(process.execPath, [script], { env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  const ended = once(child, "exit").then(([code]) => code as number | null);
  const says = async (text: string) => {
    const isOver = ended.then(() => true);
    while (!output.includes(text)) {
      const over = await Promise.race([isOver, new Promise<false>((resolve) => setTimeout(resolve, 50, false))]);
      if (over) throw new Error(`It ended before it said "${text}":\n${output}`);
    }
  };
  return { child, ended, says, output: () => output, origin: `http://localhost:${gateway}`, gateway, mailbox };
}

test("npm start brings everything up, says where to go, and Ctrl-C takes it down, also before all is ready", {
  timeout,
}, async () => {
  const first = await start();
  await first.says("Ctrl-C stops everything");
  for (const name of serviceNames) expect(first.output()).toMatch(new RegExp(`^${name} +ready +\\d+\\.\\d s `, "m"));
  expect(first.output()).toContain("given by MONGODB_URI and KAFKA_BROKERS");
  expect(first.output()).toContain(`API reference    ${first.origin}/docs`);
  expect((await fetch(`${first.origin}/docs`)).status).toBe(200);
  expect((await fetch(`http://127.0.0.1:${first.mailbox}/api/messages`)).status).toBe(200);
  first.child.kill("SIGINT");
  expect(await first.ended).toBe(0);
  expect(first.output()).toContain("services stopped\n");
  expect(await isPortFree(first.gateway)).toBe(true);

  const second = await start();
  await second.says("servers");
  second.child.kill("SIGINT");
  expect(await second.ended).toBe(130);
  expect(second.output()).toContain("Stopping before all is ready");
  expect(second.output()).not.toMatch(/^\s+at /m);
  expect(await isPortFree(second.mailbox)).toBe(true);
});
