// Starts the processes of a bench and measures what they use.
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Pool } from "undici";
import { passOn, type Scene } from "./scene.ts";

interface HttpRequest {
  method: "GET" | "POST";
  path: string;
  json?: object;
}

export interface Process {
  ready: { port?: number; rpcPort?: number; httpPort?: number };
  /** Microseconds of processor time since its start. */
  cpu(): Promise<number>;
  ask(message: object): Promise<void>;
  stop(): void;
}

/** How many ask at the same time. */
export const workers = 16;

export async function start(name: string, given: Scene): Promise<Process> {
  const file = fileURLToPath(new URL(`${name}.ts`, import.meta.url));
  const child = fork(file, { env: passOn(given), stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const { ready } = await answerOf<{ ready: Process["ready"] }>(child, "ready");
  return {
    ready,
    async cpu() {
      const answer = answerOf<{ cpu: NodeJS.CpuUsage }>(child, "cpu");
      child.send("cpu");
      const { user, system } = (await answer).cpu;
      return user + system;
    },
    async ask(message) {
      const answer = answerOf(child, "done");
      child.send(message);
      await answer;
    },
    stop: () => child.disconnect(),
  };
}

function answerOf<T>(child: ChildProcess, name: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const exit = (code: number | null) => reject(new Error(`a process of the bench ended with ${code}`));
    const take = (message: object) => {
      if (!(name in message)) return;
      child.off("message", take).off("exit", exit);
      resolve(message as T);
    };
    child.on("message", take).on("exit", exit);
  });
}

/** Sends so many of a request to a process that listens, and wants each answered with 200. */
export function httpLoad({ ready }: Process, scene: Scene, asked: HttpRequest): (count: number) => Promise<void> {
  const pool = new Pool(`http://127.0.0.1:${ready.port}`, { connections: workers, pipelining: 1 });
  const headers = { authorization: `Bearer ${scene.token}`, accept: "application/json" };
  const body = asked.json === undefined ? {} : { body: JSON.stringify(asked.json) };
  const typed = asked.json === undefined ? headers : { ...headers, "content-type": "application/json" };
  return async (count) => {
    const work = async () => {
      for (let done = 0; done < count / workers; done += 1) {
        const answer = await pool.request({ path: asked.path, method: asked.method, headers: typed, ...body });
        const text = await answer.body.text();
        if (answer.statusCode !== 200)
          throw new Error(`the bench was answered ${answer.statusCode}: ${text.slice(0, 200)}`);
      }
    };
    await Promise.all(Array.from({ length: workers }, work));
  };
}

/** The best round of each: what disturbs a measurement only ever makes it longer. */
export function print(name: string, values: readonly number[], baselines: readonly number[]): void {
  const [value, baseline] = [Math.min(...values), Math.min(...baselines)];
  const round = (number: number) => Number(number.toPrecision(3));
  process.stdout.write(
    `${JSON.stringify({ name, value: round(value), unit: "µs", baseline: round(baseline), ratio: round(baseline / value) })}\n`,
  );
}
