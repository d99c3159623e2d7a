import type { Services } from "@partake/contract";
import type { Outgoing } from "@partake/store";
import type { ProjectRecord } from "./store/projects.ts";

type ProjectScope = Services["Projects"]["readScopes"]["response"]["items"][number];

/** Where a project lies and what of it decides access: as it is read, and as the topic `scopes` tells it. */
export function scopeOf(project: ProjectRecord): ProjectScope {
  const { _id: projectId, organisationId, parentFolderId: folderId, status, visibility, version } = project;
  return { projectId, organisationId, ...(folderId !== undefined && { folderId }), status, visibility, version };
}

/** The compacted event of a project's scope. Its newest message is the state, so it always tells all of it. */
export function scopeChanged(project: ProjectRecord): Outgoing {
  return {
    type: "org.partake.project.scope-changed.v1",
    data: { ...scopeOf(project), createdBy: project.ownerId },
  };
}
