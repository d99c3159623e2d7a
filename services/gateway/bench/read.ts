// What an authorised read through the gateway costs: CPU of real processes for each request, beside a bare Node proxy in front
// of the same service, and beside a program that calls the service's RPC itself. A JSON line for each; more is better.
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Pool } from "undici";
import { makeScene, passOn, type Scene } from "./processes/scene.ts";

const rounds = 7;
const requests = 2_000;
const warmUps = 10_000;
const workers = 16;

interface Process {
  ready: { port?: number; rpcPort?: number; httpPort?: number };
  /** Microseconds of processor time since its start. */
  cpu(): Promise<number>;
  ask(message: object): Promise<void>;
  stop(): void;
}

const scene: Scene = makeScene();
const service = await start("service", scene);
const placed: Scene = { ...scene, ...service.ready };
const [proxy, gateway, caller] = [
  await start("proxy", placed),
  await start("gateway", placed),
  await start("caller", placed),
];
const ways = {
  proxy: { process: proxy, run: httpLoad(proxy) },
  gateway: { process: gateway, run: httpLoad(gateway) },
  direct: { process: caller, run: (count: number) => caller.ask({ calls: count, workers }) },
  carried: { process: caller, run: (count: number) => caller.ask({ calls: count, workers, carries: true }) },
};

type Way = keyof typeof ways;
const own: Record<Way, number[]> = { proxy: [], gateway: [], direct: [], carried: [] };
const whole: Record<Way, number[]> = { proxy: [], gateway: [], direct: [], carried: [] };
for (const way of Object.keys(ways) as Way[]) await ways[way].run(warmUps);
for (let round = 0; round < rounds; round += 1) {
  for (const way of Object.keys(ways) as Way[]) {
    const measured = await measure(way);
    own[way].push(measured.own);
    whole[way].push(measured.whole);
  }
}
print("authorised read, CPU of the gateway (baseline: bare http.request proxy)", own.gateway, own.proxy);
print("authorised read, CPU of gateway and service (baseline: calling the RPC)", whole.gateway, whole.direct);
print("authorised read, CPU of gateway and service (baseline: calls in a stream)", whole.gateway, whole.carried);
for (const one of [service, proxy, gateway, caller]) one.stop();
process.exit(0);

/** Processor time for each request: of the way's own process, and with the service behind it. */
async function measure(way: Way): Promise<{ own: number; whole: number }> {
  const { process: measured, run } = ways[way];
  const before = [await measured.cpu(), await service.cpu()] as const;
  await run(requests);
  const after = [await measured.cpu(), await service.cpu()] as const;
  const used = (after[0] - before[0]) / requests;
  return { own: used, whole: used + (after[1] - before[1]) / requests };
}

function httpLoad({ ready }: Process): (count: number) => Promise<void> {
  const pool = new Pool(`http://127.0.0.1:${ready.port}`, { connections: workers, pipelining: 1 });
  const path = `/v1/projects/${scene.projectId}`;
  const headers = { authorization: `Bearer ${scene.token}`, accept: "application/json" };
  return async (count) => {
    const work = async () => {
      for (let done = 0; done < count / workers; done += 1) {
        const answer = await pool.request({ path, method: "GET", headers });
        const text = await answer.body.text();
        if (answer.statusCode !== 200)
          throw new Error(`the bench was answered ${answer.statusCode}: ${text.slice(0, 200)}`);
      }
    };
    await Promise.all(Array.from({ length: workers }, work));
  };
}

async function start(name: string, given: Scene): Promise<Process> {
  const file = fileURLToPath(new URL(`processes/${name}.ts`, import.meta.url));
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

/** The best round of each: what disturbs a measurement only ever makes it longer. */
function print(name: string, values: readonly number[], baselines: readonly number[]): void {
  const [value, baseline] = [Math.min(...values), Math.min(...baselines)];
  const round = (number: number) => Number(number.toPrecision(3));
  process.stdout.write(
    `${JSON.stringify({ name, value: round(value), unit: "µs", baseline: round(baseline), ratio: round(baseline / value) })}\n`,
  );
}
