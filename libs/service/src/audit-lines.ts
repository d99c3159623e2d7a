import type { AuditAction } from "@partake/contract";
import type { RefusedCall, Trail, View } from "@partake/rpc";
import type { AuditEntry, Log, Store } from "@partake/store";

export interface AuditLinesOptions {
  store: Pick<Store, "write">;
  service: string;
  log: Log;
  nowMs?: () => number;
  flushMs?: number;
  windowMs?: number;
}

/** Lines of who looked at personal data, and who was refused, on their way into the audit trail. */
export interface AuditLines extends Trail {
  /** Stores what waits. */
  stop(): Promise<void>;
}

/** The same thing by the same person, and how often since it was last stored. */
interface Line {
  actorId: string;
  entry: AuditEntry;
  times: number;
  storedAtMs: number;
}

/** A line is stored within this time. */
const defaultFlushMs = 2_000;
/** The same again within this time is counted, not stored again: a flood becomes a number. */
const defaultWindowMs = 60_000;
/** What one person is refused in that time, one by one; the rest is counted as one. */
const mostOfActor = 20;
const mostLines = 1_000;
const mostAtOnce = 100;
const idForm = /^[a-z]{3}_[0-9a-f-]{36}$/;

/** Bounded in memory and in what it stores, whatever comes: nobody can fill the disk by being refused. (R20) */
export function createAuditLines(options: AuditLinesOptions): AuditLines {
  const { store, service, log, nowMs = Date.now } = options;
  const { flushMs = defaultFlushMs, windowMs = defaultWindowMs } = options;
  const lines = new Map<string, Line>();
  const ofActor = new Map<string, number>();
  let timer: NodeJS.Timeout | undefined;

  const count = (actorId: string, entry: AuditEntry): boolean => {
    const key = keyOf(actorId, entry);
    const known = lines.get(key);
    if (known === undefined && lines.size >= mostLines) return false;
    if (known === undefined) lines.set(key, { actorId, entry, times: 1, storedAtMs: Number.NEGATIVE_INFINITY });
    else known.times += 1;
    timer ??= setTimeout(tick, flushMs).unref();
    return true;
  };
  const tick = (): void => {
    timer = undefined;
    void flush(false).finally(() => {
      if (lines.size > 0) timer ??= setTimeout(tick, flushMs).unref();
    });
  };
  const flush = async (all: boolean): Promise<void> => {
    const now = nowMs();
    const isDue = ({ times, storedAtMs }: Line): boolean => times > 0 && (all || now - storedAtMs >= windowMs);
    const due = [...lines.values()].filter(isDue);
    for (const [actorId, own] of Map.groupBy(due, (line) => line.actorId)) {
      for (let at = 0; at < own.length; at += mostAtOnce)
        await storeLines(actorId, own.slice(at, at + mostAtOnce), now);
    }
    for (const [key, { times, storedAtMs, actorId }] of lines) {
      if (times > 0 || now - storedAtMs < windowMs) continue;
      lines.delete(key);
      ofActor.delete(actorId);
    }
  };
  const storeLines = async (actorId: string, own: readonly Line[], now: number): Promise<void> => {
    const counted = own.map(({ times }) => times);
    try {
      await store.write({ actorId, traceparent: undefined }, async (tx) => {
        own.forEach(({ entry }, index) => {
          const times = counted[index] ?? 1;
          tx.audit(times > 1 ? { ...entry, times } : entry);
        });
        return actorId;
      });
    } catch (error) {
      log.warn({ err: error, lines: own.length }, "lines of the audit trail wait for the database");
      return;
    }
    own.forEach((line, index) => {
      line.times -= counted[index] ?? 0;
      line.storedAtMs = now;
    });
  };

  return {
    async before(view) {
      const { actorId, traceparent } = view;
      await store.write({ actorId, traceparent }, async (tx) => {
        tx.audit(entryOf(view));
        return actorId;
      });
    },
    after(view) {
      // Views come from people who may look: where there is no room for one more line, it is stored by itself.
      if (count(view.actorId, entryOf(view))) return;
      void this.before(view).catch((error: unknown) => log.error({ err: error }, "a view was not recorded"));
    },
    refused(of) {
      const { caller } = of;
      const isRefusal = of.failed.code === "forbidden" || of.failed.code === "not_found";
      if (!isRefusal || caller.kind !== "user" || caller.organisationId === undefined) return;
      const { userId, organisationId } = caller;
      const entry = refusalOf(of, organisationId);
      const isNew = !lines.has(keyOf(userId, entry));
      const own = ofActor.get(userId) ?? 0;
      if (isNew && own < mostOfActor && count(userId, entry)) {
        ofActor.set(userId, own + 1);
        return;
      }
      if (!isNew) {
        count(userId, entry);
        return;
      }
      const many: AuditEntry = { action: "access.refused", organisationId, outcome: "refused", cause: "many" };
      if (!count(userId, many)) count(`service:${service}`, many);
    },
    async stop() {
      clearTimeout(timer);
      await flush(true);
    },
  };
}

function keyOf(actorId: string, { organisationId, action, subjectId, operation, cause }: AuditEntry): string {
  return JSON.stringify([organisationId, actorId, action, subjectId, operation, cause]);
}

function entryOf({ action, organisationId, subjectId }: View): AuditEntry {
  return { action: action as AuditAction, organisationId, ...(subjectId !== undefined && { subjectId }) };
}

/** What was asked for, by whom and why not; of the request nothing but the id that the decision was about. */
function refusalOf({ operation, request, failed }: RefusedCall, organisationId: string): AuditEntry {
  const { access, service, name } = operation;
  const field = access.kind === "permission" ? (access.scope ?? access.record) : undefined;
  const subjectId = field === undefined ? undefined : (request as Record<string, unknown>)[field];
  return {
    ...{ action: "access.refused", organisationId, outcome: "refused" },
    ...{ operation: `${service}.${name}`, cause: failed.reason },
    ...(typeof subjectId === "string" && idForm.test(subjectId) && { subjectId }),
  };
}
