import {
  type HeldRole,
  type Places,
  type ProjectPlace,
  presets,
  type RecordScope,
  type Role,
  type Switches,
} from "@partake/authz";
import { type Store, trusted } from "@partake/store";
import { heldThen, type Told } from "../domain/standing.ts";
import { type AccessForm, accessForms, type PlaceForm, placeForms } from "./access-history.ts";
import { type GrantRecord, grants } from "./grants.ts";
import { organisations } from "./organisations.ts";
import { placesOf } from "./powers.ts";
import type { RemovalCause } from "./removed-scopes.ts";
import { users } from "./users.ts";

/** Of one person's forms, or those of a folder's projects: more than there ever are. */
const mostForms = 10_000;

/** A role with its story, as an explanation tells it. */
export interface ToldRole {
  held: HeldRole;
  since: Date | undefined;
  grantedBy: string | undefined;
  reason: string | undefined;
  /** Of one that was taken by then. */
  takenReason?: string | undefined;
  expiresAt?: Date;
  /** When it was taken or ended by itself. */
  endedAt?: Date;
  /** What it ended with, where nobody took it. */
  endedBecause?: RemovalCause;
}

/** How somebody stood in an organisation. */
export interface Standing {
  roles: readonly ToldRole[];
  /** What they had held by then, and did not any more. */
  former: readonly ToldRole[];
  /** Projects for which the derived right was withheld. */
  withheld: readonly string[];
  /** Whether they ever held anything there. */
  isKnown: boolean;
  isEnabled: boolean;
  isActive: boolean;
  switches: Switches;
}

interface Whose {
  organisationId: string;
  userId: string;
  now: Date;
  /** Absent: now. */
  at?: Date | undefined;
}

/** Reads how somebody stands, or stood at a past instant. */
export async function readStanding(store: Store, { organisationId, userId, now, at }: Whose): Promise<Standing> {
  const until = at === undefined ? {} : { at: trusted({ $lte: at }) };
  const newestFirst = { grantsVersion: -1 } as const;
  const [forms, given, [organisationForm], organisation, user] = await Promise.all([
    store.find(accessForms, { organisationId, userId, ...until }, { limit: mostForms, sort: newestFirst }),
    store.find(grants, { organisationId, userId }, { limit: mostForms }),
    store.find(accessForms, { organisationId, kind: "organisation", ...until }, { limit: 1, sort: newestFirst }),
    store.get(organisations, organisationId),
    store.get(users, userId),
  ]);
  const stateThen =
    organisationForm ?? (organisation && organisation.createdAt <= (at ?? now) ? organisation : undefined);
  const { roles, former, withheld } = heldThen({ forms, grants: given, at: at ?? now });
  // Reasons may be erased, so they stand at the grant alone and not in its forms.
  const reasons = new Map(given.map(({ _id, reason, takenReason }) => [_id, { reason, takenReason }]));
  const told = (of: (typeof roles)[number]): ToldRole => {
    const { reason, takenReason } = reasons.get(of.grantId) ?? {};
    return { ...toldRole(of), reason, ...(of.endedAt !== undefined && { takenReason }) };
  };
  return {
    ...{ roles: roles.map(told), former: former.map(told), withheld },
    isKnown: given.length > 0,
    isEnabled: user?.enabled === true,
    isActive: stateThen?.state === "active",
    switches: stateThen?.switches ?? presets.civic,
  };
}

function toldRole({ grantId, form, endedAt }: Told<AccessForm | GrantRecord>): Omit<ToldRole, "reason"> {
  const { role, scope, projectId, participant, grantedBy, grantedAt: since, expiresAt, endedBecause } = form;
  return {
    held: {
      ...{ grantId, role: role as Role, scope: scope ?? "" },
      ...(projectId !== undefined && { projectId }),
      ...(participant !== undefined && { participant }),
    },
    ...{ since, grantedBy },
    ...(expiresAt !== undefined && { expiresAt }),
    ...(endedAt !== undefined && { endedAt }),
    ...(endedBecause !== undefined && { endedBecause }),
  };
}

/** Where the projects of a record lay at an instant, as far as was told by then. */
export async function readPlaces(
  store: Store,
  { organisationId, record, at }: { organisationId: string; record: RecordScope; at: Date },
): Promise<Places> {
  const until = { at: trusted({ $lte: at }) };
  const { projectId, folderId, contactProjectIds = [] } = record;
  const inFolder =
    folderId === undefined
      ? []
      : await store.find(placeForms, { organisationId, folderId, ...until }, { limit: mostForms });
  const ids = new Set([...(projectId === undefined ? [] : [projectId]), ...contactProjectIds]);
  for (const form of inFolder) ids.add(form.projectId);
  if (ids.size === 0) return placesOf(new Map());
  const filter = { projectId: trusted({ $in: [...ids] }), ...until };
  const forms = await store.find(placeForms, filter, { limit: mostForms, sort: { placeVersion: -1 } });
  const places = new Map<string, ProjectPlace>();
  for (const form of forms) {
    if (!places.has(form.projectId) && form.organisationId === organisationId)
      places.set(form.projectId, placeOf(form));
  }
  return placesOf(places);
}

function placeOf({ organisationId, folderId, status, visibility }: PlaceForm): ProjectPlace {
  return { organisationId, status, visibility, ...(folderId !== undefined && { folderId }) };
}
