const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Resolves at the first request to stop. npm passes Ctrl-C on beside the terminal, so a second signal within a moment is
 * the same key press; a later one means that somebody has no more patience, and ends the process: the guard does the rest.
 */
export function untilStopped(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let firstMs: number | undefined;
    // A promise alone does not keep the process alive.
    const alive = setInterval(() => {}, 60_000);
    const onSignal = (signal: NodeJS.Signals) => {
      if (firstMs === undefined) {
        firstMs = Date.now();
        clearInterval(alive);
        resolve(signal);
        return;
      }
      if (Date.now() - firstMs > samePressMs) process.exit(130);
    };
    for (const signal of signals) process.on(signal, onSignal);
  });
}

const samePressMs = 1_500;
