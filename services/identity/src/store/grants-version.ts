import type { Transaction } from "@partake/store";
import { grantVersions } from "./grant-versions.ts";

/** Raises the version at which an organisation's grants, switches and state stand. Two such transactions never overlap. */
export async function raiseGrantsVersion(tx: Transaction, organisationId: string): Promise<number> {
  const current = await tx.get(grantVersions, organisationId);
  if (current === undefined) {
    await tx.insert(grantVersions, { _id: organisationId, grantsVersion: 1 });
    return 1;
  }
  const grantsVersion = current.grantsVersion + 1;
  await tx.update(grantVersions, current, { grantsVersion });
  return grantsVersion;
}
