import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Reporter } from "../terminal/reporter.ts";
import { SetupError } from "../terminal/setup-error.ts";
import { bringImages, isDockerAnswering } from "./engine.ts";
import { findVolumes } from "./volumes.ts";

/** How Kafka and MongoDB are started here, and why not in containers. */
export type Way = { kind: "containers" } | { kind: "binaries"; because: string };

/** Containers when a Docker engine can run them, else programs; what has data already stays as it is. */
export async function chooseWay(options: { folder: string; reporter: Reporter }): Promise<Way> {
  const made = await madeBy(options.folder);
  if (made === "binaries") return { kind: "binaries", because: madeByBinaries };
  const problem = (await isDockerAnswering()) ? await imageProblem(options.reporter) : "no Docker engine answers";
  if (problem === undefined) return { kind: "containers" };
  if (made === undefined) return { kind: "binaries", because: problem };
  throw new SetupError({
    message: `The data of ${options.folder} lies in containers' volumes, and ${problem}.`,
    remedy: startDockerOrAnew,
  });
}

export const madeByBinaries = "the data here was made by programs of this machine";
export const startDockerOrAnew = "Start Docker, or start over with npm run reset.";

/** Data stays with the way that made it: on the other one it would seem to be lost. */
export async function madeBy(folder: string): Promise<Way["kind"] | undefined> {
  if ((await findVolumes(folder)) !== undefined) return "containers";
  const hasFiles = await stat(join(folder, "mongodb", "data")).then(
    () => true,
    () => false,
  );
  return hasFiles ? "binaries" : undefined;
}

async function imageProblem(reporter: Reporter): Promise<string | undefined> {
  const problem = await bringImages(reporter);
  if (problem === undefined) return undefined;
  reporter.line(`A Docker engine answers, but has no images: ${problem}.`);
  return `the Docker engine has no images (${problem})`;
}
