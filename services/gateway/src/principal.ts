import type { Operation } from "@partake/contract";
import { Failure, failure } from "@partake/failure";
import { type Enforcer, type Outgoing, readVersion, type Verified } from "@partake/rpc";
import type { Exchange } from "./exchange.ts";
import type { AccessTokens } from "./sessions/access-tokens.ts";
import { type CookieNames, readCookie } from "./sessions/cookies.ts";
import { refuseCrossSite, refuseEmbedding } from "./sessions/cross-site.ts";
import type { Session } from "./sessions/session.ts";
import type { SessionStore } from "./sessions/session-store.ts";

/** Who asks, with the token that speaks for them at the services. */
export interface Principal {
  readonly verified: Verified;
  readonly token: string | undefined;
  /** The highest version of grants that the client has seen. */
  readonly grantsVersion: number;
  /** Of a browser's session: the same person with a new token. A bearer's own client has to do that. */
  readonly renewed: (() => Promise<Principal>) | undefined;
  /** Whether the session goes on that this came from; a bearer's token has no other end than its own. */
  isOpen(): Promise<boolean>;
}

export interface PrincipalParts {
  origin: string;
  enforcer: Enforcer;
  cookies: CookieNames;
  sessionStore: SessionStore;
  accessTokens: AccessTokens;
}

const always = async () => true;
const placeForm = /^(account|platform|org_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/** Whoever a request speaks for: by its bearer token, else by its session's cookie, else nobody. Never by both. */
export async function principalOf(parts: PrincipalParts, exchange: Exchange, place?: string): Promise<Principal> {
  const { request } = exchange;
  const grantsVersion = readVersion(single(request.headers["partake-grants-version"])) ?? 0;
  const authorization = authorizationOf(exchange);
  if (authorization !== undefined) {
    const authenticated = parts.enforcer.authenticate({ authorization, grantsVersion });
    const verified = authenticated instanceof Promise ? await authenticated : authenticated;
    return { verified, token: verified.userToken, grantsVersion, renewed: undefined, isOpen: always };
  }
  const secret = readCookie(request, parts.cookies.session);
  if (secret === undefined) {
    return {
      verified: await parts.enforcer.authenticate({}),
      token: undefined,
      grantsVersion,
      renewed: undefined,
      isOpen: always,
    };
  }
  refuseCrossSite(request, parts.origin);
  const session = await parts.sessionStore.read(secret);
  if (!session) throw failure("unauthenticated", "session_ended");
  const asked = place ?? askedPlace(exchange) ?? session.place;
  return sessionPrincipal(parts, { session, place: asked, grantsVersion });
}

/** Whoever's browser goes to a page of ours, wherever the link to it stood; nobody, where it has no session. */
export async function readerOf(
  parts: PrincipalParts,
  { request }: Exchange,
  place: string,
): Promise<Principal | undefined> {
  refuseEmbedding(request);
  const secret = readCookie(request, parts.cookies.session);
  const session = secret === undefined ? undefined : await parts.sessionStore.read(secret);
  return session && sessionPrincipal(parts, { session, place, grantsVersion: 0 });
}

/** Nobody in particular, whatever else a request says of itself. */
export async function visitor(enforcer: Enforcer): Promise<Principal> {
  const verified = await enforcer.authenticate({});
  return { verified, token: undefined, grantsVersion: 0, renewed: undefined, isOpen: always };
}

async function sessionPrincipal(
  parts: PrincipalParts,
  of: { session: Session; place: string; grantsVersion: number; instead?: string },
): Promise<Principal> {
  const { place, grantsVersion } = of;
  const { token, session } = await parts.accessTokens.of(of.session, { place, instead: of.instead });
  const isOpen = async () => (await parts.sessionStore.readAgain(session)) !== undefined;
  const again = () => sessionPrincipal(parts, { session, place, grantsVersion, instead: token });
  try {
    const verified = await parts.enforcer.authenticate({ authorization: `Bearer ${token}`, grantsVersion });
    return { verified, token, grantsVersion, renewed: of.instead === undefined ? again : undefined, isOpen };
  } catch (thrown) {
    if (of.instead !== undefined || !isRefusedToken(thrown)) throw thrown;
    return again();
  }
}

/**
 * Does something as a person. Where their session's token is behind what they hold now, once more with a new one; `work` must
 * not have used up the request's body by then.
 */
export async function asPrincipal<T>(principal: Principal, work: (principal: Principal) => Promise<T>): Promise<T> {
  try {
    return await work(principal);
  } catch (thrown) {
    if (principal.renewed === undefined || !isRefusedToken(thrown)) throw thrown;
    return work(await principal.renewed());
  }
}

/** Nobody is let in without a token where the contract wants one; the services say the same again. */
export function requirePrincipal(operation: Operation, { verified }: Principal): void {
  if (operation.access.kind !== "public" && verified.caller.kind !== "user")
    throw failure("unauthenticated", "token_missing");
}

/** What goes along with every call that is made for a request. */
export function outgoingOf(exchange: Exchange, principal: Principal): Outgoing {
  const { requestId, traced } = exchange;
  return {
    requestId,
    traceparent: traced.traceparent,
    grantsVersion: principal.grantsVersion,
    ...(principal.token === undefined ? {} : { userToken: principal.token }),
  };
}

function isRefusedToken(thrown: unknown): boolean {
  return thrown instanceof Failure && thrown.code === "unauthenticated" && thrown.reason.startsWith("token_");
}

/** Node keeps the first of two Authorization headers; whoever stands between may have looked at the other one. */
function authorizationOf({ request }: Exchange): string | readonly string[] | undefined {
  const value = request.headers.authorization;
  if (value === undefined) return undefined;
  const { rawHeaders } = request;
  const given: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index];
    if (name?.length === 13 && name.toLowerCase() === "authorization") given.push(rawHeaders[index + 1] ?? "");
  }
  return given.length > 1 ? given : value;
}

function askedPlace({ request }: Exchange): string | undefined {
  const asked = single(request.headers["partake-organisation"]);
  if (asked === undefined) return undefined;
  if (!placeForm.test(asked)) throw failure("invalid", "partake_organisation_malformed");
  return asked;
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
