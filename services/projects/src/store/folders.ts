import type { CollectionDefinition, Stored } from "@partake/store";
import { Schema } from "mongoose";

/** A folder. What decides access to it stands under the names of RecordScope. */
export interface FolderRecord extends Stored {
  organisationId: string;
  /** Its own id once more: the rules about folders ask for `folderId`. */
  folderId: string;
  title: string;
  description: string;
  position: number;
  status: "active" | "archived";
  ownerId: string;
  createdAt: Date;
}

export const folders: CollectionDefinition<FolderRecord> = {
  name: "folders",
  schema: new Schema<FolderRecord>({
    _id: { type: String, required: true },
    version: { type: Number, required: true },
    organisationId: { type: String, required: true },
    folderId: { type: String, required: true },
    title: { type: String, required: true },
    description: { type: String, default: "" },
    position: { type: Number, required: true },
    status: { type: String, required: true },
    ownerId: { type: String, required: true },
    createdAt: { type: Date, required: true },
  }),
  indexes: [{ keys: { organisationId: 1, position: 1, _id: 1 } }],
};
