import type { AuditEntry, Log, Store } from "@partake/store";
import { byEmail } from "../store/accounts.ts";
import { trailsOf } from "../store/login-lines.ts";

/** Somebody who was not let in: by the address that they gave, whose passkey it was, or as whom an organisation's own provider sent. */
export type LoginRefusal = { cause: string } & ({ email: string } | { userId: string } | { organisationId: string });

/**
 * Keeps who tried to log in and was refused, for the audit trails. It is stored within seconds and beside the answer, counted: how long
 * an answer takes tells nobody whether the address is known, and a flood is a number. (R20)
 */
export interface LoginRefusals {
  note(refusal: LoginRefusal): void;
  /** Stores what waits. */
  stop(): Promise<void>;
}

const flushMs = 2_000;
/** As many different ones within one flush; the rest of a flood says nothing new. */
const mostWaiting = 1_000;

export function loginRefusals(parts: { store: Store; log: Log }): LoginRefusals {
  const { store, log } = parts;
  let waiting = new Map<string, { refusal: LoginRefusal; times: number }>();
  let timer: NodeJS.Timeout | undefined;
  let flushing: Promise<void> = Promise.resolve();

  const flush = async (): Promise<void> => {
    const noted = [...waiting.values()];
    waiting = new Map();
    for (const { refusal, times } of noted) {
      try {
        await keep(store, refusal, times);
      } catch (error) {
        log.warn({ err: error, cause: refusal.cause, times }, "a refused log-in was not recorded");
      }
    }
  };
  const begin = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    flushing = flushing.then(flush);
    return flushing;
  };
  return {
    note(refusal) {
      const key = JSON.stringify(refusal);
      const known = waiting.get(key);
      if (known !== undefined) known.times += 1;
      else if (waiting.size < mostWaiting) waiting.set(key, { refusal, times: 1 });
      timer ??= setTimeout(() => void begin(), flushMs).unref();
    },
    stop: begin,
  };
}

/** Whoever tried has proved nothing, so the line is about the account and by nobody. */
async function keep(store: Store, refusal: LoginRefusal, times: number): Promise<void> {
  const { subjectId, trails } = await concerned(store, refusal);
  if (trails.length === 0) return;
  await store.write({ actorId: "anonymous", traceparent: undefined }, async (tx) => {
    for (const organisationId of trails) {
      const line: AuditEntry = { action: "log_in.refused", organisationId, outcome: "refused", cause: refusal.cause };
      tx.audit({ ...line, ...(subjectId !== undefined && { subjectId }), ...(times > 1 && { times }) });
    }
    return subjectId ?? trails[0] ?? "";
  });
}

async function concerned(store: Store, refusal: LoginRefusal): Promise<{ subjectId?: string; trails: string[] }> {
  if ("organisationId" in refusal) return { trails: [refusal.organisationId] };
  const subjectId = "userId" in refusal ? refusal.userId : (await byEmail(store, refusal.email))?._id;
  return subjectId === undefined ? { trails: [] } : { subjectId, trails: await trailsOf(store, { userId: subjectId }) };
}
