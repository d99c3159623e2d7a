import { type Client, errors, type KoaContextWithOIDC } from "oidc-provider";
import { accountResource, contextAllows, readResource } from "../domain/resources.ts";
import type { RoleClaims } from "../domain/role-claims.ts";
import type { Accounts, ClaimsInTime, ShowsProjects } from "../store/accounts.ts";
import { credentialSessionId, sessionIdOf } from "../store/login-sessions.ts";
import { needed } from "./availability.ts";
import type { Proved, ServiceAccountClients } from "./service-account-clients.ts";
import type { SessionRecords } from "./session-records.ts";

export const accountScope = "openid profile email offline_access";
const accessTokenS = 5 * 60;

export interface TokenRulesParts {
  origin: string;
  accounts: Accounts;
  showsProjects: ShowsProjects;
  serviceAccounts: ServiceAccountClients;
  sessions: Pick<SessionRecords, "seen">;
  clock: { now(): Date };
}

type Claims = RoleClaims & { limited_by?: string; sid?: string };

/** Which tokens a person or a system gets, and what is in them: decided anew for each, whatever the log-in was for. */
export function tokenRules(parts: TokenRulesParts) {
  const { origin, accounts, serviceAccounts, sessions, clock } = parts;
  const now = () => clock.now();
  const held = new WeakMap<object, Claims>();
  /** What a person's log-in, or a system by its own credential, is told to hold in an organisation. */
  const claimsFor = async (ctx: KoaContextWithOIDC, organisationId: string) => {
    const { Account: account, RefreshToken, AuthorizationCode } = ctx.oidc.entities;
    if (account !== undefined) {
      const acr = RefreshToken?.acr ?? AuthorizationCode?.acr;
      if (!contextAllows(acr, organisationId)) return undefined;
      return accounts.registeredClaimsFor(account.accountId, organisationId, parts.showsProjects);
    }
    const system = await serviceAccounts.proved(ctx);
    if (system === undefined || system.account.organisationId !== organisationId) return undefined;
    return claimsOfSystem(await accounts.claimsFor(system.account._id, organisationId), system, now());
  };
  const rules = {
    /** Each refresh token is used once. What is refused is refused before: a token that was used up for nothing ends the log-in. */
    async rotate(ctx: KoaContextWithOIDC) {
      const indicator = ctx.oidc.params?.["resource"];
      if (typeof indicator === "string") await rules.resourceServer(ctx, indicator);
      return true;
    },
    /** The one resource of a token whose request names none: the own account, or a system's own organisation. */
    async defaultResource(_ctx: KoaContextWithOIDC, client: Client, oneOf?: readonly string[]) {
      const system = client.grantTypeAllowed("client_credentials")
        ? await needed(() => serviceAccounts.account(client.clientId))
        : undefined;
      return system === undefined ? chooseResource(origin, oneOf) : `${origin}/orgs/${system.organisationId}`;
    },
    async resourceServer(ctx: KoaContextWithOIDC, indicator: string) {
      const resource = readResource(indicator, origin);
      if (resource === undefined) throw new errors.InvalidTarget();
      const server = { audience: indicator, accessTokenFormat: "jwt" as const, accessTokenTTL: accessTokenS };
      if (resource.kind === "account") {
        // One's own account is a person's.
        if (ctx.oidc.client?.grantTypeAllowed("client_credentials")) throw new errors.InvalidTarget();
        return { ...server, scope: accountScope };
      }
      if (ctx.oidc.route !== "token") return { ...server, scope: "" };
      const found = await needed(() => claimsFor(ctx, resource.organisationId));
      // Nothing that they hold or see there, and nothing there at all, look the same.
      if (found === undefined) throw new errors.InvalidTarget();
      held.set(ctx, found.claims);
      const accessTokenTTL = Math.min(accessTokenS, found.secondsLeft ?? accessTokenS);
      return { ...server, accessTokenTTL, scope: "" };
    },
    async claims(ctx: KoaContextWithOIDC, token: { aud?: unknown; grantId?: unknown }) {
      const { grantId } = token;
      if (typeof grantId === "string" && !(await needed(() => sessions.seen(grantId))))
        throw new errors.InvalidGrant("the log-in was ended");
      const login = { ...(typeof grantId === "string" && { sid: sessionIdOf(grantId) }), ...proofOf(ctx, now()) };
      if (token.aud === accountResource(origin)) return { ...login, roles: [], grants_version: 0 };
      return { ...login, ...held.get(ctx) };
    },
  };
  return rules;
}

/** A system's token names the credential that it came of, as a person's its log-in, and does not outlive it. (R22) */
function claimsOfSystem(
  found: ClaimsInTime | undefined,
  { account, credential }: Proved,
  now: Date,
): { claims: Claims; secondsLeft: number } | undefined {
  if (found === undefined) return undefined;
  // Tokens live for whole seconds: in its last one a credential brings none.
  const leftMs = (credential.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY) - now.getTime();
  if (leftMs < 1_000) return undefined;
  return {
    claims: { ...found.claims, limited_by: account.creatorId, sid: credentialSessionId(credential) },
    secondsLeft: Math.min(found.secondsLeft ?? accessTokenS, Math.floor(leftMs / 1_000)),
  };
}

function chooseResource(origin: string, oneOf: readonly string[] | undefined): string {
  const account = accountResource(origin);
  return oneOf === undefined || oneOf.includes(account) ? account : (oneOf[0] ?? account);
}

/** When and how the person last proved who they are (RFC 9068, 2.2.1). A system does so for each token. */
function proofOf({ oidc }: KoaContextWithOIDC, now: Date): { auth_time?: number; amr?: string[] } {
  const { RefreshToken, AuthorizationCode, ClientCredentials } = oidc.entities;
  if (ClientCredentials !== undefined || oidc.params?.["grant_type"] === "client_credentials")
    return { auth_time: Math.floor(now.getTime() / 1000) };
  const source = RefreshToken ?? AuthorizationCode;
  return {
    ...(source?.authTime !== undefined && { auth_time: source.authTime }),
    ...(source?.amr !== undefined && { amr: source.amr }),
  };
}
