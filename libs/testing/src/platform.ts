import type { ServiceName } from "@partake/contract";

/** What a test may know of the platform that runs for it. */
export interface TestPlatformFacts {
  origin: string;
  /** One for each gateway. */
  origins: readonly string[];
  mailboxUrl: string;
  processes: readonly {
    name: ServiceName;
    replica: number;
    pid: number | undefined;
    rpcAddress: string;
    adminUrl: string;
    logFile: string;
    ready: boolean;
  }[];
}

const startTimeoutMs = 180_000;

/** The platform that all test files of a run share; the first caller waits for its start. */
export async function testPlatform(): Promise<TestPlatformFacts> {
  return ask("/platform");
}

/** Ends one process as a crash would; it comes back by itself. */
export async function killService(target: { name: ServiceName; replica?: number; signal?: NodeJS.Signals }) {
  return ask(`/processes/${target.name}/${target.replica ?? 0}/kill?signal=${target.signal ?? "SIGKILL"}`);
}

/** Ends one process in order and starts it again; resolves when it is ready. */
export async function restartService(target: { name: ServiceName; replica?: number }) {
  return ask(`/processes/${target.name}/${target.replica ?? 0}/restart`);
}

async function ask(path: string): Promise<TestPlatformFacts> {
  const door = process.env["PARTAKE_TEST_DOOR"];
  if (door === undefined) {
    throw new Error(
      "No test run is under way: vitest's global setup sets PARTAKE_TEST_DOOR. Run tests from the checkout's root.",
    );
  }
  const response = await fetch(`${door}${path}`, { method: "POST", signal: AbortSignal.timeout(startTimeoutMs) });
  const body: unknown = await response.json();
  if (!response.ok) throw new Error((body as { message: string }).message);
  return body as TestPlatformFacts;
}
