/** One field of a request that is wrong: where (RFC 6901 pointer) and how. The message never repeats the value. */
export interface FieldError {
  pointer: string;
  code: string;
  message: string;
}

/**
 * Every way in which an operation can fail, with its gRPC status (grpc/grpc `statuscodes.md`) and HTTP status (RFC 9110).
 * gRPC has fewer codes than HTTP has statuses; the code itself travels beside the gRPC status, so nothing is lost between services.
 */
export const codes = {
  invalid: { grpc: 3, http: 400, title: "The request is not valid" },
  unauthenticated: { grpc: 16, http: 401, title: "A valid access token is needed" },
  forbidden: { grpc: 7, http: 403, title: "This is not allowed" },
  not_found: { grpc: 5, http: 404, title: "There is nothing here" },
  method_not_allowed: { grpc: 12, http: 405, title: "The resource does not have this method" },
  not_acceptable: { grpc: 3, http: 406, title: "The answer is not to be had in that form" },
  conflict: { grpc: 10, http: 409, title: "The request conflicts with the current state" },
  gone: { grpc: 9, http: 410, title: "This is no longer to be had" },
  precondition_failed: { grpc: 9, http: 412, title: "The resource has changed since it was read" },
  too_large: { grpc: 8, http: 413, title: "The request is too large" },
  unsupported_media_type: { grpc: 3, http: 415, title: "The media type is not supported" },
  unprocessable: { grpc: 9, http: 422, title: "The request cannot be carried out" },
  precondition_required: { grpc: 9, http: 428, title: "The request must be conditional" },
  rate_limited: { grpc: 8, http: 429, title: "Too many requests" },
  cancelled: { grpc: 1, http: 499, title: "The client went away" },
  internal: { grpc: 13, http: 500, title: "Something went wrong on our side" },
  unavailable: { grpc: 14, http: 503, title: "The service cannot answer just now" },
  deadline_exceeded: { grpc: 4, http: 504, title: "The answer did not come in time" },
} as const;

export type Code = keyof typeof codes;

export interface FailureOptions {
  /** A stable word that says why, for programs; snake_case. */
  reason: string;
  errors?: readonly FieldError[];
  /** When trying again may help. */
  retryAfterMs?: number;
  /** What went wrong underneath. For the log only: it never leaves the process. */
  cause?: unknown;
}

/** The one error class. Whatever else is thrown is a defect and becomes `internal`. */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly code: Code;
  readonly reason: string;
  readonly errors: readonly FieldError[];
  readonly retryAfterMs: number | undefined;

  constructor(code: Code, options: FailureOptions) {
    super(`${code}: ${options.reason}`, { cause: options.cause });
    this.code = code;
    this.reason = options.reason;
    this.errors = options.errors ?? [];
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** A failure with its reason; throw what it returns. */
export function failure(code: Code, reason: string, options: Omit<FailureOptions, "reason"> = {}): Failure {
  return new Failure(code, { ...options, reason });
}

/** Whatever was thrown, as a failure: a failure stays what it is, all else is `internal` with the detail kept as its cause. */
export function asFailure(thrown: unknown): Failure {
  return thrown instanceof Failure ? thrown : new Failure("internal", { reason: "unexpected", cause: thrown });
}

/** A problem document (RFC 9457) as it goes over HTTP. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  code: Code;
  reason: string;
  requestId: string;
  errors?: readonly FieldError[];
}

/** The problem document of a failure. Internal ones tell only that they happened. */
export function problem(of: Failure, requestId: string): Problem {
  const { http, title } = codes[of.code];
  const document: Problem = {
    type: `urn:partake:problem:${of.code}`,
    title,
    status: http,
    code: of.code,
    reason: of.reason,
    requestId,
  };
  return of.errors.length > 0 ? { ...document, errors: of.errors } : document;
}
