// The metadata of a call, by name. Binary values have names that end in "-bin" (grpc/grpc, PROTOCOL-HTTP2.md).

export const AUTHORIZATION = "authorization";
export const SERVICE_TOKEN = "partake-service-token";
export const REQUEST_ID = "partake-request-id";
export const TRACEPARENT = "traceparent";
export const IDEMPOTENCY_KEY = "partake-idempotency-key";
export const IF_MATCH = "partake-if-match";
/** With a request: the highest version of grants that the client has seen. With an answer: the version that it made. */
export const GRANTS_VERSION = "partake-grants-version";
export const FAILURE = "partake-failure-bin";

/** W3C Trace Context, version 00. */
const traceparentForm = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;
const requestIdForm = /^[A-Za-z0-9._-]{1,64}$/;
const idempotencyKeyForm = /^[\x21-\x7e]{1,100}$/;
const wholeNumberForm = /^(0|[1-9][0-9]{0,9})$/;

export function readTraceparent(value: string | undefined): string | undefined {
  return value !== undefined && traceparentForm.test(value) ? value : undefined;
}

export function readRequestId(value: string | undefined): string | undefined {
  return value !== undefined && requestIdForm.test(value) ? value : undefined;
}

export function readIdempotencyKey(value: string | undefined): string | undefined {
  return value !== undefined && idempotencyKeyForm.test(value) ? value : undefined;
}

/** A version as it stands in a header: a whole number that fits the contract's int32, else undefined. */
export function readVersion(value: string | undefined): number | undefined {
  if (value === undefined || !wholeNumberForm.test(value)) return undefined;
  const version = Number(value);
  return isVersion(version) ? version : undefined;
}

/** Whether a number fits what the contract calls a version. */
export function isVersion(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 2_147_483_647;
}
