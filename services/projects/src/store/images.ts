import type { CollectionDefinition } from "@partake/store";
import { type UploadRecord, uploadsIn } from "@partake/uploads";
import { Schema } from "mongoose";

/**
 * The picture of a project or folder. Its bytes lie in the gateway's store. What it is shown on decides who sees it, and only
 * while it is the one that is named there; it goes when nothing shows it any more.
 */
export interface ImageRecord extends UploadRecord {
  organisationId: string;
  /** The project or folder. */
  shownOn: string;
  ownerId: string;
  name: string;
  mediaType: string;
  createdAt: Date;
}

/** Of one project or folder, begun and not finished. */
export const ANNOUNCED_MAXIMUM = 20;

export const images: CollectionDefinition<ImageRecord> = {
  name: "images",
  schema: new Schema<ImageRecord>({
    _id: { type: String, required: true },
    version: { type: Number, required: true },
    organisationId: { type: String, required: true },
    shownOn: { type: String, required: true },
    ownerId: { type: String, required: true },
    name: { type: String, required: true },
    mediaType: { type: String, required: true },
    size: { type: Number, required: true },
    sha256: String,
    state: { type: String, required: true },
    createdAt: { type: Date, required: true },
  }),
  indexes: [{ keys: { shownOn: 1, state: 1 } }, { keys: { organisationId: 1 } }],
};

export const imageUploads = uploadsIn(images);
