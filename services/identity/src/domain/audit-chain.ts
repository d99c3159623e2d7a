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

/** The hash before the first seal of an organisation. */
export const GENESIS = "0".repeat(64);

export function digestOf(details: AuditDetails, salt: string, hash: Hash): string {
  const { organisationId, action, actorId, subjectId, scope, outcome, recordedAt } = details;
  const parts = [organisationId, action, actorId, subjectId ?? "", scope ?? "", outcome, recordedAt.toISOString()];
  return hash(JSON.stringify([salt, ...parts]));
}

export function sealBatch(options: {
  organisationId: string;
  last: Pick<Seal, "number" | "hash"> | undefined;
  entries: readonly SealedEntry[];
  hash: Hash;
}): Seal {
  const { organisationId, last, entries, hash } = options;
  const number = (last?.number ?? 0) + 1;
  const previous = last?.hash ?? GENESIS;
  return { number, previous, entries, hash: sealHash({ organisationId, number, previous, entries, hash }) };
}

/** The number of the first seal that does not follow from the one before, or undefined if the chain holds. */
export function firstBrokenSeal(organisationId: string, seals: readonly Seal[], hash: Hash): number | undefined {
  let expected = { number: 1, previous: GENESIS };
  for (const seal of seals) {
    const { number, previous, entries } = seal;
    const follows = number === expected.number && previous === expected.previous;
    if (!follows || seal.hash !== sealHash({ organisationId, number, previous, entries, hash })) return expected.number;
    expected = { number: number + 1, previous: seal.hash };
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
