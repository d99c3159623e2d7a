import type { Log } from "@partake/store";
import Provider, { type KoaContextWithOIDC } from "oidc-provider";
import { readResource } from "../domain/resources.ts";
import type { Documents } from "../store/documents.ts";
import { accountTokenId } from "./account-tokens.ts";
import { adapterFactory } from "./adapter.ts";
import { needed } from "./availability.ts";
import { type ConfigurationParts, providerConfiguration } from "./configuration.ts";
import { missingPage } from "./error-page.ts";
import { pageHeaders } from "./pages.ts";
import { compareBySecretHash } from "./service-account-clients.ts";
import type { KeyRing } from "./signing-keys.ts";

export interface ProviderParts extends Omit<ConfigurationParts, "adapter"> {
  documents: Documents;
  clock: { now(): Date };
  log: Log;
}

/** An OpenID Provider that signs with these keys. Its state is all in the database, so another can take its place at any time. */
export function openIdProvider(parts: ProviderParts, ring: KeyRing): Provider {
  const { origin, clock, documents, log } = parts;
  const adapter = adapterFactory(documents, {
    now: () => clock.now(),
    sessions: parts.sessions,
    findClient: (clientId) => parts.serviceAccounts.registration(clientId),
    findAccountToken: (token) => accountTokenId(token, { origin, ring, now: clock.now() }),
  });
  const provider = new Provider(origin, providerConfiguration({ ...parts, adapter }, ring));
  provider.proxy = true;
  coverEveryResource(provider, origin);
  compareBySecretHash(provider);
  provider.use(async (ctx, next) => {
    ctx.set(pageHeaders());
    await next();
    if (ctx.status === 404 && ctx.body === undefined && ctx.accepts("json", "html") === "html") {
      ctx.body = missingPage();
      ctx.type = "html";
      ctx.status = 404;
    }
    // An empty scope is no scope (RFC 6749, 3.3): organisations' tokens have none, roles decide.
    const body: unknown = ctx.body;
    if (isTokenAnswer(body) && body.scope === "") delete body.scope;
    if (isTokenAnswer(body)) await noteUse(parts, ctx as unknown as KoaContextWithOIDC);
  });
  // At the token endpoint a grant is revoked for one reason only: something of it came twice.
  provider.on("grant.revoked", (ctx, grantId) => {
    if (ctx.oidc.route !== "token") return;
    parts.sessions
      .reused(grantId)
      .catch((error: unknown) => log.error({ err: error }, "a reused token was not recorded"));
  });
  provider.on("server_error", (_ctx, error) => log.error({ err: error }, "the OpenID Provider failed"));
  return provider;
}

async function noteUse({ serviceAccounts }: ProviderParts, ctx: KoaContextWithOIDC): Promise<void> {
  if (ctx.oidc.params?.["grant_type"] === "client_credentials") await needed(() => serviceAccounts.noteUse(ctx));
}

/**
 * A log-in is for the person, not for the resource that the client named first: with it, tokens for each of their organisations
 * are to be had, also for one that they joined since. Whether they may is asked for each token (`resourceServer`).
 */
function coverEveryResource(provider: Provider, origin: string): void {
  const every = { has: (indicator: string) => readResource(indicator, origin) !== undefined };
  for (const model of [provider.RefreshToken, provider.AuthorizationCode]) {
    Object.defineProperty(model.prototype, "resourceIndicators", { configurable: true, get: () => every });
  }
}

function isTokenAnswer(body: unknown): body is { access_token: string; scope?: string } {
  return typeof body === "object" && body !== null && "access_token" in body;
}
