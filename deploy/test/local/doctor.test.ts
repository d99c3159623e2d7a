import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Finding } from "../../local/doctor.ts";

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
