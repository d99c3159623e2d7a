import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { authorizationUrl, Browser, type LoginWorld, type Page, pkce, startLoginWorld } from "./login-world.ts";

let world: LoginWorld;

beforeAll(async () => {
  world = await startLoginWorld({ environment: "production" });
});
afterAll(() => world?.stop());

/** Each test comes from elsewhere on the network, as the gateway would tell. */
let host = 0;
const from = () => {
  host += 1;
  return { "x-forwarded-for": `198.51.100.7, 203.0.113.${host}` };
};

class Visitor extends Browser {
  readonly #headers: Record<string, string>;
  constructor(headers: Record<string, string> = from()) {
    super();
    this.#headers = headers;
  }
  override open(url: string, init: RequestInit = {}): Promise<Page> {
    return super.open(url, { ...init, headers: { ...(init.headers as Record<string, string>), ...this.#headers } });
  }
}

const start = (browser: Browser, more: Record<string, string> = {}) =>
  browser.open(authorizationUrl(world, { challenge: pkce().challenge, ...more }));
const codeFor = (email: string) => world.mails.findLast((mail) => mail.email === email)?.code ?? "";
const wrong = (code: string) => String((Number(code) + 1) % 100_000_000).padStart(8, "0");

describe("the pages", () => {
  test("load nothing, run at most our one script and work without it, and say so", async () => {
    const browser = new Visitor();
    const page = await start(browser);
    expect(page.status).toBe(200);
    const csp = page.headers.get("content-security-policy") ?? "";
    expect(csp).toMatch(/default-src 'none'/);
    expect(csp).toMatch(/form-action 'self' http:\/\/127\.0\.0\.1:7999/);
    expect(csp).toMatch(/frame-ancestors 'none'/);
    expect(csp).toMatch(/script-src 'sha256-[A-Za-z0-9+/=]+'; connect-src 'self'$/);
    expect(page.text.match(/<script/g)).toHaveLength(1);
    expect(page.text).not.toMatch(/<script[^>]+src|<img|https?:\/\//i);
    const next = await browser.submit(page, { email: "no.script@example.org" });
    expect(next.text).not.toMatch(/<script|<img|https?:\/\//i);
    expect(next.headers.get("content-security-policy")).toMatch(/script-src$/);
    expect(page.text).toMatch(/<label for="email">[\s\S]*<input id="email"/);
    expect(page.headers.get("cache-control")).toBe("no-store");
    expect(page.headers.get("x-content-type-options")).toBe("nosniff");
  });

  test("show what came from outside as text", async () => {
    const browser = new Visitor();
    const page = await browser.submit(await start(browser), { email: `"><script>alert(1)</script>@x` });
    expect(page.status).toBe(400);
    expect(page.text).not.toContain("<script>");
    expect(page.text).toContain("&quot;&gt;&lt;script&gt;");
    const hinted = await start(new Visitor(), { login_hint: `"><b>@x.org` });
    expect(hinted.text).not.toContain("<b>");
  });

  test("a log-in that is not this browser's is over", async () => {
    const page = await start(new Visitor());
    const elsewhere = await fetch(page.url);
    expect(elsewhere.status).toBe(410);
    const unknown = await new Visitor().open(`${world.origin}/login/abcdefghijklmnopqrstu`);
    expect(unknown.status).toBe(410);
  });

  const deadEnds: [name: string, go: (browser: Visitor) => Promise<Page>, said: RegExp][] = [
    ["of a log-in that is over", (browser) => browser.open(`${world.origin}/login/abc`), /has ended/],
    [
      "of a step that is not there",
      async (browser) => browser.open(`${(await start(browser)).url}/no`),
      /nothing here/,
    ],
    ["of an address that is none", (browser) => browser.open(`${world.origin}/oidc/none`), /nothing here/],
    ["for an unknown client", (browser) => start(browser, { client_id: "nobody" }), /not set up.*: invalid_client</s],
    [
      "for another redirect URI",
      (browser) => start(browser, { redirect_uri: "https://evil.example/" }),
      /not set up.*: invalid_redirect_uri</s,
    ],
    ["after logging out", (browser) => browser.open(`${world.origin}/oidc/logout/success`), /You are logged out/],
    [
      "while nothing can be mailed",
      async (browser) => {
        world.cutMail(true);
        const page = await browser.submit(await start(browser), { email: "stuck@example.org" });
        world.cutMail(false);
        return page;
      },
      /does not work just now/,
    ],
  ];
  test.each(deadEnds)("one %s speaks to people, and has a way on", async (_name, go, said) => {
    const page = await go(new Visitor());
    expect(page.text).toMatch(said);
    expect(page.text).toContain('<a class="button" href="/">To the start</a>');
    expect(page.text).not.toMatch(/did not match|is invalid|unrecognized|evil\.example/);
  });

  test("break an address after its @", async () => {
    const browser = new Visitor();
    const page = await browser.submit(await start(browser), { email: "somebody.with.a.long.name@example.org" });
    expect(page.text).toContain("somebody.with.a.long.name@<wbr>example.org");
  });

  test.each([
    ["another content type", { headers: { "content-type": "application/json" }, body: "{}" }, 415],
    [
      "a form without end",
      { headers: { "content-type": "application/x-www-form-urlencoded" }, body: `email=${"a".repeat(20_000)}` },
      413,
    ],
  ])("%s is refused", async (_name, init, status) => {
    const browser = new Visitor();
    const page = await start(browser);
    const answer = await browser.open(`${page.url}/email`, { method: "POST", ...init });
    expect(answer.status).toBe(status);
  });

  test("a step that is not there is not found", async () => {
    const browser = new Visitor();
    const page = await start(browser);
    expect((await browser.open(`${page.url}/nothing`)).status).toBe(404);
    expect((await browser.open(`${page.url}/email`)).status).toBe(404);
  });

  test("whatever a client claims of its host, every address is the public one", async () => {
    const answer = await fetch(`${world.origin}/.well-known/openid-configuration`, {
      headers: { "x-forwarded-host": "evil.example", "x-forwarded-proto": "https" },
    });
    const document = (await answer.json()) as Record<string, unknown>;
    for (const [name, value] of Object.entries(document)) {
      if (typeof value === "string" && value.startsWith("http"))
        expect(value, name).toMatch(new RegExp(`^${world.origin}(/|$)`));
    }
    expect(document).toMatchObject({
      issuer: world.origin,
      code_challenge_methods_supported: ["S256"],
      response_types_supported: ["code"],
    });
    expect(document["registration_endpoint"]).toBeUndefined();
  });
});

describe("a code", () => {
  test("is answered alike for known and unknown addresses", async () => {
    const browser = new Visitor();
    const first = await browser.submit(await start(browser), { email: "known@example.org" });
    await browser.submit(first, { code: codeFor("known@example.org") });
    const texts = [];
    for (const email of ["known@example.org", "never@example.org"]) {
      const visitor = new Visitor();
      const page = await visitor.submit(await start(visitor), { email });
      texts.push({
        status: page.status,
        text: page.text
          .replace("<wbr>", "")
          .replaceAll(email, "EMAIL")
          .replace(/\/login\/[^"/]+/g, "/login/UID"),
      });
    }
    expect(texts[0]).toEqual(texts[1]);
  });

  test("may be typed with spaces, and is stored nowhere", async () => {
    const browser = new Visitor();
    const sent = await browser.submit(await start(browser), { email: "spaces@example.org" });
    const code = codeFor("spaces@example.org");
    expect(code).toMatch(/^\d{8}$/);
    const stored = JSON.stringify(await world.database.collection("login_attempts").find().toArray());
    expect(stored).not.toContain(code);
    const end = await browser.submit(sent, { code: ` ${code.slice(0, 4)} - ${code.slice(4)} ` });
    expect(end.url).toMatch(/[?&]code=/);
  });

  test("can be mistyped four times", async () => {
    const browser = new Visitor();
    const sent = await browser.submit(await start(browser), { email: "clumsy@example.org" });
    const code = codeFor("clumsy@example.org");
    let page = sent;
    for (let n = 0; n < 4; n += 1) {
      page = await browser.submit(page, { code: wrong(code) });
      expect(page.status).toBe(400);
    }
    expect((await browser.submit(page, { code })).url).toMatch(/[?&]code=/);
  });

  test("cannot be guessed: after five tries not even the right one counts", async () => {
    const browser = new Visitor();
    const sent = await browser.submit(await start(browser), { email: "guessed@example.org" });
    const code = codeFor("guessed@example.org");
    for (let n = 0; n < 5; n += 1) await browser.submit(sent, { code: wrong(code) }, `${sent.url}`);
    const end = await browser.submit(sent, { code }, sent.url);
    expect(end.status).toBe(410);
    expect(end.text).toContain("no longer valid");
  });

  test("guessed fifty times at once is tried five times", async () => {
    const browser = new Visitor();
    const sent = await browser.submit(await start(browser), { email: "race@example.org" });
    const guesses = Array.from({ length: 50 }, (_, n) =>
      browser.submit(sent, { code: String(n).padStart(8, "0") }, sent.url),
    );
    const statuses = (await Promise.all(guesses)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 400).length).toBeLessThanOrEqual(5);
    expect((await browser.submit(sent, { code: codeFor("race@example.org") }, sent.url)).status).toBe(410);
  });

  test("of another log-in does not fit", async () => {
    const [mine, theirs] = [new Visitor(), new Visitor()];
    await mine.submit(await start(mine), { email: "own@example.org" });
    const code = codeFor("own@example.org");
    const page = await theirs.submit(await start(theirs), { email: "victim@example.org" });
    expect((await theirs.submit(page, { code })).status).toBe(400);
  });

  test("is used once, and a new one ends the old one", async () => {
    const browser = new Visitor();
    const page = await start(browser);
    await browser.submit(page, { email: "newer@example.org" });
    const old = codeFor("newer@example.org");
    const sent = await browser.submit(page, { email: "newer@example.org" });
    expect((await browser.submit(sent, { code: old })).status).toBe(400);
    const twice = await Promise.all(
      [1, 2].map(() => browser.submit(sent, { code: codeFor("newer@example.org") }, sent.url)),
    );
    expect(twice.filter(({ url }) => /[?&]code=/.test(url)).length).toBeLessThanOrEqual(1);
  });

  test("ends after ten minutes", async () => {
    const browser = new Visitor();
    const sent = await browser.submit(await start(browser), { email: "slow@example.org" });
    world.clock.turn(10 * 60_000 + 1);
    expect((await browser.submit(sent, { code: codeFor("slow@example.org") })).status).toBe(410);
  });

  test("that cannot be mailed is a page that says so, 503", async () => {
    const browser = new Visitor();
    const page = await start(browser);
    world.cutMail(true);
    const answer = await browser.submit(page, { email: "away@example.org" });
    world.cutMail(false);
    expect(answer.status).toBe(503);
    expect(answer.text).toContain("try again in a few minutes");
  });
});

describe("floods end with 429", () => {
  // No window ends in the midst of a test.
  const halfHourMs = 30 * 60_000;
  beforeEach(() => world.clock.turn(halfHourMs - (world.clock.now().getTime() % halfHourMs)));

  const ask = async (email: string, headers = from()) => {
    const browser = new Visitor(headers);
    return (await browser.submit(await start(browser), { email })).status;
  };

  test("of codes to one address, from wherever", async () => {
    for (let n = 0; n < 30; n += 1) expect(await ask("flooded@example.org")).toBe(200);
    expect(await ask("flooded@example.org")).toBe(429);
    expect(world.mails.filter(({ email }) => email === "flooded@example.org")).toHaveLength(30);
  });

  const clients: [name: string, addresses: (n: number) => string][] = [
    ["whatever it writes into X-Forwarded-For", (n) => `10.0.0.${n}, 192.0.2.20`],
    ["at whichever address of its network", (n) => `2001:db8:1:2::${n}`],
  ];
  test.each(clients)("of codes from one client to one address, %s; another's still come", async (_name, addresses) => {
    const [known, unknown] = [`pestered.${host}@example.org`, `nobody.${host}@example.org`];
    const browser = new Visitor();
    await browser.submit(await browser.submit(await start(browser), { email: known }), { code: codeFor(known) });
    for (const email of [known, unknown]) {
      const statuses = [];
      for (let n = 0; n < 60; n += 1) statuses.push(await ask(email, { "x-forwarded-for": addresses(n) }));
      expect(statuses).toEqual([...Array<number>(5).fill(200), ...Array<number>(55).fill(429)]);
      expect(await ask(email)).toBe(200);
    }
  });

  test("but not of codes that are used: who reads the mailbox logs in as often as they like", async () => {
    const headers = from();
    for (let n = 0; n < 12; n += 1) {
      const browser = new Visitor(headers);
      const sent = await browser.submit(await start(browser), { email: "often@example.org" });
      expect((await browser.submit(sent, { code: codeFor("often@example.org") })).url).toMatch(/[?&]code=/);
    }
  });

  test("from one place, whatever it writes into X-Forwarded-For", async () => {
    const { limits } = { limits: 120 };
    const statuses = new Map<number, number>();
    const browser = new Visitor({});
    const page = await start(browser);
    for (let n = 0; n < limits + 5; n += 1) {
      const forged = new Visitor({ "x-forwarded-for": `10.0.0.${n}, 192.0.2.9`, cookie: "" });
      const answer = await fetch(`${page.url}/email`, {
        method: "POST",
        headers: {
          "content-type": "application/x-www-form-urlencoded",
          cookie: browser.cookies.header(),
          "x-forwarded-for": `10.0.0.${n}, 192.0.2.9`,
        },
        body: `email=person${n}@example.org`,
        redirect: "manual",
      });
      void forged;
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      if (answer.status === 429) expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    }
    expect(statuses.get(303)).toBe(limits);
    expect(statuses.get(429)).toBe(5);
  });
});

describe("while logged in", () => {
  test("a native client asks before it gets anything, and can be refused", async () => {
    const browser = new Visitor();
    const sent = await browser.submit(await start(browser), { email: "again@example.org" });
    await browser.submit(sent, { code: codeFor("again@example.org") });
    const asked = await start(browser);
    expect(asked.text).toContain("Continue to Partake for the command line?");
    expect((await browser.submit(asked, {})).url).toMatch(/[?&]code=/);
    const refused = await start(browser);
    const cancel = /action="([^"]*\/cancel)"/.exec(refused.text)?.[1];
    expect((await browser.submit(refused, {}, cancel)).url).toContain("error=access_denied");
  });

  test("prompt=none answers without a page", async () => {
    const page = await start(new Visitor(), { prompt: "none" });
    expect(page.url).toContain("error=login_required");
  });

  test("logging out asks, and ends the session", async () => {
    const browser = new Visitor();
    const sent = await browser.submit(await start(browser), { email: "bye@example.org" });
    await browser.submit(sent, { code: codeFor("bye@example.org") });
    const page = await browser.open(`${world.origin}/oidc/logout?client_id=partake-cli`);
    expect(page.text).toContain("Log out?");
    const xsrf = /name="xsrf" value="([^"]*)"/.exec(page.text)?.[1] ?? "";
    const done = await browser.submit(page, { xsrf, logout: "yes" }, /action="([^"]*)"/.exec(page.text)?.[1]);
    expect(done.text).toContain("You are logged out");
    expect((await start(browser)).text).toContain("Send me a code");
  });
});
