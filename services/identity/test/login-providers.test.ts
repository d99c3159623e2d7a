import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type IdentityWorld, outcome, type Person, startIdentityWorld } from "./identity-world.ts";
import { freePort } from "./login-world.ts";

let world: IdentityWorld;
let org: { id: string; admin: Person };
let server: Server;
/** How the issuer answers whoever asks for its document. */
let answer: (response: ServerResponse, request: IncomingMessage) => unknown;

beforeAll(async () => {
  world = await startIdentityWorld();
  org = await world.organisation("Federated");
  const port = await freePort();
  server = createServer((request, response) => void answer(response, request));
  await new Promise<void>((resolve) => server.listen(port, resolve));
  request.issuer = `http://localhost:${port}`;
}, 120_000);
afterAll(async () => {
  server?.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await world?.stop();
});
beforeEach(() => {
  answer = (response) => response.end(JSON.stringify({ issuer: request.issuer }));
});

const request = {
  issuer: "",
  clientId: "partake",
  clientSecret: "a marked secret",
  emailDomains: ["Example.org"],
  enabled: true,
};

describe("an organisation's log-in provider", () => {
  test("is configured by an admin; its secret goes in and never comes out", async () => {
    const admin = await world.as(org.admin, org.id);
    expect(await admin.getLoginProvider({})).toMatchObject({
      version: 0,
      enabled: false,
      redirectUri: `${world.origin}/login/callback`,
    });
    const put = await admin.putLoginProvider(request, { ifMatch: 0 });
    expect(put).toEqual({
      issuer: request.issuer,
      clientId: "partake",
      emailDomains: ["example.org"],
      enabled: true,
      redirectUri: `${world.origin}/login/callback`,
      version: 1,
    });
    expect(await admin.getLoginProvider({})).toEqual(put);
    const stored = JSON.stringify(await world.database.collection("login_providers").find().toArray());
    expect(stored).not.toContain("a marked secret");
  });

  test("is changed at the version that was seen, and keeps its secret only for the same issuer", async () => {
    const admin = await world.as(org.admin, org.id);
    const { version } = await admin.getLoginProvider({});
    const { clientSecret: _, ...without } = request;
    expect(await outcome(admin.putLoginProvider(request, { ifMatch: 0 }))).toBe("precondition_failed version_mismatch");
    expect(
      await outcome(
        admin.putLoginProvider(
          { ...without, issuer: "https://elsewhere.example.org", enabled: false },
          { ifMatch: version },
        ),
      ),
    ).toBe("invalid secret_missing");
    expect(await admin.putLoginProvider({ ...without, enabled: false }, { ifMatch: version })).toMatchObject({
      enabled: false,
      version: version + 1,
    });
  });

  test.each([
    ["a query", { issuer: "https://login.example.org/?a=1" }, "issuer_not_allowed"],
    ["a fragment", { issuer: "https://login.example.org/#a" }, "issuer_not_allowed"],
    ["user information", { issuer: "https://user:pass@login.example.org" }, "issuer_not_allowed"],
    ["another scheme", { issuer: "ftp://login.example.org" }, "invalid"],
    ["a domain that is none", { emailDomains: ["not a domain"] }, "invalid_domain"],
    ["a top-level domain", { emailDomains: ["org"] }, "invalid_domain"],
  ])("%s is refused", async (_name, changes, reason) => {
    const admin = await world.as(org.admin, org.id);
    const { version } = await admin.getLoginProvider({});
    expect(await outcome(admin.putLoginProvider({ ...request, ...changes }, { ifMatch: version }))).toContain(reason);
  });

  const tells = (document: unknown) => () => (answer = (response) => response.end(JSON.stringify(document)));
  const silent: [name: string, set: () => unknown, issuer?: () => string][] = [
    ["that nobody serves", () => undefined, () => "http://localhost:1"],
    ["of a host that is none", () => undefined, () => "https://nosuchhost.invalid"],
    ["with a slash that its document lacks", () => undefined, () => `${request.issuer}/`],
    ["that calls itself another", tells({ issuer: "https://login.example.org" })],
    ["whose document names none", tells({})],
    ["whose document is nothing", tells(null)],
    ["whose document is a page", () => (answer = (response) => response.end("<p>Welcome</p>"))],
    ["that refuses", () => (answer = (response) => response.writeHead(403).end())],
    [
      "that sends elsewhere, to a document that is right",
      () =>
        (answer = (response, { url }) =>
          url === "/right"
            ? response.end(JSON.stringify({ issuer: request.issuer }))
            : response.writeHead(302, { location: "/right" }).end()),
    ],
    [
      "whose document is endless",
      () =>
        (answer = (response) => {
          const more = () => response.destroyed || response.write(" ".repeat(64 * 1024), () => setImmediate(more));
          more();
        }),
    ],
    ["that takes the question and is silent", () => (answer = () => undefined)],
  ];
  test.each(silent)("an issuer %s is refused where people would log in with it", async (_name, set, issuer) => {
    const admin = await world.as(org.admin, org.id);
    const { version } = await admin.getLoginProvider({});
    set();
    const put = (enabled: boolean) => {
      const asked = { ...request, issuer: issuer?.() ?? request.issuer, enabled };
      return admin.putLoginProvider(asked, { ifMatch: version });
    };
    await expect(put(true)).rejects.toMatchObject({
      ...{ code: "unprocessable", reason: "issuer_unreachable" },
      errors: [{ pointer: "/issuer" }],
    });
    expect((await admin.getLoginProvider({})).version).toBe(version);
    expect(await outcome(put(false))).toBe("ok");
  });

  test("is an admin's alone", async () => {
    const member = await world.colleague({
      organisationId: org.id,
      admin: org.admin,
      email: "m@example.org",
      role: "creator",
    });
    const asked = await world.as(member, org.id);
    expect(await outcome(asked.getLoginProvider({}))).toMatch(/^forbidden/);
    expect(await outcome(asked.putLoginProvider(request, { ifMatch: 1 }))).toMatch(/^forbidden/);
  });
});
