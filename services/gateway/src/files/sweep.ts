import { setTimeout as sleep } from "node:timers/promises";
import { type Operation, operation, operations } from "@partake/contract";
import type { Parts, Running } from "@partake/service";
import { eachApart } from "./each-apart.ts";
import type { FileStore } from "./file-store.ts";

const everyMs = 3_600_000;
const leaseMs = 60_000;
/** No upload takes this long: what is older and not kept was cut off. */
const unfinishedMs = 3_600_000;
const timeoutMs = 10_000;
/** Of one service in one round. */
const mostPages = 500;

export type SweepParts = Pick<Parts, "store" | "log" | "clock" | "invoke"> & { files: FileStore };

/** A service whose records have bytes here: what it is asked about them. */
interface Owner {
  read: Operation;
  forget: Operation;
}

const owners: readonly Owner[] = operations
  .filter(({ name }) => name === "ReadLeavingBytes")
  .map((read) => ({ read, forget: operation(`/partake.v1.${read.service}/ForgetBytes`) }));

/** Removes what uploads left behind that were cut off, and bytes that have no owner any more; one gateway at a time. */
export function sweepFiles(parts: SweepParts): Running {
  const { store, clock } = parts;
  return store.lead(
    "sweep-files",
    async (signal) => {
      while (!signal.aborted) {
        await sweepUnkept(parts, new Date(clock.now().getTime() - unfinishedMs));
        await sweepLeaving(parts, signal);
        await sleep(everyMs, undefined, { signal }).catch(() => undefined);
      }
    },
    { leaseMs },
  );
}

async function sweepUnkept({ files, log }: SweepParts, before: Date): Promise<void> {
  try {
    const { removed, causes } = await files.sweep(before);
    if (removed > 0) log.info({ removed }, "unfinished uploads removed");
    if (causes.length > 0) log.warn({ cause: causes[0], left: causes.length }, "unfinished uploads left for later");
  } catch (cause) {
    log.warn({ cause }, "unfinished uploads could not be removed; later again");
  }
}

type LeavingParts = Pick<SweepParts, "files" | "invoke" | "log">;

/** One owner that does not answer keeps none of the others. */
export async function sweepLeaving(parts: LeavingParts, signal: AbortSignal): Promise<void> {
  for (const owner of owners) {
    const { service } = owner.read;
    await sweepOwner(parts, owner, signal).catch((cause: unknown) =>
      parts.log.warn({ cause, owner: service }, "bytes without an owner could not be removed; later again"),
    );
  }
}

/** First the bytes, then the word that they are to go: whatever stops in between is done again. */
async function sweepOwner({ files, invoke, log }: LeavingParts, owner: Owner, signal: AbortSignal): Promise<void> {
  const { service } = owner.read;
  for (let page = 0; page < mostPages && !signal.aborted; page += 1) {
    const { ids } = (await invoke(owner.read, {}, { timeoutMs })) as { ids: string[] };
    if (ids.length === 0) return;
    const { done, causes } = await eachApart(ids, (id) => files.remove(id));
    if (done.length > 0) await invoke(owner.forget, { ids: done }, { timeoutMs });
    log.info({ owner: service, removed: done.length }, "bytes without an owner removed");
    if (causes.length > 0)
      log.warn({ cause: causes[0], owner: service, left: causes.length }, "bytes without an owner left for later");
    // A store that takes none of a whole page is away.
    if (done.length === 0) return;
  }
}
