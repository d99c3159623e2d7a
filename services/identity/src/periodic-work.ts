import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "@partake/store";

/** Does something now and then, until told to stop. A failure is logged and tried again the next time. */
export async function repeat(of: {
  work(): Promise<void>;
  everyMs: number;
  signal: AbortSignal;
  log: Log;
}): Promise<void> {
  const { work, everyMs, signal, log } = of;
  while (!signal.aborted) {
    await work().catch((error: unknown) => log.warn({ err: error }, "periodic work failed"));
    await sleep(everyMs, undefined, { signal }).catch(() => undefined);
  }
}
