import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import Provider from "oidc-provider";
import { freePort } from "./login-world.ts";

/** Who is logged in there, as it tells. */
export interface OutsidePerson {
  subject: string;
  email?: string;
  emailVerified?: boolean;
}

/** Another OpenID Provider, as an organisation would bring it. */
export interface OutsideProvider {
  issuer: string;
  clientId: string;
  clientSecret: string;
  /** Whoever comes next is this person. */
  person: OutsidePerson;
  /** Changes the document in which it tells of itself. */
  told: Record<string, unknown>;
  stop(): Promise<void>;
}

export async function startOutsideProvider(redirectUri: string): Promise<OutsideProvider> {
  const port = await freePort();
  const issuer = `http://localhost:${port}`;
  const [clientId, clientSecret] = ["partake", randomBytes(24).toString("base64url")];
  const outside: OutsideProvider = { issuer, clientId, clientSecret, person: { subject: "nobody" }, told: {}, stop };
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        redirect_uris: [redirectUri],
        grant_types: ["authorization_code"],
        response_types: ["code"],
      },
    ],
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    cookies: {
      keys: ["outside"],
      names: { session: "outside", interaction: "outside-step", resume: "outside-resume" },
    },
    features: { devInteractions: { enabled: false } },
    pkce: { required: () => true },
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    async findAccount(_ctx, sub) {
      const { email, emailVerified } = outside.person;
      return {
        accountId: sub,
        claims: () => ({ sub, ...(email !== undefined && { email }), email_verified: emailVerified ?? true }),
      };
    },
    async loadExistingGrant(ctx) {
      const { client, account } = ctx.oidc;
      if (client === undefined || account === undefined) return undefined;
      const grant = new provider.Grant({ accountId: account.accountId, clientId: client.clientId });
      grant.addOIDCScope("openid email profile");
      await grant.save();
      return grant;
    },
  });
  const server = createServer((request, response) => {
    if (request.url?.startsWith("/interaction/")) {
      const login = { accountId: outside.person.subject };
      provider.interactionFinished(request, response, { login, consent: {} }).catch(() => response.destroy());
    } else if (request.url === "/.well-known/openid-configuration" && Object.keys(outside.told).length > 0) {
      const own = {
        issuer,
        authorization_endpoint: `${issuer}/auth`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/jwks`,
      };
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ ...own, ...outside.told }));
    } else {
      void provider.callback()(request, response);
    }
  });
  await new Promise<void>((resolve) => server.listen(port, resolve));

  async function stop(): Promise<void> {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  return outside;
}
