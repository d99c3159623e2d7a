import { PLATFORM } from "@partake/authz";
import { failure } from "@partake/failure";
import { compactVerify } from "jose";
import type { KeySource } from "./key-set.ts";
import { readClaims, readTokenHeader, tokenInvalid } from "./token-header.ts";

/** What an access token says, after every check that needs no grants. */
export interface UserClaims {
  userId: string;
  /** Absent in a token for one's own account. */
  organisationId?: string;
  /** role:scope, as far as the token lists them; absent where it only refers to the grants. */
  roles?: readonly string[];
  grantsVersion: number;
  expiresAtMs: number;
  /** Of a service account: the admin who made it, to whose present rights it is held. (R22) */
  creatorId?: string;
  /** The log-in that it came of. */
  sessionId?: string;
  /** When the person last proved who they are, and how (RFC 8176); absent: nobody can say. */
  authenticatedAtMs?: number;
  methods?: readonly string[];
}

export interface UserTokenRules {
  /** The public origin of the platform: the only issuer, and the beginning of every audience. */
  origin: string;
  keys: KeySource;
}

const form = { alg: "RS256", typ: ["at+jwt", "application/at+jwt"] };
/** How far another machine's clock may be ahead of ours. */
const skewMs = 60_000;
/** Access tokens live for minutes. One that claims to live longer than this was not made for us. */
const maxLifeMs = 3_600_000;
const maxRoles = 200;
const userIdForm = /^usr_[0-9a-f-]{36}$/;
const sessionIdForm = /^ses_[0-9a-f-]{36}$/;
const organisationIdForm = /^org_[0-9a-f-]{36}$/;
const roleForm = /^[a-z_]{1,40}:(platform|[a-z]{3}_[0-9a-f-]{36})$/;

/** Verifies an access token (RFC 9068, RS256 only). Throws `unauthenticated`, or `unavailable` where no keys are to be had. */
export async function verifyUserToken(token: string, rules: UserTokenRules, nowMs: number): Promise<UserClaims> {
  const { kid } = readTokenHeader(token, form);
  const key = await rules.keys.key(kid);
  if (key === undefined) throw tokenInvalid();
  let payload: Uint8Array;
  try {
    payload = (await compactVerify(token, key, { algorithms: [form.alg] })).payload;
  } catch (error) {
    throw tokenInvalid(error);
  }
  return readUserClaims(readClaims(payload), rules.origin, nowMs);
}

function readUserClaims(claims: Record<string, unknown>, origin: string, nowMs: number): UserClaims {
  if (claims["iss"] !== origin) throw tokenInvalid();
  const expiresAtMs = readTimes(claims, nowMs);
  const userId = claims["sub"];
  if (typeof userId !== "string" || !userIdForm.test(userId)) throw tokenInvalid();
  for (const name of ["jti", "client_id"]) {
    if (typeof claims[name] !== "string" || claims[name] === "") throw tokenInvalid();
  }
  const organisationId = readAudience(claims["aud"], origin);
  const rest = {
    ...{ userId, expiresAtMs },
    ...readRoles(claims),
    ...readCreator(claims, organisationId),
    ...readLogin(claims, nowMs),
  };
  return organisationId === undefined ? rest : { ...rest, organisationId };
}

/** exp, iat and nbf (RFC 9068, 2.2 and 4; RFC 7519, 4.1). */
function readTimes(claims: Record<string, unknown>, nowMs: number): number {
  const [exp, iat, nbf] = [claims["exp"], claims["iat"], claims["nbf"] ?? 0];
  for (const time of [exp, iat, nbf]) {
    if (typeof time !== "number" || !Number.isFinite(time) || time < 0) throw tokenInvalid();
  }
  const [expMs, iatMs, nbfMs] = [Number(exp) * 1000, Number(iat) * 1000, Number(nbf) * 1000];
  if (iatMs > nowMs + skewMs || nbfMs > nowMs + skewMs) throw tokenInvalid();
  if (expMs <= iatMs || expMs - iatMs > maxLifeMs) throw tokenInvalid();
  if (expMs <= nowMs) throw failure("unauthenticated", "token_expired");
  return expMs;
}

/** A token has one audience: an organisation, the platform, or one's own account. */
function readAudience(aud: unknown, origin: string): string | undefined {
  const only = Array.isArray(aud) && aud.length === 1 ? aud[0] : aud;
  if (typeof only !== "string" || !only.startsWith(`${origin}/`)) throw tokenInvalid();
  const resource = only.slice(origin.length + 1);
  if (resource === "account") return undefined;
  const organisationId = resource.startsWith("orgs/") ? resource.slice("orgs/".length) : "";
  if (organisationId !== PLATFORM && !organisationIdForm.test(organisationId)) throw tokenInvalid();
  return organisationId;
}

/** The log-in behind a token. A proof that lies ahead is none: it would never grow old. */
function readLogin(
  claims: Record<string, unknown>,
  nowMs: number,
): Pick<UserClaims, "sessionId" | "authenticatedAtMs" | "methods"> {
  const { sid, auth_time: authTime, amr } = claims;
  const isTime = typeof authTime === "number" && authTime >= 0 && authTime * 1000 <= nowMs + skewMs;
  return {
    ...(typeof sid === "string" && sessionIdForm.test(sid) && { sessionId: sid }),
    ...(isTime && { authenticatedAtMs: authTime * 1000 }),
    ...(Array.isArray(amr) && amr.every((one) => typeof one === "string") && { methods: amr }),
  };
}

/** A service account acts in its organisation alone, so its token is for nothing else. */
function readCreator(claims: Record<string, unknown>, organisationId: string | undefined): { creatorId?: string } {
  const creatorId = claims["limited_by"];
  if (creatorId === undefined) return {};
  if (typeof creatorId !== "string" || !userIdForm.test(creatorId)) throw tokenInvalid();
  if (organisationId === undefined || organisationId === PLATFORM) throw tokenInvalid();
  return { creatorId };
}

function readRoles(claims: Record<string, unknown>): { roles?: readonly string[]; grantsVersion: number } {
  const version = claims["grants_version"] ?? 0;
  if (typeof version !== "number" || !Number.isSafeInteger(version) || version < 0) throw tokenInvalid();
  const isReference = claims["roles_ref"] ?? false;
  if (typeof isReference !== "boolean") throw tokenInvalid();
  if (isReference) return { grantsVersion: version };
  const roles = claims["roles"] ?? [];
  if (!Array.isArray(roles) || roles.length > maxRoles) throw tokenInvalid();
  if (!roles.every((role) => typeof role === "string" && roleForm.test(role))) throw tokenInvalid();
  return { roles, grantsVersion: version };
}
