// What the whole platform costs while nobody uses it: processor time and resident memory of each service, beside a bare Node
// process with one connection to MongoDB and one consumer of Kafka; and what it holds a minute after it was busy with making the
// demo organisation. Prints a JSON line for each figure; a ratio above 1 means less
// than the baseline, which for the platform as a whole is the goal. Needs MONGODB_URI and KAFKA_BROKERS.
import { type ChildProcess, fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { makeDemo } from "../demo/demo.ts";
import { type Mailbox, startMailbox } from "../local/mailbox/mailbox.ts";
import { operators } from "../local/platform/plan.ts";
import { type Platform, startPlatform } from "../local/platform/platform.ts";
import { silentReporter } from "../local/terminal/reporter.ts";
import { removeTestData } from "../local/test-run/data.ts";
import type { Usage } from "./processes/bare.ts";

/** Percent of one core, all services together, and MiB of one service. */
const goals = { cpuPercent: 5, residentMiB: 160 };
/** After a start caches fill, groups rebalance and pages are read that are never touched again. */
const settleMs = 20_000;
const measuredMs = 30_000;
/** Within it V8 sees that a service fell quiet, and gives back what it had grown to. */
const quietMs = 60_000;

const mongodbUri = process.env["MONGODB_URI"];
const kafkaBrokers = process.env["KAFKA_BROKERS"];
if (!mongodbUri || !kafkaBrokers) throw new Error("MONGODB_URI and KAFKA_BROKERS say where the servers are");
const suffix = randomBytes(4).toString("hex");
const names = { databasePrefix: `bench_idle_${suffix}`, kafkaPrefix: `bench-idle-${suffix}-` };
const folder = await mkdtemp(join(tmpdir(), "partake-bench-"));
const mailbox = await startMailbox({ httpPort: 0, smtpPort: 0 });
const bareFile = fileURLToPath(new URL("processes/bare.ts", import.meta.url));
const bare = fork(bareFile, [names.databasePrefix, `${names.kafkaPrefix}bare`]);
try {
  const platform = await startPlatform({
    infrastructure: { mongodbUri, kafkaBrokers },
    folder,
    smtpUrl: mailbox.smtpUrl,
    reporter: silentReporter,
    ...names,
  });
  try {
    const usages = [
      ["a bare process", () => askBare(bare)] as const,
      ...platform.processes.map(({ name, adminUrl }) => [name, () => askService(adminUrl)] as const),
    ];
    await sleep(settleMs);
    const measured = await Promise.all(usages.map(async ([name, ask]) => ({ name, ...(await measure(ask)) })));
    tell(measured);
    await tellAfterDemo(platform, mailbox);
  } finally {
    await platform.stop();
  }
} finally {
  bare.kill();
  await mailbox.stop();
  await removeTestData({ mongodbUri, kafkaBrokers, ...names });
  await rm(folder, { recursive: true, force: true });
}

async function measure(ask: () => Promise<Usage>): Promise<{ cpuPercent: number; residentMiB: number }> {
  const before = await ask();
  const begun = performance.now();
  await sleep(measuredMs);
  const after = await ask();
  const seconds = (performance.now() - begun) / 1000;
  return {
    cpuPercent: ((after.cpuSeconds - before.cpuSeconds) / seconds) * 100,
    residentMiB: after.residentBytes / 2 ** 20,
  };
}

function tell([baseline, ...services]: ({ name: string } & Awaited<ReturnType<typeof measure>>)[]): void {
  if (baseline === undefined) return;
  for (const { name, cpuPercent, residentMiB } of services) {
    print(`idle, ${name}, CPU (baseline: a bare process)`, "% of core", cpuPercent, baseline.cpuPercent);
    print(`idle, ${name}, resident (baseline: a bare process)`, "MiB", residentMiB, baseline.residentMiB);
  }
  const all = services.reduce((sum, { cpuPercent }) => sum + cpuPercent, 0);
  const most = Math.max(...services.map(({ residentMiB }) => residentMiB));
  print("idle, all services together, CPU (baseline: the goal)", "% of core", all, goals.cpuPercent);
  print("idle, the largest service, resident (baseline: the goal)", "MiB", most, goals.residentMiB);
}

async function tellAfterDemo(platform: Platform, { url: mailboxUrl }: Mailbox): Promise<void> {
  const [operatorEmail = ""] = operators().platform.split(",");
  const [billingEmail = ""] = operators().billing.split(",");
  await makeDemo({ origin: platform.origin, mailboxUrl, operatorEmail, billingEmail, folder, progress() {} });
  await sleep(quietMs);
  const held = await Promise.all(platform.processes.map(({ adminUrl }) => askService(adminUrl)));
  const most = Math.max(...held.map(({ residentBytes }) => residentBytes / 2 ** 20));
  print("a minute after the demo, the largest service, resident (baseline: the goal)", "MiB", most, goals.residentMiB);
}

function print(name: string, unit: string, value: number, baseline: number): void {
  const [shown, against, ratio] = [value, baseline, baseline / value].map((figure) => Number(figure.toPrecision(4)));
  console.log(JSON.stringify({ name, value: shown, unit, baseline: against, ratio }));
}

async function askBare(child: ChildProcess): Promise<Usage> {
  const answer = once(child, "message") as Promise<[Usage]>;
  child.send("usage");
  return (await answer)[0];
}

async function askService(adminUrl: string): Promise<Usage> {
  const metrics = await (await fetch(`${adminUrl}/metrics`)).text();
  const figure = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, "m").exec(metrics)?.[1]);
  return {
    cpuSeconds: figure("process_cpu_seconds_total"),
    residentBytes: figure("process_resident_memory_bytes"),
  };
}
