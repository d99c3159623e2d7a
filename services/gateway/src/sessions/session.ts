import type { CollectionDefinition, Stored } from "@partake/store";
import { Schema } from "mongoose";

/** A browser's session. The browser holds a random secret, the database its hash; whoever reads the one lacks the other. */
export interface Session extends Stored {
  /** SHA-256 of the cookie's secret. */
  _id: string;
  userId: string;
  /** What the log-in was for: an organisation's id, `platform` or `account`. */
  place: string;
  createdAt: Date;
  seenAt: Date;
  /** When it ends whatever happens. */
  endsAt: Date;
  /** When it ends unless it is seen again; the database then drops it. */
  expiresAt: Date;
  /** Sealed. */
  refreshToken: string;
  tokens: HeldToken[];
  /** Who refreshes just now, and until when nobody else may: a refresh token used twice looks stolen. */
  leaseHolder: string;
  leaseUntil: Date;
}

/** An access token for one place. */
export interface HeldToken {
  place: string;
  /** Sealed. */
  token: string;
  expiresAt: Date;
}

export const ACCOUNT = "account";
export const sessionLifeMs = 14 * 24 * 3600 * 1000;
export const sessionIdleMs = 48 * 3600 * 1000;
export const maxHeldTokens = 20;

const text = { type: String, required: true } as const;
const date = { type: Date, required: true } as const;

export const sessions: CollectionDefinition<Session> = {
  name: "sessions",
  schema: new Schema<Session>({
    _id: text,
    version: { type: Number, required: true },
    userId: text,
    place: text,
    createdAt: date,
    seenAt: date,
    endsAt: date,
    expiresAt: date,
    refreshToken: text,
    tokens: {
      type: [new Schema<HeldToken>({ place: text, token: text, expiresAt: date }, { _id: false })],
      required: true,
    },
    leaseHolder: { type: String },
    leaseUntil: date,
  }),
  indexes: [{ keys: { expiresAt: 1 }, expireAfterSeconds: 0 }, { keys: { userId: 1 } }],
};
