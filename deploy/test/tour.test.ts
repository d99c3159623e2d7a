import { execFile } from "node:child_process";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { narrator, Surprise } from "../tour/narrator.ts";

const script = join(import.meta.dirname, "..", "tour", "tour.ts");

/** Visits whatever answers, as `npm run tour` does. */
async function visit(answer: RequestListener): Promise<{ code: number; said: string; failed: string }> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const env = { PATH: process.env["PATH"], PARTAKE_ORIGIN: origin, PARTAKE_MAILBOX: origin };
  try {
    return await new Promise((resolve) => {
      execFile(process.execPath, [script], { env }, (error, said, failed) =>
        resolve({ code: typeof error?.code === "number" ? error.code : 0, said, failed }),
      );
    });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

describe("the tour", () => {
  test("ends at the first surprise, with a status that says so and no stack", async () => {
    let asked = 0;
    const { code, said, failed } = await visit((_, response) => {
      asked += 1;
      // The platform is there; then nothing of it works.
      response.writeHead(asked === 1 ? 200 : 500, { "content-type": "application/json" }).end("{}");
    });
    expect(code).toBe(1);
    expect(said).toContain("\n1. ");
    expect(said).not.toContain("2. ");
    expect(failed).toMatch(/^\n✗ \S/);
    expect(failed).not.toMatch(/^\s+at /m);
  });

  test("shows each request with its status and time, and of ids what a reader can follow", async () => {
    const lines: string[] = [];
    const { fetch: visited } = narrator((line) => lines.push(line));
    const server = createServer((_, response) => response.writeHead(201).end());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    await visited(`http://127.0.0.1:${port}/v1/projects/prj_01890000-0000-7000-8000-000000000001/boards?a=b`, {
      method: "POST",
    });
    server.close();
    expect(lines).toEqual([expect.stringMatching(/^ {5}POST +\/v1\/projects\/prj_01890000…\/boards +201 {2}\d+ ms$/)]);
  });

  test("an expectation that does not hold is a surprise", () => {
    const lines: string[] = [];
    const { expect: must } = narrator((line) => lines.push(line));
    must(true, "one credit is held");
    expect(() => must(false, "the balance is right")).toThrow(Surprise);
    expect(lines).toEqual(["   ✓ one credit is held"]);
  });
});
