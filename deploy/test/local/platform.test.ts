import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { type Platform, startPlatform } from "../../local/platform/platform.ts";
import { isAlive } from "../../local/processes/process-identity.ts";
import { type Reporter, silentReporter } from "../../local/terminal/reporter.ts";

const program = () => join(import.meta.dirname, "fixtures", "service.ts");
const infrastructure = { mongodbUri: inject("mongodbUri"), kafkaBrokers: inject("kafkaBrokers") };
const options = {
  infrastructure,
  program,
  smtpUrl: "smtp://127.0.0.1:2525",
  databasePrefix: `${inject("databasePrefix")}_launcher`,
  kafkaPrefix: inject("kafkaPrefix"),
};

let folder: string;
const lines: string[] = [];
const reporter: Reporter = { line: (text) => lines.push(text), progress: () => {} };
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "partake-platform-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("a platform with two of each service", () => {
  let platform: Platform;
  beforeAll(async () => {
    platform = await startPlatform({ ...options, folder, reporter, replicas: 2 });
  });
  afterAll(() => platform.stop());

  async function environmentOf(name: "gateway" | "billing", replica: number): Promise<Record<string, string>> {
    const response = await fetch(`${platform.process(name, replica).adminUrl}/environment`);
    return (await response.json()) as Record<string, string>;
  }

  test("is ready, with a line each", () => {
    expect(platform.processes.length).toBe(14);
    expect(platform.processes.every((one) => one.isReady())).toBe(true);
    expect(lines.filter((line) => / ready +\d+\.\d s +(rpc|http) .*metrics http/.test(line)).length).toBe(14);
    expect(platform.origins.length).toBe(2);
  });

  test("tells every process where the others are", async () => {
    const gateway = await environmentOf("gateway", 1);
    const addresses = [0, 1].map((replica) => platform.process("billing", replica).rpcAddress);
    expect(gateway["BILLING_ADDRESS"]).toBe(`ipv4:${addresses.join(",")}`);
    expect(gateway["IDENTITY_HTTP_URL"]).toBe(
      platform.process("identity", 1).httpUrl?.replace("localhost", "127.0.0.1"),
    );
    expect(gateway).toMatchObject({ PARTAKE_ORIGIN: platform.origin, MONGODB_URI: infrastructure.mongodbUri });
    const [first, second] = [await environmentOf("billing", 0), await environmentOf("billing", 1)];
    expect(first["SERVICE_KEY_FILE"]).toBe(second["SERVICE_KEY_FILE"]);
    expect(first["SERVICE_KEY_FILE"]).not.toBe(gateway["SERVICE_KEY_FILE"]);
    expect(first["HTTP_PORT"]).toBeUndefined();
  });

  test("starts a killed process again", async () => {
    const billing = platform.process("billing", 1);
    const before = billing.pid;
    await billing.kill("SIGKILL");
    expect(billing.isReady()).toBe(false);
    await billing.whenReady({ timeoutMs: 15_000 });
    expect(billing.pid).not.toBe(before);
    expect(lines.some((line) => /^billing-1 .*ended \(SIGKILL\), starts again/.test(line))).toBe(true);
  });

  test("restarts a process in order", async () => {
    const projects = platform.process("projects");
    const before = projects.pid;
    await projects.restart();
    expect(projects.isReady()).toBe(true);
    expect(projects.pid).not.toBe(before);
  });

  test("ends completely", async () => {
    const pids = platform.processes.map((one) => one.pid ?? 0);
    expect(pids.every(isAlive)).toBe(true);
    await platform.stop();
    expect(pids.some(isAlive)).toBe(false);
  });
});

test("a warm start migrates nothing and keeps the keys", async () => {
  const said: string[] = [];
  const quiet: Reporter = { line: (text) => said.push(text), progress: () => {} };
  const platform = await startPlatform({ ...options, folder, reporter: quiet, services: ["billing"] });
  await platform.stop();
  expect(said.filter((line) => line.startsWith("migrated"))).toEqual([]);
});

test("a service that cannot start is named with the end of its log, and the others are ended", async () => {
  const environment = { FIXTURE_CRASH: "1" };
  const starting = startPlatform({ ...options, folder, reporter: silentReporter, services: ["billing"], environment });
  await expect(starting).rejects.toThrow(/billing ended again and again.*\n.*the fixture cannot start/);
}, 60_000);
