import type { CollectionDefinition, Stored } from "@partake/store";
import { Schema } from "mongoose";

/** A person in an organisation, as long as they hold anything in it: what lists of colleagues page through. */
export interface MembershipRecord extends Stored {
  organisationId: string;
  userId: string;
  /** Grants of every kind, and those that make a colleague. */
  grantCount: number;
  colleagueGrantCount: number;
  isColleague: boolean;
}

export const memberships: CollectionDefinition<MembershipRecord> = {
  name: "memberships",
  schema: new Schema<MembershipRecord>({
    _id: { type: String, required: true },
    version: { type: Number, required: true },
    organisationId: { type: String, required: true },
    userId: { type: String, required: true },
    grantCount: { type: Number, required: true },
    colleagueGrantCount: { type: Number, required: true },
    isColleague: { type: Boolean, required: true },
  }),
  indexes: [
    { keys: { organisationId: 1, isColleague: 1, _id: -1 } },
    { keys: { userId: 1, organisationId: 1 }, unique: true },
  ],
};

export function membershipId(organisationId: string, userId: string): string {
  return `${organisationId}:${userId}`;
}
