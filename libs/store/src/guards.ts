import { createHash } from "node:crypto";
import { failure } from "@partake/failure";
import type { Cause, EffectOf, Written } from "./types.ts";

/** What must happen once: the record in idempotency or inbox that is written with it. */
export interface Guard {
  collection: "idempotency" | "inbox";
  id: string;
  /** Of the request; the same key with another one is a mistake of the client. */
  hash: string;
}

export interface GuardRecord {
  _id: string;
  hash: string;
  /** The id of what was written. Nothing else of the answer is kept. */
  result: string;
  createdAt: Date;
}

export const idempotencySeconds = 24 * 3600;
/** Longer than Kafka keeps a message, so that none is delivered after its record is gone. */
export const inboxSeconds = 14 * 24 * 3600;

/** A key counts for one person and operation: somebody else's equal key is another key. */
export function idempotencyGuard(cause: Cause): Guard | undefined {
  if (cause.idempotencyKey === undefined) return undefined;
  const id = digest([cause.actorId, cause.operation?.path ?? "", cause.idempotencyKey]);
  return { collection: "idempotency", id, hash: cause.requestHash ?? "" };
}

/** CloudEvents are told apart by source and id together (CloudEvents 1.0, "id"). */
export function inboxGuard({ group, source, eventId }: EffectOf): Guard {
  return { collection: "inbox", id: digest([group, source, eventId]), hash: "" };
}

/** How the write ended the first time, for the same request. */
export function repeatedWrite(guard: Guard, earlier: Pick<GuardRecord, "hash" | "result">): Written {
  if (earlier.hash !== guard.hash) throw failure("unprocessable", "idempotency_key_reused");
  return { id: earlier.result, repeated: true };
}

/** What a made record keeps of its request: the same person with the same request. */
export function requestMark(cause: Cause): string | undefined {
  return cause.requestHash === undefined
    ? undefined
    : digest([cause.actorId, cause.operation?.path ?? "", cause.requestHash]);
}

function digest(parts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("base64url");
}
