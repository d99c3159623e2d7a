import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Answer } from "./exchange.ts";

/**
 * An answer that is the same for everybody, with what caches need to keep it and to ask whether it changed. The tag is weak, as
 * a page's cursor is sealed anew each time and leads to the same place (RFC 9110, sections 8.8.1 and 13.1.2).
 */
export function cachedAnswer(request: IncomingMessage, message: object, maxAgeSeconds: number): Answer {
  const tag = `W/"${digestOf(message)}"`;
  const headers = [...["etag", tag], ...cacheHeaders(maxAgeSeconds)];
  if (matches(request.headers["if-none-match"], tag)) return { status: 304, headers };
  return { status: 200, headers: [...headers, "content-type", "application/json"], body: JSON.stringify(message) };
}

/** A cache that is not allowed to ask hands nothing out. What an answer depends on besides its URL is the form that is accepted. */
export function cacheHeaders(maxAgeSeconds: number): readonly string[] {
  return ["cache-control", `public, max-age=${maxAgeSeconds}, must-revalidate`, "vary", "accept"];
}

/** Compares weakly, as If-None-Match does. */
export function matches(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch.trim() === "*") return true;
  const opaque = (given: string) => given.trim().replace(/^W\//, "");
  return ifNoneMatch.split(",").some((given) => opaque(given) === opaque(tag));
}

function digestOf(message: object): string {
  const { nextCursor, ...rest } = message as { nextCursor?: string };
  const told = JSON.stringify([rest, nextCursor === undefined ? null : nextCursor !== ""]);
  return createHash("sha256").update(told).digest("base64url").slice(0, 27);
}
