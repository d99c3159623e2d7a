import type { CollectionDefinition, Stored, Transaction } from "@partake/store";
import { Schema } from "mongoose";
import { accessForms } from "./access-history.ts";
import { raiseGrantsVersion } from "./grants-version.ts";
import type { RemovalCause } from "./removed-scopes.ts";

/**
 * That a folder's manager does not derive the manager right for one project. Kept when it is given back, and when the project
 * leaves the folder or the person the role: what an admin took comes back by an admin alone. (R16)
 */
export interface WithheldRightRecord extends Stored {
  organisationId: string;
  userId: string;
  projectId: string;
  /** The organisation's version at which it took this form. */
  grantsVersion: number;
  restored: boolean;
  withheldBy: string;
  withheldAt: Date;
  reason?: string | undefined;
  /** Why it was given back. */
  restoredReason?: string | undefined;
}

export const withheldRights: CollectionDefinition<WithheldRightRecord> = {
  name: "withheld_rights",
  schema: new Schema<WithheldRightRecord>({
    _id: { type: String, required: true },
    version: { type: Number, required: true },
    organisationId: { type: String, required: true },
    userId: { type: String, required: true },
    projectId: { type: String, required: true },
    grantsVersion: { type: Number, required: true },
    restored: { type: Boolean, required: true },
    withheldBy: { type: String, required: true },
    withheldAt: { type: Date, required: true },
    reason: String,
    restoredReason: String,
  }),
  indexes: [
    { keys: { organisationId: 1, userId: 1, projectId: 1 }, unique: true, where: { restored: false } },
    { keys: { organisationId: 1, projectId: 1, restored: 1 } },
    { keys: { userId: 1 } },
  ],
};

export type NewWithheldRight = Pick<
  WithheldRightRecord,
  "_id" | "organisationId" | "userId" | "projectId" | "withheldBy" | "reason"
>;

/** Takes the derived right for one project. */
export async function withholdRight(tx: Transaction, of: NewWithheldRight): Promise<WithheldRightRecord> {
  const grantsVersion = await raiseGrantsVersion(tx, of.organisationId);
  const right = await tx.insert(withheldRights, { ...of, grantsVersion, restored: false, withheldAt: tx.now });
  await tell(tx, right);
  auditRight(tx, right, "folder_right.withheld");
  return right;
}

/** Gives it back; or it ends with its project, of which nothing is left that could be derived. */
export async function restoreRight(
  tx: Transaction,
  held: WithheldRightRecord,
  { because, reason }: { because?: RemovalCause; reason?: string | undefined } = {},
): Promise<WithheldRightRecord> {
  const grantsVersion = await raiseGrantsVersion(tx, held.organisationId);
  const why = reason === undefined ? {} : { restoredReason: reason };
  const right = await tx.update(withheldRights, held, { restored: true, grantsVersion, ...why });
  await tell(tx, right);
  auditRight(tx, right, "folder_right.restored", because);
  return right;
}

function auditRight(
  tx: Transaction,
  right: WithheldRightRecord,
  action: "folder_right.withheld" | "folder_right.restored",
  cause?: RemovalCause,
): void {
  const { _id: recordId, organisationId, userId: subjectId, projectId: scope } = right;
  tx.audit({ action, organisationId, subjectId, scope, recordId, ...(cause !== undefined && { cause }) });
}

async function tell(tx: Transaction, right: WithheldRightRecord): Promise<void> {
  await keep(tx, right);
  const { _id: withheldRightId, organisationId, userId, projectId, grantsVersion: version, restored } = right;
  const data = { withheldRightId, organisationId, userId, projectId, version, restored };
  tx.emit({ type: "org.partake.withheld-right.changed.v1", data });
}

async function keep(tx: Transaction, right: WithheldRightRecord): Promise<void> {
  const { _id: key, organisationId, userId, projectId, grantsVersion, restored: ended } = right;
  const of = { kind: "withheld" as const, key, organisationId, userId, projectId, grantsVersion, at: tx.now, ended };
  await tx.insert(accessForms, { _id: `${key}:${grantsVersion}`, ...of });
}
