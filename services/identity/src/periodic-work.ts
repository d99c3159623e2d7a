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
    await pause(everyMs, signal);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  const stop = () => resolve();
  signal.addEventListener("abort", stop, { once: true });
  return promise.finally(() => {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  });
}
