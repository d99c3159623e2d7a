import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type GatewayWorld, startGatewayWorld } from "./gateway-world.ts";
import { sendRaw } from "./raw-http.ts";

let world: GatewayWorld;
beforeAll(async () => {
  world = await startGatewayWorld();
});
afterAll(() => world.stop());
beforeEach(() => {
  world.provider.requests.length = 0;
});

describe("[X5] the provider under the gateway's origin", () => {
  test("requests go on as they are, with what we know of where they come from", async () => {
    const headers = {
      "content-type": "application/x-www-form-urlencoded",
      cookie: "__Host-partake=secret; partake-login=theirs; __Host-partake-state-abc=sealed; partake-login.sig=too",
      "x-forwarded-host": "evil.example",
      "x-forwarded-for": "1.2.3.4",
      forwarded: "host=evil.example",
      "x-original-url": "/admin",
      "partake-service-token": "forged",
      authorization: "Basic YTpi",
    };
    const told = await world.ask("POST", "/login/abc123/email?x=%2F", { body: "email=a%40b.example", headers });
    expect([told.status, told.text]).toEqual([200, "<p>page</p>"]);
    const [seen] = world.provider.requests;
    expect(seen).toMatchObject({ method: "POST", url: "/login/abc123/email?x=%2F", body: "email=a%40b.example" });
    expect(seen?.headers).toMatchObject({
      cookie: "partake-login=theirs; partake-login.sig=too",
      "x-forwarded-host": "partake.test",
      "x-forwarded-proto": "https",
      "x-forwarded-for": "127.0.0.1",
      authorization: "Basic YTpi",
    });
    for (const name of ["forwarded", "x-original-url", "partake-service-token"])
      expect(seen?.headers).not.toHaveProperty(name);
    expect(told.headers.getSetCookie()).toEqual(["a=1; Path=/", "b=2; Path=/"]);
    expect(told.headers.get("server")).toBeNull();
    expect(told.headers.get("x-content-type-options")).toBe("nosniff");
    expect(told.headers.get("content-security-policy")).toContain("default-src 'none'");
  });

  test.each(["/oidc/jwks", "/oidc/auth?client_id=x", "/login/abc", "/.well-known/openid-configuration"])(
    "forwarded: %s",
    async (path) => {
      expect((await world.ask("GET", path)).status).toBe(200);
    },
  );

  test.each([
    "/oidc",
    "/oidc/",
    "/oidcs/jwks",
    "/login",
    "/oidc/..%2fadmin",
    "/oidc/%2e%2e/admin",
    "/oidc//admin",
    "/login/a%00b",
    "/.well-known/openid-configuration/x",
    "/OIDC/jwks",
  ])("not forwarded: %s", async (path) => {
    expect((await world.ask("GET", path)).status).toBe(404);
    expect(world.provider.requests).toEqual([]);
  });

  test("not forwarded: dot segments as they are, other methods, large bodies", async () => {
    expect((await sendRaw(world.url, "GET /oidc/../admin HTTP/1.1\r\nHost: x\r\n\r\n")).status).toBe(404);
    expect((await world.ask("PUT", "/oidc/token", { body: "a" })).status).toBe(405);
    expect((await world.ask("POST", "/login/abc/email", { body: "a".repeat(70_000) })).status).toBe(413);
    expect(world.provider.requests).toEqual([]);
  });

  test("while the provider is away: not now, and nothing about where it is", async () => {
    const gone = await startGatewayWorld();
    await gone.provider.stop();
    const told = await gone.ask("GET", "/oidc/jwks");
    expect([told.status, told.json.reason]).toEqual([503, "log_in_unavailable"]);
    expect(told.text).not.toContain("127.0.0.1");
    expect((await gone.ask("GET", "/auth/login")).json.reason).toBe("log_in_unavailable");
    await gone.stop();
  });
});
