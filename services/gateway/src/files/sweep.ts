import { setTimeout as sleep } from "node:timers/promises";
import type { Store } from "@partake/store";
import type { Logger } from "pino";
import type { FileStore } from "./file-store.ts";

const everyMs = 3_600_000;
/** No upload takes this long: what is older and not kept was cut off. */
const unfinishedMs = 3_600_000;

/** Removes what uploads left behind that were never finished; one gateway at a time. */
export function sweepFiles(parts: { store: Store; files: FileStore; log: Logger; now(): Date }): {
  stop(): Promise<void>;
} {
  const { store, files, log, now } = parts;
  return store.lead("sweep-files", async (signal) => {
    while (!signal.aborted) {
      const removed = await files.sweep(new Date(now().getTime() - unfinishedMs));
      if (removed > 0) log.info({ removed }, "unfinished uploads removed");
      await sleep(everyMs, undefined, { signal }).catch(() => undefined);
    }
  });
}
