import { jwtVerify } from "jose";
import type { AccessToken, Adapter } from "oidc-provider";
import { accountResource } from "../domain/resources.ts";
import type { KeyRing } from "./signing-keys.ts";

// oidc-provider answers userinfo only to opaque tokens, and gives a client that asks for no resource either such a token or one
// for the resource, never both. Ours is for one's own account, which is what userinfo tells: so a record of each is kept, and
// the same token serves both. A client that knows nothing of resources then works in full.

/** Verifies an access token for one's own account as any resource server would (RFC 9068, 4), and gives its `jti`. */
export async function accountTokenId(
  token: string,
  options: { origin: string; ring: KeyRing; now: Date },
): Promise<string | undefined> {
  const { origin, ring, now } = options;
  try {
    const { payload } = await jwtVerify(token, ring.verification, {
      issuer: origin,
      audience: accountResource(origin),
      typ: "at+jwt",
      algorithms: ["RS256"],
      currentDate: now,
    });
    return payload.jti;
  } catch {
    // Whatever is wrong with it, it is not a token of ours: the same answer as for an unknown one.
    return undefined;
  }
}

/** Keeps what userinfo has to know of the token that is being issued. It goes with the grant when that is revoked. */
export async function recordAccountToken(token: AccessToken, adapter: Adapter): Promise<void> {
  const { jti, iat, exp, accountId, clientId, grantId, gty, scope, sessionUid, expiresWithSession } = token;
  const payload = {
    kind: "AccessToken",
    jti,
    iat,
    exp,
    accountId,
    clientId,
    grantId,
    gty,
    scope,
    sessionUid,
    expiresWithSession,
  };
  await adapter.upsert(jti, JSON.parse(JSON.stringify(payload)), token.remainingTTL);
}
