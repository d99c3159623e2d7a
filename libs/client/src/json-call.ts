// A call with JSON both ways, and what all calls have in common.
import type { CallOptions } from "./call.ts";
import { fillPath, queryString, type Route } from "./route.ts";
import type { Outgoing, Transport } from "./transport.ts";

export type Request = Readonly<Record<string, unknown>>;

export async function callJson(
  transport: Transport,
  route: Route,
  request: Request,
  options: CallOptions,
): Promise<unknown> {
  const response = await transport.send(outgoingOf(route, request, options));
  if (response.status === 204) return undefined;
  return await response.json();
}

/** The whole call; the bytes of a file are put in afterwards. */
export function outgoingOf(route: Route, request: Request, options: CallOptions): Outgoing {
  const { path, rest } = fillPath(route, request);
  const hasJson = route.body && route.bytes === "none";
  const headers: Record<string, string> = hasJson ? { "content-type": "application/json" } : {};
  if (route.key) headers["idempotency-key"] = options.idempotencyKey ?? globalThis.crypto.randomUUID();
  if (route.condition) headers["if-match"] = condition(options.ifMatch);
  return {
    route,
    path: `${path}${queryString(route, rest)}`,
    ...(hasJson ? { body: JSON.stringify(rest) } : {}),
    headers,
    options,
    isRepeatable: route.repeatable,
    hasDeadline: route.bytes !== "events",
  };
}

/** An ETag is the version in quotes. */
function condition(ifMatch: number | string | undefined): string {
  if (ifMatch === undefined) throw new TypeError("ifMatch is needed: the version of the resource as it was read");
  return typeof ifMatch === "number" ? `"${ifMatch}"` : ifMatch;
}
