// What an access evaluation through the gateway costs, as the AuthZEN API has it: processor time of real processes for each check,
// asked one by one and a hundred at once, beside a program that calls the RPC itself. Behind both stands a service that answers
// with one `may`: what identity does more is measured there. A JSON line for each; the unit is a time, so less is better.
import { httpLoad, print, start, workers } from "./processes/driver.ts";
import { makeScene, questionOf, type Scene } from "./processes/scene.ts";

const rounds = 7;
const batch = 100;
/** Requests of a round, and before the first one. */
const sizes = { single: { count: 2_000, warmUp: 10_000 }, batch: { count: 200, warmUp: 1_000 } };

const scene: Scene = makeScene();
const service = await start("service", scene);
const placed: Scene = { ...scene, ...service.ready };
const [gateway, caller] = [await start("gateway", placed), await start("caller", placed)];
const one = { method: "POST", path: "/access/v1/evaluation", json: questionOf(scene) } as const;
const evaluations = Array.from({ length: batch }, () => questionOf(scene));
const many = { method: "POST", path: "/access/v1/evaluations", json: { evaluations } } as const;

const single = await compare("single", httpLoad(gateway, scene, one), 1);
print("access evaluation, CPU of the gateway (baseline: calling the RPC)", single.gateway, single.caller);
print("access evaluation, CPU of gateway and service (baseline: calling the RPC)", single.through, single.direct);
const batched = await compare("batch", httpLoad(gateway, scene, many), batch);
print("a check of a hundred, CPU of the gateway (baseline: calling the RPC)", batched.gateway, batched.caller);
print("a check of a hundred, CPU of gateway and service (baseline: calling the RPC)", batched.through, batched.direct);
print("a check of a hundred, CPU of gateway and service (baseline: one by one)", batched.through, single.through);
for (const process of [service, gateway, caller]) process.stop();
process.exit(0);

/** Microseconds for each check, round by round: of the asking process, and with the service behind it. */
async function compare(asks: "single" | "batch", load: (count: number) => Promise<void>, checks: number) {
  const { count, warmUp } = sizes[asks];
  const call = (calls: number) => caller.ask({ calls, workers, asks });
  await load(warmUp);
  await call(warmUp);
  const used = { gateway: [] as number[], through: [] as number[], caller: [] as number[], direct: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    const before = [await gateway.cpu(), await service.cpu()] as const;
    await load(count);
    const between = [await gateway.cpu(), await service.cpu(), await caller.cpu()] as const;
    await call(count);
    const after = [await caller.cpu(), await service.cpu()] as const;
    const each = (of: number) => of / count / checks;
    const [asking, calling] = [each(between[0] - before[0]), each(after[0] - between[2])];
    used.gateway.push(asking);
    used.through.push(asking + each(between[1] - before[1]));
    used.caller.push(calling);
    used.direct.push(calling + each(after[1] - between[1]));
  }
  return used;
}
