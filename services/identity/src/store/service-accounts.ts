import { createHash } from "node:crypto";
import type { CollectionDefinition, Stored } from "@partake/store";
import { Schema } from "mongoose";

/** What another system proves itself with: of a secret only its hash, of a key only its public half. */
export interface StoredCredential {
  id: string;
  secretHash?: string;
  /** A JWK, as JSON. */
  publicKey?: string;
  thumbprint?: string;
  createdAt: Date;
  expiresAt?: Date;
}

/** An account of another system. It is no user: it has no address and never logs in; its roles are grants like a person's. (R22) */
export interface ServiceAccountRecord extends Stored {
  organisationId: string;
  name: string;
  method: "client_secret" | "private_key_jwt";
  enabled: boolean;
  /** For good. */
  revoked: boolean;
  /** The admin who made it, to whose present rights it is held. */
  creatorId: string;
  credentials: StoredCredential[];
  createdAt: Date;
  expiresAt?: Date;
}

/** When a credential last got a token. Apart from the account, so that using it does not change the account's version. */
export interface CredentialUseRecord extends Stored {
  serviceAccountId: string;
  usedAt: Date;
}

const credential = new Schema<StoredCredential>(
  {
    id: { type: String, required: true },
    secretHash: String,
    publicKey: String,
    thumbprint: String,
    createdAt: { type: Date, required: true },
    expiresAt: Date,
  },
  { _id: false },
);

export const serviceAccounts: CollectionDefinition<ServiceAccountRecord> = {
  name: "service_accounts",
  schema: new Schema<ServiceAccountRecord>({
    _id: { type: String, required: true },
    version: { type: Number, required: true },
    organisationId: { type: String, required: true },
    name: { type: String, required: true },
    method: { type: String, required: true },
    enabled: { type: Boolean, required: true },
    revoked: { type: Boolean, required: true },
    creatorId: { type: String, required: true },
    credentials: { type: [credential], required: true },
    createdAt: { type: Date, required: true },
    expiresAt: Date,
  }),
  indexes: [{ keys: { organisationId: 1, revoked: 1, _id: -1 } }],
};

export const credentialUses: CollectionDefinition<CredentialUseRecord> = {
  name: "credential_uses",
  schema: new Schema<CredentialUseRecord>({
    _id: { type: String, required: true },
    version: { type: Number, required: true },
    serviceAccountId: { type: String, required: true },
    usedAt: { type: Date, required: true },
  }),
  indexes: [{ keys: { serviceAccountId: 1 } }],
};

/** Secrets are random and long: a plain hash of one tells nothing. */
export function secretHash(secret: string): string {
  return createHash("sha256").update(secret).digest("base64url");
}
