import type { CollectionDefinition, Stored } from "@partake/store";
import { Schema } from "mongoose";
import type { QuestionKind } from "../domain/values.ts";

export interface Scale {
  minimum: number;
  maximum: number;
  minimumLabel: string;
  maximumLabel: string;
}

/** A survey question of a project. It is never changed, so answers keep their meaning. */
export interface QuestionRecord extends Stored {
  organisationId: string;
  projectId: string;
  ownerId: string;
  text: string;
  help: string;
  kind: QuestionKind;
  choices: string[];
  scale?: Scale;
  required: boolean;
  published: boolean;
  createdAt: Date;
}

/** As many as a list of them shows. */
export const QUESTIONS_MAXIMUM = 200;

const scale = new Schema<Scale>(
  {
    minimum: { type: Number, required: true },
    maximum: { type: Number, required: true },
    minimumLabel: String,
    maximumLabel: String,
  },
  { _id: false },
);

export const questions: CollectionDefinition<QuestionRecord> = {
  name: "questions",
  schema: new Schema<QuestionRecord>({
    _id: { type: String, required: true },
    version: { type: Number, required: true },
    organisationId: { type: String, required: true },
    projectId: { type: String, required: true },
    ownerId: { type: String, required: true },
    text: { type: String, required: true },
    help: String,
    kind: { type: String, required: true },
    choices: { type: [String], required: true },
    scale,
    required: { type: Boolean, required: true },
    published: { type: Boolean, required: true },
    createdAt: { type: Date, required: true },
  }),
  indexes: [{ keys: { projectId: 1, createdAt: 1, _id: 1 } }],
};
