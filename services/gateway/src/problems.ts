import { asFailure, type Failure, problem } from "@partake/failure";
import { FRESH_SECONDS } from "@partake/rpc";
import type { Answer, Exchange } from "./exchange.ts";

const internal = new Set(["unexpected"]);

/** A refusal as RFC 9457 has it. What went wrong underneath stays in the log. */
export function problemAnswer(thrown: unknown, context: { requestId: string; origin: string; allow?: string }): Answer {
  const failed = asFailure(thrown);
  const document = problem(failed, context.requestId);
  const headers = ["content-type", "application/problem+json", "cache-control", "no-store"];
  if (failed.code === "unauthenticated") headers.push("www-authenticate", challenge(failed, context.origin));
  if (failed.retryAfterMs !== undefined)
    headers.push("retry-after", String(Math.max(1, Math.ceil(failed.retryAfterMs / 1000))));
  else if (failed.code === "unavailable") headers.push("retry-after", "1");
  if (context.allow !== undefined) headers.push("allow", context.allow);
  return { status: document.status, headers, body: JSON.stringify(document) };
}

/** Marks what an answer's log line says of a failure. */
export function noteFailure(exchange: Exchange, failed: Failure): void {
  exchange.reason = internal.has(failed.reason) ? failed.code : failed.reason;
}

/** RFC 6750, section 3: a request without any token learns only that it needs one. RFC 9728, section 5.1, says where from. */
function challenge(failed: Failure, origin: string): string {
  const metadata = `resource_metadata="${origin}/.well-known/oauth-protected-resource"`;
  if (failed.reason === "token_missing") return `Bearer realm="partake", ${metadata}`;
  if (failed.reason === "insufficient_user_authentication")
    return `Bearer realm="partake", error="${failed.reason}", error_description="log in again", max_age="${FRESH_SECONDS}", ${metadata}`;
  return `Bearer realm="partake", error="invalid_token", error_description="${failed.reason}", ${metadata}`;
}
