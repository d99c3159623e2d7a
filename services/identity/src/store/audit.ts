import type { CollectionDefinition, Stored } from "@partake/store";
import { Schema } from "mongoose";
import type { AuditDetails, Seal, SealedEntry } from "../domain/audit-chain.ts";

/** What an entry says. It lies beside the chain, so that a detail can be erased and the chain still holds. */
export interface AuditRecord extends Stored, AuditDetails {
  salt: string;
  digest: string;
  arrivedAt: Date;
  sealed: boolean;
  /** The number of the seal that holds it. */
  seal?: number;
}

/** A link of an organisation's chain. Never changed, never removed. */
export interface SealRecord extends Stored, Seal {
  organisationId: string;
  entries: SealedEntry[];
  sealedAt: Date;
}

export const auditEntries: CollectionDefinition<AuditRecord> = {
  name: "audit_entries",
  schema: new Schema<AuditRecord>({
    _id: { type: String, required: true },
    version: { type: Number, required: true },
    organisationId: { type: String, required: true },
    action: { type: String, required: true },
    actorId: { type: String, required: true },
    subjectId: String,
    scope: String,
    outcome: { type: String, required: true },
    role: String,
    recordId: String,
    operation: String,
    cause: String,
    times: Number,
    recordedAt: { type: Date, required: true },
    salt: { type: String, required: true },
    digest: { type: String, required: true },
    arrivedAt: { type: Date, required: true },
    sealed: { type: Boolean, required: true },
    seal: Number,
  }),
  indexes: [
    { keys: { organisationId: 1, recordedAt: -1, _id: -1 } },
    { keys: { organisationId: 1, _id: -1 } },
    ...(["action", "actorId", "subjectId", "scope", "outcome"] as const).map((field) => ({
      keys: { organisationId: 1, [field]: 1, recordedAt: -1, _id: -1 } as const,
    })),
    { keys: { organisationId: 1, sealed: 1, seal: 1 } },
    { keys: { arrivedAt: 1, _id: 1 }, where: { sealed: false } },
  ],
};

export const auditSeals: CollectionDefinition<SealRecord> = {
  name: "audit_seals",
  schema: new Schema<SealRecord>({
    _id: { type: String, required: true },
    version: { type: Number, required: true },
    organisationId: { type: String, required: true },
    number: { type: Number, required: true },
    previous: { type: String, required: true },
    entries: { type: [{ _id: false, id: String, digest: String }], required: true },
    hash: { type: String, required: true },
    sealedAt: { type: Date, required: true },
  }),
  indexes: [{ keys: { organisationId: 1, number: 1 }, unique: true }],
};
