import { createHash } from "node:crypto";
import { type CollectionDefinition, type Store, type Stored, type Transaction, trusted } from "@partake/store";
import { Schema } from "mongoose";

/** A log-in of a client: everything that came of one grant of the OpenID Provider. (R23) */
export interface LoginSessionRecord extends Stored {
  userId: string;
  clientId: string;
  /** The provider's own session in that browser. */
  browserId: string;
  device: string;
  network: string;
  startedAt: Date;
  seenAt: Date;
  endedAt?: Date;
  /** With it the browser's log-in at the provider ended, so that it does not begin anew by itself. */
  endedBrowser?: boolean;
  /** A code or refresh token of it came twice. */
  isReused?: boolean;
  /** How an organisation's own provider vouched for the person; absent: they proved themselves. */
  acr?: string;
  /** When the database forgets it. */
  expiresAt: Date;
}

const date = { type: Date, required: true } as const;
const text = { type: String, required: true } as const;

export const loginSessions: CollectionDefinition<LoginSessionRecord> = {
  name: "login_sessions",
  schema: new Schema<LoginSessionRecord>({
    _id: text,
    version: { type: Number, required: true },
    userId: text,
    clientId: text,
    browserId: text,
    device: { type: String },
    network: { type: String },
    startedAt: date,
    seenAt: date,
    endedAt: Date,
    endedBrowser: Boolean,
    isReused: Boolean,
    acr: String,
    expiresAt: date,
  }),
  indexes: [
    { keys: { userId: 1, seenAt: -1 } },
    { keys: { userId: 1, endedAt: 1 } },
    { keys: { browserId: 1 }, where: { endedBrowser: true } },
    { keys: { expiresAt: 1 }, expireAfterSeconds: 0 },
  ],
};

/** Log-ins of one person at a time: one more ends the one that was seen last before all others. */
export const mostSessions = 200;
/** What is asked for of those that go on, so that none is left out: several log in at once, and it was not always bounded. */
const mostOpen = 1_000;
/** An access token lives five minutes; what ended longer ago nobody has to be told. */
const tokenLifeMs = 10 * 60_000;
/** The provider's own records of a log-in that ended are refused for as long as they could live. */
const endedLifeMs = 31 * 24 * 60 * 60_000;

/** The id of the log-in that a grant is: what tokens name as `sid`. The grant's own id stays with the provider. */
export function sessionIdOf(grantId: string): string {
  const hex = createHash("sha256").update(`login session:${grantId}`).digest("hex");
  const variant = ((Number.parseInt(hex.slice(16, 18), 16) & 0x3f) | 0x80).toString(16);
  const groups = [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `${variant}${hex.slice(18, 20)}`];
  return `ses_${groups.join("-")}-${hex.slice(20, 32)}`;
}

/** What the tokens of a system name: to them a credential is what a log-in is to a person's. One added again is another. (R22) */
export function credentialSessionId({ id, createdAt }: { id: string; createdAt: Date }): string {
  return sessionIdOf(`${id} ${createdAt.getTime()}`);
}

/** Ends what a system's credential opened, in the transaction that removes it. */
export async function endCredentialSession(
  tx: Transaction,
  of: { userId: string; credential: { id: string; createdAt: Date } },
): Promise<void> {
  const { userId, credential } = of;
  const sessionId = credentialSessionId(credential);
  const ended = { userId, clientId: userId, browserId: credential.id, device: "", network: "" };
  const times = { startedAt: credential.createdAt, seenAt: tx.now, endedAt: tx.now };
  const expiresAt = new Date(tx.now.getTime() + tokenLifeMs);
  await tx.insert(loginSessions, { _id: sessionId, ...ended, ...times, expiresAt });
  tx.emit({ type: "org.partake.session.ended.v1", data: { sessionId, userId } });
}

/** Ends log-ins in a transaction: their tokens are refused everywhere as soon as that is heard. */
export async function endSessions(
  tx: Transaction,
  sessions: readonly LoginSessionRecord[],
  of: { endsBrowser(session: LoginSessionRecord): boolean },
): Promise<void> {
  for (const session of sessions) {
    if (session.endedAt !== undefined) continue;
    const { _id: sessionId, userId } = session;
    const expiresAt = new Date(tx.now.getTime() + endedLifeMs);
    const endedBrowser = of.endsBrowser(session);
    await tx.update(loginSessions, session, { endedAt: tx.now, expiresAt, ...(endedBrowser && { endedBrowser }) });
    tx.emit({ type: "org.partake.session.ended.v1", data: { sessionId, userId } });
  }
}

/** The log-ins of a person that go on, the last seen first. */
export function openSessions(from: Pick<Store, "find"> | Transaction, userId: string): Promise<LoginSessionRecord[]> {
  return from.find(loginSessions, { userId, endedAt: null }, { limit: mostOpen, sort: { seenAt: -1 } });
}

/** The log-ins that ended while tokens of them may be about. */
export async function lastEnded(store: Store, userId: string, now: Date): Promise<string[]> {
  const since = new Date(now.getTime() - tokenLifeMs);
  const filter = { userId, endedAt: trusted({ $gte: since }) };
  return (await store.find(loginSessions, filter, { limit: 1_000 })).map(({ _id }) => _id);
}
