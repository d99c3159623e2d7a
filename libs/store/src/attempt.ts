import { failure } from "@partake/failure";
import type { ClientSession, Connection, mongo } from "mongoose";
import { queryTimeoutMs } from "./connection.ts";
import { endsTransaction, isUnknownCommit, isWriteConflict, withoutValues } from "./database-errors.ts";
import { type Guard, type GuardRecord, guardRecord, repeatedWrite } from "./guards.ts";
import { journalName } from "./journal.ts";
import type { Models } from "./models.ts";
import { entryId } from "./outbox.ts";
import { collectionOf, type Sending, startSending } from "./sending.ts";
import { changedRecord, type Step } from "./steps.ts";
import { openShare, type Share } from "./transaction.ts";
import type { Cause, Transaction, Written } from "./types.ts";

/** A write that somebody waits for. */
export interface Request {
  cause: Cause;
  guard: Guard | undefined;
  work(tx: Transaction): Promise<string>;
  /** Milliseconds of the monotonic clock. */
  deadline: number;
  /** Another one with the same guard was under way: whether that did it is asked first. */
  mayRepeat: boolean;
}

/** A write of which another one's turn at a record comes first takes no part. */
export type Outcome = { written: Written } | { refused: unknown } | { waitsFor: string };

export interface Parts {
  connection: Connection;
  models: Models;
  source: string;
  grantsKnown?: ((organisationId: string) => number) | undefined;
  grantsRaised?: ((organisationId: string, version: number) => void) | undefined;
  now(): Date;
  monotonicMs(): number;
  /** Called after a commit that left something in the outbox. */
  published(): void;
}

/** The commit may or may not have taken place. Its requests cannot be run again without their guard's word. */
export class UnknownOutcome extends Error {
  override readonly name = "UnknownOutcome";
}

/** An attempt that did not commit, and why; with what the works had returned, for telling a repeat. */
export class FailedAttempt extends Error {
  override readonly name = "FailedAttempt";
  override readonly cause: unknown;
  readonly failedIn: string | undefined;
  readonly ids: readonly (string | undefined)[];
  /** Of requests that lost a race, by their place: the record that another transaction changed first. */
  readonly lost: ReadonlyMap<number, string>;

  constructor(cause: unknown, at: { sending: Sending; ids: readonly (string | undefined)[] }) {
    super("the transaction was not committed", { cause });
    this.cause = cause;
    this.failedIn = at.sending.failedIn;
    this.ids = at.ids;
    this.lost = isWriteConflict(cause) ? recordsBySender(at.sending.failed) : new Map();
  }
}

/** The database does not say which of the steps of one command met another transaction: it may be any. */
function recordsBySender(steps: readonly Step[]): ReadonlyMap<number, string> {
  const records = new Map<number, string>();
  for (const step of steps) {
    const record = changedRecord(step);
    if (record !== undefined) records.set(step.owner, record);
  }
  return records;
}

/**
 * Runs the works of several requests, one after the other, in one transaction. Each sees what those before it did. A work that
 * throws takes no part, unless something of it was sent already; then, as after anything else that fails, nothing is committed.
 * That a work threw is an outcome only if the rest is committed, because it may have thrown over what another one did.
 *
 * A work that would change a record of which `takesTurns` says so takes no part either.
 *
 * Most writes are no repeats, so a lone one does not ask first whether it was done before: the database refuses its guard then,
 * and the attempt that follows, `singly`, asks.
 */
export async function attempt(
  parts: Parts,
  requests: readonly Request[],
  options: { singly: boolean; takesTurns?: (record: string) => boolean },
): Promise<Outcome[]> {
  const session = await parts.connection.startSession({ causalConsistency: false });
  const ids: (string | undefined)[] = requests.map(() => undefined);
  const sending = startSending(parts.connection, session, options.singly);
  const deadline = Math.min(...requests.map((request) => request.deadline));
  try {
    session.startTransaction({
      readConcern: { level: "snapshot" },
      writeConcern: { w: "majority", journal: true },
      maxCommitTimeMS: queryTimeoutMs,
    });
    const asksFirst = requests.length > 1 || options.singly || requests.some(({ mayRepeat }) => mayRepeat);
    const earlier = asksFirst ? await earlierWrites(parts.connection, session, requests) : undefined;
    const shares: Share[] = [];
    const outcomes: Outcome[] = [];
    for (const [owner, request] of requests.entries())
      outcomes.push(await runWork({ parts, session, sending, owner, request, earlier, shares, ids, options }));
    const events = await sendRest({ parts, session, sending, shares });
    if (outcomes.some((outcome) => "written" in outcome && !outcome.written.repeated))
      await commit(parts, session, deadline);
    else await session.abortTransaction().catch(() => undefined);
    for (const share of shares) share.committed();
    if (events > 0) parts.published();
    return outcomes;
  } catch (error) {
    if (session.inTransaction()) await session.abortTransaction().catch(() => undefined);
    if (error instanceof UnknownOutcome) throw error;
    throw new FailedAttempt(error, { sending, ids });
  } finally {
    await session.endSession().catch(() => undefined);
  }
}

interface Running {
  parts: Parts;
  session: ClientSession;
  sending: Sending;
  owner: number;
  request: Request;
  /** Undefined where nobody has asked yet. */
  earlier: ReadonlyMap<string, GuardRecord> | undefined;
  shares: Share[];
  ids: (string | undefined)[];
  options: { takesTurns?: (record: string) => boolean };
}

async function runWork(running: Running): Promise<Outcome> {
  const { parts, session, sending, owner, request, earlier, shares, ids, options } = running;
  const { guard, cause } = request;
  const repeat = repeatOf(guard, earlier);
  if (repeat) return repeat;
  const now = parts.now();
  const { models, source, grantsKnown, grantsRaised } = parts;
  const share = openShare({ models, session, sending, owner, cause, now, source, grantsKnown, grantsRaised });
  try {
    const id = await within(request.deadline - parts.monotonicMs(), request.work(share.transaction));
    const failed = await share.close();
    if (failed) throw failed.error;
    ids[owner] = id;
    share.checkIfMatch(id);
    const waitsFor = options.takesTurns && sending.changing(owner, options.takesTurns);
    if (waitsFor !== undefined && sending.drop(owner)) return { waitsFor };
    if (guard) sending.add(guardStep(guard, { owner, result: id, now }));
    shares.push(share);
    return { written: { id, repeated: false } };
  } catch (error) {
    const failed = await share.close();
    if (failed && endsTransaction(failed.error)) throw failed.error;
    if (!sending.drop(owner)) throw error;
    // It may have thrown over what it did the first time.
    return (
      repeatOf(guard, earlier ?? (await earlierWrites(parts.connection, session, [request]))) ?? { refused: error }
    );
  }
}

function repeatOf(guard: Guard | undefined, earlier: Running["earlier"]): Outcome | undefined {
  const before = guard && earlier?.get(guard.id);
  if (!guard || !before) return undefined;
  try {
    return { written: repeatedWrite(guard, before) };
  } catch (error) {
    return { refused: error };
  }
}

function guardStep(guard: Guard, done: { owner: number; result: string; now: Date }): Step {
  const document = { ...guardRecord(guard, done) };
  return { owner: done.owner, collection: journalName, id: guard.id, kind: "insert", document };
}

async function earlierWrites(
  connection: Connection,
  session: ClientSession,
  requests: readonly Request[],
): Promise<ReadonlyMap<string, GuardRecord>> {
  const earlier = new Map<string, GuardRecord>();
  const ids = requests.flatMap(({ guard }) => (guard ? [guard.id] : []));
  if (ids.length === 0) return earlier;
  const records = collectionOf(connection, journalName) as unknown as mongo.Collection<GuardRecord>;
  const found = records.find({ _id: { $in: ids } }, { session, maxTimeMS: queryTimeoutMs, batchSize: ids.length + 1 });
  for (const record of await found.toArray()) earlier.set(record._id, record);
  return earlier;
}

/** Sends what waits, and last the events: their ids tell their place after everything that this transaction saw. */
async function sendRest(rest: {
  parts: Parts;
  session: ClientSession;
  sending: Sending;
  shares: readonly Share[];
}): Promise<number> {
  const { parts, session, sending, shares } = rest;
  await sending.flushRecords();
  const events = shares.flatMap((share) => share.events);
  // A transaction of events alone has heard nothing of the database yet.
  if (events.length > 0 && !session.clusterTime)
    await collectionOf(parts.connection, journalName).findOne({ _id: "" }, { session });
  for (const [place, event] of events.entries()) {
    const document = { _id: entryId(session, place), ...event };
    sending.add({ owner: -1, collection: journalName, id: document._id, kind: "insert", document });
  }
  await sending.flushJournal();
  return events.length;
}

/** Commits, and asks again while the answer is unknown: the server knows the transaction by its number. */
async function commit(parts: Parts, session: ClientSession, deadline: number): Promise<void> {
  for (let pauseMs = 10; ; pauseMs = Math.min(pauseMs * 2, 500)) {
    try {
      await session.commitTransaction();
      return;
    } catch (error) {
      if (!isUnknownCommit(error)) throw error;
      if (parts.monotonicMs() > deadline)
        throw new UnknownOutcome("the commit was not answered", { cause: withoutValues(error) });
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
}

async function within<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(failure("unavailable", "write_too_slow")), Math.max(timeoutMs, 1));
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
