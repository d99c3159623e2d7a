// The audit trail's hash chain. It runs over ids and salted digests only: what an entry says lies beside it, so that erasing a
// detail leaves the chain whole, and the digest alone tells nothing.

/** SHA-256 of a text, hex. */
export type Hash = (text: string) => string;

export interface AuditDetails {
  organisationId: string;
  action: string;
  actorId: string;
  subjectId?: string | undefined;
  scope?: string | undefined;
  outcome: "done" | "refused";
  recordedAt: Date;
  role?: string | undefined;
  recordId?: string | undefined;
  operation?: string | undefined;
  cause?: string | undefined;
  times?: number | undefined;
}

export interface SealedEntry {
  id: string;
  digest: string;
}

/** A batch of entries, chained to the one before. */
export interface Seal {
  number: number;
  previous: string;
  entries: readonly SealedEntry[];
  hash: string;
}

/** An entry as it is stored beside the chain. */
export interface KeptEntry extends AuditDetails {
  id: string;
  salt: string;
  digest: string;
}

/** The end of a chain, or of the part of it that was read. */
export interface Link {
  number: number;
  hash: string;
}

export interface Fault {
  fault: "seal_missing" | "seal_changed" | "entry_missing" | "entry_changed";
  entryId?: string;
}

/** Before the first seal of an organisation. */
export const GENESIS: Link = { number: 0, hash: "0".repeat(64) };

export function digestOf(details: AuditDetails, salt: string, hash: Hash): string {
  const { organisationId, action, actorId, subjectId, scope, outcome, recordedAt } = details;
  const { role, recordId, operation, cause, times } = details;
  const parts = [organisationId, action, actorId, subjectId ?? "", scope ?? "", outcome, recordedAt.toISOString()];
  const more = [role ?? "", recordId ?? "", operation ?? "", cause ?? "", times ?? 1];
  return hash(JSON.stringify([salt, ...parts, ...more]));
}

export function sealBatch(options: {
  organisationId: string;
  last: Link | undefined;
  entries: readonly SealedEntry[];
  hash: Hash;
}): Seal {
  const { organisationId, last = GENESIS, entries, hash } = options;
  const number = last.number + 1;
  const previous = last.hash;
  return { number, previous, entries, hash: sealHash({ organisationId, number, previous, entries, hash }) };
}

export interface SealCheck {
  organisationId: string;
  /** The link before it. */
  after: Link;
  seal: Seal;
  /** What is stored of the seal's entries, by id. */
  kept: ReadonlyMap<string, KeptEntry>;
  hash: Hash;
}

/** What is wrong with a seal that is to follow a link, or with the entries in it; undefined where nothing is. */
export function faultOf({ organisationId, after, seal, kept, hash }: SealCheck): Fault | undefined {
  const { number, previous, entries } = seal;
  if (number !== after.number + 1) return { fault: "seal_missing" };
  if (previous !== after.hash || seal.hash !== sealHash({ organisationId, number, previous, entries, hash }))
    return { fault: "seal_changed" };
  for (const { id, digest } of entries) {
    const entry = kept.get(id);
    if (entry === undefined) return { fault: "entry_missing", entryId: id };
    const isAsSealed = entry.digest === digest && digestOf(entry, entry.salt, hash) === digest;
    if (!isAsSealed || entry.organisationId !== organisationId) return { fault: "entry_changed", entryId: id };
  }
  return undefined;
}

function sealHash(of: {
  organisationId: string;
  number: number;
  previous: string;
  entries: readonly SealedEntry[];
  hash: Hash;
}) {
  const entries = of.entries.map(({ id, digest }) => [id, digest]);
  return of.hash(JSON.stringify([of.organisationId, of.number, of.previous, entries]));
}
