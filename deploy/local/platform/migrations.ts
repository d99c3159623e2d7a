import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import mongoose from "mongoose";
import { startChild } from "../processes/children.ts";
import { checkoutFolder } from "../settings.ts";
import type { ServiceName } from "./plan.ts";

const migrationTimeoutMs = 120_000;
const connectTimeoutMs = 15_000;
const keptLines = 20;

interface Migration {
  service: ServiceName;
  environment: NodeJS.ProcessEnv;
}

interface Applied {
  _id: string;
  fingerprint: string;
}

/**
 * Makes every service's indexes and topics before any service starts. A service whose sources are those of its last
 * migration is skipped: starting seven processes only to find nothing to do would double the time of a warm start.
 */
export async function migrate(options: {
  node: string;
  program: (service: ServiceName) => string;
  mongodbUri: string;
  databasePrefix: string;
  migrations: readonly Migration[];
  onLine: (service: ServiceName, line: string) => void;
}): Promise<ServiceName[]> {
  const connection = await mongoose
    .createConnection(options.mongodbUri, { serverSelectionTimeoutMS: connectTimeoutMs, maxPoolSize: 2 })
    .asPromise();
  try {
    const applied = connection.useDb(`${options.databasePrefix}_local`).collection<Applied>("migrations");
    const shared = await fingerprintOf(sharedFolders);
    const due: { migration: Migration; id: string; fingerprint: string }[] = [];
    for (const migration of options.migrations) {
      const own = await fingerprintOf([`services/${migration.service}`]);
      const id = idOf(migration);
      const fingerprint = `${shared}-${own}`;
      if ((await applied.findOne({ _id: id }))?.fingerprint !== fingerprint) due.push({ migration, id, fingerprint });
    }
    await inParallel(due, async ({ migration, id, fingerprint }) => {
      await runMigration({ ...options, ...migration });
      await applied.updateOne({ _id: id }, { $set: { fingerprint } }, { upsert: true });
    });
    return due.map(({ migration }) => migration.service);
  } finally {
    await connection.close();
  }
}

const sharedFolders = ["proto", "libs/contract", "libs/store", "libs/bus", "libs/service"];

/** The same database may be used with another Kafka, whose topics are then missing. */
function idOf(migration: Migration): string {
  return [migration.service, migration.environment["KAFKA_BROKERS"], migration.environment["KAFKA_PREFIX"]].join("|");
}

async function fingerprintOf(folders: readonly string[]): Promise<string> {
  const hash = createHash("sha256");
  for (const folder of folders) {
    const entries = await readdir(join(checkoutFolder, folder), { recursive: true, withFileTypes: true });
    const files = entries
      .filter((entry) => entry.isFile() && /\.(ts|json|proto)$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => !/\/(node_modules|test|dist)\//.test(path))
      .sort();
    for (const file of files) hash.update(file).update(await readFile(file));
  }
  return hash.digest("hex").slice(0, 32);
}

async function runMigration(
  options: Migration & {
    node: string;
    program: (service: ServiceName) => string;
    onLine: (service: ServiceName, line: string) => void;
  },
): Promise<void> {
  const lines: string[] = [];
  const child = startChild({
    command: options.node,
    args: [options.program(options.service), "migrate"],
    environment: options.environment,
    onLine(line) {
      lines.push(line);
      if (lines.length > keptLines) lines.shift();
      options.onLine(options.service, line);
    },
  });
  const timer = setTimeout(() => child.kill("SIGKILL"), migrationTimeoutMs);
  const exit = await child.exited.finally(() => clearTimeout(timer));
  if (exit.code === 0) return;
  const tail = lines.map((line) => `  ${line}`).join("\n");
  throw new Error(`The migration of ${options.service} failed (${exit.signal ?? `exit code ${exit.code}`}):\n${tail}`);
}

/** As many at once as there are cores: more would only make each of them slower. */
async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const worker = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(items.length, availableParallelism()) }, worker));
}
