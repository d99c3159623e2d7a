import { type CollectionDefinition, type Stored, type Transaction, trusted } from "@partake/store";
import { Schema } from "mongoose";

/**
 * That redacted access is being switched off in an organisation. It takes effect seven days after all direct managers of its
 * projects were told, who may know why nobody else should see. (R12)
 */
export interface RedactionEndingRecord extends Stored {
  organisationId: string;
  /** telling: managers are still to be told; waiting: for its day; over: switched off, or kept on after all. */
  state: "telling" | "waiting" | "over";
  requestedBy: string;
  requestedAt: Date;
  /** Known from the moment that all were told. */
  endsAt?: Date;
}

/** That one manager is to be told, or was. */
export interface RedactionNoticeRecord extends Stored {
  organisationId: string;
  endingId: string;
  userId: string;
  /** The mail has one id however often it is tried. */
  mailId: string;
  isTold: boolean;
}

export const redactionEndings: CollectionDefinition<RedactionEndingRecord> = {
  name: "redaction_endings",
  schema: new Schema<RedactionEndingRecord>({
    _id: { type: String, required: true },
    version: { type: Number, required: true },
    organisationId: { type: String, required: true },
    state: { type: String, required: true },
    requestedBy: { type: String, required: true },
    requestedAt: { type: Date, required: true },
    endsAt: Date,
  }),
  indexes: [
    { keys: { organisationId: 1 }, unique: true, where: { state: "telling" } },
    { keys: { organisationId: 1, state: 1 } },
    { keys: { state: 1, endsAt: 1 } },
  ],
};

export const redactionNotices: CollectionDefinition<RedactionNoticeRecord> = {
  name: "redaction_notices",
  schema: new Schema<RedactionNoticeRecord>({
    _id: { type: String, required: true },
    version: { type: Number, required: true },
    organisationId: { type: String, required: true },
    endingId: { type: String, required: true },
    userId: { type: String, required: true },
    mailId: { type: String, required: true },
    isTold: { type: Boolean, required: true },
  }),
  indexes: [{ keys: { endingId: 1, isTold: 1 } }],
};

/** The ending that is under way in an organisation. */
export async function endingOf(tx: Transaction, organisationId: string): Promise<RedactionEndingRecord | undefined> {
  const underWay = { organisationId, state: trusted({ $in: ["telling", "waiting"] }) };
  const [ending] = await tx.find(redactionEndings, underWay, { limit: 1 });
  return ending;
}
