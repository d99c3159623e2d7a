// The driver of MongoDB 7.5 looks ten times a second, for each pool, whether it has fewer connections than it must have at least
// or idle ones to close, and offers no setting for that. Our pools need no least number, so every five seconds does: a process
// that nobody uses is not woken for it.
import { createRequire } from "node:module";

/** What of the driver's pool is used here. */
interface ConnectionPool {
  options: { minPoolSize: number };
  minPoolSizeTimer: NodeJS.Timeout | undefined;
  ensureMinPoolSize(): void;
}

const everyMs = 5000;
let done = false;

/** To be called before the first connection. Throws where the driver has changed, so that an upgrade cannot lose it silently. */
export function slowPoolTimer(): void {
  if (done) return;
  done = true;
  const load = createRequire(createRequire(import.meta.url).resolve("mongoose"));
  const driver = load("mongodb/lib/cmap/connection_pool.js") as { ConnectionPool: { prototype: ConnectionPool } };
  const { prototype } = driver.ConnectionPool;
  const { ensureMinPoolSize } = prototype;
  if (typeof ensureMinPoolSize !== "function")
    throw new Error("the driver of MongoDB has another pool: look at libs/store/src/pool-timer.ts again");
  prototype.ensureMinPoolSize = function () {
    ensureMinPoolSize.call(this);
    if (this.options.minPoolSize > 0 || this.minPoolSizeTimer === undefined) return;
    clearTimeout(this.minPoolSizeTimer);
    this.minPoolSizeTimer = setTimeout(() => this.ensureMinPoolSize(), everyMs);
  };
}
