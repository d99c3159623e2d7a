import type { ProjectPlace } from "@partake/authz";
import type { CollectionDefinition, Stored, Transaction } from "@partake/store";
import { Schema } from "mongoose";
import type { GrantRecord, StoredParticipant } from "./grants.ts";
import type { OrganisationRecord, OrganisationState, OrganisationSwitches } from "./organisations.ts";
import type { RemovalCause } from "./removed-scopes.ts";

// Every form that access ever took, kept beside what counts now: so that a question about a past instant has an answer. Only
// added to, in the transaction of the change. (Z1)

/** A form of a grant, of a withheld right, or of an organisation's state and switches: from then on until its next one. */
export interface AccessForm extends Stored {
  organisationId: string;
  kind: "grant" | "withheld" | "organisation";
  /** The id of the grant, the withheld right, or the organisation. */
  key: string;
  /** Whose grant or right it is. */
  userId?: string;
  /** The organisation's version at which it began: the order of forms. */
  grantsVersion: number;
  at: Date;
  /** Of a grant. */
  role?: string;
  scope?: string;
  projectId?: string;
  participant?: StoredParticipant;
  expiresAt?: Date;
  grantedBy?: string;
  grantedAt?: Date;
  /** A grant that was taken, a right that was given back. */
  ended?: boolean;
  /** What a grant ended with, where nobody took it. */
  endedBecause?: RemovalCause;
  /** Of an organisation. */
  state?: OrganisationState;
  switches?: OrganisationSwitches;
}

/** Where a project lay and what of it decided access, from then on until its next form. */
export interface PlaceForm extends Stored {
  projectId: string;
  organisationId: string;
  folderId?: string;
  status: ProjectPlace["status"];
  visibility: ProjectPlace["visibility"];
  placeVersion: number;
  at: Date;
}

export const accessForms: CollectionDefinition<AccessForm> = {
  name: "access_forms",
  schema: new Schema<AccessForm>({
    _id: { type: String, required: true },
    version: { type: Number, required: true },
    organisationId: { type: String, required: true },
    kind: { type: String, required: true },
    key: { type: String, required: true },
    userId: String,
    grantsVersion: { type: Number, required: true },
    at: { type: Date, required: true },
    role: String,
    scope: String,
    projectId: String,
    participant: Schema.Types.Mixed,
    expiresAt: Date,
    grantedBy: String,
    grantedAt: Date,
    ended: Boolean,
    endedBecause: String,
    state: String,
    switches: Schema.Types.Mixed,
  }),
  indexes: [
    { keys: { organisationId: 1, userId: 1, grantsVersion: -1 } },
    { keys: { organisationId: 1, kind: 1, grantsVersion: -1 } },
  ],
};

export const placeForms: CollectionDefinition<PlaceForm> = {
  name: "place_forms",
  schema: new Schema<PlaceForm>({
    _id: { type: String, required: true },
    version: { type: Number, required: true },
    projectId: { type: String, required: true },
    organisationId: { type: String, required: true },
    folderId: String,
    status: { type: String, required: true },
    visibility: { type: String, required: true },
    placeVersion: { type: Number, required: true },
    at: { type: Date, required: true },
  }),
  indexes: [
    { keys: { projectId: 1, placeVersion: -1 } },
    { keys: { organisationId: 1, folderId: 1, placeVersion: -1 } },
  ],
};

export async function keepGrant(tx: Transaction, grant: GrantRecord): Promise<void> {
  const { _id: key, organisationId, userId, role, scope, projectId, participant, grantsVersion, expiresAt } = grant;
  const { endedBecause } = grant;
  await tx.insert(accessForms, {
    _id: `${key}:${grantsVersion}`,
    ...{ kind: "grant", key, organisationId, userId, role, scope, grantsVersion, at: tx.now, ended: grant.removed },
    ...{ grantedBy: grant.grantedBy, grantedAt: grant.grantedAt },
    ...(projectId !== undefined && { projectId }),
    ...(participant !== undefined && { participant }),
    ...(expiresAt !== undefined && { expiresAt }),
    ...(endedBecause !== undefined && { endedBecause }),
  });
}

export async function keepOrganisation(
  tx: Transaction,
  { _id: key, state, switches }: OrganisationRecord,
  grantsVersion: number,
): Promise<void> {
  const of = { kind: "organisation" as const, key, organisationId: key, grantsVersion, at: tx.now, state, switches };
  await tx.insert(accessForms, { _id: `${key}:${grantsVersion}`, ...of });
}

/** A project's place as the topic told it; the same form may come more than once. */
export async function keepPlace(
  tx: Transaction,
  told: Omit<PlaceForm, "_id" | "version" | "placeVersion" | "folderId"> & {
    version: number;
    folderId?: string | undefined;
  },
): Promise<void> {
  const { projectId, organisationId, folderId, status, visibility, version: placeVersion, at } = told;
  const _id = `${projectId}:${placeVersion}`;
  if ((await tx.get(placeForms, _id)) !== undefined) return;
  const place = { projectId, organisationId, status, visibility, placeVersion, at };
  await tx.insert(placeForms, { _id, ...place, ...(folderId !== undefined && { folderId }) });
}
