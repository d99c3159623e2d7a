import type { CollectionDefinition, Stored } from "@partake/store";
import { Schema } from "mongoose";

/** The OpenID Provider that an organisation lets its people log in with. One for each organisation; its id is the organisation's. */
export interface LoginProviderRecord extends Stored {
  organisationId: string;
  issuer: string;
  clientId: string;
  /** Encrypted. */
  clientSecret: string;
  /** Only these domains' addresses log in with it; empty: any. */
  emailDomains: string[];
  enabled: boolean;
}

/** Which subject of a provider is which account. */
export interface OutsideLinkRecord extends Stored {
  organisationId: string;
  issuer: string;
  subject: string;
  email: string;
  userId: string;
  linkedAt: Date;
}

export const loginProviders: CollectionDefinition<LoginProviderRecord> = {
  name: "login_providers",
  schema: new Schema<LoginProviderRecord>({
    _id: { type: String, required: true },
    version: { type: Number, required: true },
    organisationId: { type: String, required: true },
    issuer: { type: String, required: true },
    clientId: { type: String, required: true },
    clientSecret: { type: String, required: true },
    emailDomains: { type: [String], required: true },
    enabled: { type: Boolean, required: true },
  }),
  indexes: [{ keys: { emailDomains: 1 } }],
};

export const outsideLinks: CollectionDefinition<OutsideLinkRecord> = {
  name: "outside_links",
  schema: new Schema<OutsideLinkRecord>({
    _id: { type: String, required: true },
    version: { type: Number, required: true },
    organisationId: { type: String, required: true },
    issuer: { type: String, required: true },
    subject: { type: String, required: true },
    email: { type: String, required: true },
    userId: { type: String, required: true },
    linkedAt: { type: Date, required: true },
  }),
  indexes: [
    { keys: { organisationId: 1, issuer: 1, subject: 1 }, unique: true },
    { keys: { organisationId: 1, issuer: 1, email: 1 }, unique: true },
  ],
};
