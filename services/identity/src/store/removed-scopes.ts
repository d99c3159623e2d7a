import type { CollectionDefinition, Stored, Transaction } from "@partake/store";
import { trusted } from "@partake/store";
import { Schema } from "mongoose";
import { raiseGrantsVersion } from "./grants-version.ts";

const removable: ReadonlySet<string> = new Set(["prj_", "fld_", "con_"]);

/** Why something ended that was held on a scope, or in it. */
export type RemovalCause = "project_removed" | "folder_removed";

/**
 * A project, folder or contact, whose id it has, that was removed for good. Kept for ever: whatever comes late gives nobody
 * anything in it again. (P6)
 */
export interface RemovedScopeRecord extends Stored {
  organisationId: string;
  removedAt: Date;
  /** Something that is held on it may not have ended yet. */
  pending: boolean;
}

export const removedScopes: CollectionDefinition<RemovedScopeRecord> = {
  name: "removed_scopes",
  schema: new Schema<RemovedScopeRecord>({
    _id: { type: String, required: true },
    version: { type: Number, required: true },
    organisationId: { type: String, required: true },
    removedAt: { type: Date, required: true },
    pending: { type: Boolean, required: true },
  }),
  indexes: [{ keys: { removedAt: 1 }, where: { pending: true } }],
};

/** What is told of the end of a role; that of a contact's is told with the contact's. */
export function removalCauseOf(scope: string): RemovalCause | undefined {
  if (scope.startsWith("con_")) return undefined;
  return scope.startsWith("fld_") ? "folder_removed" : "project_removed";
}

/** Notes a removal, once. It raises the version as every grant does: a role given at this moment is found and ended, or refused. */
export async function noteRemoved(tx: Transaction, of: { scope: string; organisationId: string }): Promise<void> {
  const { scope: _id, organisationId } = of;
  if ((await tx.get(removedScopes, _id)) !== undefined) return;
  await raiseGrantsVersion(tx, organisationId);
  await tx.insert(removedScopes, { _id, organisationId, removedAt: tx.now, pending: true });
}

export async function isAnyRemoved(
  tx: Pick<Transaction, "find">,
  scopes: Iterable<string | undefined>,
): Promise<boolean> {
  const ids = [...new Set(scopes)].filter((scope) => removable.has(scope?.slice(0, 4) ?? ""));
  if (ids.length === 0) return false;
  return (await tx.find(removedScopes, { _id: trusted({ $in: ids }) }, { limit: 1 })).length > 0;
}
