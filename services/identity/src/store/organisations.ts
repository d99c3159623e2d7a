import type { CollectionDefinition, Stored } from "@partake/store";
import { Schema } from "mongoose";

export type OrganisationState = "active" | "suspended" | "closed";
export type ContactCreator = "admin" | "creator" | "member" | "manager" | "reporter" | "observer";

export interface OrganisationSwitches {
  managersGiveRoles: boolean;
  creatorsCreateProjects: boolean;
  contactCreators: ContactCreator[];
  redactedAccess: boolean;
  visitorsSeeProjects: boolean;
}

export interface OrganisationRecord extends Stored {
  /** Its own id once more: `visible` filters ask for it. */
  organisationId: string;
  name: string;
  preset: "charity" | "civic";
  timeZone: string;
  language: string;
  /** What it offers beside its own language. */
  languages?: string[];
  state: OrganisationState;
  switches: OrganisationSwitches;
  /** When redacted access ends, where that is under way and the day is known. */
  redactedUntil?: Date | undefined;
  createdAt: Date;
}

export const organisations: CollectionDefinition<OrganisationRecord> = {
  name: "organisations",
  schema: new Schema<OrganisationRecord>({
    _id: { type: String, required: true },
    version: { type: Number, required: true },
    organisationId: { type: String, required: true },
    name: { type: String, required: true },
    preset: { type: String, required: true },
    timeZone: { type: String, required: true },
    language: { type: String, required: true },
    languages: { type: [String], default: undefined },
    state: { type: String, required: true },
    switches: {
      _id: false,
      type: {
        managersGiveRoles: Boolean,
        creatorsCreateProjects: Boolean,
        contactCreators: [String],
        redactedAccess: Boolean,
        visitorsSeeProjects: Boolean,
      },
      required: true,
    },
    redactedUntil: Date,
    createdAt: { type: Date, required: true },
  }),
  indexes: [{ keys: { name: 1, _id: 1 } }],
};
