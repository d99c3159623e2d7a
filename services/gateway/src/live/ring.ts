import { randomBytes } from "node:crypto";
import type { Happening } from "./audience.ts";

/** What happened lately, in the order in which this process heard of it. */
export interface Ring {
  /** Keeps something, and tells its cursor. */
  add(happening: Happening): string;
  /** The cursor of now: what happens later comes after it. It tells a time and no count, so nothing of what others do. */
  now(): string;
  /** What came after a cursor; undefined where that is not known, so that the client has to read everything anew. */
  after(cursor: string): readonly Kept[] | undefined;
  /** Forgets everything: something was missed. */
  clear(): void;
}

export interface Kept {
  happening: Happening;
  cursor: string;
}

interface Entry extends Kept {
  /** Microseconds, ascending. */
  stamp: number;
}

const maxEntries = 20_000;
const keptMs = 5 * 60_000;
/** Two processes hear of the same things, but those of two partitions not in the same order. */
const orderMarginMs = 10_000;
const cursorForm = /^([0-9a-f]{8})-([0-9a-z]{1,13})(?:-([A-Za-z0-9_-]{1,64}))?$/;

export function createRing(nowMs: () => number): Ring {
  const instance = randomBytes(4).toString("hex");
  let entries: Entry[] = [];
  let last = 0;
  /** What came after this is all here. */
  let wholeSince = stampOf(nowMs());
  const next = () => Math.max(stampOf(nowMs()), last + 1);
  const cursorAt = (stamp: number) => `${instance}-${stamp.toString(36)}`;
  const forget = () => {
    const oldest = stampOf(nowMs() - keptMs);
    let count = entries.findIndex(({ stamp }) => stamp >= oldest);
    if (count === -1) count = entries.length;
    count = Math.max(count, entries.length - maxEntries);
    if (count === 0) return;
    wholeSince = entries[count - 1]?.stamp ?? wholeSince;
    entries = entries.slice(count);
  };
  return {
    add(happening) {
      last = next();
      const cursor = `${cursorAt(last)}-${happening.event.id}`;
      entries.push({ stamp: last, happening, cursor });
      if (entries.length % 1000 === 0) forget();
      return cursor;
    },
    now() {
      last = next();
      return cursorAt(last);
    },
    after(cursor) {
      forget();
      const [, from, stampText = "", eventId] = cursorForm.exec(cursor) ?? [];
      if (from === undefined) return undefined;
      if (from === instance) {
        const stamp = Number.parseInt(stampText, 36);
        return stamp < wholeSince || stamp > next() ? undefined : entries.filter((entry) => entry.stamp > stamp);
      }
      // Another process's clock means nothing here; that it heard of the same event does.
      const same = entries.find(({ happening }) => happening.event.id === eventId);
      if (!same) return undefined;
      const since = same.stamp - orderMarginMs * 1000;
      return since < wholeSince ? undefined : entries.filter((entry) => entry.stamp > since && entry !== same);
    },
    clear() {
      entries = [];
      last = next();
      wholeSince = last;
    },
  };
}

function stampOf(ms: number): number {
  return Math.floor(ms * 1000);
}
