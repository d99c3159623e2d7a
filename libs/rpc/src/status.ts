import { Metadata, type ServiceError, status as Status, type StatusObject } from "@grpc/grpc-js";
import { type Code, codes, type Failure, type FieldError, failure } from "@partake/failure";
import { FAILURE } from "./headers.ts";

/** What HTTP/2 peers accept of headers is bounded; a list of field errors is cut where it would burst that. */
const maxFailureBytes = 4_096;
const maxRetryAfterMs = 3_600_000;

interface Wire {
  code: Code;
  reason: string;
  errors?: readonly FieldError[];
  retryAfterMs?: number;
}

/** A failure as it goes over gRPC. Its cause stays here. */
export function toStatus(of: Failure): Pick<StatusObject, "code" | "details" | "metadata"> {
  const metadata = new Metadata();
  metadata.set(FAILURE, encodeFailure(of));
  return { code: codes[of.code].grpc, details: of.message, metadata };
}

/** What of a failure goes to whoever called. Its cause stays here. */
export function encodeFailure(of: Failure): Buffer {
  const wire: Wire = { code: of.code, reason: of.reason };
  if (of.retryAfterMs !== undefined) wire.retryAfterMs = of.retryAfterMs;
  for (let count = of.errors.length; count > 0; count = Math.floor(count / 2)) {
    const bytes = Buffer.from(JSON.stringify({ ...wire, errors: of.errors.slice(0, count) }));
    if (bytes.length <= maxFailureBytes) return bytes;
  }
  return Buffer.from(JSON.stringify(wire));
}

/** What a call to another service failed with, as a failure of ours: its own if it sent one, else what the status tells. */
export function fromStatus(error: ServiceError): Failure {
  const sent = error.metadata?.get(FAILURE)[0];
  const own = Buffer.isBuffer(sent) ? decodeFailure(sent, error) : undefined;
  return own ?? bareFailure(error);
}

/** The failure that was sent; undefined where the bytes are none of ours. */
export function decodeFailure(bytes: Buffer, cause?: unknown): Failure | undefined {
  let wire: Partial<Wire>;
  try {
    wire = JSON.parse(bytes.toString("utf8")) as Partial<Wire>;
  } catch {
    return undefined;
  }
  const { code, reason, errors, retryAfterMs } = wire ?? {};
  if (typeof code !== "string" || !Object.hasOwn(codes, code) || typeof reason !== "string") return undefined;
  return failure(code, /^[a-z][a-z0-9_]{0,80}$/.test(reason) ? reason : "unexpected", {
    cause,
    ...(Array.isArray(errors) ? { errors: errors.filter(isFieldError) } : {}),
    ...(typeof retryAfterMs === "number" && retryAfterMs >= 0
      ? { retryAfterMs: Math.min(retryAfterMs, maxRetryAfterMs) }
      : {}),
  });
}

function isFieldError(value: unknown): value is FieldError {
  const { pointer, code, message } = (value ?? {}) as Partial<FieldError>;
  return typeof pointer === "string" && typeof code === "string" && typeof message === "string";
}

/** A status without our detail comes from the transport, or from something that is not ours. */
function bareFailure(error: ServiceError): Failure {
  switch (error.code) {
    case Status.CANCELLED:
      return failure("cancelled", "cancelled", { cause: error });
    case Status.DEADLINE_EXCEEDED:
      return failure("deadline_exceeded", "deadline_exceeded", { cause: error });
    case Status.UNAVAILABLE:
      return failure("unavailable", "service_unreachable", { cause: error });
    case Status.RESOURCE_EXHAUSTED:
      return failure("too_large", "message_too_large", { cause: error });
    default:
      return failure("internal", "unexpected", { cause: error });
  }
}
