import { setTimeout as sleep } from "node:timers/promises";

/** Waits, at most until the signal. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { ...(signal && { signal }) }).catch(() => undefined);
}

/** Waits for something to end however it ends, at most for that time: for closing what may hang. */
export async function atMost(ms: number, ending: Promise<unknown>): Promise<void> {
  const waiting = new AbortController();
  const ended = ending.then(
    () => waiting.abort(),
    () => waiting.abort(),
  );
  await Promise.race([ended, pause(ms, waiting.signal)]);
  waiting.abort();
}

/** The result of something, or an error as soon as the signal comes: the thing itself goes on. */
export async function unlessAborted<T>(signal: AbortSignal, running: Promise<T>): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(new Error("it was stopped"));
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([running, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
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
