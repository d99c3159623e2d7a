import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { guardGroup, releaseGroup } from "../processes/children.ts";
import { openLogFile } from "../processes/log-file.ts";
import { SetupError } from "../terminal/setup-error.ts";

export const replicaSetName = "partake";
const launchTimeoutMs = 90_000;

export interface MongodbServer {
  uri: string;
  pid: number | undefined;
  exited: Promise<unknown>;
  stop(): Promise<void>;
}

/** mongod as a replica set of one, because transactions and change streams need one. Always WiredTiger with its journal. */
export async function startMongodb(options: { mongod: string; folder: string; port: number }): Promise<MongodbServer> {
  const data = join(options.folder, "data");
  await mkdir(data, { recursive: true });
  await requireSamePort(options);
  const { MongoMemoryReplSet } = await import("mongodb-memory-server-core");
  const server = new MongoMemoryReplSet({
    binary: { systemBinary: options.mongod, version: "6.0.5" },
    replSet: {
      name: replicaSetName,
      count: 1,
      ip: "127.0.0.1",
      storageEngine: "wiredTiger",
      args: [
        ...serverParameters,
        "--quiet",
        "--wiredTigerCacheSizeGB",
        "0.25",
        "--setParameter",
        "diagnosticDataCollectionEnabled=false",
      ],
      // Its own process group: Ctrl-C must not end the database before the services have written what they hold.
      spawn: { detached: true },
    },
    instanceOpts: [{ port: options.port, dbPath: data, storageEngine: "wiredTiger", launchTimeout: launchTimeoutMs }],
  });
  await server.start();
  const instance = server.servers[0]?.instanceInfo;
  const mongod = instance?.instance.mongodProcess;
  const pid = mongod?.pid;
  if (pid !== undefined) guardGroup(pid);
  const exited = new Promise((resolve) => mongod?.once("exit", resolve));
  const log = openLogFile(join(options.folder, "mongodb.log"));
  mongod?.stdout?.on("data", (chunk: Buffer) => log.write(chunk.toString().trimEnd()));
  if (instance?.port !== options.port) {
    await server.stop({ doCleanup: false, force: false });
    throw new Error(`MongoDB listens on port ${instance?.port}, not on ${options.port}.`);
  }
  return {
    uri: mongodbUri({ host: "127.0.0.1", port: options.port }),
    pid,
    exited,
    async stop() {
      await server.stop({ doCleanup: false, force: false });
      if (pid !== undefined) releaseGroup(pid);
      log.close();
    },
  };
}

/** The records that a killed process had locked are free again after this; ours never last so long. */
export const serverParameters = ["--setParameter", "transactionLifetimeLimitSeconds=15"] as const;

/** A direct connection: the one member's name inside the set need not be one that this machine can resolve. */
export function mongodbUri(options: { host: string; port: number }): string {
  return `mongodb://${options.host}:${options.port}/?replicaSet=${replicaSetName}&directConnection=true`;
}

/** A replica set keeps its members' ports in its data; started on another port it would never elect itself. */
async function requireSamePort(options: { folder: string; port: number }): Promise<void> {
  const path = join(options.folder, "port");
  const before = await readFile(path, "utf8").catch(() => "");
  if (before !== "" && Number(before) !== options.port) {
    throw new SetupError({
      message: `The MongoDB data in ${options.folder} belongs to port ${before}, not to ${options.port}.`,
      remedy: `Set PARTAKE_MONGODB_PORT=${before}, or start over with npm run reset.`,
    });
  }
  await writeFile(path, String(options.port));
}
