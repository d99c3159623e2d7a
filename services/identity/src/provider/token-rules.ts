import { errors, type KoaContextWithOIDC } from "oidc-provider";
import { accountResource, contextAllows, readResource } from "../domain/resources.ts";
import type { RoleClaims } from "../domain/role-claims.ts";
import type { Accounts } from "../store/accounts.ts";
import { needed } from "./availability.ts";

export const accountScope = "openid profile email offline_access";
const accessTokenS = 5 * 60;

/** Which tokens a person gets, and what is in them: decided anew for each, whatever the log-in was for. */
export function tokenRules({ origin, accounts }: { origin: string; accounts: Accounts }) {
  const held = new WeakMap<object, RoleClaims>();
  const rules = {
    /** Each refresh token is used once. What is refused is refused before: a token that was used up for nothing ends the log-in. */
    async rotate(ctx: KoaContextWithOIDC) {
      const indicator = ctx.oidc.params?.["resource"];
      if (typeof indicator === "string") await rules.resourceServer(ctx, indicator);
      return true;
    },
    async resourceServer(ctx: KoaContextWithOIDC, indicator: string) {
      const resource = readResource(indicator, origin);
      if (resource === undefined) throw new errors.InvalidTarget();
      const server = { audience: indicator, accessTokenFormat: "jwt" as const, accessTokenTTL: accessTokenS };
      if (resource.kind === "account") return { ...server, scope: accountScope };
      if (ctx.oidc.route !== "token") return { ...server, scope: "" };
      const { Account: account, RefreshToken, AuthorizationCode } = ctx.oidc.entities;
      const acr = RefreshToken?.acr ?? AuthorizationCode?.acr;
      const { organisationId } = resource;
      const found =
        account !== undefined && contextAllows(acr, organisationId)
          ? await needed(() => accounts.claimsFor(account.accountId, organisationId))
          : undefined;
      // Nothing held there and nothing there at all look the same.
      if (found === undefined) throw new errors.InvalidTarget();
      held.set(ctx, found.claims);
      const accessTokenTTL = Math.min(accessTokenS, found.secondsLeft ?? accessTokenS);
      return { ...server, accessTokenTTL, scope: "" };
    },
    async claims(ctx: KoaContextWithOIDC, token: { aud?: unknown; sessionUid?: unknown }) {
      const sid = typeof token.sessionUid === "string" ? { sid: token.sessionUid } : {};
      if (token.aud === accountResource(origin)) return { ...sid, roles: [], grants_version: 0 };
      return { ...sid, ...held.get(ctx) };
    },
  };
  return rules;
}

/** The one resource of a token whose request names none. */
export function chooseResource(origin: string, oneOf: readonly string[] | undefined): string {
  const account = accountResource(origin);
  return oneOf === undefined || oneOf.includes(account) ? account : (oneOf[0] ?? account);
}
