import type { Services } from "@partake/contract";
import { type Store, trusted } from "@partake/store";
import { faultOf, GENESIS, type KeptEntry, type Link, type Seal } from "./domain/audit-chain.ts";
import { sha256 } from "./sha256.ts";
import { type AuditRecord, auditEntries, auditSeals } from "./store/audit.ts";

export type Verification = Services["Identity"]["verifyAudit"]["response"];

/** Of one run: a chain of years takes several, each within the deadline of a call. */
const mostSeals = 500;
const sealsAtOnce = 10;

interface Asked {
  organisationId: string;
  afterSeal: number;
  /** A seal that was noted down elsewhere. */
  known?: Link | undefined;
}

/** Recomputes an organisation's chain in order, and the digest of every entry in it. */
export async function verifyChain(store: Store, { organisationId, afterSeal, known }: Asked): Promise<Verification> {
  let link = await linkAt(store, organisationId, afterSeal);
  let entries = 0;
  const found = (more: Partial<Verification>): Verification => {
    const counted = { seals: (link?.number ?? afterSeal) - afterSeal, entries };
    return {
      holds: true,
      complete: false,
      ...counted,
      lastSeal: link?.number ?? 0,
      lastHash: link?.hash ?? "",
      ...more,
    };
  };
  if (link === undefined) return found({ holds: false, brokenSeal: afterSeal, fault: "seal_missing" });
  for (let read = 0; read < mostSeals; read += sealsAtOnce) {
    const after: Link = link;
    const range = { organisationId, number: trusted({ $gt: after.number }) };
    const seals = await store.find(auditSeals, range, { limit: sealsAtOnce, sort: { number: 1 } });
    const kept = await keptOf(store, seals);
    for (const seal of seals) {
      const fault = faultOf({ organisationId, after: link, seal, kept, hash: sha256 });
      if (fault !== undefined) return found({ holds: false, brokenSeal: link.number + 1, ...fault });
      if (known?.number === seal.number && known.hash !== seal.hash)
        return found({ holds: false, brokenSeal: seal.number, fault: "known_hash_differs" });
      link = { number: seal.number, hash: seal.hash };
      entries += seal.entries.length;
    }
    const stray = await strayAmong(store, { organisationId, after: after.number, upTo: link.number, kept });
    if (stray !== undefined)
      return found({ holds: false, brokenSeal: stray.seal ?? 0, fault: "entry_unsealed", entryId: stray._id });
    if (seals.length < sealsAtOnce) return found(await atEnd(store, { organisationId, link, known }));
  }
  return found({});
}

/** An entry that says it is in one of these seals and is not. */
async function strayAmong(
  store: Store,
  of: { organisationId: string; after: number; upTo: number; kept: ReadonlyMap<string, KeptEntry> },
): Promise<AuditRecord | undefined> {
  const { organisationId, after, upTo, kept } = of;
  const claiming = { organisationId, sealed: true, seal: trusted({ $gt: after, $lte: upTo }) };
  if ((await store.count(auditEntries, claiming)) <= kept.size) return undefined;
  const found = await store.find(auditEntries, claiming, { limit: kept.size + 1 });
  return found.find(({ _id }) => !kept.has(_id));
}

/** At the end nothing may be left that claims to be sealed and is not, nor a seal be missing that somebody knows of. */
async function atEnd(
  store: Store,
  { organisationId, link, known }: { organisationId: string; link: Link; known: Link | undefined },
): Promise<Partial<Verification>> {
  if (known !== undefined && known.number > link.number)
    return { complete: true, holds: false, brokenSeal: link.number + 1, fault: "seal_missing" };
  const beyond = { organisationId, sealed: true, seal: trusted({ $gt: link.number }) };
  const unnumbered = { organisationId, sealed: true, seal: null };
  for (const filter of [unnumbered, beyond]) {
    const [stray] = await store.find(auditEntries, filter, { limit: 1 });
    // A batch that is sealed at this moment is not stray: its seal is there by now.
    const isStray = stray && (stray.seal === undefined || !(await isSealed(store, stray)));
    if (isStray)
      return { complete: true, holds: false, brokenSeal: stray.seal ?? 0, fault: "entry_unsealed", entryId: stray._id };
  }
  return { complete: true };
}

async function isSealed(store: Store, { organisationId, seal, _id }: AuditRecord): Promise<boolean> {
  const [found] = await store.find(auditSeals, { organisationId, number: seal }, { limit: 1 });
  return found?.entries.some(({ id }) => id === _id) ?? false;
}

/** Where a run goes on: the seal after which it begins was proven by the run before. */
async function linkAt(store: Store, organisationId: string, number: number): Promise<Link | undefined> {
  if (number === 0) return GENESIS;
  const [seal] = await store.find(auditSeals, { organisationId, number }, { limit: 1 });
  return seal && { number: seal.number, hash: seal.hash };
}

/** What is stored of the entries of some seals. */
async function keptOf(store: Store, seals: readonly Seal[]): Promise<Map<string, KeptEntry>> {
  const ids = seals.flatMap(({ entries }) => entries.map(({ id }) => id));
  if (ids.length === 0) return new Map();
  const found = await store.find(auditEntries, { _id: trusted({ $in: ids }) }, { limit: ids.length });
  return new Map(found.map((entry) => [entry._id, { ...entry, id: entry._id }]));
}
