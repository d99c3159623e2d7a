import type { CollectionDefinition, Stored } from "@partake/store";
import { Schema } from "mongoose";
import type { TemplateName } from "../domain/mail-values.ts";

export type MailState = "queued" | "sent" | "failed" | "expired";

/**
 * A mail on its way, and after that its line in the log. What is personal of it (address, values) is sealed and kept only until
 * its end; the log tells an address by a keyed hash alone. (E9)
 */
export interface MailRecord extends Stored {
  template: TemplateName;
  language: string;
  addressHash: string;
  sealed?: string | undefined;
  state: MailState;
  attempts: number;
  /** Of a queued mail: when it is due. While an attempt is under way: when somebody else may take it over. */
  nextAttemptAt?: Date | undefined;
  expiresAt?: Date;
  createdAt: Date;
  endedAt?: Date;
  /** Why the last attempt did not do: a word, never the server's text. */
  reason?: string;
}

const LOG_SECONDS = 90 * 24 * 3600;

export const mails: CollectionDefinition<MailRecord> = {
  name: "mails",
  schema: new Schema<MailRecord>({
    _id: { type: String, required: true },
    version: { type: Number, required: true },
    template: { type: String, required: true },
    language: String,
    addressHash: { type: String, required: true },
    sealed: String,
    state: { type: String, required: true },
    attempts: { type: Number, required: true },
    nextAttemptAt: Date,
    expiresAt: Date,
    createdAt: { type: Date, required: true },
    endedAt: Date,
    reason: String,
  }),
  indexes: [
    { keys: { nextAttemptAt: 1 }, where: { state: "queued" } },
    { keys: { endedAt: 1 }, expireAfterSeconds: LOG_SECONDS },
    { keys: { addressHash: 1, createdAt: -1 } },
  ],
};
