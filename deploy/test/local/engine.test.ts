import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { freePorts } from "../../local/processes/ports.ts";
import { type PlayedEngine, playEngine } from "./fixtures/docker-engine.ts";

const programs = join(import.meta.dirname, "..", "..", "local");

/** A machine without Maven and pip, so that nothing but an engine could start a server. */
let machine: string;
let data: string;
let volumes: string;
let ports: { mongodb: string; kafka: string };
let engine: PlayedEngine | undefined;
beforeEach(async () => {
  const [mongodb, kafka] = await freePorts(2);
  ports = { mongodb: `${mongodb}`, kafka: `${kafka}` };
  machine = mkdtempSync(join(tmpdir(), "partake-empty-"));
  data = join(machine, "data");
  volumes = join(data, "infrastructure", "volumes");
});
afterEach(async () => {
  await engine?.stop();
  engine = undefined;
  rmSync(machine, { recursive: true });
});

function run(program: string, args: readonly string[] = []): Promise<{ code: unknown; output: string }> {
  const environment = {
    PATH: machine,
    HOME: machine,
    PARTAKE_DATA: data,
    PARTAKE_MONGODB_PORT: ports.mongodb,
    PARTAKE_KAFKA_PORT: ports.kafka,
    DOCKER_HOST: engine?.address ?? "tcp://127.0.0.1:1",
    TESTCONTAINERS_RYUK_DISABLED: "true",
  };
  return new Promise((resolve) => {
    execFile(process.execPath, [join(programs, program), ...args], { env: environment }, (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, output: stdout + stderr }),
    );
  });
}

function putVolumes(dataId: string): void {
  mkdirSync(join(data, "infrastructure"), { recursive: true });
  writeFileSync(volumes, `${dataId}\n`);
}

test.each([
  ["refused", "the registry is out of reach"],
  ["broken off", "it could not pull apache/kafka"],
] as const)("an engine whose pull is %s is told of, and programs are used", async (pull, reason) => {
  engine = await playEngine({ hasImages: false, pull });
  const { code, output } = await run("infrastructure.ts");
  expect(code).toBe(1);
  expect(output).toMatch(new RegExp(`^A Docker engine answers, but has no images: .*${reason}`, "m"));
  expect(output).toContain("no Docker engine can run it, and Python's pip is not installed.");
  expect(output).not.toMatch(/^\s+at /m);
  expect(engine.created).toEqual([]);
  expect(existsSync(volumes)).toBe(false);
});

test("containers are published for this machine alone and keep their data in volumes of the data folder", async () => {
  engine = await playEngine({ hasImages: true });
  await run("infrastructure.ts");
  const dataId = readFileSync(volumes, "utf8").trim();
  const asked = Object.fromEntries(engine.created.map((created) => [created.Image.split(":")[0], created]));
  expect(asked).toMatchObject({
    mongo: {
      Labels: { "partake.data": dataId },
      HostConfig: {
        Binds: [expect.stringContaining(`partake-${dataId}-mongodb:/data/db`)],
        PortBindings: { "27017/tcp": [{ HostIp: "127.0.0.1", HostPort: ports.mongodb }] },
      },
    },
    "apache/kafka": {
      Labels: { "partake.data": dataId },
      HostConfig: {
        Binds: [expect.stringContaining(`partake-${dataId}-kafka:/var/lib/kafka/data`)],
        PortBindings: { "9092/tcp": [{ HostIp: "127.0.0.1", HostPort: ports.kafka }] },
      },
    },
  });
});

test("containers that a killed run left on the data are removed before its ports are wanted", async () => {
  putVolumes("0badcafe");
  engine = await playEngine({
    hasImages: true,
    containers: { "partake.data=0badcafe": "left", "partake.data=0": "other" },
  });
  await run("infrastructure.ts");
  expect(engine.removed).toEqual(["/containers/left"]);
});

test("reset removes what is left of the folder's containers and their volumes, no others", async () => {
  putVolumes("0badcafe");
  engine = await playEngine({
    hasImages: true,
    containers: { "partake.data=0badcafe": "left", "partake.data=0": "other" },
  });
  const { code, output } = await run("reset.ts");
  expect(output).toContain("Removed the containers' volumes.");
  expect(code).toBe(0);
  const names = ["mongodb", "kafka"].map((server) => `/volumes/partake-0badcafe-${server}`);
  expect(engine.removed).toEqual(["/containers/left", ...names]);
  expect(existsSync(data)).toBe(false);
});

test("data in volumes needs their engine: start and doctor say so, reset names the volumes", async () => {
  putVolumes("0badcafe");
  const start = await run("infrastructure.ts");
  expect(start.output).toMatch(
    /The data of .* lies in containers' volumes, and no Docker engine answers\.\n.*Start Docker/,
  );
  expect(start.code).toBe(1);
  const doctor = await run("doctor.ts");
  expect(doctor.output).toMatch(/✗ Docker engine .*does not answer: the data lies in its volumes\n.*Start Docker/);
  const reset = await run("reset.ts");
  expect(reset.output).toContain("docker volume rm partake-0badcafe-mongodb partake-0badcafe-kafka");
  expect(reset.code).toBe(0);
});

test("data that programs made stays with programs when an engine comes", async () => {
  mkdirSync(join(data, "infrastructure", "mongodb", "data"), { recursive: true });
  engine = await playEngine({ hasImages: true });
  const { output } = await run("infrastructure.ts");
  expect(output).toContain("has to be downloaded");
  expect(engine.created).toEqual([]);
  const doctor = await run("doctor.ts");
  expect(doctor.output).toMatch(/✓ Docker engine .*answers, but the data here was made by programs/);
});

test("doctor says what an engine that answers still has to pull", async () => {
  engine = await playEngine({ hasImages: false });
  const { output } = await run("doctor.ts");
  expect(output).toMatch(/✓ Docker engine .*in containers; apache\/kafka:\S+ and mongo:\S+ will be pulled/);
  expect(output).toMatch(/– Maven .*not found/);
});
