import type { ClientMetadata, JWK } from "oidc-provider";

export const WEB_CLIENT = "partake-web";

/** Clients that Partake itself makes. There are no others: registration is off. */
export function firstPartyClients(options: { origin: string; gatewayKeys: readonly JWK[] }): ClientMetadata[] {
  const { origin, gatewayKeys } = options;
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
    native("partake-mobile", "Partake for mobile"),
    native("partake-cli", "Partake for the command line"),
  ];
}

/** A public client on somebody's own machine: PKCE, and a redirect to any port of the loopback address. (RFC 8252, 7.3) */
function native(clientId: string, clientName: string): ClientMetadata {
  const loopback = ["http://127.0.0.1/callback", "http://[::1]/callback"];
  return {
    client_id: clientId,
    client_name: clientName,
    application_type: "native",
    redirect_uris: loopback,
    post_logout_redirect_uris: loopback,
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    token_endpoint_auth_method: "none",
  };
}
