import { failure } from "@partake/failure";
import type { Answer, Exchange, Handler } from "../exchange.ts";
import { type CookieNames, cookiesNamed, dropCookie, readCookie, setCookie } from "./cookies.ts";
import { refuseEmbedding } from "./cross-site.ts";
import type { LoginChecks, Provider } from "./provider.ts";
import { safeReturnTo } from "./return-to.ts";
import type { Seal } from "./seal.ts";
import { ACCOUNT, sessionLifeMs } from "./session.ts";
import type { SessionStore } from "./session-store.ts";

export interface LogInParts {
  origin: string;
  cookies: CookieNames;
  seal: Seal;
  provider: Provider;
  store: SessionStore;
  now(): Date;
}

/** What the browser keeps, sealed, while it is at the provider. */
interface LoginUnderWay extends LoginChecks {
  place: string;
  returnTo: string;
  startedMs: number;
}

const loginSeconds = 1800;
const maxLoginsUnderWay = 5;
const stateStartLength = 12;
const sealPurpose = "log-in";
const placeForm = /^(account|platform|org_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;
const loginParameters = new Set(["organisation", "return_to", "prompt", "start"]);

/** Sends the browser to the provider, with what proves afterwards that it was this browser that went. */
export function beginLogIn(parts: LogInParts): Handler {
  const { origin, cookies, seal, provider } = parts;
  return async (exchange) => {
    refuseEmbedding(exchange.request);
    const query = new URLSearchParams(exchange.query);
    const place = query.get("organisation") || ACCOUNT;
    const [unknown] = [...query.keys()].filter((name) => !loginParameters.has(name));
    if (unknown !== undefined) throw wrongParameter("", "unknown", "holds a parameter that is not known");
    if (!placeForm.test(place)) throw wrongParameter("/organisation", "format", "must be an organisation's id");
    const prompt = query.get("prompt");
    if (prompt !== null && prompt !== "login") throw wrongParameter("/prompt", "not_allowed", "must be login");
    const start = query.get("start");
    if (start !== null && start !== "code") throw wrongParameter("/start", "not_allowed", "must be code");
    const { url, checks } = await provider.begin({ place, isAnew: prompt === "login", withCode: start === "code" });
    const underWay: LoginUnderWay = {
      ...checks,
      place,
      returnTo: safeReturnTo(query.get("return_to"), origin),
      startedMs: parts.now().getTime(),
    };
    dropOldLogins(exchange, cookies);
    const cookie = {
      name: stateCookie(cookies, checks.state),
      value: seal.seal(sealPurpose, JSON.stringify(underWay)),
      maxAgeSeconds: loginSeconds,
    };
    exchange.headers.push("set-cookie", setCookie(cookies, cookie));
    return redirect(url);
  };
}

/** Redeems what the provider sent along, in the browser that began, and opens a session under a new secret. */
export function finishLogIn(parts: LogInParts): Handler {
  const { cookies, provider, store } = parts;
  return async (exchange) => {
    refuseEmbedding(exchange.request);
    const state = new URLSearchParams(exchange.query).get("state") ?? "";
    const name = stateCookie(cookies, state);
    const underWay = openLogin(parts, readCookie(exchange.request, name));
    if (underWay === undefined || underWay.state !== state) throw failure("invalid", "log_in_not_begun_here");
    exchange.headers.push("set-cookie", dropCookie(cookies, name));
    const { userId, tokens } = await provider.finish({ query: exchange.query, checks: underWay });
    const before = await currentSession(exchange, parts);
    const { secret } = await store.open({ userId, place: underWay.place, tokenPlace: ACCOUNT, tokens });
    if (before) await store.end(before);
    const cookie = { name: cookies.session, value: secret, maxAgeSeconds: sessionLifeMs / 1000 };
    exchange.headers.push("set-cookie", setCookie(cookies, cookie));
    return redirect(underWay.returnTo);
  };
}

/** The session that the request's cookie opens. */
export async function currentSession(exchange: Exchange, parts: { cookies: CookieNames; store: SessionStore }) {
  const secret = readCookie(exchange.request, parts.cookies.session);
  return secret === undefined ? undefined : parts.store.read(secret);
}

function openLogin({ seal, now }: LogInParts, sealed: string | undefined): LoginUnderWay | undefined {
  const opened = sealed === undefined ? undefined : seal.open(sealPurpose, sealed);
  if (opened === undefined) return undefined;
  const underWay = JSON.parse(opened) as LoginUnderWay;
  return now().getTime() - underWay.startedMs <= loginSeconds * 1000 ? underWay : undefined;
}

/** Each log-in under way has a cookie of its own, so that two tabs do not disturb each other. */
function stateCookie(cookies: CookieNames, state: string): string {
  return `${cookies.loginPrefix}${state.replace(/[^A-Za-z0-9_-]/g, "").slice(0, stateStartLength)}`;
}

/** Log-ins that nobody finished would fill up the browser's Cookie header until every request is refused. */
function dropOldLogins(exchange: Exchange, cookies: CookieNames): void {
  const underWay = cookiesNamed(exchange.request, cookies.loginPrefix);
  if (underWay.length < maxLoginsUnderWay) return;
  for (const name of underWay) exchange.headers.push("set-cookie", dropCookie(cookies, name));
}

function redirect(location: string): Answer {
  return { status: 303, headers: ["location", location, "cache-control", "no-store"], body: "" };
}

function wrongParameter(pointer: string, code: string, message: string) {
  return failure("invalid", "invalid_request", { errors: [{ pointer, code, message }] });
}
