import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Finding } from "../../local/doctor.ts";
import { kafkaEntry } from "../../local/infrastructure/downloads.ts";
import { freePorts } from "../../local/processes/ports.ts";

const script = join(import.meta.dirname, "..", "..", "local", "doctor.ts");

function run(args: readonly string[], environment: NodeJS.ProcessEnv) {
  return new Promise<{ code: number; output: string }>((resolve) => {
    execFile(process.execPath, [script, ...args], { env: environment }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === "number" ? error.code : 0, output: stdout + stderr });
    });
  });
}

test("doctor --json lists findings, and its exit code is their verdict", async () => {
  const { code, output } = await run(["--json"], process.env);
  const report = JSON.parse(output) as { healthy: boolean; findings: Finding[] };
  expect(code).toBe(report.healthy ? 0 : 1);
  const names = report.findings.map((finding) => finding.name);
  expect(names).toEqual(expect.arrayContaining(["Node", "npm", "Docker engine", "Maven", "pip", "Disk"]));
  for (const finding of report.findings) {
    expect(finding.state).toMatch(/^(ok|optional|missing)$/);
    if (finding.state === "missing") expect(finding.remedy).toBeTruthy();
  }
});

test("a machine with nothing is told what to get", async () => {
  const empty = await mkdtemp(join(tmpdir(), "partake-empty-"));
  const { code, output } = await run([], { PATH: empty, HOME: empty, DOCKER_HOST: "tcp://127.0.0.1:1" });
  await rm(empty, { recursive: true, force: true });
  expect(code).toBe(1);
  expect(output).toMatch(/✗ Maven .*not found\n.*Install Maven/);
  expect(output).toMatch(/✗ pip .*not found\n.*Install Python/);
  expect(output).toMatch(/✗ Docker engine/);
  expect(output).not.toMatch(/^\s+at /m);
});

test("ports that others hold, and a download that was broken off, are told", async () => {
  const cache = await mkdtemp(join(tmpdir(), "partake-cache-"));
  await mkdir(join(cache, "partake", `${kafkaEntry.name}.partial`), { recursive: true });
  const [smtp = 0, first = 0] = await freePorts(2);
  // Of a service the port of its health and figures, a hundred above.
  const taken = [smtp, first + 100].map((port) => createServer().listen(port, "127.0.0.1"));
  // Where somebody else has it already it is taken as well.
  await Promise.all(
    taken.map((server) => new Promise((resolve) => server.on("listening", resolve).on("error", resolve))),
  );
  const ports = { PARTAKE_SMTP_PORT: String(smtp), PARTAKE_SERVICES_PORT: String(first) };
  const { code, output } = await run([], {
    PATH: process.env["PATH"],
    XDG_CACHE_HOME: cache,
    PARTAKE_DATA: cache,
    ...ports,
  });
  for (const server of taken) server.close();
  await rm(cache, { recursive: true, force: true });
  expect(code).toBe(1);
  expect(output).toMatch(new RegExp(`✗ Port ${smtp} +taken, wanted by the local mail server\\n.*PARTAKE_SMTP_PORT`));
  expect(output).toMatch(new RegExp(`✗ Ports from ${first} .*${first + 100}.* taken, .*\\n.*PARTAKE_SERVICES_PORT`));
  expect(output).toMatch(/– Cached Kafka +only in part in/);
  expect(output).not.toMatch(/^\s+at /m);
});
