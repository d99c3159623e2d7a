import type { Adapter, Configuration, JWK, KoaContextWithOIDC } from "oidc-provider";
import { accountResource } from "../domain/resources.ts";
import type { Accounts, ShowsProjects } from "../store/accounts.ts";
import type { Sealing } from "../store/sealing.ts";
import { recordAccountToken } from "./account-tokens.ts";
import { needed } from "./availability.ts";
import { firstPartyClients, WEB_CLIENT } from "./clients.ts";
import { errorPage } from "./error-page.ts";
import { loginPolicy } from "./interaction-policy.ts";
import { logoutPage, noticePage } from "./login-pages.ts";
import type { ServiceAccountClients } from "./service-account-clients.ts";
import type { SessionRecords } from "./session-records.ts";
import type { KeyRing } from "./signing-keys.ts";
import { accountScope, tokenRules } from "./token-rules.ts";

export interface ConfigurationParts {
  origin: string;
  gatewayKeys: readonly JWK[];
  mobileRedirects: readonly string[];
  accounts: Accounts;
  showsProjects: ShowsProjects;
  clock: { now(): Date };
  serviceAccounts: ServiceAccountClients;
  sessions: SessionRecords;
  sealing: Sealing;
  adapter: (model: string) => Adapter;
}

const minuteS = 60;
const dayS = 24 * 60 * minuteS;

/** How the provider behaves. What is not named here is off. */
export function providerConfiguration(parts: ConfigurationParts, ring: KeyRing): Configuration {
  const { origin, adapter, sealing } = parts;
  const isSecure = origin.startsWith("https:");
  const cookie = { httpOnly: true, sameSite: "lax", secure: isSecure, signed: true } as const;
  const tokens = tokenRules(parts);
  return {
    adapter,
    clients: firstPartyClients(parts),
    jwks: { keys: [...ring.keys] as JWK[] },
    routes: {
      authorization: "/oidc/auth",
      end_session: "/oidc/logout",
      jwks: "/oidc/jwks",
      revocation: "/oidc/revocation",
      token: "/oidc/token",
      userinfo: "/oidc/userinfo",
    },
    scopes: ["openid", "offline_access"],
    claims: {
      openid: ["sub"],
      profile: ["name", "locale"],
      email: ["email", "email_verified"],
      acr: null,
      auth_time: null,
      iss: null,
      sid: null,
    },
    responseTypes: ["code"],
    clientAuthMethods: ["private_key_jwt", "client_secret_basic", "client_secret_post", "none"],
    enabledJWA: {
      clientAuthSigningAlgValues: ["Ed25519", "EdDSA", "ES256", "RS256"],
      idTokenSigningAlgValues: ["RS256"],
    },
    pkce: { required: () => true },
    extraParams: ["organisation", "start"],
    features: features(tokens),
    extraTokenClaims: tokens.claims,
    formats: {
      customizers: {
        async jwt(_ctx, token) {
          if (token.kind !== "AccessToken" || token.aud !== accountResource(origin)) return;
          await recordAccountToken(token, adapter("AccessToken"));
        },
      },
    },
    ttl: {
      // Shorter where a role that it claims, or the credential that it came of, ends before.
      AccessToken: (_ctx, token) => token.resourceServer?.accessTokenTTL ?? 5 * minuteS,
      AuthorizationCode: minuteS,
      ClientCredentials: (_ctx, token) => token.resourceServer?.accessTokenTTL ?? 5 * minuteS,
      IdToken: 60 * minuteS,
      Interaction: 60 * minuteS,
      RefreshToken: 30 * dayS,
      Session: 14 * dayS,
      // The longest that a log-in lasts, however often its tokens are refreshed.
      Grant: 180 * dayS,
    },
    cookies: {
      names: {
        session: isSecure ? "__Host-partake-login" : "partake-login",
        interaction: "partake-login-step",
        resume: "partake-login-resume",
      },
      long: { ...cookie, path: "/" },
      short: cookie,
      keys: sealing.macs("cookies", "cookies"),
    },
    rotateRefreshToken: tokens.rotate,
    issueRefreshToken: (_ctx, client) => client.grantTypeAllowed("refresh_token"),
    // The browser's log-in ends with its session here; an app keeps its own until the person or a theft ends it.
    expiresWithSession: (ctx) => ctx.oidc.client?.applicationType !== "native",
    clientBasedCORS: () => false,
    interactions: { policy: loginPolicy(), url: (_ctx, interaction) => `/login/${interaction.uid}` },
    loadExistingGrant: (ctx) => loadExistingGrant(ctx, parts.sessions),
    findAccount: (_ctx, sub) => findAccount(parts.accounts, sub),
    renderError: (ctx, out) => show(ctx, errorPage(out.error)),
  };
}

function features(tokens: ReturnType<typeof tokenRules>): NonNullable<Configuration["features"]> {
  return {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    dPoP: { enabled: false },
    pushedAuthorizationRequests: { enabled: false },
    revocation: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
    rpInitiatedLogout: {
      enabled: true,
      logoutSource: (ctx, form) => show(ctx, logoutPage({ form, returns: returnsToClient(ctx) })),
      postLogoutSuccessSource: (ctx) =>
        show(ctx, noticePage("You are logged out", "You can close this page, or log in again.")),
    },
    resourceIndicators: {
      enabled: true,
      defaultResource: tokens.defaultResource,
      useGrantedResource: () => true,
      getResourceServerInfo: tokens.resourceServer,
    },
  };
}

/** Whether a client of its own, which has ended its log-in already, waits for the person to come back. */
function returnsToClient({ oidc }: KoaContextWithOIDC): boolean {
  return oidc.params?.["post_logout_redirect_uri"] !== undefined && oidc.client?.clientId !== WEB_CLIENT;
}

function show(ctx: KoaContextWithOIDC, body: string): void {
  ctx.type = "html";
  ctx.body = body;
}

async function findAccount(accounts: Accounts, sub: string) {
  const user = await needed(() => accounts.find(sub));
  if (user === undefined || !user.enabled) return undefined;
  const name = user.name === "" ? {} : { name: user.name };
  const address = user.email === undefined ? {} : { email: user.email, email_verified: true };
  return {
    accountId: user._id,
    claims: () => ({ sub: user._id, ...name, locale: user.language, ...address }),
  };
}

/** The grant of this log-in. Every client is ours: it covers the account, and the roles decide the rest for each token. */
async function loadExistingGrant(ctx: KoaContextWithOIDC, sessions: SessionRecords) {
  const { oidc } = ctx;
  const { client, session, provider, account } = oidc;
  if (client === undefined || account === undefined) return undefined;
  const known = session?.grantIdFor(client.clientId);
  const existing = known === undefined ? undefined : await provider.Grant.find(known);
  if (existing !== undefined && existing.accountId === account.accountId) return existing;
  const grant = new provider.Grant({ accountId: account.accountId, clientId: client.clientId });
  grant.addOIDCScope(accountScope);
  grant.addResourceScope(accountResource(oidc.issuer), accountScope);
  const grantId = await grant.save();
  await needed(() =>
    sessions.begin({
      ...{ grantId, userId: account.accountId, clientId: client.clientId, browserId: session?.uid ?? "" },
      ...{ userAgent: ctx.get("user-agent"), ip: ctx.ip, acr: session?.acr },
    }),
  );
  return grant;
}
