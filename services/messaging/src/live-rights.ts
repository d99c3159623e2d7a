import { compile, type HeldRole, may, type Places, type RecordScope } from "@partake/authz";
import type { Services } from "@partake/contract";
import type { Parts } from "@partake/service";

type Clients = Parts["clients"];
type GrantsRead = Services["Identity"]["readGrants"]["response"];

const TIMEOUT_MS = 5_000;

/** Whether people may read a record, by what they hold at this moment: one question for all who might be told of it. */
export interface Readers {
  mayRead(userId: string): Promise<boolean>;
}

/** The rule is the one by which they would read it: of a comment nobody is told with less than `discuss`, paused, or without the role. (R8) */
export async function readersOf(
  clients: Clients,
  record: RecordScope & { projectId: string },
  permission: "comment.read" | "deletion_request.read",
): Promise<Readers> {
  const { organisationId, projectId } = record;
  const { items } = await clients.Projects.readScopes({ projectIds: [projectId] }, { timeoutMs: TIMEOUT_MS });
  const places = placesOf(items.find((scope) => scope.projectId === projectId));
  return {
    async mayRead(userId) {
      const read = await clients.Identity.readGrants({ organisationId, userId }, { timeoutMs: TIMEOUT_MS });
      const { switches } = read;
      if (!read.enabled || !switches) return false;
      const caller = compile({
        userId,
        organisationId,
        live: rolesOf(read),
        switches,
        places,
        withheld: withheldOf(read),
      });
      return may(caller, permission, record);
    },
  };
}

function withheldOf({ withheld }: GrantsRead): string[] {
  return withheld.filter(({ restored }) => !restored).map(({ projectId }) => projectId);
}

function rolesOf({ grants }: GrantsRead): HeldRole[] {
  return grants
    .filter(({ removed }) => !removed)
    .map(({ id, role, scope, projectId, participant }) => ({
      grantId: id,
      role: role as HeldRole["role"],
      scope,
      ...(projectId !== undefined && { projectId }),
      ...(participant && rightsOf(participant)),
    }));
}

function rightsOf(
  participant: NonNullable<GrantsRead["grants"][number]["participant"]>,
): Pick<HeldRole, "participant"> {
  const { level, state } = participant;
  return level === "" || state === "" ? {} : { participant: { ...participant, level, state } };
}

type Scope = Services["Projects"]["readScopes"]["response"]["items"][number];

/** The one project that the record belongs to; of a project that is gone nothing is known, so nobody is told. */
function placesOf(scope: Scope | undefined): Places {
  const place = scope && {
    organisationId: scope.organisationId,
    ...(scope.folderId !== undefined && { folderId: scope.folderId }),
    status: scope.status,
    visibility: scope.visibility,
  };
  return {
    project: (projectId) => (projectId === scope?.projectId ? place : { ...gone, organisationId: "" }),
    projectsIn: (folderId) => (scope && scope.folderId === folderId ? [scope.projectId] : []),
    openProjects: () => [],
    deletedProjects: () => [],
  };
}

const gone = { status: "deleted", visibility: "people" } as const;
