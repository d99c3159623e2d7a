import type { CollectionDefinition, Stored } from "@partake/store";
import { Schema } from "mongoose";

/**
 * What a participation, whose id it has, costs: held at invitation, running from acceptance, ended. `ended` without a hold is
 * the mark of a release that came first.
 */
export interface SubscriptionRecord extends Stored {
  state: "held" | "running" | "ended";
  organisationId?: string;
  projectId?: string;
  pseudonym?: string;
  /** The day of month 1 in the organisation's time zone as it was then. */
  startedOn?: string;
  timeZone?: string;
  /** The number of the newest month that was paid. */
  paidMonths: number;
  /** A month came due while the project was not published. */
  idle?: boolean;
  /** The moment at which the next month is due. */
  dueAt?: Date;
  /** Held without a credit, as an ended participation of the same person in the project had paid for these days already. */
  carried?: boolean;
}

export const subscriptions: CollectionDefinition<SubscriptionRecord> = {
  name: "subscriptions",
  schema: new Schema<SubscriptionRecord>({
    _id: { type: String, required: true },
    version: { type: Number, required: true },
    state: { type: String, required: true },
    organisationId: String,
    projectId: String,
    pseudonym: String,
    startedOn: String,
    timeZone: String,
    paidMonths: { type: Number, required: true },
    idle: Boolean,
    dueAt: Date,
    carried: Boolean,
  }),
  indexes: [{ keys: { dueAt: 1 }, where: { state: "running" } }, { keys: { pseudonym: 1, projectId: 1 } }],
};
