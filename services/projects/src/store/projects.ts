import type { CollectionDefinition, Stored } from "@partake/store";
import { Schema } from "mongoose";
import type { Content, Status } from "../domain/project.ts";

/**
 * A project. What decides access to it stands under the names of RecordScope; where it lies does not, as `folderId` says of a
 * record that it is that folder.
 */
export interface ProjectRecord extends Stored, Omit<Content, "status"> {
  organisationId: string;
  /** Its own id once more: the rules about projects ask for `projectId`. */
  projectId: string;
  parentFolderId?: string;
  status: Status;
  ownerId: string;
  createdAt: Date;
}

/** A project that is there for people: a deleted one is not. */
export type LiveProject = ProjectRecord & Content;

export const projects: CollectionDefinition<ProjectRecord> = {
  name: "projects",
  schema: new Schema<ProjectRecord>({
    _id: { type: String, required: true },
    version: { type: Number, required: true },
    organisationId: { type: String, required: true },
    projectId: { type: String, required: true },
    parentFolderId: String,
    title: { type: String, required: true },
    description: { type: String, default: "" },
    status: { type: String, required: true },
    visibility: { type: String, required: true },
    startsOn: String,
    endsOn: String,
    ownerId: { type: String, required: true },
    createdAt: { type: Date, required: true },
  }),
  indexes: [{ keys: { organisationId: 1, _id: -1 } }, { keys: { organisationId: 1, parentFolderId: 1, _id: -1 } }],
};

export function isLive(project: ProjectRecord): project is LiveProject {
  return project.status !== "deleted";
}
