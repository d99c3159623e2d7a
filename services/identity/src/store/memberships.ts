import type { CollectionDefinition, Stored } from "@partake/store";
import { Schema } from "mongoose";

/**
 * A person in an organisation, as long as they hold anything in it: what lists of colleagues page through. What those lists find
 * and sort by stands here once more, so that a page is one indexed question, however many people the platform has.
 */
export interface MembershipRecord extends Stored {
  organisationId: string;
  userId: string;
  /** Grants of every kind, and those that make a colleague. */
  grantCount: number;
  colleagueGrantCount: number;
  isColleague: boolean;
  /** How many of each role, and those that are not none; absent on a record from before they were counted. */
  roleCounts?: Record<string, number>;
  roles: string[];
  /** Of the account, kept in step by `followUser`. */
  sortName: string;
  words: string[];
  enabled: boolean;
  /** When they last got a token for the organisation, to the hour. */
  lastActiveAt?: Date;
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
    roleCounts: Schema.Types.Mixed,
    roles: { type: [String], required: true },
    sortName: { type: String },
    words: { type: [String], required: true },
    enabled: { type: Boolean, required: true },
    lastActiveAt: Date,
  }),
  indexes: [
    { keys: { organisationId: 1, isColleague: 1, sortName: 1, _id: 1 } },
    { keys: { organisationId: 1, isColleague: 1, roles: 1, sortName: 1, _id: 1 } },
    { keys: { organisationId: 1, isColleague: 1, words: 1 } },
    { keys: { organisationId: 1, _id: -1 } },
    { keys: { userId: 1, organisationId: 1 }, unique: true },
  ],
};

export function membershipId(organisationId: string, userId: string): string {
  return `${organisationId}:${userId}`;
}

/** Whether somebody is in the organisation as who takes part alone: that is their projects' to know. */
export function onlyTakesPart({ grantCount, roleCounts }: MembershipRecord): boolean {
  return roleCounts?.["participant"] === grantCount;
}
