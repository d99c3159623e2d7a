import { eachDue, type Parts } from "@partake/service";
import type { Store } from "@partake/store";
import { sealBatch } from "./domain/audit-chain.ts";
import { sha256 } from "./sha256.ts";
import { type AuditRecord, auditEntries, auditSeals } from "./store/audit.ts";

const mostAtOnce = 200;
/** In one turn; the rest follows with the next. */
const mostBatches = 50;

/** What waits of one organisation, under its id: an organisation whose chain cannot grow keeps no other one waiting. */
interface Batch {
  _id: string;
  entries: AuditRecord[];
}

type SealingParts = Pick<Parts, "store" | "clock" | "log" | "newId">;

/** Seals what the audit trail took in, in the order in which it arrived, until nothing waits. (R20) */
export async function sealWaiting(parts: SealingParts): Promise<void> {
  const { store, newId } = parts;
  for (let batches = 0; batches < mostBatches; batches += 1) {
    let found = 0;
    const sealed = await eachDue<Batch>(parts, {
      name: "audit-sealing",
      find: async (organisationId) => {
        const order = { arrivedAt: 1, _id: 1 } as const;
        const waiting = await store.find(
          auditEntries,
          { sealed: false, organisationId },
          { limit: mostAtOnce, sort: order },
        );
        found = waiting.length;
        const groups = Map.groupBy(waiting, (entry) => entry.organisationId);
        return [...groups].map(([_id, entries]) => ({ _id, entries }));
      },
      work: ({ _id, entries }) => seal(store, { id: newId("sel"), organisationId: _id, entries }),
    });
    if (sealed === 0 || found < mostAtOnce) return;
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
