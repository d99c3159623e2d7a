import type { Operation } from "@partake/contract";

/** An operation that may be tried again when nobody knows whether it was carried out: it reads, or is documented as idempotent. */
export function isSafeToRepeat({ name, route, summary }: Operation): boolean {
  if (route?.method === "GET" || route?.path.endsWith(":search")) return true;
  if (route === undefined && name.startsWith("Read")) return true;
  return /\bidempotent\b/i.test(summary) && !/\bnot idempotent\b/i.test(summary);
}
