import { randomBytes } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Where the containers of a data folder keep their data. */
export interface Volumes {
  /** Drawn for the folder: another checkout, or this one made anew, has other keys and must not meet this data. */
  dataId: string;
  mongodb: string;
  kafka: string;
}

/** The volumes that belong to a data folder; undefined where none do. */
export async function findVolumes(folder: string): Promise<Volumes | undefined> {
  const text = await readFile(fileOf(folder), "utf8").catch(() => undefined);
  return text === undefined ? undefined : named(text.trim());
}

/** The same for every start on this folder. */
export async function ensureVolumes(folder: string): Promise<Volumes> {
  const before = await findVolumes(folder);
  if (before !== undefined) return before;
  const dataId = randomBytes(4).toString("hex");
  await mkdir(folder, { recursive: true });
  await writeFile(`${fileOf(folder)}.new`, `${dataId}\n`);
  await rename(`${fileOf(folder)}.new`, fileOf(folder));
  return named(dataId);
}

function named(dataId: string): Volumes {
  return { dataId, mongodb: `partake-${dataId}-mongodb`, kafka: `partake-${dataId}-kafka` };
}

function fileOf(folder: string): string {
  return join(folder, "volumes");
}
