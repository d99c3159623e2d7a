import type { CollectionDefinition, Stored } from "@partake/store";
import { Schema } from "mongoose";

// The first two GridFS writes itself; they are declared so that their indexes are made with those of every other collection.

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
  indexes: [{ keys: { "metadata.fileId": 1, "metadata.sha256": 1 } }, { keys: { filename: 1, uploadDate: 1 } }],
};

/** Bytes that are coming in, under the id of their document: what is left of them is found by this, also where there is none. */
interface UnderWay extends Stored {
  begunAt: Date;
}

export const filesUnderWay: CollectionDefinition<UnderWay> = {
  name: "files.under_way",
  schema: new Schema<UnderWay>({ _id: String, version: Number, begunAt: Date }),
  indexes: [{ keys: { begunAt: 1 } }],
};
