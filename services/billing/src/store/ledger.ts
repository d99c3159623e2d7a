import type { CollectionDefinition, Stored } from "@partake/store";
import { Schema } from "mongoose";
import type { Account, Balances, EntryKind } from "../domain/ledger.ts";

/** The balances of an organisation, whose id it has. */
export interface WalletRecord extends Stored, Balances {
  organisationId: string;
}

export const wallets: CollectionDefinition<WalletRecord> = {
  name: "wallets",
  schema: new Schema<WalletRecord>({
    _id: { type: String, required: true },
    version: { type: Number, required: true },
    organisationId: { type: String, required: true },
    available: { type: Number, required: true },
    held: { type: Number, required: true },
    used: { type: Number, required: true },
  }),
  indexes: [],
};

/** One movement. Written once, never changed. */
export interface EntryRecord extends Stored {
  organisationId: string;
  kind: EntryKind;
  credit: Account;
  debit: Account;
  amount: number;
  orderId?: string;
  participationId?: string;
  projectId?: string;
  month?: number;
  /** Its place in the organisation's ledger, from 1: the version of the wallet after it. */
  sequence: number;
  /** What can happen once only: a grant of an order, the hold, release or month of a participation. */
  chargeKey: string;
  createdAt: Date;
}

export const entries: CollectionDefinition<EntryRecord> = {
  name: "entries",
  schema: new Schema<EntryRecord>({
    _id: { type: String, required: true },
    version: { type: Number, required: true },
    organisationId: { type: String, required: true },
    kind: { type: String, required: true },
    credit: { type: String, required: true },
    debit: { type: String, required: true },
    amount: { type: Number, required: true },
    orderId: String,
    participationId: String,
    projectId: String,
    month: Number,
    sequence: { type: Number, required: true },
    chargeKey: { type: String, required: true },
    createdAt: { type: Date, required: true },
  }),
  indexes: [
    { keys: { chargeKey: 1 }, unique: true },
    { keys: { organisationId: 1, sequence: -1 }, unique: true },
  ],
};
