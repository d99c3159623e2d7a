// What an authorised read through the gateway costs: CPU of real processes for each request, beside a bare Node proxy in front
// of the same service, and beside a program that calls the service's RPC itself. A JSON line for each; more is better.
import { httpLoad, print, start, workers } from "./processes/driver.ts";
import { makeScene, type Scene } from "./processes/scene.ts";

const rounds = 7;
const requests = 2_000;
const warmUps = 10_000;

const scene: Scene = makeScene();
const service = await start("service", scene);
const placed: Scene = { ...scene, ...service.ready };
const [proxy, gateway, caller] = [
  await start("proxy", placed),
  await start("gateway", placed),
  await start("caller", placed),
];
const read = { method: "GET", path: `/v1/projects/${scene.projectId}` } as const;
const ways = {
  proxy: { process: proxy, run: httpLoad(proxy, scene, read) },
  gateway: { process: gateway, run: httpLoad(gateway, scene, read) },
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
