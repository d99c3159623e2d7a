import { createServer } from "node:http";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { outsideFetch } from "../src/provider/outside-fetch.ts";
import { checkAnswers } from "../src/provider/outside-issuer.ts";
import { addGrant } from "../src/store/grant-changes.ts";
import {
  askForTokens,
  authorizationUrl,
  Browser,
  claimsOf,
  freePort,
  type LoginWorld,
  type Page,
  pkce,
  redirectUri,
  startLoginWorld,
} from "./login-world.ts";
import { type OutsideProvider, startOutsideProvider } from "./outside-provider.ts";
import { type BringsProvider, organisationBringing, type Visit, visitOutside } from "./outside-visit.ts";

let world: LoginWorld;
let outside: OutsideProvider;
let organisationId: string;

beforeAll(async () => {
  world = await startLoginWorld();
  outside = await startOutsideProvider(`${world.origin}/login/callback`);
  organisationId = await organisationWith({ issuer: outside.issuer, emailDomains: ["corp.example"] });
});
afterAll(async () => {
  await outside?.stop();
  await world?.stop();
});
beforeEach(() => {
  outside.told = {};
});

const organisationWith = (of: Omit<BringsProvider, "clientId" | "clientSecret">) =>
  organisationBringing(world, { clientId: outside.clientId, clientSecret: outside.clientSecret, ...of });
const visit = (id = organisationId) => visitOutside(world, id);

async function confirm({ browser, page }: Visit, email: string): Promise<Page> {
  return browser.submit(page, { code: world.mails.findLast((mail) => mail.email === email)?.code ?? "" });
}

async function tokensOf({ verifier }: Visit, end: Page) {
  const code = new URL(end.url).searchParams.get("code") ?? "";
  return askForTokens(world, {
    grant_type: "authorization_code",
    code,
    redirect_uri: redirectUri,
    code_verifier: verifier,
  });
}

const refresh = (token: string, id: string) =>
  askForTokens(world, { grant_type: "refresh_token", refresh_token: token, resource: `${world.origin}/orgs/${id}` });

describe("[R23] logging in through an organisation's own provider", () => {
  test("the first time the address is confirmed by a code, then never again", async () => {
    outside.person = { subject: "ann", email: "Ann@corp.example" };
    const first = await visit();
    expect(first.page.text).toContain("Enter your code");
    const tokens = await tokensOf(first, await confirm(first, "ann@corp.example"));
    const claims = claimsOf(tokens.id_token);
    expect(claims).toMatchObject({ email: "ann@corp.example", email_verified: true });
    const again = await visit();
    expect(again.page.url).toMatch(/[?&]code=/);
    expect(claimsOf((await tokensOf(again, again.page)).id_token)["sub"]).toBe(claims["sub"]);
  });

  test("it is the account that the same person has by e-mail", async () => {
    const { verifier, challenge } = pkce();
    const browser = new Browser();
    const start = await browser.open(authorizationUrl(world, { challenge }));
    const sent = await browser.submit(start, { email: "bea@corp.example", with: "code" });
    const mailed = { browser, verifier, page: sent };
    const byMail = await tokensOf(mailed, await confirm(mailed, "bea@corp.example"));
    outside.person = { subject: "bea", email: "bea@corp.example" };
    const came = await visit();
    const tokens = await tokensOf(came, await confirm(came, "bea@corp.example"));
    expect(claimsOf(tokens.access_token)["sub"]).toBe(claimsOf(byMail.access_token)["sub"]);
  });

  test("addresses of its domains are offered it", async () => {
    const browser = new Browser();
    const start = await browser.open(authorizationUrl(world, { challenge: pkce().challenge }));
    expect(start.text).not.toContain("Corp");
    const choice = await browser.submit(start, { email: "someone@corp.example" });
    expect(choice.text).toContain("Continue with Corp &amp; Sons");
    const code = await browser.submit(choice, { email: "someone@corp.example", with: "code" });
    expect(code.text).toContain("Enter your code");
  });

  test("the organisation's provider speaks for that organisation only", async () => {
    outside.person = { subject: "cleo", email: "cleo@corp.example" };
    const came = await visit();
    const tokens = await tokensOf(came, await confirm(came, "cleo@corp.example"));
    const userId = String(claimsOf(tokens.access_token)["sub"]);
    const other = await organisationWith({ issuer: "https://other.example" });
    await world.store.write({ actorId: "test", traceparent: undefined }, async (tx) => {
      for (const id of [organisationId, other]) {
        await addGrant(tx, {
          id: world.newId("grn"),
          organisationId: id,
          userId,
          role: "member",
          scope: id,
          origin: "given",
          grantedBy: "test",
        });
      }
      return userId;
    });
    expect(await refresh(tokens.refresh_token, other)).toMatchObject({ error: "invalid_target" });
    expect((await refresh(tokens.refresh_token, organisationId)).status).toBe(200);
  });
});

describe("what is refused", () => {
  test.each([
    [
      "an address that is not verified",
      { subject: "d1", email: "d1@corp.example", emailVerified: false },
      /not verified/,
    ],
    ["no address", { subject: "d2" }, /did not tell an e-mail address/],
    ["an address of another domain", { subject: "d3", email: "d3@elsewhere.example" }, /not one of those/],
  ])("%s", async (_name, person, text) => {
    outside.person = person;
    const { page } = await visit();
    expect(page.status).toBe(403);
    expect(page.text).toMatch(text);
  });

  test("[R20] of which the organisation's trail says why, and nothing of who came", async () => {
    outside.person = { subject: "d4", email: "d4@corp.example", emailVerified: false };
    await visit();
    const lines = async () =>
      (await world.store.outbox.read(1_000))
        .filter(({ data }) => data.includes('"log_in.refused"') && data.includes(organisationId))
        .map(({ data }) => JSON.parse(data) as Record<string, unknown>);
    await expect
      .poll(async () => (await lines()).map(({ cause }) => cause), { timeout: 10_000 })
      .toEqual(expect.arrayContaining(["email_unverified", "email_missing", "email_domain"]));
    for (const line of await lines()) {
      expect(line).toMatchObject({ actorId: "anonymous", outcome: "refused" });
      expect(JSON.stringify(line)).not.toMatch(/\.example|"d[1-4]"/);
    }
  });

  test("the same address with another subject", async () => {
    outside.person = { subject: "e1", email: "eve@corp.example" };
    const first = await visit();
    expect((await confirm(first, "eve@corp.example")).url).toMatch(/[?&]code=/);
    outside.person = { subject: "e2", email: "eve@corp.example" };
    const { page } = await visit();
    expect(page.status).toBe(403);
    expect(page.text).toContain("Another person");
  });

  test("the same address with another subject at the same moment", async () => {
    const visits: Visit[] = [];
    for (const subject of ["f1", "f2"]) {
      outside.person = { subject, email: "fay@corp.example" };
      const came = await visit();
      visits.push(came);
    }
    const codes = world.mails.filter(({ email }) => email === "fay@corp.example").map(({ code }) => code);
    const ends = [];
    for (const [index, came] of visits.entries())
      ends.push(await came.browser.submit(came.page, { code: codes[index] ?? "" }));
    expect(ends.filter(({ url }) => /[?&]code=/.test(url))).toHaveLength(1);
    expect(ends.filter(({ status }) => status === 403)).toHaveLength(1);
  });

  test("an answer that names another issuer (mix-up)", async () => {
    outside.person = { subject: "g1", email: "g1@corp.example" };
    const { end, browser } = await stopBefore();
    const answer = new URL(end.url);
    answer.searchParams.set("iss", "https://evil.example");
    expect((await browser.open(answer.href)).status).toBe(403);
  });

  test("another state, a missing one, and one that was used", async () => {
    outside.person = { subject: "h1", email: "h1@corp.example" };
    const { end, browser } = await stopBefore();
    const forged = new URL(end.url);
    forged.searchParams.set("state", "A".repeat(43));
    expect((await browser.open(forged.href)).status).toBe(410);
    forged.searchParams.delete("state");
    expect((await browser.open(forged.href)).status).toBe(410);
    expect((await browser.open(end.url)).text).toContain("Enter your code");
    expect((await browser.open(end.url)).status).toBe(410);
  });

  test("an answer brought by another browser", async () => {
    outside.person = { subject: "i1", email: "i1@corp.example" };
    const { end, browser } = await stopBefore();
    expect((await new Browser().open(end.url)).status).toBe(410);
    const again = await stopBefore();
    const [, name] = /(partake-visit-[^=]+)=/.exec(again.browser.cookies.header()) ?? [];
    const thief = await fetch(again.end.url, { headers: { cookie: `${name}=${"A".repeat(43)}` }, redirect: "manual" });
    expect(thief.status).toBe(410);
    expect((await browser.open(end.url)).status).toBe(410);
  });

  test("a code of another visit", async () => {
    outside.person = { subject: "j1", email: "j1@corp.example" };
    const [one, two] = [await stopBefore(), await stopBefore()];
    const mixed = new URL(one.end.url);
    mixed.searchParams.set("code", new URL(two.end.url).searchParams.get("code") ?? "");
    expect((await one.browser.open(mixed.href)).status).toBe(403);
  });

  test("a provider that calls itself otherwise, or that is away", async () => {
    outside.told = { issuer: "https://evil.example" };
    await expect(visit()).resolves.toMatchObject({ page: { status: 503 } });
    const away = await organisationWith({ issuer: `http://localhost:${await freePort()}` });
    expect((await visit(away)).page.status).toBe(503);
  });

  test("an organisation whose provider is switched off, or that has none", async () => {
    const off = await organisationWith({ issuer: outside.issuer, enabled: false });
    await expect(visit(off)).rejects.toThrow("no link");
    await expect(visit(world.newId("org"))).rejects.toThrow("no link");
    const browser = new Browser();
    const start = await browser.open(authorizationUrl(world, { challenge: pkce().challenge }));
    expect((await browser.open(`${start.url}/outside?organisation=${off}`)).status).toBe(404);
  });
});

/** A visit whose answer has not been delivered yet. */
async function stopBefore(): Promise<{ end: Page; browser: Browser }> {
  const browser = new Browser(`${world.origin}/login/callback`);
  const start = await browser.open(
    authorizationUrl(world, { challenge: pkce().challenge, organisation: organisationId }),
  );
  const link = /href="(\/login\/[^"]+\/outside\?organisation=[^"]+)"/.exec(start.text)?.[1] ?? "";
  const end = await browser.open(new URL(link, start.url).href);
  const on = new Browser();
  Object.assign(on, { cookies: browser.cookies });
  return { end, browser: on };
}

describe("servers that somebody else named", () => {
  const production = outsideFetch({ isDevelopment: false });
  test.each([
    "http://example.org/",
    "https://127.0.0.1/",
    "https://localhost/",
    "https://[::1]/",
    "https://169.254.169.254/latest",
    "https://10.0.0.1/",
    "https://identity/",
    "https://a.localhost/",
    "https://0x7f000001/",
    "https://[::ffff:127.0.0.1]/",
  ])("%s is not called in production", async (url) => {
    await expect(production(url)).rejects.toMatchObject({ reason: "issuer_not_allowed" });
  });

  test("an issuer that production may not call is refused as one that does not answer", async () => {
    const refused = { reason: "issuer_unreachable" };
    for (const issuer of ["https://127.0.0.1", "https://169.254.169.254", "https://[::1]", "http://example.org"])
      await expect(checkAnswers(issuer, { isDevelopment: false })).rejects.toMatchObject(refused);
  });

  test("a name that leads to a local address is not called", async () => {
    await expect(production("https://localhost.localdomain.example.invalid/")).rejects.toThrow();
  });

  test("redirects are not followed, and an endless answer ends", async () => {
    const port = await freePort();
    const server = createServer((request, response) => {
      if (request.url === "/redirect") return void response.writeHead(302, { location: "/other" }).end();
      response.writeHead(200);
      const chunk = Buffer.alloc(64 * 1024);
      const more = () => {
        if (!response.destroyed) response.write(chunk, () => setImmediate(more));
      };
      more();
    });
    await new Promise<void>((resolve) => server.listen(port, resolve));
    const development = outsideFetch({ isDevelopment: true });
    expect((await development(`http://localhost:${port}/redirect`)).status).toBe(302);
    await expect(development(`http://localhost:${port}/endless`)).rejects.toThrow();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
});
