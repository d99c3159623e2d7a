import type { Operation } from "@partake/contract";

/** An operation that may be tried again when nobody knows whether it was carried out: it reads, or is documented as idempotent. */
export function isSafeToRepeat({ name, route, summary }: Operation): boolean {
  if (route?.method === "GET" || route?.path.endsWith(":search")) return true;
  if (route === undefined && name.startsWith("Read")) return true;
  return /\bidempotent\b/i.test(summary) && !/\bnot idempotent\b/i.test(summary);
}

/** gRPC's service config: calls go round the replicas, and those that are safe are tried again, thrice at most in all. */
export function serviceConfig(declared: readonly Operation[]): object {
  const names = declared.filter(isSafeToRepeat).map(({ path }) => {
    const [service, method] = path.slice(1).split("/");
    return { service, method };
  });
  const retryPolicy = {
    maxAttempts: 3,
    initialBackoff: "0.05s",
    maxBackoff: "0.5s",
    backoffMultiplier: 3,
    retryableStatusCodes: ["UNAVAILABLE"],
  };
  return {
    loadBalancingConfig: [{ round_robin: {} }],
    methodConfig: names.length > 0 ? [{ name: names, retryPolicy }] : [],
    retryThrottling: { maxTokens: 20, tokenRatio: 0.2 },
  };
}
