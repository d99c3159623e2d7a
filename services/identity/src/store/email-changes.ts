import { type CollectionDefinition, type Store, type Stored, trusted } from "@partake/store";
import { Schema } from "mongoose";

/** A change of an account's address: confirmed at the new one by a code, told to the old one, which can undo it. (R23) */
export interface EmailChangeRecord extends Stored {
  userId: string;
  /** Normalised, as all addresses. */
  to: string;
  codeHash: string;
  tries: number;
  codeUntil: Date;
  state: "pending" | "done" | "undone";
  createdAt: Date;
  /** Of one that was done: the address before, and until when it comes back if somebody asks there. */
  from?: string;
  undoUntil?: Date;
  /** When the database forgets it, addresses and all. */
  expiresAt: Date;
}

const date = { type: Date, required: true } as const;
const text = { type: String, required: true } as const;

export const emailChanges: CollectionDefinition<EmailChangeRecord> = {
  name: "email_changes",
  schema: new Schema<EmailChangeRecord>({
    _id: text,
    version: { type: Number, required: true },
    userId: text,
    to: text,
    codeHash: text,
    tries: { type: Number, required: true },
    codeUntil: date,
    state: text,
    createdAt: date,
    from: String,
    undoUntil: Date,
    expiresAt: date,
  }),
  indexes: [
    { keys: { userId: 1, createdAt: -1 } },
    { keys: { from: 1, undoUntil: 1 }, where: { from: { $exists: true } } },
    { keys: { expiresAt: 1 }, expireAfterSeconds: 0 },
  ],
};

/** The change that took an address from its account lately, and can still be undone. */
export async function undoable(
  store: Pick<Store, "find">,
  email: string,
  now: Date,
): Promise<EmailChangeRecord | undefined> {
  const filter = { from: email, state: "done", undoUntil: trusted({ $gt: now }) };
  const [change] = await store.find(emailChanges, filter, { limit: 1 });
  return change;
}
