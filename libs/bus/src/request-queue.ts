// kafkajs 2.2.4 on a current Node (tulios/kafkajs#1751): after every answer of a broker `scheduleCheckPendingRequests` arms a
// timer even when no request waits, for `throttledUntil - now`, which is negative without throttling. Node turns a negative delay
// into 1 ms, the timer's check arms the next one, and each connection wakes its process a thousand times a second for ever.
// The method is replaced by one that arms the timer only while requests wait, with a delay that is never negative.
import { createRequire } from "node:module";

/** What of kafkajs's queue is used here. */
interface RequestQueue {
  pending: unknown[];
  throttledUntil: number;
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  scheduleCheckPendingRequests(): void;
  checkPendingRequests(): void;
}

const checkAgainMs = 10;

function scheduleCheckPendingRequests(this: RequestQueue): void {
  if (this.throttleCheckTimeoutId || this.pending.length === 0) return;
  const throttledMs = this.throttledUntil - Date.now();
  this.throttleCheckTimeoutId = setTimeout(
    () => {
      this.throttleCheckTimeoutId = null;
      this.checkPendingRequests();
    },
    throttledMs > 0 ? throttledMs : checkAgainMs,
  );
}

/** To be called before the first connection. Throws where kafkajs has changed, so that an upgrade cannot lose it silently. */
export function guardRequestQueue(): void {
  const load = createRequire(import.meta.url);
  const { prototype } = load("kafkajs/src/network/requestQueue/index.js") as { prototype: RequestQueue };
  if (
    typeof prototype?.scheduleCheckPendingRequests !== "function" ||
    typeof prototype.checkPendingRequests !== "function"
  )
    throw new Error("kafkajs has another request queue: look at libs/bus/src/request-queue.ts again");
  prototype.scheduleCheckPendingRequests = scheduleCheckPendingRequests;
}
