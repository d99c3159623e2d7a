import type { Logger } from "pino";

/** One step of coming to an end. It is bounded, and the next follows whether or not it went well. */
export interface Step {
  name: string;
  timeoutMs: number;
  run(): Promise<unknown> | undefined;
}

/** Ends a service step by step. No step is waited for longer than its bound, so the whole has one. */
export async function drain(steps: readonly Step[], log: Logger): Promise<void> {
  for (const { name, timeoutMs, run } of steps) {
    const startedMs = performance.now();
    const outcome = await bounded(Promise.resolve().then(run), timeoutMs);
    const fields = { step: name, ms: Math.round(performance.now() - startedMs) };
    if (outcome.ended) log.debug(fields, "drained");
    else log.warn({ ...fields, cause: outcome.cause }, "a step of the drain did not end well");
  }
}

type Outcome = { ended: true } | { ended: false; cause?: unknown };

function bounded(work: Promise<unknown>, timeoutMs: number): Promise<Outcome> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve({ ended: false }), timeoutMs);
    work
      .then(
        () => resolve({ ended: true }),
        (cause: unknown) => resolve({ ended: false, cause }),
      )
      .finally(() => clearTimeout(timer));
  });
}
