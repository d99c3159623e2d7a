import type { CollectionDefinition, Stored } from "@partake/store";
import { Schema } from "mongoose";

/** That somebody follows a project. (P7) */
export interface FollowRecord extends Stored {
  organisationId: string;
  projectId: string;
  userId: string;
  followedAt: Date;
}

/** What one person follows in one organisation. */
export const FOLLOWS_MAXIMUM = 1_000;
/** In how many organisations is told. */
export const FOLLOWED_ORGANISATIONS_MAXIMUM = 100;

export const follows: CollectionDefinition<FollowRecord> = {
  name: "follows",
  schema: new Schema<FollowRecord>({
    _id: { type: String, required: true },
    version: { type: Number, required: true },
    organisationId: { type: String, required: true },
    projectId: { type: String, required: true },
    userId: { type: String, required: true },
    followedAt: { type: Date, required: true },
  }),
  indexes: [
    { keys: { organisationId: 1, userId: 1, projectId: 1 } },
    { keys: { userId: 1, organisationId: 1 } },
    { keys: { projectId: 1 } },
  ],
};

export function followId(projectId: string, userId: string): string {
  return `${projectId} ${userId}`;
}
