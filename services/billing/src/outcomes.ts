import type { Outgoing } from "@partake/store";
import type { WalletRecord } from "./store/ledger.ts";

interface OneCredit {
  organisationId: string;
  entryId: string;
  projectId: string;
  pseudonym: string;
  wallet: WalletRecord;
  now: Date;
}

// The public events of one credit: the person appears as a pseudonym, never as a participation. (X1)

export function creditHeld(of: OneCredit): Outgoing {
  return { type: "org.partake.billing.credit-held.v1", data: told(of) };
}

export function creditReleased(of: OneCredit): Outgoing {
  return { type: "org.partake.billing.credit-released.v1", data: told(of) };
}

/** One participant, one project, one month. */
export function creditUsed({ month, ...of }: OneCredit & { month: number }): Outgoing {
  return { type: "org.partake.billing.credit-used.v1", data: { ...told(of), month } };
}

function told({ organisationId, entryId, projectId, pseudonym, wallet, now }: OneCredit) {
  const { available, version } = wallet;
  return { organisationId, entryId, projectId, pseudonym, available, recordedAt: now.toISOString(), version };
}
