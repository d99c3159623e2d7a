import type { Services } from "@partake/contract";
import type { FolderRecord } from "./store/folders.ts";
import type { LiveProject } from "./store/projects.ts";

type Shown<M extends "getProject" | "getFolder"> = Services["Projects"][M]["response"];

export function shownProject(project: LiveProject, followed: boolean): Shown<"getProject"> {
  const { _id: id, organisationId, parentFolderId, title, description, status, visibility, version } = project;
  const { startsOn, endsOn, imageId, createdAt } = project;
  return {
    ...{ id, organisationId, title, description, status, visibility, version, followed },
    ...(parentFolderId !== undefined && { folderId: parentFolderId }),
    ...(startsOn !== undefined && { startsOn }),
    ...(endsOn !== undefined && { endsOn }),
    ...(imageId !== undefined && { imageId }),
    createdAt: createdAt.toISOString(),
  };
}

export function shownFolder(folder: FolderRecord): Shown<"getFolder"> {
  const { _id: id, organisationId, title, description, position, status, version, imageId, createdAt } = folder;
  return {
    ...{ id, organisationId, title, description, position, status, version, createdAt: createdAt.toISOString() },
    ...(imageId !== undefined && { imageId }),
  };
}
