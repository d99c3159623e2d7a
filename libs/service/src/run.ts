import { ConfigurationError, readConfig } from "./config.ts";
import { giveBackIdleMemory } from "./idle-memory.ts";
import { openLog } from "./log.ts";
import { migrateService, startService } from "./start.ts";
import type { Clock, Running, ServiceDefinition } from "./types.ts";

export interface RunOptions {
  /** Default: the process's. */
  environment?: Readonly<Record<string, string | undefined>>;
  /** Default: the process's; `migrate` creates indexes and topics, and ends. */
  argv?: readonly string[];
  clock?: Clock;
  /** Whether the process is the service's own: then signals and unhandled errors end it. Default: yes. */
  ownsProcess?: boolean;
}

const systemClock: Clock = { now: () => new Date() };

/** Runs a service until it is told to stop. */
export async function run(definition: ServiceDefinition, options: RunOptions = {}): Promise<Running> {
  const ownsProcess = options.ownsProcess ?? true;
  try {
    return await start(definition, options, ownsProcess);
  } catch (error) {
    if (!ownsProcess) throw error;
    tellWhy(error, definition.name);
    process.exit(1);
  }
}

async function start(definition: ServiceDefinition, options: RunOptions, ownsProcess: boolean): Promise<Running> {
  const config = readConfig(options.environment ?? process.env, definition.name);
  const log = openLog(config, definition.name);
  const clock = options.clock ?? systemClock;
  if ((options.argv ?? process.argv.slice(2)).includes("migrate")) {
    await migrateService({ definition, config, log, clock });
    if (ownsProcess) process.exit(0);
    return { stop: async () => undefined };
  }
  if (ownsProcess) endOnDefects(log);
  const running = await startService({ definition, config, log, clock });
  if (ownsProcess) endOnSignals(running, log);
  if (ownsProcess) giveBackIdleMemory();
  return running;
}

/** Before the first request no message of ours can quote anybody; the database's may, of what it holds. */
function tellWhy(error: unknown, service: string): void {
  if (error instanceof ConfigurationError) {
    process.stderr.write(`${error.message}\n`);
    return;
  }
  const isOurs = error instanceof Error && !error.name.startsWith("Mongo") && error.cause === undefined;
  openLog({ logLevel: "info" }, service).error(
    { cause: error, ...(isOurs ? { why: error.message } : {}) },
    "could not start",
  );
}

type Log = ReturnType<typeof openLog>;

/** A defect leaves a state that nobody thought of: better a new process than one that goes on with it. */
function endOnDefects(log: Log): void {
  const end = (message: string) => (error: unknown) => {
    log.fatal({ cause: error }, message);
    process.exit(1);
  };
  process.on("unhandledRejection", end("unhandled rejection"));
  process.on("uncaughtException", end("uncaught exception"));
}

function endOnSignals(running: Running, log: Log): void {
  let isEnding = false;
  const end = (signal: string) => {
    if (isEnding) {
      log.warn({ signal }, "ended at once");
      process.exit(1);
    }
    isEnding = true;
    log.info({ signal }, "draining");
    void running.stop().then(() => {
      log.info({}, "ended");
      process.exit(0);
    });
  };
  process.on("SIGTERM", () => end("SIGTERM"));
  process.on("SIGINT", () => end("SIGINT"));
}
