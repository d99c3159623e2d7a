import { asFailure } from "@partake/failure";
import type { Store } from "@partake/store";
import { deviceOf, networkOf } from "../domain/login-session.ts";
import { endSessions, loginSessions, sessionIdOf } from "../store/login-sessions.ts";

/** The log-ins as the provider keeps them: begun with a grant, seen with each token, ended with the grant or before it. (R23) */
export interface SessionRecords {
  begin(of: {
    grantId: string;
    userId: string;
    clientId: string;
    browserId: string;
    userAgent: string;
    ip: string;
  }): Promise<void>;
  /** A token was made of it. */
  seen(grantId: string): Promise<void>;
  /** Everything of the grant was revoked: by logging out, or because a code or refresh token came twice. */
  revoked(grantId: string): Promise<void>;
  /** Whether a grant's log-in was ended. */
  hasEnded(grantId: string): Promise<boolean>;
  /** Whether the log-in of a browser at the provider was ended with one of its clients'. */
  hasEndedBrowser(browserId: string): Promise<boolean>;
}

const lifeMs = 180 * 24 * 60 * 60_000;
const seenEveryMs = 5 * 60_000;

export function sessionRecords(parts: { store: Store; clock: { now(): Date } }): SessionRecords {
  const { store, clock } = parts;
  const by = (actorId: string) => ({ actorId, traceparent: undefined });
  return {
    async begin({ grantId, userId, clientId, browserId, userAgent, ip }) {
      const _id = sessionIdOf(grantId);
      const now = clock.now();
      const said = { userId, clientId, browserId, device: deviceOf(userAgent), network: networkOf(ip) };
      const times = { startedAt: now, seenAt: now, expiresAt: new Date(now.getTime() + lifeMs) };
      await store.write(by(userId), async (tx) => (await tx.insert(loginSessions, { _id, ...said, ...times }))._id);
    },
    async seen(grantId) {
      const known = await store.get(loginSessions, sessionIdOf(grantId));
      const now = clock.now();
      if (known === undefined || now.getTime() - known.seenAt.getTime() < seenEveryMs) return;
      await store
        .write(by(known.userId), async (tx) => (await tx.update(loginSessions, known, { seenAt: now }))._id)
        .catch((error: unknown) => {
          // Another request saw it, or it ended, at the same moment.
          if (asFailure(error).code !== "conflict") throw error;
        });
    },
    async revoked(grantId) {
      const known = await store.get(loginSessions, sessionIdOf(grantId));
      if (known === undefined || known.endedAt !== undefined) return;
      await store.write(by(known.userId), async (tx) => {
        const current = await tx.get(loginSessions, known._id);
        // The provider ends what it has of the browser itself.
        if (current !== undefined) await endSessions(tx, [current], { endsBrowser: () => false });
        return known._id;
      });
    },
    async hasEnded(grantId) {
      return (await store.get(loginSessions, sessionIdOf(grantId)))?.endedAt !== undefined;
    },
    async hasEndedBrowser(browserId) {
      return (await store.find(loginSessions, { browserId, endedBrowser: true }, { limit: 1 })).length > 0;
    },
  };
}
