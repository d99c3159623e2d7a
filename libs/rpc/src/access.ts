import {
  type Caller,
  type Decision,
  decide,
  mayAnywhere,
  maySeeAnywhere,
  PLATFORM,
  type RecordScope,
  staleAnywhere,
  staleFor,
  type UserCaller,
} from "@partake/authz";
import type { Operation, Within } from "@partake/contract";
import { type Failure, failure } from "@partake/failure";
import type { LivePlaces } from "./live.ts";
import type { Verified } from "./verified.ts";

/** A question to the access rules: may this caller do this operation with this request? */
export interface Access {
  operation: Operation;
  request: object;
  verified: Verified;
}

/** For how long a proof of identity is fresh. The challenge tells it to clients. */
export const FRESH_SECONDS = 3_600;

/** Decides an operation's access rule before its handler runs. Throws what the client is to be told. */
export async function authorizeOperation(access: Access, places: LivePlaces, nowMs: number): Promise<void> {
  await authorizeAccess(access, places);
  // Asked last: who may not do it at all is not sent to prove who they are.
  if (access.operation.fresh) requireFresh(access.verified, nowMs);
}

function requireFresh({ caller }: Verified, nowMs: number): void {
  const provedAtMs = caller.kind === "user" ? caller.authenticatedAtMs : undefined;
  if (provedAtMs === undefined || nowMs - provedAtMs > FRESH_SECONDS * 1000)
    throw failure("unauthenticated", "insufficient_user_authentication");
}

async function authorizeAccess({ operation, request, verified }: Access, places: LivePlaces): Promise<void> {
  const { access } = operation;
  switch (access.kind) {
    case "public":
      return;
    case "account":
      requirePerson(verified);
      return;
    case "services":
      requireService(verified, access.services);
      return;
    case "permission": {
      const caller = requireUser(verified);
      if (caller.organisationId === undefined) throw failure("unauthenticated", "token_invalid");
      await places.load(caller.organisationId);
      const scope = access.scope === undefined ? undefined : readScope(request, access.scope);
      if (access.record !== undefined) requireAnywhere(caller, access.permission);
      else await requireOnScope({ caller, permission: access.permission, scope, places });
      if (access.within !== undefined) await requireWithin({ caller, request, within: access.within, places });
      return;
    }
    default:
      access satisfies never;
  }
}

function requireUser({ caller }: Verified): UserCaller {
  if (caller.kind !== "user") throw failure("unauthenticated", "token_missing");
  return caller;
}

/** A person's own affairs are no system's, whatever it holds. (R22) */
function requirePerson(verified: Verified): void {
  if (requireUser(verified).isServiceAccount) throw failure("forbidden", "people_only");
}

function requireService({ service }: Verified, allowed: readonly string[]): void {
  if (service === undefined) throw failure("unauthenticated", "token_missing");
  if (!allowed.includes(service)) throw failure("forbidden", "service_not_listed");
}

/** The record is not loaded yet; who holds the permission on nothing at all need not be asked about it. */
function requireAnywhere(caller: UserCaller, permission: string): void {
  if (mayAnywhere(caller, permission)) return;
  if (staleAnywhere(caller, permission)) throw failure("unauthenticated", "token_stale");
  if (caller.isPartial) throw rightsUnknown();
  throw maySeeAnywhere(caller, permission) ? failure("forbidden", "no_role") : failure("not_found", "not_found");
}

interface ScopeQuestion {
  caller: UserCaller;
  permission: string;
  scope: string | undefined;
  places: LivePlaces;
}

async function requireOnScope({ caller, permission, scope, places }: ScopeQuestion): Promise<void> {
  const organisationId = caller.organisationId ?? PLATFORM;
  const record = scopeRecord(organisationId, scope);
  let decision = decideOnPlace({ caller, permission, record, places });
  if (!decision.allowed && !decision.visible && record.projectId !== undefined && organisationId !== PLATFORM) {
    // The project may be newer than our view of places. One that is hidden costs the same question as one that is missing.
    await places.ask(organisationId, record.projectId);
    decision = decideOnPlace({ caller, permission, record, places });
  }
  if (!decision.allowed) throw refusal({ decision, caller, permission, record });
}

interface Narrowed {
  caller: UserCaller;
  request: object;
  within: Within;
  places: LivePlaces;
}

/** What an answer is narrowed to has to be there for whoever asks; else an empty answer would say that it is there for others. */
async function requireWithin({ caller, request, within, places }: Narrowed): Promise<void> {
  const projectId = readScope(request, within.field);
  if (projectId === undefined) return;
  await requireOnScope({ caller, permission: within.permission, scope: projectId, places });
}

/** A project counts only where its place says that it is the organisation's: an id alone proves nothing. */
function decideOnPlace({
  caller,
  permission,
  record,
  places,
}: Omit<ScopeQuestion, "scope"> & { record: RecordScope }): Decision {
  const { organisationId, projectId } = record;
  const isMissing = projectId !== undefined && places.of(organisationId).project(projectId) === undefined;
  return isMissing ? { allowed: false, visible: false, reason: "no_role" } : decide(caller, permission, record);
}

function scopeRecord(organisationId: string, id: string | undefined): RecordScope {
  if (id === undefined) return { organisationId };
  return id.startsWith("fld_") ? { organisationId, folderId: id } : { organisationId, projectId: id };
}

export interface Refused {
  decision: Decision & { allowed: false };
  caller: Caller;
  permission: string;
  record: RecordScope;
}

/** What the client of a refused question is told: to refresh, where the token is what stands in the way. */
export function refusal({ decision, caller, permission, record }: Refused): Failure {
  if (staleFor(caller, permission, record)) return failure("unauthenticated", "token_stale");
  if (caller.kind === "user" && caller.isPartial) return rightsUnknown();
  return decision.visible ? failure("forbidden", decision.reason) : failure("not_found", "not_found");
}

/** What is refused to somebody whose rights are known in part may well be theirs: identity must be asked again. */
export function rightsUnknown(): Failure {
  return failure("unavailable", "grants_unknown");
}

/** The id in the request that names the scope; an empty one is none. */
function readScope(request: object, path: string): string | undefined {
  let value: unknown = request;
  for (const name of path.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  if (value === undefined || value === null || value === "") return undefined;
  if (typeof value !== "string") throw failure("not_found", "not_found");
  return value;
}
