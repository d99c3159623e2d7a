import type { CollectionDefinition } from "@partake/store";
import { type UploadRecord, uploadsIn } from "@partake/uploads";
import { Schema } from "mongoose";

/**
 * A file that somebody uploaded for a participation. Its bytes lie in the gateway's store. Once a post names it, that post
 * decides who may see it; before, only who uploaded it.
 */
export interface FileRecord extends UploadRecord {
  organisationId: string;
  projectId: string;
  contactId: string;
  participationId: string;
  ownerId: string;
  name: string;
  mediaType: string;
  /** Whether no post names it yet. */
  loose: boolean;
  postId?: string;
  createdAt: Date;
}

/** Files of one person for one participation that no post names yet. */
export const LOOSE_MAXIMUM = 100;

export const files: CollectionDefinition<FileRecord> = {
  name: "files",
  schema: new Schema<FileRecord>({
    _id: { type: String, required: true },
    version: { type: Number, required: true },
    organisationId: { type: String, required: true },
    projectId: { type: String, required: true },
    contactId: { type: String, required: true },
    participationId: { type: String, required: true },
    ownerId: { type: String, required: true },
    name: { type: String, required: true },
    mediaType: { type: String, required: true },
    size: { type: Number, required: true },
    sha256: String,
    state: { type: String, required: true },
    loose: { type: Boolean, required: true },
    postId: String,
    createdAt: { type: Date, required: true },
  }),
  indexes: [
    { keys: { participationId: 1, ownerId: 1 }, where: { loose: true } },
    // What goes with a contact, a project, an organisation.
    { keys: { contactId: 1 } },
    { keys: { projectId: 1 } },
    { keys: { organisationId: 1 } },
  ],
};

export const fileUploads = uploadsIn(files);
