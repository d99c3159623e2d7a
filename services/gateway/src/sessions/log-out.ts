import { asFailure, failure } from "@partake/failure";
import type { Exchange, Handler } from "../exchange.ts";
import { refuseBody } from "../json-body.ts";
import { dropCookie } from "./cookies.ts";
import { refuseCrossSite } from "./cross-site.ts";
import { currentSession, type LogInParts } from "./log-in.ts";

/** Where the provider asks whoever is logged in there whether to log out. */
const askingPath = "/oidc/logout";

/**
 * Ends the session here and with it, between the gateway and the provider alone, the browser's log-in there: one click, no question, and
 * nothing about the person in an address. Where that could not be done, `logoutUrl` is the provider's own question.
 */
export function logOut(parts: LogInParts): Handler {
  const { origin, cookies, store, provider } = parts;
  return async (exchange) => {
    refuseCrossSite(exchange.request, origin);
    refuseBody(exchange.request);
    const session = await currentSession(exchange, parts);
    exchange.headers.push("set-cookie", dropCookie(cookies, cookies.session));
    if (!session) return json({ logoutUrl: `${origin}/` });
    await store.end(session);
    const refreshToken = store.refreshTokenOf(session);
    // Sealed by a key that is gone: the provider cannot be told whose log-in it was.
    if (refreshToken === undefined) return json({ logoutUrl: `${origin}${askingPath}` });
    try {
      await provider.revoke(refreshToken);
      return json({ logoutUrl: `${origin}/` });
    } catch (thrown) {
      // The session is over whatever the provider says; that its own one may go on is what the person has to see.
      exchange.reason = asFailure(thrown).reason;
      return json({ logoutUrl: `${origin}${askingPath}` });
    }
  };
}

/** Who is logged in in this browser. `whoIsIt` asks identity with the session's own token. */
export function showSession(parts: LogInParts, whoIsIt: (exchange: Exchange) => Promise<object>): Handler {
  return async (exchange) => {
    refuseCrossSite(exchange.request, parts.origin);
    const session = await currentSession(exchange, parts);
    if (!session) throw failure("unauthenticated", "token_missing");
    const person = await whoIsIt(exchange);
    return json({ person, organisation: session.place, expiresAt: session.endsAt.toISOString() });
  };
}

function json(value: object) {
  return {
    status: 200,
    headers: ["content-type", "application/json", "cache-control", "no-store"],
    body: JSON.stringify(value),
  };
}
