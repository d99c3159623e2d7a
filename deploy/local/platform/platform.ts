import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { defaultCacheFolder } from "../infrastructure/cache.ts";
import type { Infrastructure } from "../infrastructure/infrastructure.ts";
import { type LogFile, openLogFile } from "../processes/log-file.ts";
import { requireFreePorts } from "../processes/ports.ts";
import { openRun, type RunRecord } from "../processes/run-record.ts";
import { checkoutFolder } from "../settings.ts";
import type { Reporter } from "../terminal/reporter.ts";
import { ensureKeys } from "./keys.ts";
import { migrate } from "./migrations.ts";
import {
  environmentOf,
  mainFile,
  type PlannedProcess,
  type PlatformEnvironment,
  type PortChoice,
  planProcesses,
  portNeeds,
  processesOf,
  requireServices,
  type ServiceName,
  serviceNames,
} from "./plan.ts";
import { type ProcessState, type Supervised, supervise } from "./supervisor.ts";

export interface PlatformOptions {
  infrastructure: Pick<Infrastructure, "mongodbUri" | "kafkaBrokers">;
  /** Keys and logs. */
  folder: string;
  /** Where the local mail server listens: smtp://127.0.0.1:2525. */
  smtpUrl: string;
  reporter: Reporter;
  /** Public origin of the gateway; by default that of the first gateway. */
  origin?: string;
  /** Processes of each service. */
  replicas?: number;
  services?: readonly ServiceName[];
  ports?: PortChoice;
  databasePrefix?: string;
  kafkaPrefix?: string;
  /** Further variables of every service. */
  environment?: NodeJS.ProcessEnv;
  onLine?: (line: PlatformLine) => void;
  /** Breaks the start off: what has started is ended. */
  signal?: AbortSignal;
  /** The file that starts a service. Tests of the launcher put in small ones. */
  program?: (service: ServiceName) => string;
}

export interface PlatformLine {
  service: ServiceName;
  replica: number;
  text: string;
}

export interface PlatformProcess extends Supervised {
  readonly name: ServiceName;
  readonly replica: number;
  readonly rpcAddress: string;
  readonly adminUrl: string;
  readonly httpUrl: string | undefined;
  readonly logFile: string;
}

export interface Platform {
  origin: string;
  /** One per gateway. */
  origins: readonly string[];
  processes: readonly PlatformProcess[];
  /** The process of a service; the first one unless told otherwise. */
  process(name: ServiceName, replica?: number): PlatformProcess;
  stop(): Promise<void>;
}

type SupervisedProcess = PlatformProcess & { log: LogFile };

const startTimeoutMs = 120_000;
const mostReplicas = 5;

/** Starts every service as a process of its own, waits until all are ready, and keeps them running. */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const services = options.services ?? serviceNames;
  requireServices(services, options.program);
  await mkdir(options.folder, { recursive: true });
  const run = await openRun({ folder: options.folder, name: "platform", command: "the services" });
  const processes: SupervisedProcess[] = [];
  const stop = () => stopAll({ processes, run });
  try {
    const { platform, origins } = await preparePlatform(options, services);
    processes.push(...platform.processes.map((one) => startProcess({ one, platform, options, run })));
    options.signal?.addEventListener("abort", () => void stopProcesses(processes), { once: true });
    if (options.signal?.aborted) throw new Error("The start was broken off.");
    await Promise.all(processes.map((one) => one.whenReady({ timeoutMs: startTimeoutMs })));
    return {
      origin: platform.origin,
      origins,
      processes,
      process(name, replica = 0) {
        const found = processes.find((one) => one.name === name && one.replica === replica);
        if (found === undefined) throw new Error(`The platform has no process ${replica} of ${name}.`);
        return found;
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function preparePlatform(options: PlatformOptions, services: readonly ServiceName[]) {
  const replicas = Math.min(mostReplicas, Math.max(1, options.replicas ?? 1));
  const planned = await planProcesses({ services, replicas, ports: options.ports ?? { kind: "free" } });
  if (options.ports?.kind === "fixed") await requireFreePorts(portNeeds(planned));
  const origins = originsOf(planned, options.origin);
  const platform: PlatformEnvironment = {
    infrastructure: options.infrastructure,
    keys: ensureKeys({ folder: join(options.folder, "keys"), services: serviceNames }),
    origin: options.origin ?? origins[0] ?? "http://localhost:8080",
    databasePrefix: options.databasePrefix ?? "partake",
    kafkaPrefix: options.kafkaPrefix ?? "",
    smtpUrl: options.smtpUrl,
    processes: planned,
    extra: { ...frugality(), ...options.environment },
  };
  await migrateAll({ options, platform, services });
  return { platform, origins };
}

/** A browser's cookies and the tokens' issuer need a name, not an address. */
function originsOf(planned: readonly PlannedProcess[], origin: string | undefined): string[] {
  const gateways = processesOf(planned, "gateway").map((gateway) => `http://localhost:${gateway.httpPort}`);
  return gateways.length === 0 && origin !== undefined ? [origin] : gateways;
}

async function migrateAll(started: {
  options: PlatformOptions;
  platform: PlatformEnvironment;
  services: readonly ServiceName[];
}): Promise<void> {
  const { options, platform, services } = started;
  const startedMs = performance.now();
  const logs = new Map(services.map((service) => [service, openLogFile(logPath(options, `${service}-migrate`))]));
  const first = services.flatMap((service) => processesOf(platform.processes, service).slice(0, 1));
  try {
    const migrated = await migrate({
      node: nodeProgram(),
      program: options.program ?? mainFile,
      mongodbUri: options.infrastructure.mongodbUri,
      databasePrefix: platform.databasePrefix,
      migrations: first.map((one) => ({ service: one.service, environment: environmentOf(one, platform) })),
      onLine: (service, line) => logs.get(service)?.write(line),
    });
    if (migrated.length === 0) return;
    options.reporter.line(`migrated    ${seconds(performance.now() - startedMs)}   ${migrated.join(" ")}`);
  } finally {
    for (const log of logs.values()) log.close();
  }
}

function startProcess(parts: {
  one: PlannedProcess;
  platform: PlatformEnvironment;
  options: PlatformOptions;
  run: RunRecord;
}): SupervisedProcess {
  const { one, platform, options, run } = parts;
  const log = openLogFile(logPath(options, `${one.service}-${one.replica}`));
  const adminUrl = `http://127.0.0.1:${one.adminPort}`;
  const httpUrl = one.httpPort === undefined ? undefined : `http://localhost:${one.httpPort}`;
  const title = platform.processes.some((other) => other.replica > 0) ? `${one.service}-${one.replica}` : one.service;
  const supervised = supervise({
    name: title,
    command: nodeProgram(),
    args: [...frugalArguments, (options.program ?? mainFile)(one.service)],
    environment: environmentOf(one, platform),
    readyUrl: `${adminUrl}/readyz`,
    log,
    onLine: (text) => options.onLine?.({ service: one.service, replica: one.replica, text }),
    onState(state) {
      if (state.kind === "started") run.add({ label: title, pid: state.pid });
      if (state.kind === "crashed" || state.kind === "stopped") run.remove(state.pid);
      const text = describeState({ state, one, adminUrl, httpUrl, logFile: log.path });
      if (text !== undefined) options.reporter.line(`${title.padEnd(11)} ${text}`);
    },
  });
  return {
    name: one.service,
    replica: one.replica,
    rpcAddress: `127.0.0.1:${one.rpcPort}`,
    adminUrl,
    httpUrl,
    log,
    logFile: log.path,
    get pid() {
      return supervised.pid;
    },
    isReady: () => supervised.isReady(),
    whenReady: (waiting) => supervised.whenReady(waiting),
    kill: (signal) => supervised.kill(signal),
    restart: () => supervised.restart(),
    stop: () => supervised.stop(),
  };
}

function describeState(parts: {
  state: ProcessState;
  one: PlannedProcess;
  adminUrl: string;
  httpUrl: string | undefined;
  logFile: string;
}): string | undefined {
  const { state, one } = parts;
  switch (state.kind) {
    case "ready": {
      const door = one.service === "gateway" ? `http ${parts.httpUrl}` : `rpc :${one.rpcPort}`;
      return `ready   ${seconds(state.afterMs)}   ${door}   metrics ${parts.adminUrl}/metrics`;
    }
    case "crashed": {
      const how = state.exit.signal ?? `exit code ${state.exit.code}`;
      return `ended (${how}), starts again in ${state.restartInMs} ms   log ${parts.logFile}`;
    }
    case "given-up":
      return `cannot run: it ended again and again   log ${parts.logFile}`;
    case "started":
    case "stopped":
      return undefined;
    default:
      return state satisfies never;
  }
}

async function stopAll(platform: { processes: readonly SupervisedProcess[]; run: RunRecord }): Promise<void> {
  await stopProcesses(platform.processes);
  for (const one of platform.processes) one.log.close();
  platform.run.close();
}

/** The gateway first: nothing new comes in while the services finish what they have. */
async function stopProcesses(processes: readonly PlatformProcess[]): Promise<void> {
  await Promise.all(processesNamed(processes, true).map((one) => one.stop()));
  await Promise.all(processesNamed(processes, false).map((one) => one.stop()));
}

function processesNamed<P extends PlatformProcess>(processes: readonly P[], gateway: boolean): P[] {
  return processes.filter((one) => (one.name === "gateway") === gateway);
}

/** The Node that package.json pins, whichever one started this script. */
function nodeProgram(): string {
  const pinned = join(checkoutFolder, "node_modules", "node", "bin", "node");
  return existsSync(pinned) ? pinned : process.execPath;
}

/** All of the little room for young objects from the start: with less they are collected four times as often, also while idle. */
const frugalArguments = ["--min-semi-space-size=4"];

/**
 * Seven services share a machine: compiled modules are kept, young objects get little room (-25 MiB each), and V8's own work is
 * shared among fewer threads, each of which would be woken for it. What is freed goes back to the system: glibc would else raise
 * this bound by itself, up to 64 MiB, with the largest block that was ever freed.
 */
function frugality() {
  const NODE_OPTIONS = "--max-semi-space-size=4 --v8-pool-size=1";
  const MALLOC_TRIM_THRESHOLD_ = String(128 * 1024);
  return { NODE_COMPILE_CACHE: join(defaultCacheFolder(), "compiled"), NODE_OPTIONS, MALLOC_TRIM_THRESHOLD_ };
}

function logPath(options: PlatformOptions, name: string): string {
  return join(options.folder, "logs", `${name}.log`);
}

function seconds(durationMs: number): string {
  return `${(durationMs / 1000).toFixed(1)} s`.padStart(6);
}
