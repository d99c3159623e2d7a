import { generateKeyPairSync } from "node:crypto";
import { createRemoteJWKSet, decodeProtectedHeader, importPKCS8, jwtVerify, SignJWT } from "jose";
import * as client from "openid-client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  askForTokens,
  authorizationUrl,
  authorize,
  Browser,
  claimsOf,
  type LoginWorld,
  logIn,
  organisationOf,
  pkce,
  redirectUri,
  refreshAt,
  startLoginWorld,
  type TokenAnswer,
} from "./login-world.ts";

let world: LoginWorld;

beforeAll(async () => {
  world = await startLoginWorld();
});
afterAll(() => world?.stop());

describe("a plain OpenID Connect client", () => {
  test("[X5] logs in with authorization code and PKCE, reads userinfo, refreshes", async () => {
    const config = await client.discovery(new URL(world.origin), "partake-cli", undefined, client.None(), {
      execute: [client.allowInsecureRequests],
    });
    const verifier = client.randomPKCECodeVerifier();
    const [state, nonce] = [client.randomState(), client.randomNonce()];
    const url = client.buildAuthorizationUrl(config, {
      redirect_uri: redirectUri,
      scope: "openid profile email",
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
      state,
      nonce,
    });
    const browser = new Browser();
    const sent = await browser.submit(await browser.open(url.href), { email: "Ada@Example.org" });
    expect(sent.text).toContain('autocomplete="one-time-code"');
    const end = await browser.submit(sent, { code: world.mails.at(-1)?.code ?? "" });
    const tokens = await client.authorizationCodeGrant(config, new URL(end.url), {
      expectedState: state,
      expectedNonce: nonce,
      pkceCodeVerifier: verifier,
    });
    const claims = tokens.claims();
    expect(claims).toMatchObject({ email: "ada@example.org", email_verified: true, locale: "en" });
    expect(claims?.sub).toMatch(/^usr_/);
    const info = await client.fetchUserInfo(config, tokens.access_token, claims?.sub ?? "");
    expect(info).toMatchObject({ sub: claims?.sub, email: "ada@example.org" });
    const again = await client.refreshTokenGrant(config, tokens.refresh_token ?? "");
    expect(again.refresh_token).not.toBe(tokens.refresh_token);
    await client.tokenRevocation(config, again.refresh_token ?? "");
    await expect(client.refreshTokenGrant(config, again.refresh_token ?? "")).rejects.toThrow();
  });

  const revocations: [
    name: string,
    form: (tokens: TokenAnswer) => Record<string, string>,
    answer: string,
    after: number,
  ][] = [
    ["its own refresh token", ({ refresh_token: token }) => ({ token }), "200 ", 400],
    [
      "that, called something else",
      ({ refresh_token: token }) => ({ token, token_type_hint: "access_token" }),
      "200 ",
      400,
    ],
    ["another client's", ({ refresh_token: token }) => ({ token, client_id: "partake-mobile" }), "200 ", 200],
    ["one that nobody has", () => ({ token: "x".repeat(43) }), "200 ", 200],
    ["an access token", ({ access_token: token }) => ({ token }), "400 unsupported_token_type", 200],
    [
      "as a client that must prove itself",
      ({ refresh_token: token }) => ({ token, client_id: "partake-web" }),
      "401 invalid_client",
      200,
    ],
    ["nothing", () => ({}), "400 invalid_request", 200],
  ];
  test.each(revocations)("revokes %s (RFC 7009)", async (_name, form, expected, after) => {
    const tokens = await logIn(world, "revoking@example.org");
    const body = new URLSearchParams({ client_id: "partake-cli", ...form(tokens) });
    const response = await fetch(`${world.origin}/oidc/revocation`, { method: "POST", body });
    const text = await response.text();
    const error = text === "" ? "" : String((JSON.parse(text) as { error?: string }).error);
    expect(`${response.status} ${error}`).toBe(expected);
    expect((await refreshAt(world, tokens.refresh_token)).status).toBe(after);
  });

  test("is offered no introspection: access tokens tell and prove everything themselves", async () => {
    const told = (await (await fetch(`${world.origin}/.well-known/openid-configuration`)).json()) as object;
    expect(Object.keys(told).filter((name) => name.includes("introspection"))).toEqual([]);
    const body = new URLSearchParams({ client_id: "partake-cli", token: "x" });
    expect((await fetch(`${world.origin}/oidc/introspection`, { method: "POST", body })).status).toBe(404);
  });

  test("access tokens are RFC 9068 JWTs that verify against the published keys", async () => {
    const tokens = await logIn(world, "ada@example.org");
    const keys = createRemoteJWKSet(new URL(`${world.origin}/oidc/jwks`));
    const { payload } = await jwtVerify(tokens.access_token, keys, {
      issuer: world.origin,
      audience: `${world.origin}/account`,
      typ: "at+jwt",
    });
    expect(decodeProtectedHeader(tokens.access_token)).toMatchObject({ alg: "RS256", typ: "at+jwt" });
    expect(payload).toMatchObject({ client_id: "partake-cli", roles: [], grants_version: 0 });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(300);
    expect(payload.jti).toBeTypeOf("string");
    const published = (await (await fetch(`${world.origin}/oidc/jwks`)).json()) as { keys: object[] };
    for (const key of published.keys) expect(Object.keys(key)).not.toContain("d");
  });

  test("the same address in another case is the same account", async () => {
    const [one, two] = [await logIn(world, "case@example.org"), await logIn(world, "case@example.org")];
    expect(claimsOf(one.access_token)["sub"]).toBe(claimsOf(two.access_token)["sub"]);
  });
});

describe("the gateway, as the browser's back end", () => {
  const web = async (key = world.gatewayKey) => {
    const imported = await importPKCS8(String(key.export({ format: "pem", type: "pkcs8" })), "EdDSA");
    const authentication = client.PrivateKeyJwt({ key: imported, kid: "gateway" });
    return client.discovery(new URL(world.origin), "partake-web", {}, authentication, {
      execute: [client.allowInsecureRequests],
    });
  };
  const begin = async (config: client.Configuration) => {
    const verifier = client.randomPKCECodeVerifier();
    const callback = `${world.origin}/auth/callback`;
    const url = client.buildAuthorizationUrl(config, {
      redirect_uri: callback,
      scope: "openid profile email offline_access",
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
      resource: `${world.origin}/account`,
    });
    const browser = new Browser(callback);
    const sent = await browser.submit(await browser.open(url.href), { email: "browser@example.org" });
    const end = await browser.submit(sent, { code: world.mails.at(-1)?.code ?? "" });
    return { url: new URL(end.url), checks: { pkceCodeVerifier: verifier }, browser };
  };

  test("[R19] proves itself with its service key and refreshes for several organisations", async () => {
    const config = await web();
    const { url, checks } = await begin(config);
    const tokens = await client.authorizationCodeGrant(config, url, checks);
    const id = await organisationOf(world, { userId: String(tokens.claims()?.sub) });
    const own = await client.refreshTokenGrant(config, tokens.refresh_token ?? "", {
      resource: `${world.origin}/orgs/${id}`,
    });
    expect(claimsOf(own.access_token)).toMatchObject({ aud: `${world.origin}/orgs/${id}`, client_id: "partake-web" });
    const account = await client.refreshTokenGrant(config, own.refresh_token ?? "", {
      resource: `${world.origin}/account`,
    });
    expect(claimsOf(account.access_token)).toMatchObject({ aud: `${world.origin}/account` });
  });

  test("its tokens end when the person logs out", async () => {
    const config = await web();
    const { url, checks, browser } = await begin(config);
    const tokens = await client.authorizationCodeGrant(config, url, checks);
    const parameters = { id_token_hint: tokens.id_token ?? "", post_logout_redirect_uri: `${world.origin}/` };
    const page = await browser.open(client.buildEndSessionUrl(config, parameters).href);
    const xsrf = /name="xsrf" value="([^"]*)"/.exec(page.text)?.[1] ?? "";
    await browser.submit(page, { xsrf, logout: "yes" }, /action="([^"]*)"/.exec(page.text)?.[1]);
    await expect(client.refreshTokenGrant(config, tokens.refresh_token ?? "")).rejects.toThrow();
  });

  test("[R23] what it revokes ends the browser's log-in here too, at once and unasked; an app's own goes on", async () => {
    const config = await web();
    const { url, checks, browser } = await begin(config);
    const tokens = await client.authorizationCodeGrant(config, url, checks);
    const { verifier, challenge } = pkce();
    const appUrl = authorizationUrl(world, { challenge });
    const app = Object.assign(new Browser(), { cookies: browser.cookies });
    const end = await app.submit(await app.open(appUrl), {});
    const code = new URL(end.url).searchParams.get("code") ?? "";
    const grant = { grant_type: "authorization_code", code, redirect_uri: redirectUri, code_verifier: verifier };
    const own = await askForTokens(world, grant);
    await client.tokenRevocation(config, tokens.refresh_token ?? "");
    expect((await app.open(appUrl)).text).toContain("Send me a code");
    expect((await refreshAt(world, own.refresh_token)).status).toBe(200);
  });

  test("a link to the log-out ends nothing, whatever it brings, and staying sends nothing", async () => {
    const config = await web();
    const { url, checks, browser } = await begin(config);
    const tokens = await client.authorizationCodeGrant(config, url, checks);
    const hint = { id_token_hint: tokens.id_token ?? "", post_logout_redirect_uri: `${world.origin}/` };
    const page = await browser.open(client.buildEndSessionUrl(config, hint).href);
    expect(page.text).toContain('<a class="button" href="/">Stay logged in</a>');
    expect((await client.refreshTokenGrant(config, tokens.refresh_token ?? "")).access_token).toBeTypeOf("string");
  });

  test("nobody else is it: another key, no key, a service token", async () => {
    const good = await web();
    const { url, checks } = await begin(good);
    const stranger = await web(generateKeyPairSync("ed25519").privateKey);
    await expect(client.authorizationCodeGrant(stranger, url, checks)).rejects.toMatchObject({ status: 401 });
    const key = await importPKCS8(String(world.gatewayKey.export({ format: "pem", type: "pkcs8" })), "EdDSA");
    const form = {
      grant_type: "refresh_token",
      refresh_token: "x",
      client_id: "partake-web",
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    };
    const serviceToken = await new SignJWT({})
      .setProtectedHeader({ alg: "EdDSA", kid: "gateway", typ: "service+jwt" })
      .setIssuer("gateway")
      .setSubject("gateway")
      .setAudience("partake-services")
      .setJti("1")
      .setIssuedAt()
      .setExpirationTime("1m")
      .sign(key);
    expect((await askForTokens(world, { ...form, client_assertion: serviceToken })).error).toMatch(
      /^invalid_(client|request)$/,
    );
    const assertion = await new SignJWT({})
      .setProtectedHeader({ alg: "EdDSA", kid: "gateway" })
      .setIssuer("partake-web")
      .setSubject("partake-web")
      .setAudience(world.origin)
      .setJti("2")
      .setIssuedAt()
      .setExpirationTime("1m")
      .sign(key);
    expect(await askForTokens(world, { ...form, client_assertion: assertion })).toMatchObject({
      status: 400,
      error: "invalid_grant",
    });
    expect((await askForTokens(world, { ...form, client_assertion: assertion })).status).toBe(401);
  });
});

describe("what the provider refuses", () => {
  const cases: [string, Record<string, string | undefined>, RegExp][] = [
    ["no PKCE", { challenge: undefined }, /error=invalid_request/],
    ["plain PKCE", { code_challenge: "a".repeat(43), code_challenge_method: "plain" }, /error=invalid_request/],
    [
      "the implicit flow",
      { challenge: "a".repeat(43), response_type: "id_token", nonce: "n" },
      /error=unsupported_response_type/,
    ],
    [
      "a foreign resource",
      { challenge: "a".repeat(43), resource: "https://elsewhere.example/orgs/x" },
      /error=invalid_target/,
    ],
    [
      "a resource with a slash at its end",
      { challenge: "a".repeat(43), resource: "ORIGIN/account/" },
      /error=invalid_target/,
    ],
  ];
  test.each(cases)("%s", async (_name, parameters, expected) => {
    const resource = parameters["resource"]?.replace("ORIGIN", world.origin);
    const page = await new Browser().open(
      authorizationUrl(world, { ...parameters, ...(resource !== undefined && { resource }) }),
    );
    expect(page.url).toMatch(expected);
  });

  test.each([
    ["another host", "http://127.0.0.1.evil.example/callback"],
    ["another path", "http://127.0.0.1:7999/other"],
    ["another scheme", "https://127.0.0.1:7999/callback"],
    ["user information", "http://evil@127.0.0.1:7999/callback"],
  ])("a redirect to %s, without redirecting", async (_name, uri) => {
    const page = await new Browser("http://never").open(
      authorizationUrl(world, { challenge: "a".repeat(43), redirect_uri: uri }),
    );
    expect(page.status).toBe(400);
    expect(page.url).toContain("/oidc/auth");
  });

  test("an unknown client, registration, and development's own interactions", async () => {
    expect(
      (await new Browser().open(authorizationUrl(world, { challenge: "a".repeat(43), client_id: "unknown" }))).status,
    ).toBe(400);
    expect((await fetch(`${world.origin}/oidc/reg`, { method: "POST" })).status).toBe(404);
    expect((await fetch(`${world.origin}/interaction/abc`)).status).toBe(404);
  });

  test("a code with the wrong verifier, or without one", async () => {
    const { challenge } = pkce();
    const code = await authorize(world, { email: "ada@example.org", challenge });
    const parameters = { grant_type: "authorization_code", code, redirect_uri: redirectUri };
    expect(await askForTokens(world, { ...parameters, code_verifier: pkce().verifier })).toMatchObject({
      status: 400,
      error: "invalid_grant",
    });
    expect((await askForTokens(world, parameters)).status).toBe(400);
  });

  test("a code used twice, and then everything that came of it", async () => {
    const { verifier, challenge } = pkce();
    const code = await authorize(world, { email: "ada@example.org", challenge });
    const parameters = { grant_type: "authorization_code", code, redirect_uri: redirectUri, code_verifier: verifier };
    const first = await askForTokens(world, parameters);
    expect(first.status).toBe(200);
    expect(await askForTokens(world, parameters)).toMatchObject({ status: 400, error: "invalid_grant" });
    expect((await refreshAt(world, first.refresh_token)).status).toBe(400);
  });

  test("the web client without the gateway's key", async () => {
    const answer = await askForTokens(world, {
      client_id: "partake-web",
      grant_type: "refresh_token",
      refresh_token: "x",
    });
    expect(answer.status).toBe(401);
  });
});
