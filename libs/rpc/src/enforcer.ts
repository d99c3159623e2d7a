import { type Caller, PLATFORM } from "@partake/authz";
import { failure } from "@partake/failure";
import { type Access, authorizeOperation } from "./access.ts";
import { effectiveAccount, effectiveCaller } from "./effective-rights.ts";
import type { KeySource } from "./key-set.ts";
import type { HeldGrants, LiveGrants, LivePlaces } from "./live.ts";
import { type ServiceClaims, type ServiceKeys, verifyServiceToken } from "./service-token.ts";
import { TokenCache } from "./token-cache.ts";
import { maxTokenLength, tokenInvalid } from "./token-header.ts";
import { type UserClaims, verifyUserToken } from "./user-token.ts";
import type { Credentials, Verified } from "./verified.ts";

export interface EnforcerOptions {
  /** The public origin of the platform. */
  origin: string;
  keys: KeySource;
  serviceKeys: ServiceKeys;
  grants: LiveGrants;
  places: LivePlaces;
  nowMs?: () => number;
  /** How many verified tokens are kept. */
  capacity?: number;
}

/** The one code that decides who calls and what they may: at the gateway and at every service. */
export interface Enforcer {
  /** Verifies what a request shows. Answers at once where the token is warm. Throws `unauthenticated` or `unavailable`. */
  authenticate(credentials: Credentials): Verified | Promise<Verified>;
  /** The operation's access rule, as far as it can be decided before its record is loaded. Throws what the client is to be told. */
  authorize(access: Access): Promise<void>;
}

interface WarmUser {
  token: string;
  expiresAtMs: number;
  claims: UserClaims;
  held: HeldGrants | undefined;
  /** Of a service account: what the admin who made it holds. */
  creator: HeldGrants | undefined;
  /** Until when this counts while changes of grants do not reach us. */
  recheckAtMs: number;
  verified: Verified;
}

interface WarmService {
  token: string;
  expiresAtMs: number;
  claims: ServiceClaims;
  verified: Verified;
}

const defaultCapacity = 5_000;
const serviceCapacity = 200;
/** While changes do not reach us, a person's grants are asked for again this often. */
const recheckMs = 2_000;
const scheme = "Bearer ";
const keysEveryMs = 60_000;
const anonymous: Verified = {
  caller: { kind: "anonymous" },
  service: undefined,
  userToken: undefined,
  expiresAtMs: Number.POSITIVE_INFINITY,
  grantsKnown: () => 0,
};

export function createEnforcer(options: EnforcerOptions): Enforcer {
  const { grants, places, keys, nowMs = Date.now } = options;
  const users = new TokenCache<WarmUser>(options.capacity ?? defaultCapacity);
  const services = new TokenCache<WarmService>(serviceCapacity);
  let keysAtMs = nowMs();
  keys.onChange(() => users.clear());

  const isCurrent = ({ held, creator, claims, recheckAtMs }: WarmUser, now: number, seen: number): boolean => {
    if (isOver(held, now) || isOver(creator, now)) return false;
    const version = versionThatCounts(claims, seen);
    const heldVersion = held?.version ?? 0;
    if (held !== undefined && heldVersion >= claims.grantsVersion && grants.fresh()) return heldVersion >= version;
    return now < recheckAtMs && version <= Math.max(claims.grantsVersion, heldVersion);
  };
  const warmUser = (token: string, now: number, version: number): WarmUser | undefined => {
    const warm = users.get(token, now);
    return warm !== undefined && isCurrent(warm, now, version) ? warm : undefined;
  };
  const coldUser = async (token: string, version: number): Promise<WarmUser> => {
    const known = users.get(token, nowMs());
    const claims = known?.claims ?? (await verifyUserToken(token, { origin: options.origin, keys }, nowMs()));
    const { caller, held, creator } = await readRights(claims, version, options);
    const { expiresAtMs } = claims;
    const grantsKnown = () => knownNow(claims, { held, creator }, grants);
    const verified = { caller, service: undefined, userToken: token, expiresAtMs, grantsKnown };
    const warm = { token, claims, held, creator, verified, expiresAtMs, recheckAtMs: nowMs() + recheckMs };
    users.put(warm);
    return warm;
  };
  const coldService = async (token: string): Promise<WarmService> => {
    const claims = await verifyServiceToken(token, options.serviceKeys, nowMs());
    const caller: Caller = { kind: "service", service: claims.service };
    const verified = { ...anonymous, caller, service: claims.service, expiresAtMs: claims.expiresAtMs };
    const warm = { token, claims, verified, expiresAtMs: claims.expiresAtMs };
    services.put(warm);
    return warm;
  };
  const authenticateCold = async (userToken: string | undefined, serviceToken: string | undefined, version: number) => {
    const now = nowMs();
    const service =
      serviceToken === undefined ? undefined : (services.get(serviceToken, now) ?? (await coldService(serviceToken)));
    if (userToken === undefined) return service?.verified ?? anonymous;
    const user = warmUser(userToken, now, version) ?? (await coldUser(userToken, version));
    return joined(user.verified, service);
  };
  return {
    authenticate({ authorization, serviceToken, grantsVersion = 0 }) {
      const userToken = readBearer(authorization);
      const ofService = readSingle(serviceToken);
      const now = nowMs();
      if (now - keysAtMs > keysEveryMs) {
        keysAtMs = now;
        keys.refresh?.();
      }
      const service = ofService === undefined ? undefined : services.get(ofService, now);
      if (ofService === undefined || service !== undefined) {
        if (userToken === undefined) return service?.verified ?? anonymous;
        const user = warmUser(userToken, now, grantsVersion);
        if (user !== undefined) return joined(user.verified, service);
      }
      return authenticateCold(userToken, ofService, grantsVersion);
    },
    authorize: (access) => authorizeOperation(access, places, nowMs()),
  };
}

async function readRights(claims: UserClaims, seen: number, { grants, places }: EnforcerOptions) {
  const { userId, organisationId } = claims;
  const version = versionThatCounts(claims, seen);
  const atLeast = Math.max(version, claims.grantsVersion);
  // A token for one's own account has no grants; what the platform says of the person tells whether they may log in.
  const whose =
    organisationId === undefined ? { organisationId: PLATFORM, version: 0 } : { organisationId, version: atLeast };
  const held = await grants.read({ ...whose, userId });
  // Something changed that the client saw and neither identity, the topic nor the token can tell us: to answer by less would be to guess.
  if (version > versionHad(claims, held, grants)) throw failure("unavailable", "grants_unknown");
  const { sessionId, authenticatedAtMs, methods } = claims;
  if (sessionId !== undefined && held?.endedSessions?.has(sessionId)) throw tokenInvalid();
  const login = {
    ...(sessionId !== undefined && { sessionId }),
    ...(authenticatedAtMs !== undefined && { authenticatedAtMs }),
    ...(methods !== undefined && { methods }),
  };
  const around = places.of(organisationId ?? PLATFORM);
  const { creatorId } = claims;
  if (creatorId === undefined) {
    return { caller: { ...effectiveCaller(claims, held, around), ...login }, held, creator: undefined };
  }
  const creator = await grants.read({ ...whose, userId: creatorId });
  const account = effectiveAccount({ ...claims, creatorId }, { held, creator, places: around });
  return { caller: { ...account, ...login }, held, creator };
}

/** Whether what was held is no longer how things are. */
function isOver(held: HeldGrants | undefined, nowMs: number): boolean {
  return held !== undefined && (!held.current || nowMs >= (held.untilMs ?? Number.POSITIVE_INFINITY));
}

/**
 * The version by which to answer at all. With identity away that is, for who is held, also what the topic told: of the last
 * version that it told of the rest may be missing, but nobody can be asked.
 */
function versionHad(claims: UserClaims, held: HeldGrants | undefined, grants: LiveGrants): number {
  if (held === undefined || claims.organisationId === undefined) return claims.grantsVersion;
  return Math.max(claims.grantsVersion, held.version, grants.heard(claims.organisationId));
}

/**
 * Up to which version all is known of whoever calls: what the topic told last may be a part of its version. Once what they hold has
 * changed, or is no longer kept current, what the topic told since says nothing of the rights by which this call is decided.
 */
function knownNow(
  claims: UserClaims,
  { held, creator }: Pick<WarmUser, "held" | "creator">,
  grants: LiveGrants,
): number {
  const { organisationId, grantsVersion, creatorId } = claims;
  if (organisationId === undefined) return 0;
  const whole = grants.heard(organisationId) - 1;
  const known = (of: HeldGrants | undefined) => (of?.current ? Math.max(of.version, whole) : (of?.version ?? 0));
  if (creatorId !== undefined) return Math.min(known(held), known(creator));
  return Math.max(grantsVersion, known(held));
}

/** Versions are an organisation's: what a client saw of one says nothing of a token for the person's own account. */
function versionThatCounts({ organisationId }: UserClaims, seen: number): number {
  return organisationId === undefined ? 0 : seen;
}

function joined(user: Verified, service: WarmService | undefined): Verified {
  if (service === undefined) return user;
  return { ...user, service: service.claims.service, expiresAtMs: Math.min(user.expiresAtMs, service.expiresAtMs) };
}

/**
 * The token of an authorization header (RFC 6750, 2.1). Another scheme is refused rather than passed over. Whether what follows
 * is one token is seen when it is verified; what is warm was.
 */
function readBearer(authorization: Credentials["authorization"]): string | undefined {
  const value = readSingle(authorization);
  if (value === undefined) return undefined;
  if (value.length > maxTokenLength + scheme.length) throw tokenInvalid();
  if (!value.startsWith(scheme) && value.slice(0, scheme.length).toLowerCase() !== scheme.toLowerCase())
    throw tokenInvalid();
  return value.slice(scheme.length);
}

function readSingle(value: string | readonly string[] | undefined): string | undefined {
  if (value === undefined || typeof value === "string") return value;
  if (value.length > 1) throw tokenInvalid();
  return value[0];
}
