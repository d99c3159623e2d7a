import { failure } from "@partake/failure";
import type { Implementation } from "@partake/rpc";
import type { Parts } from "@partake/service";
import { asciiDomain } from "../domain/email-address.ts";
import { checkUrl } from "../provider/outside-fetch.ts";
import { checkAnswers } from "../provider/outside-issuer.ts";
import { redirectUri, sealClientSecret } from "../provider/outside-visits.ts";
import { type LoginProviderRecord, loginProviders } from "../store/login-providers.ts";
import { sealing as openSealing } from "../store/sealing.ts";
import { causeOf } from "./checks.ts";

type Providers = Pick<Implementation<"Identity">, "getLoginProvider" | "putLoginProvider">;

/** An organisation's own OpenID Provider. Its secret goes in and never comes out. */
export function loginProvidersApi({ store, config }: Parts): Providers {
  const sealing = openSealing(config.encryptionKeys);
  const isDevelopment = config.environment === "development";
  return {
    async getLoginProvider(_request, { organisationId }) {
      return shown(await store.get(loginProviders, organisationId), config.origin);
    },

    async putLoginProvider({ issuer, clientId, clientSecret, emailDomains, enabled }, call) {
      const { organisationId } = call;
      checkIssuer(issuer, isDevelopment);
      const domains = [...new Set(emailDomains.map(domainOf))];
      const sealed = clientSecret === undefined ? undefined : sealClientSecret(sealing, clientSecret);
      // One that nobody logs in with yet may still have to be set up.
      if (enabled) await checkAnswers(issuer, { isDevelopment });
      // The version of a provider that is not there yet is 0, which the store does not count: it is compared here.
      const { ifMatch, ...cause } = causeOf(call);
      await store.write(cause, async (tx) => {
        const current = await tx.get(loginProviders, organisationId);
        if (ifMatch !== undefined && ifMatch !== (current?.version ?? 0))
          throw failure("precondition_failed", "version_mismatch");
        const kept = current?.issuer === issuer ? current.clientSecret : undefined;
        const secret = sealed ?? kept;
        if (secret === undefined) throw failure("invalid", "secret_missing");
        const settings = { issuer, clientId, clientSecret: secret, emailDomains: domains, enabled };
        if (current === undefined)
          await tx.insert(loginProviders, { _id: organisationId, organisationId, ...settings });
        else await tx.update(loginProviders, current, settings);
        tx.audit({ action: "login_provider.changed", organisationId, subjectId: organisationId });
        return organisationId;
      });
      return shown(await store.get(loginProviders, organisationId), config.origin);
    },
  };
}

function shown(provider: LoginProviderRecord | undefined, origin: string) {
  return {
    issuer: provider?.issuer ?? "",
    clientId: provider?.clientId ?? "",
    emailDomains: provider?.emailDomains ?? [],
    enabled: provider?.enabled ?? false,
    redirectUri: redirectUri(origin),
    version: provider?.version ?? 0,
  };
}

/** Outside development an issuer is on the public network and speaks TLS. It is checked again whenever it is called. */
function checkIssuer(issuer: string, isDevelopment: boolean): void {
  const url = URL.parse(issuer);
  const isWhole = url !== null && url.search === "" && url.hash === "" && url.username === "" && url.password === "";
  if (!isWhole || !["https:", "http:"].includes(url.protocol)) throw notAllowed();
  if (!isDevelopment) checkUrl(url);
}

function notAllowed() {
  const errors = [{ pointer: "/issuer", code: "not_allowed", message: "is not an issuer that can be called" }];
  return failure("invalid", "issuer_not_allowed", { errors });
}

function domainOf(domain: string, index: number): string {
  const ascii = asciiDomain(domain.trim());
  if (ascii?.includes(".")) return ascii;
  const errors = [{ pointer: `/emailDomains/${index}`, code: "format", message: "is not a domain" }];
  throw failure("invalid", "invalid_domain", { errors });
}
