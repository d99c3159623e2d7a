import { createHash } from "node:crypto";
import { asFailure } from "@partake/failure";
import type { CollectionDefinition, Store, Stored } from "@partake/store";
import { Schema } from "mongoose";

/** The id that was made for a creation whose client made none. */
export interface MadeId extends Stored {
  /** SHA-256 of who created what under which key. */
  _id: string;
  made: string;
  createdAt: Date;
}

/** As long as an idempotency key counts. (architecture.md, "Data and events") */
const keptSeconds = 24 * 3600;

export const madeIds: CollectionDefinition<MadeId> = {
  name: "made_ids",
  schema: new Schema<MadeId>({
    _id: { type: String, required: true },
    version: { type: Number, required: true },
    made: { type: String, required: true },
    createdAt: { type: Date, required: true },
  }),
  indexes: [{ keys: { createdAt: 1 }, expireAfterSeconds: keptSeconds }],
};

export interface Creation {
  userId: string;
  operation: string;
  idempotencyKey: string;
  prefix: string;
}

/**
 * Makes the id of a new thing. The same request again, also at another gateway, must get the same id, or the owner would take
 * it for other content under the same key.
 */
export async function makeId(
  creation: Creation,
  parts: { store: Store; newId(prefix: string): string; now: Date },
): Promise<string> {
  const { store } = parts;
  const { userId, operation, idempotencyKey, prefix } = creation;
  const _id = createHash("sha256")
    .update(JSON.stringify([userId, operation, idempotencyKey]))
    .digest("base64url");
  const known = await store.get(madeIds, _id);
  if (known) return known.made;
  const made = parts.newId(prefix);
  try {
    await store.write({ actorId: userId, traceparent: undefined }, async (tx) => {
      const again = await tx.get(madeIds, _id);
      if (!again) await tx.insert(madeIds, { _id, made, createdAt: parts.now });
      return _id;
    });
  } catch (thrown) {
    if (asFailure(thrown).code !== "conflict") throw thrown;
  }
  // Of two that come at once the first decides for both.
  return (await store.get(madeIds, _id))?.made ?? made;
}
