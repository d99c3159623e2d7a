import { auditActions, eventType, newId, validate } from "@partake/contract";
import type { AuditEntry, Cause, OutboxEntry, Outgoing } from "./types.ts";

/** An event as it was emitted: everything but its id, which tells its place and is given when the transaction is sent. */
export type Emitted = Omit<OutboxEntry, "_id">;

/** W3C Trace Context, version 00. */
const traceparentForm = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;
const mostBytes = 256 * 1024;

/** Holds an event against the contract. One that does not fit is a defect of the service: it stops the write. */
export function emitted(
  event: Outgoing,
  context: { source: string; now: Date; traceparent: string | undefined },
): Emitted {
  const { message, topic, key: keyField } = eventType(event.type);
  const errors = validate(message, event.data);
  if (errors.length > 0)
    throw new TypeError(`${event.type}: ${errors.map(({ pointer, code }) => `${pointer} ${code}`).join(", ")}`);
  const key: unknown = (event.data as unknown as Record<string, unknown>)[keyField];
  if (typeof key !== "string" || key === "") throw new TypeError(`${event.type}: the key ${keyField} is empty`);
  const data = JSON.stringify(event.data);
  if (Buffer.byteLength(data) > mostBytes) throw new TypeError(`${event.type}: more than ${mostBytes} bytes`);
  const { source, now, traceparent } = context;
  const traced = traceparent !== undefined && traceparentForm.test(traceparent) ? { traceparent } : {};
  return { type: event.type, topic, key, source, time: now, ...traced, data };
}

export function auditEvent(entry: AuditEntry, context: { cause: Cause; now: Date }): Outgoing {
  const { action, outcome = "done", ...said } = entry;
  if (!auditActions.has(action)) throw new TypeError(`${action} is no word of the audit trail`);
  return {
    type: "org.partake.audit.recorded.v1",
    data: {
      auditId: newId("aud", context.now),
      ...said,
      action,
      actorId: context.cause.actorId,
      outcome,
      recordedAt: context.now.toISOString(),
    },
  };
}
