import { failure } from "@partake/failure";
import type { Handler } from "./exchange.ts";

const wellKnown = "/.well-known/oauth-protected-resource";
const organisationForm = /^(platform|org_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/** What OAuth clients must know of the protected resources here (RFC 9728): whose tokens count, and how they are sent. */
export function resourceMetadata(origin: string): Handler {
  return ({ path }, { organisation }) => {
    if (organisation !== undefined && !organisationForm.test(organisation)) throw failure("not_found", "not_found");
    const document = {
      resource: `${origin}${path.slice(wellKnown.length)}`,
      authorization_servers: [origin],
      bearer_methods_supported: ["header"],
      resource_name: "Partake",
      resource_documentation: `${origin}/docs`,
    };
    return {
      status: 200,
      headers: ["content-type", "application/json", "cache-control", "public, max-age=3600"],
      body: JSON.stringify(document),
    };
  };
}
