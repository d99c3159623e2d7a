import type { Store } from "@partake/store";
import { sealBatch } from "./domain/audit-chain.ts";
import { sha256 } from "./sha256.ts";
import { type AuditRecord, auditEntries, auditSeals } from "./store/audit.ts";

const mostAtOnce = 200;

/** Seals what the audit trail took in, in the order in which it arrived: up to a batch of each organisation. (R20) */
export async function sealWaiting(store: Store, newId: (prefix: string) => string): Promise<void> {
  const order = { arrivedAt: 1, _id: 1 } as const;
  const waiting = await store.find(auditEntries, { sealed: false }, { limit: mostAtOnce, sort: order });
  for (const [organisationId, entries] of Map.groupBy(waiting, (entry) => entry.organisationId)) {
    await seal(store, { id: newId("sel"), organisationId, entries });
  }
}

async function seal(store: Store, of: { id: string; organisationId: string; entries: AuditRecord[] }): Promise<void> {
  const { id, organisationId } = of;
  await store.write({ actorId: "service:identity", traceparent: undefined }, async (tx) => {
    const [last] = await tx.find(auditSeals, { organisationId }, { limit: 1, sort: { number: -1 } });
    const entries = of.entries.map(({ _id, digest }) => ({ id: _id, digest }));
    const link = sealBatch({ organisationId, last, entries, hash: sha256 });
    await tx.insert(auditSeals, { _id: id, organisationId, ...link, entries, sealedAt: tx.now });
    for (const entry of of.entries) await tx.update(auditEntries, entry, { sealed: true, seal: link.number });
    return id;
  });
}
