import type { Operation } from "@partake/contract";
import { type Failure, failure } from "@partake/failure";
import type { Outgoing } from "./call.ts";
import { forwardedOf } from "./server-call.ts";

/** A call as it leaves: whole, with nothing left to be looked up. */
export interface Outbound {
  operation: Operation;
  bytes: Buffer;
  deadlineMs: number;
  serviceToken: string;
  userToken: string | undefined;
  grantsVersion: number | undefined;
  requestId: string | undefined;
  traceparent: string | undefined;
  idempotencyKey: string | undefined;
  ifMatch: number | undefined;
  signals: readonly AbortSignal[];
}

/** What became of one attempt of a call. */
export type Attempted = { bytes: Buffer; grantsVersion: number | undefined } | { failed: Failure; fate: Fate };

/** How far a call came that failed: to an answer; out of sight, so that nobody knows; or nowhere, so that it may be sent again. */
export type Fate = "answered" | "lost" | "unsent";

const defaultTimeoutMs = 5_000;
/** The caller must still have time to tell its own client when our answer does not come. */
const marginMs = 25;

export interface Leaving {
  operation: Operation;
  bytes: Buffer;
  outgoing: Outgoing;
  serviceToken: string;
  traceparent: string | undefined;
}

export function outboundOf({ operation, bytes, outgoing, serviceToken, traceparent }: Leaving): Outbound {
  const { on } = outgoing;
  const passedOn = on === undefined ? undefined : forwardedOf(on);
  const grantsVersion = outgoing.grantsVersion ?? passedOn?.grantsVersion ?? 0;
  return {
    operation,
    bytes,
    serviceToken,
    traceparent,
    deadlineMs: outgoingDeadline(outgoing),
    userToken: outgoing.userToken ?? passedOn?.userToken,
    grantsVersion: grantsVersion > 0 ? grantsVersion : undefined,
    requestId: outgoing.requestId ?? on?.requestId,
    idempotencyKey: outgoing.idempotencyKey,
    ifMatch: outgoing.ifMatch,
    signals: [on?.signal, outgoing.signal].filter((signal) => signal !== undefined),
  };
}

/** The deadline of the call in whose course this one is made, minus a margin; or the own bound if that is nearer. */
export function outgoingDeadline({ on, timeoutMs }: Outgoing, nowMs = Date.now()): number {
  const ownMs = nowMs + (timeoutMs ?? defaultTimeoutMs);
  if (on === undefined) return ownMs;
  const passedOnMs = on.deadlineMs - marginMs;
  if (passedOnMs <= nowMs) throw failure("deadline_exceeded", "deadline_exceeded");
  return timeoutMs === undefined ? passedOnMs : Math.min(ownMs, passedOnMs);
}
