import type { CollectionDefinition, Stored } from "@partake/store";
import { Schema } from "mongoose";

// GridFS writes these two itself; they are declared so that their indexes are made with those of every other collection.

interface Piece extends Stored {
  files_id: string;
  n: number;
}

interface Document extends Stored {
  filename: string;
  uploadDate: Date;
  metadata: { fileId: string; sha256?: string };
}

export const filePieces: CollectionDefinition<Piece> = {
  name: "files.chunks",
  schema: new Schema<Piece>({ _id: String, version: Number, files_id: String, n: Number }),
  indexes: [{ keys: { files_id: 1, n: 1 }, unique: true }],
};

export const fileDocuments: CollectionDefinition<Document> = {
  name: "files.files",
  schema: new Schema<Document>({
    _id: String,
    version: Number,
    filename: String,
    uploadDate: Date,
    metadata: { fileId: String, sha256: String },
  }),
  indexes: [
    { keys: { "metadata.fileId": 1, "metadata.sha256": 1 } },
    { keys: { uploadDate: 1 } },
    { keys: { filename: 1, uploadDate: 1 } },
  ],
};
