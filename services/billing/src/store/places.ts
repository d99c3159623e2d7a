import type { CollectionDefinition, Stored } from "@partake/store";
import { Schema } from "mongoose";

/** Of an organisation: the time zone of its billing days, at the version that `roles` told. */
export interface OrganisationRecord extends Stored {
  timeZone: string;
  /** Suspended or closed: no new month starts. (X7) */
  rests?: boolean;
  /** Closed, which is for good: what runs in it ends. (X7) */
  closed?: boolean;
  toldVersion: number;
}

export const organisations: CollectionDefinition<OrganisationRecord> = {
  name: "organisations",
  schema: new Schema<OrganisationRecord>({
    _id: { type: String, required: true },
    version: { type: Number, required: true },
    timeZone: { type: String, required: true },
    rests: Boolean,
    closed: Boolean,
    toldVersion: { type: Number, required: true },
  }),
  indexes: [],
};

/** Of a project: whether it starts new months, at the version that `scopes` told. */
export interface ProjectRecord extends Stored {
  status: "draft" | "published" | "archived" | "deleted";
  toldVersion: number;
}

export const projects: CollectionDefinition<ProjectRecord> = {
  name: "projects",
  schema: new Schema<ProjectRecord>({
    _id: { type: String, required: true },
    version: { type: Number, required: true },
    status: { type: String, required: true },
    toldVersion: { type: Number, required: true },
  }),
  indexes: [],
};
