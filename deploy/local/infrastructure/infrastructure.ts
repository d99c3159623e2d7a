import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endLeftovers, findOwner, openRun, type RunRecord } from "../processes/run-record.ts";
import type { Reporter } from "../terminal/reporter.ts";
import { SetupError } from "../terminal/setup-error.ts";
import { type InfrastructurePorts, startBinaries } from "./binaries.ts";
import { startContainers } from "./containers.ts";
import { ensureVolumes } from "./volumes.ts";
import { chooseWay, type Way } from "./way.ts";

interface Servers {
  mongodbUri: string;
  kafkaBrokers: string;
  stop(): Promise<void>;
}

export type Infrastructure = Servers & ({ kind: "environment" } | Way);

export interface InfrastructureOptions {
  /** Persistent data stays for the next start; ephemeral data lies in a temporary folder and goes with `stop`. */
  data: { kind: "persistent"; folder: string; ports: InfrastructurePorts } | { kind: "ephemeral" };
  reporter: Reporter;
  environment?: NodeJS.ProcessEnv;
}

const ephemeralPrefix = "partake-infrastructure-";
const recordName = "infrastructure";

/** Kafka and MongoDB by the first of three ways that works here: given ones, containers, pinned programs. */
export async function startInfrastructure(options: InfrastructureOptions): Promise<Infrastructure> {
  const given = givenInfrastructure(options.environment ?? process.env);
  if (given !== undefined) return given;
  const folder = await chooseFolder(options.data);
  const run = await openRun({ folder, name: recordName, command: describeCommand() });
  try {
    const way = await chooseWay({ folder, reporter: options.reporter });
    const servers = await startServers({ ...options, way, folder, run });
    return {
      ...way,
      ...servers,
      async stop() {
        await servers.stop();
        run.close();
        if (options.data.kind === "ephemeral") await rm(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    run.close();
    throw error;
  }
}

async function startServers(
  options: InfrastructureOptions & { way: Way; folder: string; run: RunRecord },
): Promise<Servers> {
  const { data, way, folder, run, reporter } = options;
  const ports = data.kind === "persistent" ? { ports: data.ports } : {};
  if (way.kind === "binaries") return startBinaries({ folder, ...ports, run, reporter });
  return startContainers(data.kind === "persistent" ? { ...ports, volumes: await ensureVolumes(folder) } : ports);
}

/** One of the two alone would mix a given server with a started one, which nobody can mean. */
function givenInfrastructure(environment: NodeJS.ProcessEnv): Infrastructure | undefined {
  const mongodbUri = environment["MONGODB_URI"];
  const kafkaBrokers = environment["KAFKA_BROKERS"];
  if (mongodbUri && kafkaBrokers) return { kind: "environment", mongodbUri, kafkaBrokers, stop: async () => {} };
  if (!mongodbUri && !kafkaBrokers) return undefined;
  const [set, unset] = mongodbUri ? ["MONGODB_URI", "KAFKA_BROKERS"] : ["KAFKA_BROKERS", "MONGODB_URI"];
  throw new SetupError({
    message: `${set} is set, but ${unset} is not.`,
    remedy: "Set both to use servers that you have, or neither to have them started.",
  });
}

async function chooseFolder(data: InfrastructureOptions["data"]): Promise<string> {
  if (data.kind === "persistent") {
    const folder = join(data.folder, "infrastructure");
    await mkdir(folder, { recursive: true });
    return folder;
  }
  await sweepEphemeral();
  return mkdtemp(join(tmpdir(), ephemeralPrefix));
}

/** Folders of test runs that were killed before they could clean up, with whatever still runs in them. */
async function sweepEphemeral(): Promise<void> {
  const names = (await readdir(tmpdir())).filter((name) => name.startsWith(ephemeralPrefix));
  for (const folder of names.map((name) => join(tmpdir(), name))) {
    const hasRecord = await readdir(folder).then(
      (files) => files.includes(`${recordName}.run.json`),
      () => false,
    );
    if (!hasRecord || findOwner({ folder, name: recordName }) !== undefined) continue;
    await endLeftovers({ folder, name: recordName });
    await rm(folder, { recursive: true, force: true });
  }
}

function describeCommand(): string {
  const script = process.env["npm_lifecycle_event"];
  return script === undefined ? `node ${process.argv.slice(1, 2).join(" ")}` : `npm run ${script}`;
}
