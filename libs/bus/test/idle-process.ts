// A process for idle.test.ts: connects what a service connects, waits, and tells how often its timers ran and what that cost.
import { createRequire } from "node:module";
import { setTimeout as sleep } from "node:timers/promises";
import { openTestBus, openTestStore } from "./fixtures.ts";

const [, , database = "", prefix = "", guarded = "yes"] = process.argv;
const idleMs = 4000;
const load = createRequire(import.meta.url);
const { prototype } = load("kafkajs/src/network/requestQueue/index.js");
const original = prototype.scheduleCheckPendingRequests;

const store = await openTestStore(database);
const bus = openTestBus({ store, prefix });
if (guarded === "no") prototype.scheduleCheckPendingRequests = original;
let checks = 0;
const check = prototype.checkPendingRequests;
prototype.checkPendingRequests = function (this: unknown) {
  checks += 1;
  return check.call(this);
};

bus.relay();
const consumer = bus.consume({
  group: "idle",
  handlers: { "org.partake.user.changed.v1": { apply: async () => undefined } },
});
await consumer.joined;
const broadcast = await bus.broadcast({ topics: ["roles", "presence"], handle() {}, lost() {} });
await bus.publish({
  type: "org.partake.identity.heartbeat.v1",
  data: { source: "identity", sentAt: new Date().toISOString() },
});
await sleep(1000);
checks = 0;
const cpu = process.cpuUsage();
await sleep(idleMs);
const { user, system } = process.cpuUsage(cpu);
console.log(JSON.stringify({ checksPerSecond: checks / (idleMs / 1000), cpuShare: (user + system) / 1000 / idleMs }));
await broadcast.stop();
await bus.close();
await store.close();
