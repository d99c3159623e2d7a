import { type CollectionDefinition, type Store, type Stored, type Transaction, trusted } from "@partake/store";
import { Schema } from "mongoose";

/** The code that was printed last for a participation, whose id it has. The code itself is nowhere: only its keyed hash. (R24) */
export interface PrintedCodeRecord extends Stored {
  organisationId: string;
  projectId: string;
  invitationId: string;
  /** accept: of an invitation; return: of an account whose person lost what they log in with. */
  purpose: "accept" | "return";
  /** Whom it lets in: an account that is made with it, or the one that there is. */
  userId: string;
  /** Of a return: the participations that the account reached when it was printed. Should it reach more by now, it stays shut. */
  reach?: string[] | undefined;
  /** Which print it was: the code is made of this. */
  printId: string;
  codeHash: string;
  printedBy: string;
  printedAt: Date;
  printsThatDay: number;
  expiresAt: Date;
  usedAt?: Date | undefined;
  /** When the database forgets it. */
  forgottenAt: Date;
}

const date = { type: Date, required: true } as const;
const text = { type: String, required: true } as const;

export const printedCodes: CollectionDefinition<PrintedCodeRecord> = {
  name: "printed_codes",
  schema: new Schema<PrintedCodeRecord>({
    _id: text,
    version: { type: Number, required: true },
    organisationId: text,
    projectId: text,
    invitationId: text,
    purpose: text,
    userId: text,
    reach: { type: [String], default: undefined },
    printId: text,
    codeHash: text,
    printedBy: text,
    printedAt: date,
    printsThatDay: { type: Number, required: true },
    expiresAt: date,
    usedAt: Date,
    forgottenAt: date,
  }),
  indexes: [
    { keys: { codeHash: 1 }, unique: true },
    { keys: { forgottenAt: 1 }, expireAfterSeconds: 0 },
  ],
};

/** The record of a code, by its hash under any of the installation's keys. */
export async function byCodeHash(store: Store, hashes: readonly string[]): Promise<PrintedCodeRecord | undefined> {
  const [found] = await store.find(printedCodes, { codeHash: trusted({ $in: [...hashes] }) }, { limit: 1 });
  return found;
}

/** Whether a code counts: neither used, nor ended, nor replaced since it was looked up. */
export function isOpen(code: PrintedCodeRecord | undefined, now: Date): code is PrintedCodeRecord {
  return code !== undefined && code.usedAt === undefined && code.expiresAt > now;
}

/** Uses a code up in the transaction of what it is used for; false where somebody was faster, or a new one was printed. */
export async function useUp(tx: Transaction, known: PrintedCodeRecord): Promise<boolean> {
  const code = await tx.get(printedCodes, known._id);
  if (!isOpen(code, tx.now) || code.printId !== known.printId) return false;
  const { organisationId, projectId: scope, _id: subjectId } = code;
  await tx.update(printedCodes, code, { usedAt: tx.now });
  tx.audit({ action: "code.redeemed", organisationId, subjectId, scope });
  return true;
}
