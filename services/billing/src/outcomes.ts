import type { Outgoing } from "@partake/store";
import type { WalletRecord } from "./store/ledger.ts";

/** The public event of one credit used: one participant, one project, one month. */
export function creditUsed(of: {
  organisationId: string;
  entryId: string;
  projectId: string;
  pseudonym: string;
  month: number;
  wallet: WalletRecord;
  now: Date;
}): Outgoing {
  const { organisationId, entryId, projectId, pseudonym, month, wallet, now } = of;
  const { available, version } = wallet;
  const recordedAt = now.toISOString();
  return {
    type: "org.partake.billing.credit-used.v1",
    data: { organisationId, entryId, projectId, pseudonym, month, available, recordedAt, version },
  };
}
