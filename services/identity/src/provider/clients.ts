import type { ClientMetadata, JWK } from "oidc-provider";

export const WEB_CLIENT = "partake-web";

/** Clients that Partake itself makes. There are no others: registration is off. */
export function firstPartyClients(options: {
  origin: string;
  gatewayKeys: readonly JWK[];
  mobileRedirects: readonly string[];
}): ClientMetadata[] {
  const { origin, gatewayKeys, mobileRedirects } = options;
  return [
    {
      client_id: WEB_CLIENT,
      client_name: "Partake",
      application_type: "web",
      redirect_uris: [`${origin}/auth/callback`],
      post_logout_redirect_uris: [origin, `${origin}/`],
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      // The gateway proves itself with the key that it signs its service tokens with; a shared secret would be one more to keep.
      token_endpoint_auth_method: "private_key_jwt",
      jwks: { keys: gatewayKeys.map(({ kty, crv, x, kid }) => ({ kty, crv, x, kid, use: "sig" })) as JWK[] },
    },
    native({ id: "partake-mobile", name: "Partake for mobile", redirects: [...mobileRedirects, ...loopback] }),
    native({ id: "partake-cli", name: "Partake for the command line", redirects: loopback }),
  ];
}

/** Any port of it: the machine's own programs listen there. (RFC 8252, 7.3) */
const loopback = ["http://127.0.0.1/callback", "http://[::1]/callback"];

/**
 * A public client on somebody's own machine. Another program may claim the same scheme (RFC 8252, 8.1): PKCE makes a code that it
 * catches worth nothing, and a log-in that it begins itself needs the person at the page.
 */
function native({ id, name, redirects }: { id: string; name: string; redirects: string[] }): ClientMetadata {
  return {
    client_id: id,
    client_name: name,
    application_type: "native",
    redirect_uris: redirects,
    post_logout_redirect_uris: redirects,
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    token_endpoint_auth_method: "none",
  };
}
