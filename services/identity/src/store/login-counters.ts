import { failure } from "@partake/failure";
import { type Limit, windowAt } from "../domain/login-limits.ts";
import type { Documents } from "./documents.ts";
import type { Sealing } from "./sealing.ts";

/** Counts one more of something and throws `rate_limited` past the bound. What is counted is stored as a keyed hash. */
export type CountLogin = (limit: Limit, of: string) => Promise<void>;

export interface LoginCounters {
  count: CountLogin;
  /** Begins anew to count something in the present window. */
  forget(limit: Limit, of: string): Promise<void>;
}

export function loginCounters(parts: {
  documents: Documents;
  sealing: Sealing;
  clock: { now(): Date };
}): LoginCounters {
  const { documents, sealing, clock } = parts;
  const windowOf = (limit: Limit, of: string) => {
    const now = clock.now();
    const { number, endsAt } = windowAt(limit, now);
    const _id = `${limit.name}:${sealing.mac(of, "login counter")}:${number}`;
    return { _id, endsAt, leftMs: endsAt.getTime() - now.getTime() };
  };
  return {
    async count(limit, of) {
      const { _id, endsAt, leftMs } = windowOf(limit, of);
      const counter = await documents.counters.findOneAndUpdate(
        { _id },
        { $inc: { count: 1 }, $setOnInsert: { expiresAt: endsAt } },
        { upsert: true, returnDocument: "after" },
      );
      if ((counter?.count ?? 1) <= limit.most) return;
      throw failure("rate_limited", "too_many_logins", { retryAfterMs: leftMs });
    },
    async forget(limit, of) {
      await documents.counters.deleteOne({ _id: windowOf(limit, of)._id });
    },
  };
}
