import { createPrivateKey, type JsonWebKey, webcrypto } from "node:crypto";
import { failure } from "@partake/failure";
import * as oidc from "openid-client";
import { ACCOUNT } from "./session.ts";
import type { GivenTokens } from "./session-store.ts";

const clientId = "partake-web";
/** No name and no address: who somebody is, identity tells. */
const scope = "openid offline_access";
const timeoutSeconds = 8;
/** Errors of RFC 6749, section 5.2, after which the refresh token is worth nothing any more. */
const endingErrors = new Set(["invalid_grant", "unauthorized_client"]);

export interface ProviderOptions {
  origin: string;
  /** Where the provider is within the platform; it calls itself by the origin. */
  identityHttpUrl: string;
  /** The gateway's own private key, PKCS8 PEM. */
  privateKey: string;
  now(): Date;
}

/** What a log-in under way must remember until the browser comes back. */
export interface LoginChecks {
  state: string;
  nonce: string;
  verifier: string;
}

export type Refreshed =
  | { kind: "refreshed"; tokens: GivenTokens }
  | { kind: "ended" }
  | { kind: "no_such_place" }
  | { kind: "away"; cause: unknown };

/** The OpenID Provider, as its client `partake-web` sees it. */
export interface Provider {
  /**
   * Where a log-in begins; `isAnew` asks who the person is even if the provider still knows, `withCode` begins where a printed code
   * is entered.
   */
  begin(options: { place: string; isAnew: boolean; withCode: boolean }): Promise<{ url: string; checks: LoginChecks }>;
  /** Redeems what the browser brought back. Throws where anything of it is not as it was begun. */
  finish(options: { query: string; checks: LoginChecks }): Promise<{ userId: string; tokens: GivenTokens }>;
  refresh(options: { refreshToken: string; place: string }): Promise<Refreshed>;
  /** Makes a refresh token worthless, and ends the browser's log-in at the provider with it. */
  revoke(refreshToken: string): Promise<void>;
}

export function resourceOf(origin: string, place: string): string {
  return place === ACCOUNT ? `${origin}/account` : `${origin}/orgs/${place}`;
}

export function createProvider(options: ProviderOptions): Provider {
  const { origin, now } = options;
  const configuration = lastingly(() => discover(options));
  return {
    async begin({ place, isAnew, withCode }) {
      const config = await configuration();
      const checks = { state: oidc.randomState(), nonce: oidc.randomNonce(), verifier: oidc.randomPKCECodeVerifier() };
      const url = oidc.buildAuthorizationUrl(config, {
        redirect_uri: `${origin}/auth/callback`,
        scope,
        resource: resourceOf(origin, ACCOUNT),
        state: checks.state,
        nonce: checks.nonce,
        code_challenge: await oidc.calculatePKCECodeChallenge(checks.verifier),
        code_challenge_method: "S256",
        ...(place.startsWith("org_") ? { organisation: place } : {}),
        ...(isAnew ? { prompt: "login" } : {}),
        ...(withCode ? { start: "code" } : {}),
      });
      return { url: url.href, checks };
    },
    async finish({ query, checks }) {
      const config = await configuration();
      const { state, nonce, verifier } = checks;
      const expected = {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: verifier,
        idTokenExpected: true,
      };
      const parameters = { resource: resourceOf(origin, ACCOUNT) };
      try {
        const url = new URL(`${origin}/auth/callback?${query}`);
        const answer = await oidc.authorizationCodeGrant(config, url, expected, parameters);
        const userId = answer.claims()?.sub;
        if (userId === undefined) throw new Error("the provider's answer has no subject");
        return { userId, tokens: tokensOf(answer, now()) };
      } catch (error) {
        if (isAway(error)) throw failure("unavailable", "log_in_unavailable", { cause: error });
        throw failure("invalid", "log_in_failed", { cause: error });
      }
    },
    async refresh({ refreshToken, place }) {
      try {
        const answer = await oidc.refreshTokenGrant(await configuration(), refreshToken, {
          resource: resourceOf(origin, place),
        });
        return {
          kind: "refreshed",
          tokens: tokensOf({ refresh_token: refreshToken, ...answer, expiresIn: () => answer.expiresIn() }, now()),
        };
      } catch (error) {
        if (!(error instanceof oidc.ResponseBodyError)) return { kind: "away", cause: error };
        if (endingErrors.has(error.error)) return { kind: "ended" };
        return error.error === "invalid_target" ? { kind: "no_such_place" } : { kind: "away", cause: error };
      }
    },
    async revoke(refreshToken) {
      await oidc.tokenRevocation(await configuration(), refreshToken, { token_type_hint: "refresh_token" });
    },
  };
}

type TokenAnswer = Pick<
  oidc.TokenEndpointResponse & oidc.TokenEndpointResponseHelpers,
  "access_token" | "refresh_token" | "expiresIn"
>;

function tokensOf(answer: TokenAnswer, at: Date): GivenTokens {
  const { refresh_token: refreshToken } = answer;
  if (refreshToken === undefined) throw new Error("the provider gave no refresh token");
  const lifeMs = (answer.expiresIn() ?? 60) * 1000;
  return {
    accessToken: answer.access_token,
    expiresAt: new Date(at.getTime() + lifeMs),
    refreshToken,
  };
}

/** The provider answered nothing, or that it cannot answer now; as opposed to a refusal. */
function isAway(error: unknown): boolean {
  if (error instanceof oidc.AuthorizationResponseError) return error.error === "temporarily_unavailable";
  if (error instanceof oidc.ResponseBodyError) return error.status >= 500;
  if (error instanceof oidc.ClientError) return error.code === "OAUTH_TIMEOUT";
  return error instanceof TypeError;
}

async function discover(options: ProviderOptions): Promise<oidc.Configuration> {
  const { origin, privateKey } = options;
  const authentication = oidc.PrivateKeyJwt({ key: await importKey(privateKey), kid: "gateway" });
  const request = within(options);
  // Between the processes of the platform there is no TLS unless the network adds it; the browser's part goes by the origin.
  const execute = [oidc.allowInsecureRequests];
  const config = await oidc.discovery(new URL(origin), clientId, {}, authentication, {
    execute,
    timeout: timeoutSeconds,
    [oidc.customFetch]: request,
  });
  config[oidc.customFetch] = request;
  config.timeout = timeoutSeconds;
  return config;
}

/** Asks the provider within the platform for what it publishes under the origin. */
function within({ origin, identityHttpUrl }: ProviderOptions): oidc.CustomFetch {
  const { protocol, host } = new URL(origin);
  return async (url, init) => {
    const asked = new URL(url);
    if (asked.origin !== origin) throw new TypeError("the provider named an endpoint of another origin");
    const headers = { ...init.headers, "x-forwarded-proto": protocol.slice(0, -1), "x-forwarded-host": host };
    return fetch(new URL(`${asked.pathname}${asked.search}`, identityHttpUrl), { ...init, headers } as RequestInit);
  };
}

async function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  const jwk = createPrivateKey(pem).export({ format: "jwk" }) as JsonWebKey;
  return webcrypto.subtle.importKey("jwk", jwk as webcrypto.JsonWebKey, { name: "Ed25519" }, false, ["sign"]);
}

/** Makes something at first use and keeps it; a failure is not kept. */
function lastingly<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw failure("unavailable", "log_in_unavailable", { cause: error });
    });
    return made;
  };
}
