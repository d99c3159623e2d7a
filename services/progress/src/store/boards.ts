import type { CollectionDefinition, Stored } from "@partake/store";
import { Schema } from "mongoose";
import type { Cadence } from "../domain/cadence.ts";

export interface CardRecord {
  /** A metric's or a question's id. */
  subjectId: string;
  cadence: Cadence;
}

/** A progress board. What decides access to it stands at the top level under the names of RecordScope. */
export interface BoardRecord extends Stored {
  organisationId: string;
  projectId: string;
  /** Its own id once more: the roles held on a board ask for `boardId` on every record. */
  boardId: string;
  ownerId: string;
  title: string;
  managed: boolean;
  cards: CardRecord[];
  createdAt: Date;
}

const card = new Schema<CardRecord>(
  { subjectId: { type: String, required: true }, cadence: { type: String, required: true } },
  { _id: false },
);

export const boards: CollectionDefinition<BoardRecord> = {
  name: "boards",
  schema: new Schema<BoardRecord>({
    _id: { type: String, required: true },
    version: { type: Number, required: true },
    organisationId: { type: String, required: true },
    projectId: { type: String, required: true },
    boardId: { type: String, required: true },
    ownerId: { type: String, required: true },
    title: { type: String, required: true },
    managed: { type: Boolean, required: true },
    cards: { type: [card], required: true },
    createdAt: { type: Date, required: true },
  }),
  indexes: [{ keys: { projectId: 1, _id: -1 } }],
};
