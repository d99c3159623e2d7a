// A refusal, as the platform tells it (RFC 9457).

export interface FieldError {
  /** Where in the request, as a JSON pointer (RFC 6901). */
  pointer: string;
  code: string;
  message: string;
}

/** Thrown when the platform answers anything but success. Networks and aborts throw what `fetch` throws. */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly status: number;
  /** A stable word for the kind of refusal. */
  readonly code: string;
  /** A stable word that says why. */
  readonly reason: string;
  /** Names the request to whoever is asked about it. */
  readonly requestId: string | undefined;
  readonly errors: readonly FieldError[];
  /** When trying again may help, where the platform says so. */
  readonly retryAfterMs: number | undefined;

  constructor(fields: Pick<Problem, "status" | "code" | "reason" | "requestId" | "errors" | "retryAfterMs">) {
    super(`${fields.status} ${fields.code}: ${fields.reason}`);
    this.status = fields.status;
    this.code = fields.code;
    this.reason = fields.reason;
    this.requestId = fields.requestId;
    this.errors = fields.errors;
    this.retryAfterMs = fields.retryAfterMs;
  }
}

const maxProblemCharacters = 100_000;

/** The problem that an answer tells. What stands between may answer anything, so nothing of it is taken for granted. */
export async function readProblem(response: Response, nowMs: number): Promise<Problem> {
  const document = await readDocument(response);
  const errors = Array.isArray(document["errors"]) ? document["errors"].filter(isFieldError) : [];
  return new Problem({
    status: response.status,
    code: text(document["code"]) ?? "unknown",
    reason: text(document["reason"]) ?? text(response.statusText) ?? "unknown",
    requestId: text(document["requestId"]),
    errors,
    retryAfterMs: readRetryAfter(response.headers.get("retry-after"), nowMs),
  });
}

/** Retry-After is a number of seconds or a date (RFC 9110, section 10.2.3). */
export function readRetryAfter(value: string | null, nowMs: number): number | undefined {
  if (value === null) return undefined;
  if (/^\d{1,6}$/.test(value)) return Number(value) * 1000;
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}

async function readDocument(response: Response): Promise<Record<string, unknown>> {
  const body = await response.text();
  if (body.length > maxProblemCharacters) return {};
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === "object" && parsed !== null ? (parsed as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function isFieldError(value: unknown): value is FieldError {
  if (typeof value !== "object" || value === null) return false;
  const { pointer, code, message } = value as Partial<Record<string, unknown>>;
  return typeof pointer === "string" && typeof code === "string" && typeof message === "string";
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
