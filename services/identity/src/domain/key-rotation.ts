// When signing keys are made, used and destroyed. A key is published before anybody has to know it, and stays published until
// nothing that it signed is valid any more.

const hourMs = 60 * 60_000;
const dayMs = 24 * hourMs;

/** A key signs for this long. */
export const ROTATE_EVERY_MS = 30 * dayMs;
/** A key is published this long before it signs: longer than anybody caches the key set. */
export const PUBLISH_BEFORE_MS = dayMs;
/** A key stays published this long after its successor took over: far longer than the hour that an ID token lives. */
export const KEEP_AFTER_MS = 7 * dayMs;

export interface KeyTimes {
  kid: string;
  /** From then on it signs, until a younger one does. */
  activeFrom: Date;
}

export interface RotationPlan {
  /** When a key that has to be made now starts to sign. */
  create?: Date;
  /** Keys to destroy: no token that they signed is valid. */
  retire: readonly string[];
}

/** What has to be done now. Doing it and asking again gives an empty plan. */
export function planRotation(keys: readonly KeyTimes[], now: Date): RotationPlan {
  const byAge = oldestFirst(keys);
  const newest = byAge.at(-1);
  if (newest === undefined) return { create: now, retire: [] };
  const retire = byAge.filter((_, index) => {
    const successor = byAge[index + 1];
    return successor !== undefined && successor.activeFrom.getTime() + KEEP_AFTER_MS <= now.getTime();
  });
  const dueMs = newest.activeFrom.getTime() + ROTATE_EVERY_MS;
  const plan = { retire: retire.map((key) => key.kid) };
  if (now.getTime() < dueMs - PUBLISH_BEFORE_MS) return plan;
  return { ...plan, create: new Date(Math.max(dueMs, now.getTime() + PUBLISH_BEFORE_MS)) };
}

/** The keys with the one that signs now first, as oidc-provider takes the first that fits; the others verify only. */
export function signingOrder<K extends KeyTimes>(keys: readonly K[], now: Date): K[] {
  const byAge = oldestFirst(keys);
  const signing = byAge.findLast((key) => key.activeFrom <= now) ?? byAge[0];
  return signing === undefined ? [] : [signing, ...byAge.filter((key) => key !== signing)];
}

function oldestFirst<K extends KeyTimes>(keys: readonly K[]): K[] {
  return keys.toSorted((a, b) => a.activeFrom.getTime() - b.activeFrom.getTime());
}
