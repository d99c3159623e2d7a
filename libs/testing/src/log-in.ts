import { createHash, randomBytes } from "node:crypto";
import { CookieJar } from "./cookies.ts";
import { mailsTo, readMail } from "./mailbox.ts";

/** A person who is logged in by authorization code and PKCE, as a mobile or command-line client would do it. (X5) */
export interface LoggedIn {
  email: string;
  /** An access token for an organisation's id, for `platform` or for one's own `account`; refreshed when it is about to end. */
  token(place: string, options?: { refresh?: boolean }): Promise<string>;
}

export interface LogInOptions {
  origin: string;
  mailboxUrl: string;
  email: string;
}

interface Tokens {
  access_token: string;
  refresh_token: string;
  expires_in: number;
}

const CLIENT_ID = "partake-cli";
const REDIRECT_URI = "http://127.0.0.1:7999/callback";
const REDIRECTS_MAXIMUM = 12;
const RENEW_BEFORE_MS = 20_000;

/** Logs a person in with the code that the platform mails to them. */
export async function logIn(options: LogInOptions): Promise<LoggedIn> {
  const verifier = randomBytes(32).toString("base64url");
  const state = randomBytes(16).toString("base64url");
  const code = await authorize(options, {
    state,
    challenge: createHash("sha256").update(verifier).digest("base64url"),
  });
  const first = await askForTokens(options.origin, {
    grant_type: "authorization_code",
    code,
    redirect_uri: REDIRECT_URI,
    code_verifier: verifier,
    resource: `${options.origin}/account`,
  });
  return session(options, first);
}

function session({ origin, email }: LogInOptions, first: Tokens): LoggedIn {
  let refreshToken = first.refresh_token;
  // One refresh at a time: a refresh token is used once, and twice looks like a theft.
  let turn: Promise<unknown> = Promise.resolve();
  const held = new Map([["account", { token: first.access_token, endsMs: Date.now() + first.expires_in * 1000 }]]);

  async function renew(place: string): Promise<string> {
    const resource = place === "account" ? `${origin}/account` : `${origin}/orgs/${place}`;
    const tokens = await askForTokens(origin, { grant_type: "refresh_token", refresh_token: refreshToken, resource });
    refreshToken = tokens.refresh_token;
    held.set(place, { token: tokens.access_token, endsMs: Date.now() + tokens.expires_in * 1000 });
    return tokens.access_token;
  }

  return {
    email,
    async token(place, { refresh = false } = {}) {
      const current = held.get(place);
      if (current && !refresh && current.endsMs - RENEW_BEFORE_MS > Date.now()) return current.token;
      const renewed = turn.then(() => renew(place));
      turn = renewed.catch(() => undefined);
      return renewed;
    },
  };
}

async function authorize(
  options: LogInOptions,
  { state, challenge }: { state: string; challenge: string },
): Promise<string> {
  const { origin } = options;
  const query = new URLSearchParams({
    client_id: CLIENT_ID,
    response_type: "code",
    redirect_uri: REDIRECT_URI,
    scope: "openid profile email offline_access",
    prompt: "consent",
    state,
    code_challenge: challenge,
    code_challenge_method: "S256",
    resource: `${origin}/account`,
  });
  const { authorization_endpoint: endpoint } = await discover(origin);
  const end = await passForms(options, { cookies: new CookieJar(), start: `${endpoint}?${query}` });
  const answer = new URL(end.url).searchParams;
  if (answer.get("state") !== state)
    throw new Error(`The log-in came back without its state: ${answer.get("error") ?? "no reason"}.`);
  const given = answer.get("code");
  if (!given)
    throw new Error(`The log-in was refused: ${answer.get("error")} ${answer.get("error_description") ?? ""}.`);
  return given;
}

/** A browser of somebody who is logged in, after it went to an address. */
export interface Browsed {
  url: string;
  page: string;
  cookie: string;
}

/** Goes to an address that wants a log-in, as a browser does, and proves who its person is with the code that is mailed to them. */
export async function browseTo(options: LogInOptions, start: string): Promise<Browsed> {
  const cookies = new CookieJar();
  const { url, page } = await passForms(options, { cookies, start });
  return { url, page, cookie: cookies.header() };
}

/** Goes through the pages of a log-in; where the last one leads to. */
async function passForms(
  { mailboxUrl, email }: LogInOptions,
  { cookies, start }: { cookies: CookieJar; start: string },
): Promise<Reached> {
  const known = new Set((await mailsTo(mailboxUrl, email)).map(({ id }) => id));
  const addressForm = await follow(cookies, start);
  const codeForm = await submit(cookies, addressForm, { email });
  const pattern = /\b(\d{6,8})\b/;
  const newest = async () => (await mailsTo(mailboxUrl, email)).some(({ id }) => !known.has(id));
  await until(newest, "The log-in code did not arrive.");
  const code = await readMail({ mailboxUrl, to: email, pattern });
  return submit(cookies, codeForm, { code });
}

/** A page, or the address outside of the platform at which the log-in came back to the client. */
interface Reached {
  url: string;
  page: string;
}

async function follow(cookies: CookieJar, start: string, init: RequestInit = {}): Promise<Reached> {
  let url = start;
  let request = init;
  for (let hop = 0; hop < REDIRECTS_MAXIMUM; hop++) {
    const headers = { ...(request.headers as Record<string, string>), cookie: cookies.header() };
    const response = await fetch(url, { ...request, headers, redirect: "manual" });
    cookies.take(response);
    const location = response.headers.get("location");
    if (!location) {
      const page = await response.text();
      if (!response.ok) throw new Error(`${new URL(url).pathname} answered ${response.status}: ${page.slice(0, 300)}`);
      return { url, page };
    }
    await response.body?.cancel();
    url = new URL(location, url).href;
    if (url.startsWith(REDIRECT_URI)) return { url, page: "" };
    request = {};
  }
  throw new Error(`The log-in redirected more than ${REDIRECTS_MAXIMUM} times.`);
}

/** Submits the page's form with its hidden fields and the given ones. */
async function submit(cookies: CookieJar, { url, page }: Reached, values: Record<string, string>): Promise<Reached> {
  const form = /<form[^>]*>([\s\S]*?)<\/form>/.exec(page);
  const action = /action="([^"]*)"/.exec(form?.[0] ?? "")?.[1];
  if (!form || !action) throw new Error(`${new URL(url).pathname} shows no form.`);
  const fields = new URLSearchParams();
  for (const [input] of (form[1] ?? "").matchAll(/<input[^>]*type="hidden"[^>]*>/g)) {
    fields.set(/name="([^"]*)"/.exec(input)?.[1] ?? "", /value="([^"]*)"/.exec(input)?.[1] ?? "");
  }
  for (const [name, value] of Object.entries(values)) fields.set(name, value);
  const headers = { "content-type": "application/x-www-form-urlencoded", origin: new URL(url).origin };
  return follow(cookies, new URL(action, url).href, { method: "POST", headers, body: fields.toString() });
}

async function discover(origin: string): Promise<{ authorization_endpoint: string; token_endpoint: string }> {
  const response = await fetch(`${origin}/.well-known/openid-configuration`);
  if (!response.ok) throw new Error(`The provider's configuration answered ${response.status}.`);
  return (await response.json()) as { authorization_endpoint: string; token_endpoint: string };
}

async function askForTokens(origin: string, parameters: Record<string, string>): Promise<Tokens> {
  const { token_endpoint: endpoint } = await discover(origin);
  const body = new URLSearchParams({ client_id: CLIENT_ID, ...parameters }).toString();
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const response = await fetch(endpoint, { method: "POST", headers, body });
  const answer = (await response.json()) as Tokens & { error?: string; error_description?: string };
  if (!response.ok) throw new Error(`The token endpoint refused: ${answer.error} (${answer.error_description ?? ""})`);
  return answer;
}

async function until(holds: () => Promise<boolean>, message: string): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt++) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(message);
}
