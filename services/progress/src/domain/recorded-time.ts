import { refused } from "./refusal.ts";

const YEARS_BACK = 10;
/** Clocks of phones run fast by seconds, not by minutes. */
const AHEAD_MS = 60_000;

/** When something was true: at most ten years back and not in the future. Absent: now. */
export function recordedTime(given: string | undefined, now: Date): Date {
  if (given === undefined) return now;
  const recordedAt = new Date(given);
  const pointer = "/recordedAt";
  if (Number.isNaN(recordedAt.getTime())) {
    throw refused("invalid_request", { pointer, code: "format", message: "A time of RFC 3339." });
  }
  const earliest = new Date(now);
  earliest.setUTCFullYear(earliest.getUTCFullYear() - YEARS_BACK);
  if (recordedAt < earliest) {
    throw refused("recorded_too_early", { pointer, code: "too_small", message: "At most ten years back." });
  }
  if (recordedAt.getTime() > now.getTime() + AHEAD_MS) {
    throw refused("recorded_in_future", { pointer, code: "too_large", message: "Not in the future." });
  }
  return recordedAt;
}
