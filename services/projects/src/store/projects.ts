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
  parentFolderId?: string | undefined;
  status: Status;
  /** Of a deleted one: what it was before. */
  statusBefore?: Content["status"] | undefined;
  ownerId: string;
  createdAt: Date;
  /** Its place in the organisation's one order of projects. */
  order: string;
  imageId?: string | undefined;
  /** What is searched and sorted of the title. */
  titleWords: string[];
  titleKey: string;
  deletedAt?: Date | undefined;
  /** When it goes for good; absent once that is done. */
  removeAt?: Date | undefined;
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
    // Empty once it was removed for good.
    title: { type: String, default: "" },
    description: { type: String, default: "" },
    status: { type: String, required: true },
    statusBefore: String,
    visibility: { type: String, required: true },
    startsOn: String,
    endsOn: String,
    ownerId: { type: String, required: true },
    createdAt: { type: Date, required: true },
    order: { type: String, required: true },
    imageId: String,
    titleWords: [String],
    titleKey: { type: String, default: "" },
    deletedAt: Date,
    removeAt: Date,
  }),
  indexes: [
    // The live view of places reads all of them, deleted ones too.
    { keys: { organisationId: 1, _id: -1 } },
    // One for each order in which people read, over everything or in a folder; a status or title narrows it.
    { keys: { organisationId: 1, deletedAt: 1, _id: -1 } },
    { keys: { organisationId: 1, deletedAt: 1, order: 1, _id: 1 } },
    { keys: { organisationId: 1, deletedAt: 1, titleKey: 1, _id: 1 } },
    { keys: { organisationId: 1, deletedAt: 1, parentFolderId: 1, _id: -1 } },
    { keys: { organisationId: 1, deletedAt: 1, parentFolderId: 1, order: 1, _id: 1 } },
    { keys: { organisationId: 1, deletedAt: 1, parentFolderId: 1, titleKey: 1, _id: 1 } },
    { keys: { organisationId: 1, deletedAt: 1, status: 1, _id: -1 } },
    { keys: { organisationId: 1, titleWords: 1 } },
    // What visitors see.
    { keys: { organisationId: 1, status: 1, visibility: 1, order: 1, _id: 1 } },
    { keys: { organisationId: 1, deletedAt: -1, _id: -1 }, where: { removeAt: { $exists: true } } },
    { keys: { removeAt: 1 }, where: { removeAt: { $exists: true } } },
  ],
};

export function isLive(project: ProjectRecord): project is LiveProject {
  return project.status !== "deleted";
}
