import { asFailure } from "@partake/failure";
import type { Store, Transaction } from "@partake/store";
import { deviceOf, networkOf } from "../domain/login-session.ts";
import { trailsOf, type Whose } from "../store/login-lines.ts";
import { endSessions, loginSessions, mostSessions, openSessions, sessionIdOf } from "../store/login-sessions.ts";
import { WEB_CLIENT } from "./clients.ts";

/** The log-ins as the provider keeps them: begun with a grant, seen with each token, ended with the grant or before it. (R23) */
export interface SessionRecords {
  begin(of: {
    grantId: string;
    userId: string;
    clientId: string;
    browserId: string;
    userAgent: string;
    ip: string;
    /** How the log-in was vouched for. */
    acr: string | undefined;
  }): Promise<void>;
  /** A token is being made of it. False: it was ended, so that none may be. */
  seen(grantId: string): Promise<boolean>;
  /** Everything of the grant was revoked: by logging out, or because a code or refresh token came twice. A browser's ends at the provider, too. */
  revoked(grantId: string): Promise<void>;
  /** A code or refresh token of the grant came twice, so somebody else may have it. Told once. */
  reused(grantId: string): Promise<void>;
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
    async begin({ grantId, userId, clientId, browserId, userAgent, ip, acr }) {
      const _id = sessionIdOf(grantId);
      const now = clock.now();
      const said = { userId, clientId, browserId, device: deviceOf(userAgent), network: networkOf(ip) };
      const times = { startedAt: now, seenAt: now, expiresAt: new Date(now.getTime() + lifeMs) };
      await store.write(by(userId), async (tx) => {
        const whose = { userId, ...(acr !== undefined && { acr }) };
        if (await isNewDevice(tx, said)) await tell(tx, { action: "log_in.new_device", sessionId: _id, whose });
        const tooMany = (await openSessions(tx, userId)).slice(mostSessions - 1);
        await endSessions(tx, tooMany, { endsBrowser: () => false });
        return (await tx.insert(loginSessions, { _id, ...said, ...times, ...(acr !== undefined && { acr }) }))._id;
      });
    },
    async seen(grantId) {
      const known = await store.get(loginSessions, sessionIdOf(grantId));
      const now = clock.now();
      if (known?.endedAt !== undefined) return false;
      if (known === undefined || now.getTime() - known.seenAt.getTime() < seenEveryMs) return true;
      await store
        .write(by(known.userId), async (tx) => (await tx.update(loginSessions, known, { seenAt: now }))._id)
        .catch((error: unknown) => {
          // Another request saw it, or it ended, at the same moment: then tokens of it are refused wherever they are shown.
          if (asFailure(error).code !== "conflict") throw error;
        });
      return true;
    },
    async revoked(grantId) {
      const known = await store.get(loginSessions, sessionIdOf(grantId));
      if (known === undefined || known.endedAt !== undefined) return;
      await store.write(by(known.userId), async (tx) => {
        const current = await tx.get(loginSessions, known._id);
        if (current !== undefined) await endSessions(tx, [current], { endsBrowser: isBrowsers });
        return known._id;
      });
    },
    async reused(grantId) {
      const _id = sessionIdOf(grantId);
      const known = await store.get(loginSessions, _id);
      if (known === undefined || known.isReused) return;
      // Whoever it was, they proved nothing.
      await store.write(by("anonymous"), async (tx) => {
        const current = await tx.get(loginSessions, _id);
        if (current === undefined || current.isReused) return _id;
        await tx.update(loginSessions, current, { isReused: true });
        await tell(tx, { action: "log_in.token_reused", sessionId: _id, whose: current });
        return _id;
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

/** Whoever logs out of our own pages leaves the browser logged in nowhere; an app's log-in ends alone. */
function isBrowsers({ clientId }: { clientId: string }): boolean {
  return clientId === WEB_CLIENT;
}

/** As far as their log-ins are remembered. The first one of all is no news: the account began with it. */
async function isNewDevice(tx: Transaction, { userId, device }: { userId: string; device: string }): Promise<boolean> {
  const known = await tx.find(loginSessions, { userId }, { limit: mostSessions, sort: { seenAt: -1 } });
  return known.length > 0 && !known.some((session) => (session.device ?? "") === device);
}

interface Told {
  action: "log_in.new_device" | "log_in.token_reused";
  sessionId: string;
  whose: Whose;
}

async function tell(tx: Transaction, { action, sessionId, whose }: Told): Promise<void> {
  for (const organisationId of await trailsOf(tx, whose))
    tx.audit({ action, organisationId, subjectId: whose.userId, recordId: sessionId });
}
