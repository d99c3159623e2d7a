import type { IncomingMessage } from "node:http";

/** The names and attributes of our cookies. `__Host-` needs https, so only a development origin goes without. */
export interface CookieNames {
  session: string;
  /** Begins the name of the cookie of a log-in under way; the rest is the beginning of its state. */
  loginPrefix: string;
  isSecure: boolean;
}

const maxCookieLength = 4096;

export function cookieNames(origin: string): CookieNames {
  const isSecure = origin.startsWith("https:");
  const prefix = isSecure ? "__Host-" : "";
  return { session: `${prefix}partake`, loginPrefix: `${prefix}partake-state-`, isSecure };
}

/** A cookie for this origin alone, which no script reads and no other site's form sends. */
export function setCookie(names: CookieNames, cookie: { name: string; value: string; maxAgeSeconds: number }): string {
  const { name, value, maxAgeSeconds } = cookie;
  const secure = names.isSecure ? "; Secure" : "";
  return `${name}=${value}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Lax${secure}`;
}

export function dropCookie(names: CookieNames, name: string): string {
  return setCookie(names, { name, value: "", maxAgeSeconds: 0 });
}

/** Only a cookie that is there once: of two, one may have been put there by a neighbouring host. */
export function readCookie(request: IncomingMessage, name: string): string | undefined {
  const header = request.headers.cookie;
  if (header === undefined || !header.includes(name)) return undefined;
  const found = cookiePairs(header).filter(([key]) => key === name);
  const value = found[0]?.[1];
  return found.length === 1 && value !== undefined && value.length <= maxCookieLength ? value : undefined;
}

export function cookiesNamed(request: IncomingMessage, prefix: string): string[] {
  return cookiePairs(request.headers.cookie ?? "")
    .map(([name]) => name)
    .filter((name) => name.startsWith(prefix));
}

/** What a Cookie header says without our own cookies, for those who must not get them. */
export function withoutOwnCookies(header: string, names: CookieNames): string {
  return cookiePairs(header)
    .filter(([name]) => name !== names.session && !name.startsWith(names.loginPrefix))
    .map(([name, value]) => `${name}=${value}`)
    .join("; ");
}

function cookiePairs(header: string): [name: string, value: string][] {
  return header.split(";").flatMap((pair): [string, string][] => {
    const equals = pair.indexOf("=");
    return equals < 1 ? [] : [[pair.slice(0, equals).trim(), pair.slice(equals + 1).trim()]];
  });
}
