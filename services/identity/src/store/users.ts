import type { CollectionDefinition, Stored } from "@partake/store";
import { Schema } from "mongoose";

/** An account: made at the first log-in with an e-mail address that its owner proved to read, or with a printed code. */
export interface UserRecord extends Stored {
  /** Normalised, so that comparing is comparing text. Absent: they have none, or closed the account; never an empty text. */
  email?: string | undefined;
  /** Empty until the person, or an invitation that they accepted, gives one. */
  name: string;
  language: string;
  /** Others that they read, in the order in which they like them. */
  languages?: string[] | undefined;
  /** Disabled people neither log in nor refresh, and every live grant of theirs counts for nothing. */
  enabled: boolean;
  createdAt: Date;
  /** When a printed code last let somebody in to whom the account belonged already: shown to its person. */
  enteredByCodeAt?: Date;
  /** Of a closed account: more texts about its person were there than go in one transaction. */
  hasReasonsLeft?: boolean | undefined;
}

export const users: CollectionDefinition<UserRecord> = {
  name: "users",
  schema: new Schema<UserRecord>({
    _id: { type: String, required: true },
    version: { type: Number, required: true },
    email: String,
    name: { type: String },
    language: { type: String, required: true },
    languages: { type: [String], default: undefined },
    enabled: { type: Boolean, required: true },
    createdAt: { type: Date, required: true },
    enteredByCodeAt: Date,
    hasReasonsLeft: Boolean,
  }),
  indexes: [
    { keys: { email: 1 }, unique: true, where: { email: { $exists: true } } },
    { keys: { hasReasonsLeft: 1 }, where: { hasReasonsLeft: true } },
  ],
};
