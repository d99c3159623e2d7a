import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  askForTokens,
  authorizationUrl,
  Browser,
  claimsOf,
  type LoginWorld,
  type Page,
  type Pkce,
  pkce,
  startLoginWorld,
} from "./login-world.ts";

let world: LoginWorld;
const app = "org.partake.app:/callback";
const claimed = "https://app.partake.example/callback";

beforeAll(async () => {
  world = await startLoginWorld();
});
afterAll(() => world?.stop());

interface Begun {
  browser: Browser;
  page: Page;
}

async function begin(redirect: string, of: { browser?: Browser; challenge?: string } & Record<string, unknown> = {}) {
  const { browser = new Browser(redirect), challenge = pkce().challenge, ...rest } = of;
  const url = authorizationUrl(world, { client_id: "partake-mobile", redirect_uri: redirect, challenge, ...rest });
  return { browser, page: await browser.open(url) };
}

/** Where the log-in ends, with its code. */
async function finish({ browser, page }: Begun, email: string): Promise<URL> {
  const sent = await browser.submit(page, { email });
  const code = world.mails.findLast((mail) => mail.email === email)?.code ?? "";
  return new URL((await browser.submit(sent, { code })).url);
}

const redeem = (end: URL, of: { verifier?: Pkce["verifier"]; redirect?: string; client?: string }) =>
  askForTokens(world, {
    client_id: of.client ?? "partake-mobile",
    grant_type: "authorization_code",
    code: end.searchParams.get("code") ?? "",
    redirect_uri: of.redirect ?? app,
    ...(of.verifier !== undefined && { code_verifier: of.verifier }),
  });

describe("[X5] an app on a phone", () => {
  test.each([app, claimed])("logs in and comes back by %s, and its tokens rotate", async (redirect) => {
    const { verifier, challenge } = pkce();
    const end = await finish(await begin(redirect, { challenge }), "mo@example.org");
    expect(end.href.startsWith(`${redirect}?`)).toBe(true);
    expect(end.searchParams.get("iss")).toBe(world.origin);
    const tokens = await redeem(end, { verifier, redirect });
    expect(claimsOf(tokens.access_token)).toMatchObject({
      client_id: "partake-mobile",
      aud: `${world.origin}/account`,
    });
    const asked = { client_id: "partake-mobile", grant_type: "refresh_token" };
    const next = await askForTokens(world, { ...asked, refresh_token: tokens.refresh_token });
    expect(next.status).toBe(200);
    expect((await askForTokens(world, { ...asked, refresh_token: tokens.refresh_token })).error).toBe("invalid_grant");
    expect((await askForTokens(world, { ...asked, refresh_token: next.refresh_token })).error).toBe("invalid_grant");
  });

  test("is led back by the pages' forms, which lead nowhere else (CSP form-action)", async () => {
    const allowed = async (redirect: string) => {
      const { page } = await begin(redirect);
      return /form-action ([^;]*)/.exec(page.headers.get("content-security-policy") ?? "")?.[1];
    };
    expect(await allowed(app)).toBe("'self' org.partake.app:");
    expect(await allowed(claimed)).toBe("'self' https://app.partake.example");
  });

  test.each([
    ["another scheme", "org.partake.evil:/callback"],
    ["another path", "org.partake.app:/other"],
    ["an authority", "org.partake.app://callback"],
    ["a slash more", "org.partake.app:/callback/"],
    ["a query", "org.partake.app:/callback?next=evil"],
    ["a fragment", "org.partake.app:/callback#here"],
    ["capitals", "ORG.PARTAKE.APP:/callback"],
    ["a script", "javascript:alert(1)"],
    ["the claimed address without TLS", "http://app.partake.example/callback"],
    ["a host below the claimed one", "https://x.app.partake.example/callback"],
  ])("is not led back to %s", async (_name, redirect) => {
    const { page } = await begin(redirect, { browser: new Browser("never:") });
    expect(page.status).toBe(400);
  });

  test("alone has the scheme: the command line's client is not led there", async () => {
    const { page } = await begin(app, { browser: new Browser("never:"), client_id: "partake-cli" });
    expect(page.status).toBe(400);
  });
});

describe("[X5] another program with the same scheme (RFC 8252, 8.1)", () => {
  test("gets nothing for a code that it caught", async () => {
    const { verifier, challenge } = pkce();
    const end = await finish(await begin(app, { challenge }), "caught@example.org");
    for (const of of [
      { verifier: pkce().verifier },
      {},
      { verifier, client: "partake-cli" },
      { verifier, redirect: claimed },
    ])
      expect((await redeem(end, of)).error).toMatch(/^invalid_(grant|request)$/);
  });

  test("begins no log-in without PKCE, nor with a challenge that anybody could read the verifier from", async () => {
    for (const of of [{}, { code_challenge: "a".repeat(43), code_challenge_method: "plain" }]) {
      const url = authorizationUrl(world, { client_id: "partake-mobile", redirect_uri: app, ...of });
      expect((await new Browser(app).open(url)).url).toMatch(/^org\.partake\.app:\/callback\?error=invalid_request/);
    }
  });

  test("gets no code in silence while a person is logged in: the page asks them, and they may say no (8.6)", async () => {
    const browser = new Browser(app);
    await finish(await begin(app, { browser }), "silent@example.org");
    const again = await begin(app, { browser });
    expect(again.page.text).toContain("Partake for mobile");
    expect(again.page.status).toBe(200);
    const silent = await begin(app, { browser, prompt: "none" });
    expect(silent.page.url).toMatch(/^org\.partake\.app:\/callback\?error=(consent|interaction)_required/);
    const cancel = /action="([^"]*\/cancel)"/.exec(again.page.text)?.[1];
    const refused = await browser.submit(again.page, {}, cancel);
    expect(refused.url).toMatch(/^org\.partake\.app:\/callback\?error=access_denied/);
  });
});
