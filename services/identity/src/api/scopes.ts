import type { ProjectPlace, RecordScope } from "@partake/authz";
import { asFailure, failure } from "@partake/failure";
import type { Call } from "@partake/rpc";
import type { Parts } from "@partake/service";
import { scopeKindOf } from "../domain/role-scopes.ts";
import type { GrantRecord } from "../store/grants.ts";

export interface NamedScope {
  role: string;
  /** Absent: the organisation. */
  scope?: string | undefined;
  /** The project that a board, album or event is said to belong to. */
  projectId?: string | undefined;
}

/**
 * What a role is to be held on, as the record that decides. It has to be the organisation's and the caller has to see it, which
 * its owner says: an id alone proves nothing. Whatever is hidden is the same 404 as what is missing.
 */
export async function recordOf(
  { clients }: Pick<Parts, "clients">,
  call: Call,
  named: NamedScope,
): Promise<RecordScope> {
  const { organisationId } = call;
  const id = named.scope ?? organisationId;
  const kind = scopeKindOf(named.role, id);
  switch (kind) {
    case "organisation":
      if (id !== organisationId) throw failure("not_found", "scope_not_found");
      return { organisationId };
    case "folder":
      await seen(clients.Projects.getFolder({ folderId: id }, { on: call }));
      return { organisationId, folderId: id };
    case "project":
      await seen(clients.Projects.getProject({ projectId: id }, { on: call }));
      return { organisationId, projectId: id };
    case "board": {
      const { projectId } = await seen(clients.Progress.getBoard({ boardId: id }, { on: call }));
      return partOf({ organisationId, projectId, boardId: id }, named);
    }
    case "contact": {
      const { projectIds } = await seen(clients.Contacts.getContact({ contactId: id }, { on: call }));
      return { organisationId, contactId: id, contactProjectIds: projectIds };
    }
    case "album":
    case "event":
      throw failure("not_found", "scope_not_found");
    default:
      return kind satisfies never;
  }
}

/**
 * The record of a grant that is there. Its scope may be gone by now, or hidden by redacted access; admins still take the role, but
 * do nothing else with it.
 */
export async function recordOfGrant(
  parts: Pick<Parts, "clients">,
  call: Call,
  grant: GrantRecord,
  { toTake = false }: { toTake?: boolean } = {},
): Promise<RecordScope> {
  const { organisationId, role, scope, projectId } = grant;
  const kind = scopeKindOf(role, scope);
  const project = projectId === undefined ? {} : { projectId };
  switch (kind) {
    case "organisation":
      return { organisationId };
    case "folder":
      return { organisationId, folderId: scope };
    case "project":
      return { organisationId, projectId: scope };
    case "board":
      return { organisationId, ...project, boardId: scope };
    case "album":
      return { organisationId, ...project, albumId: scope };
    case "event":
      return { organisationId, ...project, eventId: scope };
    case "contact":
      return await recordOf(parts, call, { role, scope }).catch((error: unknown) => {
        if (asFailure(error).code !== "not_found") throw error;
        if (!toTake) call.decide(undefined);
        return { organisationId, contactId: scope, contactProjectIds: [] };
      });
    default:
      return kind satisfies never;
  }
}

/** The places of a record's projects, as the caller's rights know them. */
export function placesAround(call: Call, record: RecordScope): ReadonlyMap<string, ProjectPlace> {
  if (call.caller.kind !== "user") return new Map();
  const { places } = call.caller.rights;
  const projectIds = [
    ...(record.projectId === undefined ? [] : [record.projectId]),
    ...(record.contactProjectIds ?? []),
  ];
  return new Map(
    projectIds.flatMap((projectId) => {
      const place = places.project(projectId);
      return place === undefined ? [] : [[projectId, place] as const];
    }),
  );
}

function partOf(record: RecordScope, { projectId }: NamedScope): RecordScope {
  if (projectId !== undefined && projectId !== record.projectId) throw failure("not_found", "scope_not_found");
  return record;
}

async function seen<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    const { code } = asFailure(error);
    throw code === "not_found" || code === "forbidden" ? failure("not_found", "scope_not_found") : error;
  }
}
