import type { CollectionDefinition, Stored } from "@partake/store";
import mongoose, { type mongo, Schema } from "mongoose";

// Short-lived records of logging in. They are written by single atomic operations without events, so they go around the store's
// transactions, over a connection of their own; their indexes are declared and created like all others.

/** A record of the OpenID Provider. Whoever reads the database learns no token: the id is hashed, the payload has none. */
export interface OidcDocument {
  _id: string;
  model: string;
  /** JSON: its keys are URLs, which must mean nothing to the database. */
  payload: string;
  grantId?: string;
  uid?: string;
  /** Epoch seconds of its one use. */
  consumed?: number;
  expiresAt: Date;
}

/** A log-in that is under way: which address was given, and the code that was mailed to it. */
export interface LoginAttempt {
  _id: string;
  email: string;
  codeHash: string;
  tries: number;
  /** Present while an outside provider's subject waits for its address to be confirmed. */
  outside?: { organisationId: string; issuer: string; subject: string };
  expiresAt: Date;
}

/** A log-in that goes on with a printed code: which print it was. */
export interface Redemption {
  _id: string;
  participationId: string;
  printId: string;
  expiresAt: Date;
}

/** A visit to an outside provider that is under way. Its id is the hash of its state. */
export interface OutsideVisit {
  _id: string;
  uid: string;
  organisationId: string;
  issuer: string;
  /** PKCE's verifier and the nonce, encrypted. */
  sealed: string;
  /** Hash of the cookie that ties the visit to its browser. */
  browserHash: string;
  expiresAt: Date;
}

/** How the visit ended, for the interaction that began it. Read once. */
export interface OutsideArrival {
  _id: string;
  organisationId: string;
  issuer: string;
  subject: string;
  email?: string;
  emailVerified: boolean;
  expiresAt: Date;
}

export interface LoginCounter {
  _id: string;
  count: number;
  expiresAt: Date;
}

export interface Documents {
  oidc: mongo.Collection<OidcDocument>;
  attempts: mongo.Collection<LoginAttempt>;
  redemptions: mongo.Collection<Redemption>;
  visits: mongo.Collection<OutsideVisit>;
  arrivals: mongo.Collection<OutsideArrival>;
  counters: mongo.Collection<LoginCounter>;
  close(): Promise<void>;
}

const names = {
  oidc: "oidc_records",
  attempts: "login_attempts",
  redemptions: "login_redemptions",
  visits: "outside_visits",
  arrivals: "outside_arrivals",
  counters: "login_counters",
} as const;

const expiry = { keys: { expiresAt: 1 as const }, expireAfterSeconds: 60 };

/** For the migration alone: it creates their indexes. */
export const documentCollections: readonly CollectionDefinition<Stored>[] = [
  { name: names.oidc, schema: bare(), indexes: [expiry, { keys: { grantId: 1 } }, { keys: { model: 1, uid: 1 } }] },
  { name: names.attempts, schema: bare(), indexes: [expiry] },
  { name: names.redemptions, schema: bare(), indexes: [expiry] },
  { name: names.visits, schema: bare(), indexes: [expiry] },
  { name: names.arrivals, schema: bare(), indexes: [expiry] },
  { name: names.counters, schema: bare(), indexes: [expiry] },
];

/** Connects at first use; an operation fails after five seconds without a database. */
export async function openDocuments(options: { uri: string; database: string }): Promise<Documents> {
  const connection = mongoose.createConnection(options.uri, {
    dbName: options.database,
    maxPoolSize: 10,
    serverSelectionTimeoutMS: 5_000,
    autoIndex: false,
    // That a code or refresh token was used must outlive a failing primary.
    writeConcern: { w: "majority", journal: true },
  });
  await connection.asPromise();
  const collection = <T extends mongo.Document>(name: string): mongo.Collection<T> => {
    if (connection.db === undefined) throw new Error("the connection has no database");
    return connection.db.collection<T>(name);
  };
  return {
    oidc: collection(names.oidc),
    attempts: collection(names.attempts),
    redemptions: collection(names.redemptions),
    visits: collection(names.visits),
    arrivals: collection(names.arrivals),
    counters: collection(names.counters),
    close: () => connection.close(),
  };
}

function bare(): Schema<Stored> {
  return new Schema<Stored>({ _id: { type: String, required: true }, version: { type: Number, required: true } });
}
