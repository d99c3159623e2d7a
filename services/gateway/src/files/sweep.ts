import { setTimeout as sleep } from "node:timers/promises";
import { operation } from "@partake/contract";
import type { Parts, Running } from "@partake/service";
import type { FileStore } from "./file-store.ts";

const everyMs = 3_600_000;
const leaseMs = 60_000;
/** No upload takes this long: what is older and not kept was cut off. */
const unfinishedMs = 3_600_000;
const timeoutMs = 10_000;
/** Pages of pictures in one round. */
const mostPages = 50;
const readRemoved = operation("/partake.v1.Projects/ReadRemovedImages");
const forget = operation("/partake.v1.Projects/ForgetImages");

export type SweepParts = Pick<Parts, "store" | "log" | "clock" | "invoke"> & { files: FileStore };

/** Removes what uploads left behind that were never finished, and pictures that nothing shows any more; one gateway at a time. */
export function sweepFiles(parts: SweepParts): Running {
  const { store, files, log, clock } = parts;
  return store.lead(
    "sweep-files",
    async (signal) => {
      while (!signal.aborted) {
        const removed = await files.sweep(new Date(clock.now().getTime() - unfinishedMs));
        if (removed > 0) log.info({ removed }, "unfinished uploads removed");
        await sweepImages(parts).catch((cause: unknown) =>
          log.warn({ cause }, "pictures could not be removed; later again"),
        );
        await sleep(everyMs, undefined, { signal }).catch(() => undefined);
      }
    },
    { leaseMs },
  );
}

/** First the bytes, then the record that says that they are to go: whatever stops in between is done again. */
export async function sweepImages({ files, invoke, log }: Pick<SweepParts, "files" | "invoke" | "log">): Promise<void> {
  for (let page = 0; page < mostPages; page += 1) {
    const { imageIds } = (await invoke(readRemoved, {}, { timeoutMs })) as { imageIds: string[] };
    if (imageIds.length === 0) return;
    for (const imageId of imageIds) await files.remove(imageId);
    await invoke(forget, { imageIds }, { timeoutMs });
    log.info({ removed: imageIds.length }, "pictures that nothing shows removed");
  }
}
