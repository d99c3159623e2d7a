import { rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import mongoose from "mongoose";
import { isDockerAnswering, removeContainers, removeVolumes } from "./infrastructure/engine.ts";
import { findVolumes } from "./infrastructure/volumes.ts";
import { serviceNames } from "./platform/plan.ts";
import { isAlive } from "./processes/process-identity.ts";
import { endLeftovers, findOwner } from "./processes/run-record.ts";
import { readSettings } from "./settings.ts";
import { type Reporter, terminalReporter } from "./terminal/reporter.ts";
import { runCommand } from "./terminal/setup-error.ts";

/** A running platform has to drain its services and write its databases. */
const ownerGraceMs = 60_000;
const pollEveryMs = 200;
const connectTimeoutMs = 5_000;

/** `npm run reset`: ends what runs on the local data, then removes the data. */
async function reset(): Promise<void> {
  const reporter = terminalReporter();
  const { dataFolder } = readSettings();
  const records = [
    { folder: dataFolder, name: "start" },
    { folder: join(dataFolder, "platform"), name: "platform" },
    { folder: join(dataFolder, "infrastructure"), name: "infrastructure" },
  ];
  for (const record of records) await endOwner(record, reporter);
  for (const record of records) {
    for (const left of await endLeftovers(record)) reporter.line(`Ended ${left}, left by an earlier run.`);
  }
  await emptyVolumes(join(dataFolder, "infrastructure"), reporter);
  const hadData = await stat(dataFolder).then(
    () => true,
    () => false,
  );
  await rm(dataFolder, { recursive: true, force: true });
  reporter.line(hadData ? `Removed ${dataFolder}.` : `${dataFolder} does not exist: nothing to remove.`);
  await dropGivenDatabases(reporter);
  reporter.line("The next npm start begins anew. Downloads stay in the cache.");
}

async function endOwner(record: { folder: string; name: string }, reporter: Reporter): Promise<void> {
  const owner = findOwner(record);
  if (owner === undefined) return;
  reporter.line(`Ending ${owner.command} (process ${owner.pid}) …`);
  process.kill(owner.pid, "SIGTERM");
  const deadlineMs = Date.now() + ownerGraceMs;
  while (Date.now() < deadlineMs && isAlive(owner.pid)) await sleep(pollEveryMs);
  if (isAlive(owner.pid)) process.kill(owner.pid, "SIGKILL");
}

/** Before the folder goes, which knows their names. */
async function emptyVolumes(folder: string, reporter: Reporter): Promise<void> {
  const volumes = await findVolumes(folder);
  if (volumes === undefined) return;
  const names = [volumes.mongodb, volumes.kafka];
  if (await isDockerAnswering()) {
    await removeContainers(volumes.dataId);
    await removeVolumes(names);
    reporter.line("Removed the containers' volumes.");
  } else {
    reporter.line(`No Docker engine answers. Later, remove the volumes: docker volume rm ${names.join(" ")}`);
  }
}

/** Servers that somebody gave are theirs: only the databases of this platform go, and its topics stay. */
async function dropGivenDatabases(reporter: Reporter): Promise<void> {
  const uri = process.env["MONGODB_URI"];
  if (!uri) return;
  const prefix = process.env["MONGODB_DATABASE_PREFIX"] || "partake";
  const connection = await mongoose.createConnection(uri, { serverSelectionTimeoutMS: connectTimeoutMs }).asPromise();
  try {
    for (const name of [...serviceNames, "local"]) await connection.useDb(`${prefix}_${name}`).dropDatabase();
    reporter.line(`Dropped the databases ${prefix}_* at MONGODB_URI. Topics at KAFKA_BROKERS were left as they are.`);
  } finally {
    await connection.close();
  }
}

await runCommand(reset);
