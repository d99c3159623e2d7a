import { createHash, randomBytes } from "node:crypto";
import { failure } from "@partake/failure";
import type { Store } from "@partake/store";
import { trusted } from "@partake/store";
import * as client from "openid-client";
import type { Documents, OutsideArrival } from "../store/documents.ts";
import { type LoginProviderRecord, loginProviders } from "../store/login-providers.ts";
import type { Sealing } from "../store/sealing.ts";
import { outsideFetch } from "./outside-fetch.ts";

export interface OutsideVisitsParts {
  store: Store;
  documents: Documents;
  sealing: Sealing;
  clock: { now(): Date };
  origin: string;
  isDevelopment: boolean;
}

/** Visits to the providers of organisations, as their client. */
export interface OutsideVisits {
  /** The enabled provider of an organisation. */
  provider(organisationId: string): Promise<LoginProviderRecord | undefined>;
  /** Those that the addresses of a domain log in with. */
  providersOf(domain: string): Promise<LoginProviderRecord[]>;
  /** Begins a visit: where to send the person, and what their browser keeps to prove that it is the same one. */
  begin(of: {
    uid: string;
    provider: LoginProviderRecord;
    email?: string | undefined;
  }): Promise<{ location: string; cookie: string; state: string }>;
  /** Takes what the person brought back. Gives the log-in that the visit belongs to. */
  arrive(of: { query: URLSearchParams; cookie(state: string): string | undefined }): Promise<{ uid: string }>;
  /** How the visit of a log-in ended; once. */
  collect(uid: string): Promise<OutsideArrival | undefined>;
}

const visitLifeMs = 10 * 60_000;
const purpose = "outside visit";
const secretPurpose = "login provider secret";
const mostProviders = 10;

export function outsideVisits(parts: OutsideVisitsParts): OutsideVisits {
  const { store, documents, sealing, clock, origin } = parts;
  const expiresAt = () => new Date(clock.now().getTime() + visitLifeMs);
  return {
    async provider(organisationId) {
      const provider = await store.get(loginProviders, organisationId);
      return provider?.enabled === true ? provider : undefined;
    },
    providersOf: (domain) =>
      store.find(loginProviders, { emailDomains: trusted({ $in: [domain] }), enabled: true }, { limit: mostProviders }),
    async begin({ uid, provider, email }) {
      const { organisationId, issuer } = provider;
      const config = await configure(parts, provider);
      const [state, nonce, verifier, cookie] = [secret(), secret(), client.randomPKCECodeVerifier(), secret()];
      const location = client.buildAuthorizationUrl(config, {
        redirect_uri: redirectUri(origin),
        scope: "openid email profile",
        response_type: "code",
        state,
        nonce,
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        code_challenge_method: "S256",
        ...(email !== undefined && { login_hint: email }),
      });
      if (!parts.isDevelopment && location.protocol !== "https:") throw failure("forbidden", "outside_refused");
      const sealed = sealing.seal(JSON.stringify({ nonce, verifier }), purpose);
      const visit = { uid, organisationId, issuer, sealed, browserHash: hashOf(cookie), expiresAt: expiresAt() };
      await documents.visits.insertOne({ _id: hashOf(state), ...visit });
      return { location: location.href, cookie, state };
    },
    async arrive({ query, cookie }) {
      const state = query.get("state") ?? "";
      const visit = await documents.visits.findOneAndDelete({ _id: hashOf(state) });
      const browser = cookie(state);
      if (
        visit === null ||
        visit.expiresAt <= clock.now() ||
        browser === undefined ||
        hashOf(browser) !== visit.browserHash
      ) {
        throw failure("gone", "outside_visit_ended");
      }
      const provider = await store.get(loginProviders, visit.organisationId);
      if (provider?.enabled !== true || provider.issuer !== visit.issuer) throw failure("forbidden", "outside_refused");
      const { nonce, verifier } = JSON.parse(sealing.open(visit.sealed, purpose)) as {
        nonce: string;
        verifier: string;
      };
      const person = await redeem(parts, { provider, query, state, nonce, verifier });
      const arrival = { organisationId: visit.organisationId, issuer: visit.issuer, ...person, expiresAt: expiresAt() };
      await documents.arrivals.replaceOne({ _id: hashOf(visit.uid) }, arrival, { upsert: true });
      return { uid: visit.uid };
    },
    async collect(uid) {
      const arrival = await documents.arrivals.findOneAndDelete({ _id: hashOf(uid) });
      return arrival !== null && arrival.expiresAt > clock.now() ? arrival : undefined;
    },
  };
}

/** Where providers send people back to: what an organisation registers with its provider. */
export function redirectUri(origin: string): string {
  return `${origin}/login/callback`;
}

export function sealClientSecret(sealing: Sealing, clientSecret: string): string {
  return sealing.seal(clientSecret, secretPurpose);
}

interface Redemption {
  provider: LoginProviderRecord;
  query: URLSearchParams;
  state: string;
  nonce: string;
  verifier: string;
}

/** Exchanges the code. Signature, issuer (also of the answer, RFC 9207), audience, state, nonce and PKCE are checked by openid-client. */
async function redeem(parts: OutsideVisitsParts, { provider, query, state, nonce, verifier }: Redemption) {
  const config = await configure(parts, provider);
  try {
    const url = new URL(redirectUri(parts.origin));
    url.search = query.toString();
    const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true };
    const tokens = await client.authorizationCodeGrant(config, url, checks);
    const claims = tokens.claims();
    if (claims === undefined) throw new Error("no ID token");
    const told =
      claims["email"] === undefined ? await client.fetchUserInfo(config, tokens.access_token, claims.sub) : claims;
    const email = typeof told["email"] === "string" ? told["email"] : undefined;
    const isVerified = told["email_verified"] === true || told["email_verified"] === "true";
    return { subject: claims.sub, ...(email !== undefined && { email }), emailVerified: isVerified };
  } catch (error) {
    throw failure("forbidden", "outside_refused", { cause: error });
  }
}

async function configure(parts: OutsideVisitsParts, provider: LoginProviderRecord): Promise<client.Configuration> {
  const fetchOutside = outsideFetch(parts);
  const clientSecret = parts.sealing.open(provider.clientSecret, secretPurpose);
  try {
    const config = await client.discovery(
      new URL(provider.issuer),
      provider.clientId,
      clientSecret,
      authentication(clientSecret),
      {
        timeout: 5,
        execute: [client.enableNonRepudiationChecks, ...(parts.isDevelopment ? [client.allowInsecureRequests] : [])],
        [client.customFetch]: (url, { method, headers, body, signal }) =>
          fetchOutside(url, {
            method,
            headers,
            ...(body != null && { body: String(body) }),
            ...(signal && { signal }),
          }),
      },
    );
    return config;
  } catch (error) {
    throw failure("unavailable", "outside_unreachable", { cause: error });
  }
}

/** The method that every server must support (RFC 6749, 2.3.1), unless it says that it does not. */
function authentication(clientSecret: string): client.ClientAuth {
  const [basic, post] = [client.ClientSecretBasic(clientSecret), client.ClientSecretPost(clientSecret)];
  return (server, ...rest) => {
    const methods = server.token_endpoint_auth_methods_supported;
    const onlyPost =
      methods !== undefined && !methods.includes("client_secret_basic") && methods.includes("client_secret_post");
    return (onlyPost ? post : basic)(server, ...rest);
  };
}

function secret(): string {
  return randomBytes(32).toString("base64url");
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}
