import { setTimeout as sleep } from "node:timers/promises";
import { type Child, type Exit, startChild } from "../processes/children.ts";
import type { LogFile } from "../processes/log-file.ts";

export interface Supervised {
  /** Of the process that runs now. */
  readonly pid: number | undefined;
  isReady(): boolean;
  /** Resolves when the process answers that it is ready; rejects after the time or when it was given up. */
  whenReady(options: { timeoutMs: number }): Promise<void>;
  /** Ends the process with a signal, not in order, and waits for its end. It is started again, as a cluster would do. */
  kill(signal: NodeJS.Signals): Promise<Exit>;
  /** Ends the process in order and starts it again; resolves when it is ready. */
  restart(): Promise<void>;
  /** Ends the process in order; it stays down until `restart`. */
  stop(): Promise<void>;
}

export interface SupervisedOptions {
  name: string;
  command: string;
  args: readonly string[];
  environment: NodeJS.ProcessEnv;
  readyUrl: string;
  log: LogFile;
  onLine: (line: string) => void;
  onState: (state: ProcessState) => void;
}

export type ProcessState =
  | { kind: "started"; pid: number | undefined }
  | { kind: "ready"; pid: number | undefined; afterMs: number }
  | { kind: "crashed"; pid: number | undefined; exit: Exit; restartInMs: number }
  | { kind: "given-up"; exit: Exit }
  | { kind: "stopped"; pid: number | undefined };

const stopGraceMs = 30_000;
const readyPollMs = 75;
const readyRequestTimeoutMs = 2_000;
const firstBackOffMs = 250;
const longestBackOffMs = 10_000;
/** A service that never was ready will not get better; one that was may wait for a server that is away. */
const mostCrashesAtStart = 5;
const mostCrashesInARow = 60;
/** A process that was ready this long has got over what made it crash before. */
const steadyAfterMs = 60_000;
const restartReadyTimeoutMs = 60_000;
const keptLines = 15;

async function answersReady(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(readyRequestTimeoutMs) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

/** Runs one process, restarts it when it crashes, and knows whether it is ready. */
class Supervision implements Supervised {
  readonly #options: SupervisedOptions;
  readonly #lines: string[] = [];
  #child: Child | undefined;
  #wanted = true;
  #ready = false;
  #givenUp = false;
  #crashes = 0;
  #wasReady = false;
  /** The process that a caller of `kill` ended: no fault of its own. */
  #killed: Child | undefined;

  constructor(options: SupervisedOptions) {
    this.#options = options;
    this.#start();
  }

  get pid(): number | undefined {
    return this.#child?.isRunning() ? this.#child.pid : undefined;
  }

  isReady(): boolean {
    return this.#ready;
  }

  async whenReady(options: { timeoutMs: number }): Promise<void> {
    const deadlineMs = performance.now() + options.timeoutMs;
    while (!this.#ready) {
      if (this.#givenUp) throw this.#notReady("ended again and again");
      if (!this.#wanted) throw this.#notReady("was stopped");
      if (performance.now() > deadlineMs) throw this.#notReady(`was not ready after ${options.timeoutMs / 1000} s`);
      await sleep(readyPollMs);
    }
  }

  async kill(signal: NodeJS.Signals): Promise<Exit> {
    const killed = this.#child;
    this.#killed = killed;
    this.#ready = false;
    killed?.kill(signal);
    return (await killed?.exited) ?? { code: null, signal: null };
  }

  async restart(): Promise<void> {
    await this.stop();
    this.#wanted = true;
    this.#givenUp = false;
    this.#crashes = 0;
    this.#start();
    await this.whenReady({ timeoutMs: restartReadyTimeoutMs });
  }

  async stop(): Promise<void> {
    this.#wanted = false;
    await this.#child?.stop({ graceMs: stopGraceMs });
    this.#ready = false;
  }

  #start(): void {
    const startedMs = performance.now();
    const { command, args, environment } = this.#options;
    const child = startChild({ command, args, environment, onLine: (line) => this.#keep(line) });
    this.#child = child;
    this.#options.onState({ kind: "started", pid: child.pid });
    void this.#watchReadiness(child, startedMs);
    void child.exited.then((exit) => this.#onExit({ child, exit, startedMs }));
  }

  #keep(line: string): void {
    this.#lines.push(line);
    if (this.#lines.length > keptLines) this.#lines.shift();
    this.#options.log.write(line);
    this.#options.onLine(line);
  }

  /** Bounded by the process's life; a start that takes too long is the waiter's to judge. */
  async #watchReadiness(child: Child, startedMs: number): Promise<void> {
    while (child.isRunning() && this.#wanted) {
      const answers = await answersReady(this.#options.readyUrl);
      // Another program could hold the port of a process that has ended meanwhile.
      if (answers && child.isRunning()) {
        this.#ready = true;
        this.#wasReady = true;
        this.#options.onState({ kind: "ready", pid: child.pid, afterMs: performance.now() - startedMs });
        return;
      }
      await sleep(readyPollMs);
    }
  }

  async #onExit(ended: { child: Child; exit: Exit; startedMs: number }): Promise<void> {
    const { child, exit } = ended;
    if (child !== this.#child) return;
    if (this.#ready && performance.now() - ended.startedMs > steadyAfterMs) this.#crashes = 0;
    this.#ready = false;
    if (!this.#wanted) {
      this.#options.onState({ kind: "stopped", pid: child.pid });
      return;
    }
    if (child !== this.#killed) this.#crashes += 1;
    const bound = this.#wasReady ? mostCrashesInARow : mostCrashesAtStart;
    if (this.#crashes >= bound || exit.error !== undefined) {
      this.#givenUp = true;
      this.#options.onState({ kind: "given-up", exit });
      return;
    }
    const restartInMs = Math.min(longestBackOffMs, firstBackOffMs * 2 ** Math.max(0, this.#crashes - 1));
    this.#options.onState({ kind: "crashed", pid: child.pid, exit, restartInMs });
    await sleep(restartInMs);
    if (this.#wanted && child === this.#child) this.#start();
  }

  #notReady(what: string): Error {
    const tail = this.#lines.map((line) => `  ${line}`).join("\n");
    return new Error(`${this.#options.name} ${what}. Its log, ${this.#options.log.path}, ends with:\n${tail}`);
  }
}

/** Starts one process and answers for it until it is stopped. */
export function supervise(options: SupervisedOptions): Supervised {
  return new Supervision(options);
}
