import { failure } from "@partake/failure";
import { type CollectionDefinition, type Stored, type Transaction, trusted } from "@partake/store";
import { Schema } from "mongoose";
import { invitations } from "./invitations.ts";

/** How many invitations one person sent in one organisation on one day (UTC). A flood of invitations is a flood of mail. */
export interface InvitationQuotaRecord extends Stored {
  count: number;
  expiresAt: Date;
}

export const invitationQuotas: CollectionDefinition<InvitationQuotaRecord> = {
  name: "invitation_quotas",
  schema: new Schema<InvitationQuotaRecord>({
    _id: { type: String, required: true },
    version: { type: Number, required: true },
    count: { type: Number, required: true },
    expiresAt: { type: Date, required: true },
  }),
  indexes: [{ keys: { expiresAt: 1 }, expireAfterSeconds: 0 }],
};

const dayMs = 24 * 60 * 60_000;
const mostADay = 1_000;
/** From one organisation to one address. */
const mostToOneADay = 10;
const mostRead = 10_000;

/**
 * Counts invitations that are about to be sent; `rate_limited` where they are too many. Counted in the transaction, so that many
 * requests at once come no further than one after the other.
 */
export async function spendQuota(
  tx: Transaction,
  of: { organisationId: string; senderId: string; emails: readonly string[] },
): Promise<void> {
  const { organisationId, senderId, emails } = of;
  const _id = `${organisationId}:${senderId}:${tx.now.toISOString().slice(0, 10)}`;
  const spent = await tx.get(invitationQuotas, _id);
  const count = (spent?.count ?? 0) + emails.length;
  const since = trusted({ $gte: new Date(tx.now.getTime() - dayMs) });
  const lately = { organisationId, email: trusted({ $in: [...new Set(emails)] }), createdAt: since };
  const sent = await tx.find(invitations, lately, { limit: mostRead });
  const isFlooded = [...Map.groupBy(sent, ({ email }) => email).values()].some((to) => to.length >= mostToOneADay);
  if (count > mostADay || isFlooded)
    throw failure("rate_limited", "too_many_invitations", { retryAfterMs: 60 * 60_000 });
  if (spent !== undefined) await tx.update(invitationQuotas, spent, { count });
  else await tx.insert(invitationQuotas, { _id, count, expiresAt: new Date(tx.now.getTime() + 2 * dayMs) });
}
