import { createHash } from "node:crypto";
import { failure } from "@partake/failure";
import { guardId } from "./journal.ts";
import type { Cause, EffectOf, Written } from "./types.ts";

/** What must happen once: the record in the journal that is written with it. */
export interface Guard {
  kind: "idempotency" | "inbox";
  id: string;
  /** Of the request; the same key with another one is a mistake of the client. */
  hash: string;
}

export interface GuardRecord {
  _id: string;
  hash: string;
  /** The id of what was written. Nothing else of the answer is kept. */
  result: string;
  expiresAt: Date;
}

const dayMs = 24 * 3600 * 1000;
/** An inbox remembers longer than Kafka keeps a message, so that none is delivered after its record is gone. */
const rememberMs = { idempotency: dayMs, inbox: 14 * dayMs } as const;

export function guardRecord(guard: Guard, done: { result: string; now: Date }): GuardRecord {
  const expiresAt = new Date(done.now.getTime() + rememberMs[guard.kind]);
  return { _id: guard.id, hash: guard.hash, result: done.result, expiresAt };
}

/** A key counts for one person and operation: somebody else's equal key is another key. */
export function idempotencyGuard(cause: Cause): Guard | undefined {
  if (cause.idempotencyKey === undefined) return undefined;
  const id = guardId(digest([cause.actorId, cause.operation?.path ?? "", cause.idempotencyKey]));
  return { kind: "idempotency", id, hash: cause.requestHash ?? "" };
}

/** CloudEvents are told apart by source and id together (CloudEvents 1.0, "id"). */
export function inboxGuard({ group, source, eventId }: EffectOf): Guard {
  return { kind: "inbox", id: guardId(digest(["inbox", group, source, eventId])), hash: "" };
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
