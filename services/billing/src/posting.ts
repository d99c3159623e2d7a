import type { Transaction } from "@partake/store";
import { type Movement, moved, NO_BALANCES } from "./domain/ledger.ts";
import { type EntryRecord, entries, type WalletRecord, wallets } from "./store/ledger.ts";

export interface Posting {
  entryId: string;
  organisationId: string;
  movement: Movement;
  chargeKey: string;
  about: Pick<EntryRecord, "orderId" | "participationId" | "projectId" | "month">;
}

/** Posts a movement: its entry and the wallet it changes, in one transaction. Throws `no_credit` where there is not enough. */
export async function post(tx: Transaction, posting: Posting): Promise<WalletRecord> {
  const { entryId, organisationId, movement, chargeKey, about } = posting;
  const wallet = await tx.get(wallets, organisationId);
  const after = moved(wallet ?? NO_BALANCES, movement);
  const sequence = (wallet?.version ?? 0) + 1;
  const entry = { _id: entryId, organisationId, sequence, chargeKey, createdAt: tx.now };
  await tx.insert(entries, { ...entry, ...movement, ...about });
  return wallet
    ? tx.update(wallets, wallet, after)
    : tx.insert(wallets, { _id: organisationId, organisationId, ...after });
}
