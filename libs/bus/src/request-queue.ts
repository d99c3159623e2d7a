// kafkajs 2.2.4 on a current Node (tulios/kafkajs#1751): after every answer of a broker `scheduleCheckPendingRequests` arms a
// timer even when no request waits, for `throttledUntil - now`, which is negative without throttling. Node turns a negative delay
// into 1 ms, the timer's check arms the next one, and each connection wakes its process a thousand times a second for ever.
// The method is replaced by one that arms the timer only while requests wait, with a delay that is never negative.
// Likewise each connection looks ten times a second for requests that got no answer in time; every five seconds does for ours,
// which may take twenty.
import { createRequire } from "node:module";

/** What of kafkajs's queue is used here. */
interface RequestQueue {
  pending: unknown[];
  throttledUntil: number;
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  enforceRequestTimeout: boolean;
  requestTimeoutIntervalId: NodeJS.Timeout;
  inflight: Map<number, { sentAt: number; requestTimeout: number; timeoutRequest(): void }>;
  isConnected(): boolean;
  destroy(): void;
  scheduleCheckPendingRequests(): void;
  checkPendingRequests(): void;
  scheduleRequestTimeoutCheck(): void;
}

const checkAgainMs = 10;
const timeoutCheckMs = 5000;
const methods = [
  "scheduleCheckPendingRequests",
  "checkPendingRequests",
  "scheduleRequestTimeoutCheck",
  "destroy",
] as const;

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

function scheduleRequestTimeoutCheck(this: RequestQueue): void {
  if (!this.enforceRequestTimeout) return;
  this.destroy();
  this.requestTimeoutIntervalId = setInterval(() => {
    for (const request of [...this.inflight.values()])
      if (Date.now() - request.sentAt > request.requestTimeout) request.timeoutRequest();
    if (!this.isConnected()) this.destroy();
  }, timeoutCheckMs);
}

/** To be called before the first connection, also by who uses kafkajs itself. Throws where kafkajs has changed, so that an upgrade cannot lose it silently. */
export function guardRequestQueue(): void {
  const load = createRequire(import.meta.url);
  const { prototype } = load("kafkajs/src/network/requestQueue/index.js") as { prototype: RequestQueue };
  if (methods.some((method) => typeof prototype?.[method] !== "function"))
    throw new Error("kafkajs has another request queue: look at libs/bus/src/request-queue.ts again");
  Object.assign(prototype, { scheduleCheckPendingRequests, scheduleRequestTimeoutCheck });
}
