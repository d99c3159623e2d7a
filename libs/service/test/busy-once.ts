// A process that was busy for a moment and is idle from then on. Ends well as soon as it holds little again.
import { setTimeout as sleep } from "node:timers/promises";
import { giveBackIdleMemory } from "../src/idle-memory.ts";

const mib = 2 ** 20;
/** By itself V8 would give nothing back before 100 s have passed. */
const patienceMs = 75_000;

giveBackIdleMemory();
const begun = performance.now();
const held = Array.from({ length: 1_000_000 }, (_, place) => ({ place, name: `object ${place}` }));
const grownTo = process.memoryUsage().heapTotal;
held.length = 0;
while (performance.now() - begun < patienceMs) {
  await sleep(1000);
  const { heapTotal } = process.memoryUsage();
  if (heapTotal > grownTo / 4) continue;
  console.log(`${Math.round(grownTo / mib)} ${Math.round(heapTotal / mib)}`);
  process.exit(0);
}
process.exit(1);
