import type { Transaction } from "@partake/store";
import { grantVersions } from "./grant-versions.ts";

/** The versions that a transaction raised already, by organisation: all that it changes stands at one version. */
const raised = new WeakMap<Transaction, Map<string, number>>();

/** Raises the version at which an organisation's grants, switches and state stand. Two such transactions never overlap. */
export async function raiseGrantsVersion(tx: Transaction, organisationId: string): Promise<number> {
  const versions = raised.get(tx) ?? new Map<string, number>();
  raised.set(tx, versions);
  const known = versions.get(organisationId);
  if (known !== undefined) return known;
  const current = await tx.get(grantVersions, organisationId);
  const grantsVersion = (current?.grantsVersion ?? 0) + 1;
  if (current === undefined) await tx.insert(grantVersions, { _id: organisationId, grantsVersion });
  else await tx.update(grantVersions, current, { grantsVersion });
  versions.set(organisationId, grantsVersion);
  tx.grantsRaised(organisationId, grantsVersion);
  return grantsVersion;
}
