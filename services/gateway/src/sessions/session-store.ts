import { createHash, randomBytes } from "node:crypto";
import { asFailure } from "@partake/failure";
import type { Store } from "@partake/store";
import type { Seal } from "./seal.ts";
import { type HeldToken, maxHeldTokens, type Session, sessionIdleMs, sessionLifeMs, sessions } from "./session.ts";

/** How long a session is seen before that is written down again. */
const seenEveryMs = 60_000;
const secretForm = /^[A-Za-z0-9_-]{43}$/;

/** Tokens as the provider gave them. */
export interface GivenTokens {
  accessToken: string;
  expiresAt: Date;
  refreshToken: string;
}

export interface SessionStore {
  /** Makes a session under a secret that nobody had before, so that a cookie planted earlier opens nothing. */
  open(options: {
    userId: string;
    place: string;
    tokenPlace: string;
    tokens: GivenTokens;
  }): Promise<{ secret: string; session: Session }>;
  /** The session of a cookie's secret, if it goes on. */
  read(secret: string): Promise<Session | undefined>;
  readAgain(session: Session): Promise<Session | undefined>;
  /** Takes the right to refresh; undefined where somebody else has it or the session changed meanwhile. */
  lease(session: Session, lease: { holder: string; ms: number }): Promise<Session | undefined>;
  /** Keeps what a refresh brought, and gives the lease back. */
  renew(session: Session, renewed: { place: string; tokens: GivenTokens }): Promise<Session>;
  giveBack(session: Session): Promise<void>;
  /** Ends a session; one that is gone already stays so. */
  end(session: Session): Promise<void>;
  tokenOf(session: Session, held: HeldToken): string | undefined;
  refreshTokenOf(session: Session): string | undefined;
}

export function createSessionStore(parts: { store: Store; seal: Seal; now(): Date }): SessionStore {
  const { store, seal, now } = parts;
  const change = (session: Session, changes: Partial<Session>) => changeSession({ store, session, changes });
  const purpose = (session: { _id: string }, what: string) => `session:${what}:${session._id}`;
  const heldToken = (_id: string, place: string, tokens: GivenTokens): HeldToken => ({
    place,
    token: seal.seal(purpose({ _id }, place), tokens.accessToken),
    expiresAt: tokens.expiresAt,
  });
  return {
    async open({ userId, place, tokenPlace, tokens }) {
      const secret = randomBytes(32).toString("base64url");
      const _id = hashOf(secret);
      const at = now();
      const record: Omit<Session, "version"> = {
        _id,
        userId,
        place,
        createdAt: at,
        seenAt: at,
        endsAt: new Date(at.getTime() + sessionLifeMs),
        expiresAt: new Date(at.getTime() + sessionIdleMs),
        refreshToken: seal.seal(purpose({ _id }, "refresh"), tokens.refreshToken),
        tokens: [heldToken(_id, tokenPlace, tokens)],
        leaseHolder: "",
        leaseUntil: new Date(0),
      };
      await store.write(causeOf(userId), async (tx) => (await tx.insert(sessions, record))._id);
      return { secret, session: { ...record, version: 1 } };
    },
    async read(secret) {
      if (!secretForm.test(secret)) return undefined;
      const session = await store.get(sessions, hashOf(secret));
      const at = now();
      if (!session || session.expiresAt <= at || session.endsAt <= at) return undefined;
      if (at.getTime() - session.seenAt.getTime() > seenEveryMs)
        return (await change(session, seen(session, at))) ?? session;
      return session;
    },
    readAgain: (session) => store.get(sessions, session._id),
    async lease(session, { holder, ms }) {
      const at = now();
      if (session.leaseUntil > at) return undefined;
      return change(session, { leaseHolder: holder, leaseUntil: new Date(at.getTime() + ms) });
    },
    async renew(session, { place, tokens }) {
      const others = session.tokens.filter((held) => held.place !== place && held.expiresAt > now());
      const changes: Partial<Session> = {
        refreshToken: seal.seal(purpose(session, "refresh"), tokens.refreshToken),
        tokens: [heldToken(session._id, place, tokens), ...others].slice(0, maxHeldTokens),
        leaseHolder: "",
        leaseUntil: new Date(0),
      };
      return keepRenewed({ store, session, changes });
    },
    async giveBack(session) {
      await change(session, { leaseHolder: "", leaseUntil: new Date(0) });
    },
    async end(session) {
      await store.write(causeOf(session.userId), async (tx) => {
        const current = await tx.get(sessions, session._id);
        if (current) await tx.remove(sessions, current);
        return session._id;
      });
    },
    tokenOf: (session, held) => seal.open(purpose(session, held.place), held.token),
    refreshTokenOf: (session) => seal.open(purpose(session, "refresh"), session.refreshToken),
  };
}

function hashOf(secret: string): string {
  return createHash("sha256").update(secret).digest("base64url");
}

function seen(session: Session, at: Date): Partial<Session> {
  return { seenAt: at, expiresAt: new Date(Math.min(at.getTime() + sessionIdleMs, session.endsAt.getTime())) };
}

function causeOf(userId: string) {
  return { actorId: userId, traceparent: undefined };
}

/** Changes a session as it was read; undefined where another request, here or at another gateway, changed it first. */
async function changeSession(options: {
  store: Store;
  session: Session;
  changes: Partial<Session>;
}): Promise<Session | undefined> {
  const { store, session, changes } = options;
  let changed: Session | undefined;
  try {
    await store.write(causeOf(session.userId), async (tx) => {
      changed = await tx.update(sessions, session, changes);
      return session._id;
    });
  } catch (thrown) {
    const { code } = asFailure(thrown);
    if (code === "conflict" || code === "not_found") return undefined;
    throw thrown;
  }
  return changed;
}

/** The old refresh token is used up: what came for it is kept whatever else (a time seen) was written meanwhile. */
async function keepRenewed(options: { store: Store; session: Session; changes: Partial<Session> }): Promise<Session> {
  const { store, session, changes } = options;
  let kept: Session = session;
  await store.write(causeOf(session.userId), async (tx) => {
    const current = await tx.get(sessions, session._id);
    if (current) kept = await tx.update(sessions, current, changes);
    return session._id;
  });
  return kept;
}
