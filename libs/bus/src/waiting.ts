/** Waits, at most until the signal. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", done, { once: true });
  });
}

export interface Wake {
  now(): void;
  wait(atMostMs: number, signal: AbortSignal): Promise<void>;
}

/** A wake-up that is not lost when nobody waits at that moment: the next wait returns at once. One waits at a time. */
export function createWake(): Wake {
  let woken = false;
  let rouse: (() => void) | undefined;
  return {
    now() {
      woken = true;
      rouse?.();
    },
    async wait(atMostMs, signal) {
      if (!woken && !signal.aborted)
        await new Promise<void>((resolve) => {
          const done = () => {
            clearTimeout(timer);
            signal.removeEventListener("abort", done);
            rouse = undefined;
            resolve();
          };
          const timer = setTimeout(done, atMostMs);
          signal.addEventListener("abort", done, { once: true });
          rouse = done;
        });
      woken = false;
    },
  };
}

/** Runs a task for each item, so many at a time. Rejects with the first error after all that began have ended. */
export async function forEachAtOnce<T>(
  items: Iterable<T>,
  atOnce: number,
  task: (item: T) => Promise<void>,
): Promise<void> {
  const left = [...items].values();
  const run = async () => {
    for (const item of left) await task(item);
  };
  const ends = await Promise.allSettled(Array.from({ length: atOnce }, run));
  for (const end of ends) if (end.status === "rejected") throw end.reason;
}
