import { type Cause, type Log, type Store, trusted } from "@partake/store";
import { HINDERED_ATTEMPTS, type HindranceRecord, hindrances, isHindered, restMs } from "./hindrances.ts";
import type { Clock } from "./types.ts";

/** Some work of a service that comes up again and again, for one thing after the other. */
export interface DueWork<T extends { _id: string }> {
  /** Names it in logs and figures. */
  name: string;
  /** What is due, a bounded number, without those whose names the operator leaves out. */
  find(isNot: object): Promise<readonly T[]>;
  /** Does it for one. What it throws keeps nobody but that one waiting. */
  work(one: T): Promise<unknown>;
  /** How many at the same time; default: one. */
  atOnce?: number;
  signal?: AbortSignal;
}

export interface DueWorkParts {
  store: Store;
  clock: Clock;
  log: Log;
}

/** Things that rest at the same time; where more do, the fault is none of theirs. */
const mostResting = 1_000;
/** After so many failures the others wait for the next look: what they all need may be away. */
const mostFailures = 5;
const cause: Cause = { actorId: "service:work", traceparent: undefined };

/**
 * Does what is due, and gives how many went well, so that whoever looks again at once knows that there is reason to. What fails
 * rests, each time longer, and is stored as resting: the others go on, also after a crash. On one replica at a time.
 */
export async function eachDue<T extends { _id: string }>(parts: DueWorkParts, of: DueWork<T>): Promise<number> {
  const { name, find, work, atOnce = 1, signal } = of;
  let due = await find(trusted({ $nin: [] }));
  if (due.length === 0) return 0;
  const known = await knownHindrances(parts.store, name);
  const now = parts.clock.now();
  const resting = [...known.values()].filter(({ restsUntil }) => restsUntil > now).map(({ item }) => item);
  if (resting.length > 0) due = await find(trusted({ $nin: resting }));

  async function attempt(one: T): Promise<boolean> {
    const hindrance = known.get(one._id);
    try {
      await work(one);
    } catch (thrown) {
      await hinder(parts, { name, item: one._id, attempts: (hindrance?.attempts ?? 0) + 1, thrown });
      return false;
    }
    if (hindrance) await forget(parts.store, hindrance);
    return true;
  }

  let [done, failures] = [0, 0];
  for (let from = 0; from < due.length; from += atOnce) {
    if (signal?.aborted || failures >= mostFailures) break;
    for (const wentWell of await Promise.all(due.slice(from, from + atOnce).map(attempt))) {
      if (wentWell) done += 1;
      else failures += 1;
    }
  }
  return done;
}

/** By work, how much of it still does not go after many attempts. */
export async function hinderedWork(store: Pick<Store, "find">): Promise<ReadonlyMap<string, number>> {
  const hindered = await store.find(hindrances, trusted({ ...isHindered }), { limit: mostResting });
  const groups = Map.groupBy(hindered, ({ work }) => work);
  return new Map([...groups].map(([work, records]) => [work, records.length]));
}

async function knownHindrances(store: Store, name: string): Promise<Map<string, HindranceRecord>> {
  const longest = { sort: { restsUntil: -1 }, limit: mostResting } as const;
  const known = await store.find(hindrances, { work: name }, longest);
  return new Map(known.map((hindrance) => [hindrance.item, hindrance]));
}

async function hinder(
  { store, clock, log }: DueWorkParts,
  of: { name: string; item: string; attempts: number; thrown: unknown },
): Promise<void> {
  const { name: work, item, attempts, thrown } = of;
  const told = { err: thrown, work, item, attempts };
  if (attempts < HINDERED_ATTEMPTS) log.warn(told, "work failed for one; it is tried again");
  else log.error(told, "work fails for one again and again; it is tried on, seldom");
  const restsUntil = new Date(clock.now().getTime() + restMs(attempts));
  const _id = `${work}:${item}`;
  await store.write(cause, async (tx) => {
    const current = await tx.get(hindrances, _id);
    if (current) await tx.update(hindrances, current, { attempts, restsUntil });
    else await tx.insert(hindrances, { _id, work, item, attempts, restsUntil });
    return _id;
  });
}

async function forget(store: Store, { _id }: HindranceRecord): Promise<void> {
  await store.write(cause, async (tx) => {
    const current = await tx.get(hindrances, _id);
    if (current) await tx.remove(hindrances, current);
    return _id;
  });
}
