import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { failure } from "@partake/failure";
import type { Provider } from "./provider.ts";
import type { Session } from "./session.ts";
import type { SessionStore } from "./session-store.ts";

/** A session's access token for a place, and the session as it is now. */
export interface Access {
  token: string;
  session: Session;
}

export interface AccessTokens {
  /** The token held for a place; refreshed when it is about to end, or is the one that does not count any more. */
  of(session: Session, wanted: { place: string; instead?: string | undefined }): Promise<Access>;
}

/** A token with less to go than this might end under way. */
const marginMs = 20_000;
const leaseMs = 15_000;
const waitMs = 12_000;
const pollMs = 40;

/**
 * Refreshes each session by one request at a time, whichever tab and whichever gateway it came to: two uses of one refresh
 * token look like a theft, and the provider would end the log-in.
 */
export function createAccessTokens(parts: { store: SessionStore; provider: Provider; now(): Date }): AccessTokens {
  const { store, provider, now } = parts;
  const holder = randomUUID();
  const held = (session: Session, wanted: { place: string; instead?: string | undefined }): Access | undefined => {
    const found = session.tokens.find(({ place }) => place === wanted.place);
    if (!found || found.expiresAt.getTime() - now().getTime() < marginMs) return undefined;
    const token = store.tokenOf(session, found);
    return token === undefined || token === wanted.instead ? undefined : { token, session };
  };
  const refresh = async (session: Session, place: string): Promise<Access> => {
    const refreshToken = store.refreshTokenOf(session);
    // Sealed by a key that is gone: nobody can read it any more.
    if (refreshToken === undefined) return endSession(store, session);
    const outcome = await provider.refresh({ refreshToken, place });
    switch (outcome.kind) {
      case "refreshed": {
        const renewed = await store.renew(session, { place, tokens: outcome.tokens });
        return { token: outcome.tokens.accessToken, session: renewed };
      }
      case "ended":
        return endSession(store, session);
      case "no_such_place":
        await store.giveBack(session);
        throw failure("forbidden", "organisation_not_available");
      case "away":
        await store.giveBack(session);
        throw failure("unavailable", "log_in_unavailable", { cause: outcome.cause });
      default:
        return outcome satisfies never;
    }
  };
  return {
    async of(session, wanted) {
      const atHand = held(session, wanted);
      if (atHand) return atHand;
      const untilMs = performance.now() + waitMs;
      for (
        let current: Session | undefined = session;
        performance.now() < untilMs;
        current = await store.readAgain(session)
      ) {
        if (!current) throw sessionEnded();
        const found = current === session ? undefined : held(current, wanted);
        if (found) return found;
        const leased = await store.lease(current, { holder, ms: leaseMs });
        if (leased) return refresh(leased, wanted.place);
        await sleep(pollMs);
      }
      throw failure("unavailable", "log_in_unavailable");
    },
  };
}

async function endSession(store: SessionStore, session: Session): Promise<never> {
  await store.end(session);
  throw sessionEnded();
}

export function sessionEnded() {
  return failure("unauthenticated", "session_ended");
}
