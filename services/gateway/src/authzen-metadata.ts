import { operation } from "@partake/contract";
import type { Handler } from "./exchange.ts";

/** Where questions about access are asked in the way of the OpenID AuthZEN Authorization API 1.0, section 9. */
export function authzenMetadata(origin: string): Handler {
  const at = (name: string): string => `${origin}${operation(`/partake.v1.Identity/${name}`).route?.path}`;
  const document = JSON.stringify({
    policy_decision_point: origin,
    access_evaluation_endpoint: at("EvaluateAccess"),
    access_evaluations_endpoint: at("EvaluateAccesses"),
  });
  return () => ({
    status: 200,
    headers: ["content-type", "application/json", "cache-control", "public, max-age=3600"],
    body: document,
  });
}
