import type { CollectionDefinition, Stored } from "@partake/store";
import { Schema } from "mongoose";

/** A key that signs tokens. Its id is its `kid`. */
export interface SigningKeyRecord extends Stored {
  /** Counts the keys ever made: unique, so that two replicas never make the same one's successor twice. */
  generation: number;
  activeFrom: Date;
  /** The private key as a JWK, encrypted. */
  sealed: string;
  createdAt: Date;
}

export const signingKeys: CollectionDefinition<SigningKeyRecord> = {
  name: "signing_keys",
  schema: new Schema<SigningKeyRecord>({
    _id: { type: String, required: true },
    version: { type: Number, required: true },
    generation: { type: Number, required: true },
    activeFrom: { type: Date, required: true },
    sealed: { type: String, required: true },
    createdAt: { type: Date, required: true },
  }),
  indexes: [{ keys: { generation: 1 }, unique: true }],
};
