import { failure } from "@partake/failure";
import type { CollectionDefinition, Stored, Transaction } from "@partake/store";
import { Schema } from "mongoose";

/** A list of people who were enrolled at once. Its rows are its participations. */
export interface EnrolmentBatchRecord extends Stored {
  organisationId: string;
  projectId: string;
  boardId: string;
  ownerId: string;
  /** Of the request: the same again is the same batch. */
  requestHash: string;
  createdAt: Date;
}

export const enrolmentBatches: CollectionDefinition<EnrolmentBatchRecord> = {
  name: "enrolment_batches",
  schema: new Schema<EnrolmentBatchRecord>({
    _id: { type: String, required: true },
    version: { type: Number, required: true },
    organisationId: { type: String, required: true },
    projectId: { type: String, required: true },
    boardId: { type: String, required: true },
    ownerId: { type: String, required: true },
    requestHash: { type: String, required: true },
    createdAt: { type: Date, required: true },
  }),
  indexes: [],
};

/** How many people somebody enrolled by lists in one organisation on one day (UTC). A flood of invitations is a flood of mail. */
interface EnrolmentQuotaRecord extends Stored {
  count: number;
  expiresAt: Date;
}

export const enrolmentQuotas: CollectionDefinition<EnrolmentQuotaRecord> = {
  name: "enrolment_quotas",
  schema: new Schema<EnrolmentQuotaRecord>({
    _id: { type: String, required: true },
    version: { type: Number, required: true },
    count: { type: Number, required: true },
    expiresAt: { type: Date, required: true },
  }),
  indexes: [{ keys: { expiresAt: 1 }, expireAfterSeconds: 0 }],
};

const mostADay = 1_000;
const keptMs = 2 * 24 * 3_600_000;

/** Counts people who are about to be enrolled; `rate_limited` where they are too many. In the transaction, so no race passes it. */
export async function spendQuota(
  tx: Transaction,
  of: { organisationId: string; ownerId: string; rows: number },
): Promise<void> {
  const _id = `${of.organisationId}:${of.ownerId}:${tx.now.toISOString().slice(0, 10)}`;
  const spent = await tx.get(enrolmentQuotas, _id);
  const count = (spent?.count ?? 0) + of.rows;
  if (count > mostADay) throw failure("rate_limited", "too_many_invitations", { retryAfterMs: 60 * 60_000 });
  if (spent) await tx.update(enrolmentQuotas, spent, { count });
  else await tx.insert(enrolmentQuotas, { _id, count, expiresAt: new Date(tx.now.getTime() + keptMs) });
}
