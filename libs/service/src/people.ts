import type { Call } from "@partake/rpc";
import type { Parts } from "./types.ts";

/** The names of users, for showing who did something. */
export interface People {
  /** Whom identity does not tell of in time has no name: reading goes on while identity is away. */
  names(userIds: Iterable<string>, call: Call): Promise<ReadonlyMap<string, string>>;
}

const NAMES_MAXIMUM = 10_000;
const KEPT_MS = 60_000;
const BATCH = 500;
const TIMEOUT_MS = 1_000;

export function people({ clients, clock, log }: Pick<Parts, "clients" | "clock" | "log">): People {
  /** In the order in which they were read: the first is the oldest. */
  const known = new Map<string, { name: string; untilMs: number }>();

  function keep(userId: string, name: string, nowMs: number): void {
    known.delete(userId);
    known.set(userId, { name, untilMs: nowMs + KEPT_MS });
    const [oldest] = known.keys();
    if (known.size > NAMES_MAXIMUM && oldest !== undefined) known.delete(oldest);
  }

  async function read(userIds: readonly string[], call: Call): Promise<void> {
    const { traceparent, requestId } = call;
    const outgoing = { timeoutMs: TIMEOUT_MS, ...(traceparent && { traceparent }), requestId };
    const { items } = await clients.Identity.readUsers({ userIds: [...userIds] }, outgoing);
    const nowMs = clock.now().getTime();
    for (const { userId, name } of items) keep(userId, name, nowMs);
  }

  return {
    async names(userIds, call) {
      const wanted = [...new Set(userIds)];
      const nowMs = clock.now().getTime();
      const missing = wanted.filter((userId) => (known.get(userId)?.untilMs ?? 0) <= nowMs);
      for (let from = 0; from < missing.length; from += BATCH) {
        await read(missing.slice(from, from + BATCH), call).catch((error: unknown) =>
          log.warn({ err: error, requestId: call.requestId }, "names are not to be had; shown without"),
        );
      }
      return new Map(wanted.map((userId) => [userId, known.get(userId)?.name ?? ""]));
    },
  };
}
