import type { CollectionDefinition, Stored, Transaction } from "@partake/store";
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
  /** Its place among the organisation's folders; begins with its position. */
  order: string;
  imageId?: string | undefined;
  /** What is searched of the title. */
  titleWords: string[];
  deletedAt?: Date | undefined;
  /** When it goes for good; absent once that is done. */
  removeAt?: Date | undefined;
}

export const folders: CollectionDefinition<FolderRecord> = {
  name: "folders",
  schema: new Schema<FolderRecord>({
    _id: { type: String, required: true },
    version: { type: Number, required: true },
    organisationId: { type: String, required: true },
    folderId: { type: String, required: true },
    // Empty once it was removed for good.
    title: { type: String, default: "" },
    description: { type: String, default: "" },
    position: { type: Number, required: true },
    status: { type: String, required: true },
    ownerId: { type: String, required: true },
    createdAt: { type: Date, required: true },
    order: { type: String, required: true },
    imageId: String,
    titleWords: [String],
    deletedAt: Date,
    removeAt: Date,
  }),
  indexes: [
    { keys: { organisationId: 1, deletedAt: 1, order: 1, _id: 1 } },
    { keys: { organisationId: 1, deletedAt: 1, _id: -1 } },
    { keys: { organisationId: 1, deletedAt: -1, _id: -1 }, where: { removeAt: { $exists: true } } },
    { keys: { removeAt: 1 }, where: { removeAt: { $exists: true } } },
  ],
};

/** Changes with everything that goes into a folder, and with its end, so that of two such transactions one sees the other. */
interface FolderTurn extends Stored {
  turns: number;
}

export const folderTurns: CollectionDefinition<FolderTurn> = {
  name: "folder_turns",
  schema: new Schema<FolderTurn>({
    _id: { type: String, required: true },
    version: { type: Number, required: true },
    turns: { type: Number, required: true },
  }),
  indexes: [],
};

/** No project goes into a folder while it is deleted. The folder itself stays as it is: nobody's If-Match fails for it. */
export async function takeTurn(tx: Transaction, folderId: string): Promise<void> {
  const known = await tx.get(folderTurns, folderId);
  if (known) await tx.update(folderTurns, known, { turns: known.turns + 1 });
  else await tx.insert(folderTurns, { _id: folderId, turns: 1 });
}
