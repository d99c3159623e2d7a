import type { Services } from "@partake/contract";
import type { Outgoing } from "@partake/store";
import type { DeletionRequestRecord } from "./store/deletion-requests.ts";
import type { FolderRecord } from "./store/folders.ts";
import type { ProjectRecord } from "./store/projects.ts";

type ProjectScope = Services["Projects"]["readScopes"]["response"]["items"][number];

/** Where a project lies and what of it decides access: as it is read, and as the topic `scopes` tells it. */
export function scopeOf(project: ProjectRecord): ProjectScope {
  const { _id: projectId, organisationId, parentFolderId: folderId, status, visibility, version } = project;
  return { projectId, organisationId, ...(folderId !== undefined && { folderId }), status, visibility, version };
}

/** Deleted so long ago that nothing is left of it but that its id never comes back. */
export function isRemoved({ status, removeAt }: ProjectRecord): boolean {
  return status === "deleted" && removeAt === undefined;
}

/** The compacted event of a project's scope. Its newest message is the state, so it always tells all of it. */
export function scopeChanged(project: ProjectRecord): Outgoing {
  return {
    type: "org.partake.project.scope-changed.v1",
    data: { ...scopeOf(project), createdBy: project.ownerId, ...(isRemoved(project) && { removed: true }) },
  };
}

/** Folders have no other event: who holds something on one learns of its end alone. */
export function folderRemoved({ _id: folderId, organisationId }: FolderRecord): Outgoing {
  return { type: "org.partake.folder.removed.v1", data: { folderId, organisationId } };
}

/** For whom it concerns: the admins, and who asked. */
export function deletionRequestChanged(request: DeletionRequestRecord): Outgoing {
  const { _id: deletionRequestId, organisationId, projectId, state, ownerId: requestedBy, answeredBy } = request;
  const actorId = answeredBy ?? requestedBy;
  return {
    type: "org.partake.deletion-request.changed.v1",
    data: { deletionRequestId, organisationId, projectId, state, requestedBy, actorId },
  };
}
