import type { CollectionDefinition, Stored, Transaction } from "@partake/store";
import { Schema } from "mongoose";
import type { UserRecord } from "./users.ts";

/** A mail that tells somebody what changed of how one gets into their account. Gone as soon as messaging has taken it. */
export interface SecurityNoticeRecord extends Stored {
  template: "passkey_added" | "passkey_removed" | "email_changed";
  /** The address that the account had then: what comes next may be a change of it. */
  to: string;
  language: string;
  /** Of a change of address: its id, from which the link that undoes it is made. */
  changeId?: string;
  /** Nobody needs to hear it later; then the database forgets it. */
  expiresAt: Date;
}

/** So long a change of address can be undone, and nobody needs to hear later than that of any other change. */
export const NOTICE_LIFE_MS = 7 * 24 * 60 * 60_000;
const text = { type: String, required: true } as const;

export const securityNotices: CollectionDefinition<SecurityNoticeRecord> = {
  name: "security_notices",
  schema: new Schema<SecurityNoticeRecord>({
    _id: text,
    version: { type: Number, required: true },
    template: text,
    to: text,
    language: text,
    changeId: String,
    expiresAt: { type: Date, required: true },
  }),
  indexes: [{ keys: { expiresAt: 1 }, expireAfterSeconds: 0 }],
};

/** Has somebody told, with the change itself. Who has no address is not told. */
export async function notice(
  tx: Transaction,
  of: { id: string; user: UserRecord } & Pick<SecurityNoticeRecord, "template" | "changeId">,
): Promise<void> {
  const { id: _id, user, template, changeId } = of;
  const { email: to, language } = user;
  if (!to) return;
  const expiresAt = new Date(tx.now.getTime() + NOTICE_LIFE_MS);
  await tx.insert(securityNotices, { _id, template, to, language, ...(changeId && { changeId }), expiresAt });
}
