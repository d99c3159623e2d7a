import type { ProjectPlace, RecordScope } from "@partake/authz";
import { asFailure, failure } from "@partake/failure";
import type { Call, Implementation } from "@partake/rpc";
import type { Parts } from "@partake/service";
import { trusted } from "@partake/store";
import { scopeKindOf } from "../domain/role-scopes.ts";
import { type GrantRecord, grants } from "../store/grants.ts";
import { endFrom } from "./checks.ts";
import { placesAround } from "./scopes.ts";

type Requested = Parameters<Implementation<"Identity">["changeColleagues"]>[0]["changes"][number];

/** One change of several, with the record that decides it; without one there is no such scope for this caller. */
export interface PreparedChange {
  userId: string;
  takeGrantId?: string;
  gives?: { role: string; scope: string; expiresAt?: Date | undefined };
  record?: RecordScope;
  places: ReadonlyMap<string, ProjectPlace>;
}

/** Each folder is asked for at its owner. */
const mostFolders = 20;

/** Reads several changes: what each is about, and where that lies. What is the same twice is a mistake of the client. */
export async function prepareChanges(
  parts: Parts,
  call: Call,
  changes: readonly Requested[],
): Promise<PreparedChange[]> {
  // Each change is decided by itself; this says of the whole whether newer grants would decide otherwise.
  call.visible("role.give");
  const now = parts.clock.now();
  const requested = changes.map((change, index) => readChange(change, { index, call, now }));
  const keys = requested.map(
    ({ userId, takeGrantId, gives }) => takeGrantId ?? `${userId} ${gives?.role}:${gives?.scope}`,
  );
  const repeated = keys.findIndex((key, index) => keys.indexOf(key) !== index);
  if (repeated >= 0) throw invalid(repeated, "is there twice");
  const taken = await grantsToTake(parts, call, requested);
  const folders = await foldersSeen(parts, call, [...requested.map(({ gives }) => gives?.scope), ...taken.folders]);
  return requested.map((change): PreparedChange => {
    const record = recordOfChange({ change, call, taken: taken.grants, folders });
    const places = record === undefined ? new Map<string, ProjectPlace>() : placesAround(call, record);
    return { ...change, ...(record !== undefined && { record }), places };
  });
}

type Read = Pick<PreparedChange, "userId" | "takeGrantId" | "gives">;

function readChange(change: Requested, of: { index: number; call: Call; now: Date }): Read {
  const { userId, takeGrantId, role, scope, expiresAt: end } = change;
  const { index, call, now } = of;
  if ((takeGrantId === undefined) === (role === undefined)) throw invalid(index, "takes a role or gives one");
  if (takeGrantId !== undefined) return { userId, takeGrantId };
  const expiresAt = endFrom(end, { now, field: `changes/${index}/expiresAt` });
  const gives = { role: role ?? "", scope: scope || call.organisationId };
  scopeKindOf(gives.role, gives.scope);
  return { userId, gives: { ...gives, expiresAt } };
}

function invalid(index: number, message: string) {
  return failure("invalid", "invalid_request", {
    errors: [{ pointer: `/changes/${index}`, code: "not_allowed", message }],
  });
}

async function grantsToTake({ store }: Parts, { organisationId }: Call, changes: readonly Read[]) {
  const ids = changes.flatMap(({ takeGrantId }) => takeGrantId ?? []);
  const found =
    ids.length === 0
      ? []
      : await store.find(grants, { _id: trusted({ $in: ids }), organisationId }, { limit: ids.length });
  // Levels for contacts are changed at the contact, a participant's role with the participation.
  const known = found.filter(({ role }) => role !== "participant" && !role.startsWith("contact_"));
  const folders = known.filter(({ role }) => role === "folder_manager").map(({ scope }) => scope);
  return { grants: new Map(known.map((grant) => [grant._id, grant])), folders };
}

/** A scope that the caller may know of, as the record that decides. */
export interface NamedRecord {
  record: RecordScope;
  places: ReadonlyMap<string, ProjectPlace>;
}

/** The organisation, folders and projects of these ids that are there and seen; the others are left out. */
export async function recordsOfScopes(
  parts: Parts,
  call: Call,
  scopes: readonly string[],
): Promise<ReadonlyMap<string, NamedRecord>> {
  const folders = await foldersSeen(parts, call, scopes);
  const named = [...new Set(scopes)].flatMap((scope): [string, NamedRecord][] => {
    const change = { userId: "", gives: { role: "", scope } };
    const record = recordOfChange({ change, call, taken: new Map(), folders });
    return record === undefined ? [] : [[scope, { record, places: placesAround(call, record) }]];
  });
  return new Map(named);
}

/** Whether the caller may know of a scope. */
export function sees(call: Call, record: RecordScope): boolean {
  if (record.projectId !== undefined) return call.may("project.read", record);
  return record.folderId === undefined || call.may("folder.read", record);
}

/** Which of the folders are there and seen by the caller, as their owner says. */
async function foldersSeen(
  { clients }: Parts,
  call: Call,
  scopes: readonly (string | undefined)[],
): Promise<ReadonlySet<string>> {
  const ids = [...new Set(scopes.filter((scope) => scope?.startsWith("fld_") === true))] as string[];
  if (ids.length > mostFolders) throw failure("unprocessable", "too_many_folders");
  const seen = await Promise.all(
    ids.map(async (folderId) => {
      try {
        await clients.Projects.getFolder({ folderId }, { on: call });
        return [folderId];
      } catch (error) {
        const { code } = asFailure(error);
        if (code !== "not_found" && code !== "forbidden") throw error;
        return [];
      }
    }),
  );
  return new Set(seen.flat());
}

function recordOfChange(of: {
  change: Read;
  call: Call;
  taken: ReadonlyMap<string, GrantRecord>;
  folders: ReadonlySet<string>;
}): RecordScope | undefined {
  const { change, call, taken, folders } = of;
  const { organisationId } = call;
  const grant = change.takeGrantId === undefined ? undefined : taken.get(change.takeGrantId);
  const scope = grant?.scope ?? change.gives?.scope;
  if (scope === undefined) return undefined;
  const record = { organisationId, ...(grant?.projectId !== undefined && { projectId: grant.projectId }) };
  switch (scope.slice(0, 4)) {
    case "org_":
      return scope === organisationId ? record : undefined;
    case "fld_":
      // A role on a folder that is gone is still taken, by whoever may.
      return folders.has(scope) || grant !== undefined ? { ...record, folderId: scope } : undefined;
    case "prj_": {
      const place = placesAround(call, { organisationId, projectId: scope }).get(scope);
      return place?.organisationId === organisationId ? { ...record, projectId: scope } : undefined;
    }
    case "brd_":
      return { ...record, boardId: scope };
    case "alb_":
      return { ...record, albumId: scope };
    case "evt_":
      return { ...record, eventId: scope };
    default:
      return undefined;
  }
}
