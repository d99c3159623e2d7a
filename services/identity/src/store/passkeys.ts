import { failure } from "@partake/failure";
import type { CollectionDefinition, Store, Stored, Transaction } from "@partake/store";
import { Schema } from "mongoose";
import { isCopied, labelOr, MOST_PASSKEYS, type PasskeyDevice } from "../domain/passkey.ts";

/** A passkey: the public half of a key pair whose private half a person's device, or its provider, keeps. (R24) */
export interface PasskeyRecord extends Stored {
  userId: string;
  /** As its authenticator names it, base64url. */
  credentialId: string;
  /** COSE, base64url. */
  publicKey: string;
  /** How often it was used, as far as its authenticator counts. */
  counter: number;
  /** How a browser reaches the authenticator. */
  transports: string[];
  device: PasskeyDevice;
  /** Somebody keeps a copy, so that it outlives the device. */
  backedUp: boolean;
  label: string;
  createdAt: Date;
  lastUsedAt?: Date;
}

/** A challenge that was used, until it would have ended by itself. */
export interface UsedChallengeRecord extends Stored {
  expiresAt: Date;
}

const date = { type: Date, required: true } as const;
const text = { type: String, required: true } as const;

export const passkeys: CollectionDefinition<PasskeyRecord> = {
  name: "passkeys",
  schema: new Schema<PasskeyRecord>({
    _id: text,
    version: { type: Number, required: true },
    userId: text,
    credentialId: text,
    publicKey: text,
    counter: { type: Number, required: true },
    transports: { type: [String], required: true },
    device: text,
    backedUp: { type: Boolean, required: true },
    label: text,
    createdAt: date,
    lastUsedAt: Date,
  }),
  indexes: [{ keys: { credentialId: 1 }, unique: true }, { keys: { userId: 1, _id: -1 } }],
};

export const usedChallenges: CollectionDefinition<UsedChallengeRecord> = {
  name: "used_passkey_challenges",
  schema: new Schema<UsedChallengeRecord>({
    _id: text,
    version: { type: Number, required: true },
    expiresAt: date,
  }),
  indexes: [{ keys: { expiresAt: 1 }, expireAfterSeconds: 60 }],
};

/** The challenge that an answer was given to. Its id is a hash. */
export type AnsweredChallenge = Omit<UsedChallengeRecord, "version">;

/** What a device has made, and proved, for a person. */
export type MadePasskey = Pick<
  PasskeyRecord,
  "credentialId" | "publicKey" | "counter" | "transports" | "device" | "backedUp"
> & { challenge: AnsweredChallenge };

/** The passkeys of a person, the newest first. */
export function passkeysOf(from: Pick<Store, "find"> | Transaction, userId: string): Promise<PasskeyRecord[]> {
  // One more than there may be, should two have come at once.
  return from.find(passkeys, { userId }, { limit: MOST_PASSKEYS + 1, sort: { _id: -1 } });
}

export async function byCredentialId(
  from: Pick<Store, "find">,
  credentialId: string,
): Promise<PasskeyRecord | undefined> {
  const [passkey] = await from.find(passkeys, { credentialId }, { limit: 1 });
  return passkey;
}

/** Keeps a passkey in the transaction of its caller, and uses up the challenge that it answered. */
export async function keepPasskey(
  tx: Transaction,
  of: { id: string; userId: string; label: string; made: MadePasskey },
): Promise<PasskeyRecord> {
  const { id: _id, userId } = of;
  const { challenge, ...made } = of.made;
  const label = labelOr(of.label, made.device);
  await useUp(tx, challenge);
  const held = await passkeysOf(tx, userId);
  if (held.length >= MOST_PASSKEYS) throw failure("unprocessable", "too_many_passkeys");
  const [sameKey] = await tx.find(passkeys, { credentialId: made.credentialId }, { limit: 1 });
  if (sameKey !== undefined) throw failure("conflict", "passkey_known");
  tx.audit({ action: "passkey.added", organisationId: "platform", subjectId: userId, scope: _id });
  return tx.insert(passkeys, { _id, userId, label, ...made, createdAt: tx.now });
}

/** Removes a passkey, unless nothing else would let its person in. */
export async function dropPasskey(
  tx: Transaction,
  { passkey, mayBeLast }: { passkey: PasskeyRecord; mayBeLast: boolean },
): Promise<void> {
  if (!mayBeLast) {
    const another = (await passkeysOf(tx, passkey.userId)).find(({ _id }) => _id !== passkey._id);
    if (another === undefined) throw failure("unprocessable", "last_passkey");
    // One that stays is written to, so that of two that are removed at once the second sees that the first is gone.
    await tx.update(passkeys, another, {});
  }
  await tx.remove(passkeys, passkey);
}

/** What somebody's proof tells of a passkey, and the challenge that it answered. */
export interface PasskeyUse {
  passkeyId: string;
  seen: Pick<PasskeyRecord, "counter" | "backedUp">;
  challenge: AnsweredChallenge;
}

/** Notes that a passkey was used, and uses up the challenge. What counts is the authenticator's count as it is known by now. */
export async function noteUse(tx: Transaction, { passkeyId, seen, challenge }: PasskeyUse): Promise<void> {
  await useUp(tx, challenge);
  const passkey = await tx.get(passkeys, passkeyId);
  if (passkey === undefined) throw failure("unprocessable", "passkey_refused");
  if (isCopied({ known: passkey.counter, given: seen.counter })) throw failure("unprocessable", "passkey_copied");
  await tx.update(passkeys, passkey, { ...seen, lastUsedAt: tx.now });
}

/** Takes a challenge for good, or throws where somebody has. */
async function useUp(tx: Transaction, challenge: AnsweredChallenge): Promise<void> {
  if ((await tx.get(usedChallenges, challenge._id)) !== undefined) throw failure("gone", "challenge_ended");
  await tx.insert(usedChallenges, challenge);
}
