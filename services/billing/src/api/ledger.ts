import type { Implementation } from "@partake/rpc";
import type { Parts } from "@partake/service";
import { NO_BALANCES } from "../domain/ledger.ts";
import { type EntryRecord, entries, wallets } from "../store/ledger.ts";

type Ledger = Pick<Implementation<"Billing">, "getBalance" | "listEntries">;

/** What an organisation's admins see of their credits. (B3, B7) */
export function ledgerApi({ store }: Parts): Ledger {
  return {
    async getBalance(_request, { organisationId }) {
      const { available, held, used, version } = (await store.get(wallets, organisationId)) ?? {
        ...NO_BALANCES,
        version: 0,
      };
      return { organisationId, available, held, used, version };
    },

    async listEntries({ limit, cursor }, call) {
      const { organisationId } = call;
      const sort = { field: "sequence", direction: -1 } as const;
      const page = await store.list(entries, { visible: { organisationId }, sort, limit, cursor, call });
      return { items: page.items.map(shown), nextCursor: page.nextCursor };
    },
  };
}

function shown(entry: EntryRecord) {
  const { _id: id, kind, debit, credit, amount, participationId, projectId, month, createdAt } = entry;
  return {
    ...{ id, kind, debit, credit, amount },
    ...(participationId && { participationId }),
    ...(projectId && { projectId }),
    ...(month !== undefined && { month }),
    createdAt: createdAt.toISOString(),
  };
}
