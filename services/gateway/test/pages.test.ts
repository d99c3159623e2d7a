import { operations } from "@partake/contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type GatewayWorld, startGatewayWorld } from "./gateway-world.ts";

let world: GatewayWorld;
beforeAll(async () => {
  world = await startGatewayWorld();
});
afterAll(() => world.stop());

const participation = "/participations/par_01890000-0000-7000-8000-000000000001/code";
const pages = ["/", "/invitations", "/code", participation, "/account/passkeys", "/docs", "/docs/events"];

describe("pages", () => {
  test.each(pages)("%s is whole by itself: nothing inline, nothing from elsewhere, every file there", async (path) => {
    const page = await world.ask("GET", path);
    expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    const policy = page.headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    expect(page.text).not.toMatch(
      /<script(?![^>]*\ssrc="\/assets\/)|\son\w+=|style="|<style|(?:src|href)="(?:https?:)?\/\//,
    );
    const files = [...page.text.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, file]) => file ?? "");
    expect(files.length).toBeGreaterThan(1);
    for (const file of files) {
      const asset = await world.ask("GET", file);
      expect([asset.status, asset.headers.get("cache-control")]).toEqual([200, "public, max-age=31536000, immutable"]);
      expect(asset.headers.get("x-content-type-options")).toBe("nosniff");
    }
  });

  test("links on the first page lead somewhere", async () => {
    const { text } = await world.ask("GET", "/");
    const links = [...text.matchAll(/href="(\/[^"]*)"/g)].map(([, link]) => link ?? "");
    for (const link of new Set(links))
      expect([link, (await world.ask("GET", link)).status]).toEqual([link, link === "/auth/login" ? 303 : 200]);
  });

  test.each([
    ["a browser, anywhere", "/MARKED", "text/html,application/xhtml+xml,*/*;q=0.8", "text/html; charset=utf-8"],
    ["a browser, at an address for programs", "/v1/MARKED", "text/html,*/*;q=0.8", "application/problem+json"],
    ["a program", "/MARKED", "application/json", "application/problem+json"],
    ["whoever does not say", "/MARKED", undefined, "application/problem+json"],
  ])("what is not there: %s", async (_, path, accept, type) => {
    const told = await world.ask("GET", path, { headers: accept === undefined ? {} : { accept } });
    expect([told.status, told.headers.get("content-type")]).toEqual([404, type]);
    expect(told.text).not.toContain("MARKED");
    expect(told.headers.get("content-security-policy")).toContain("default-src 'none'");
  });

  test.each(["/favicon.svg", "/favicon.ico"])("%s is there for pages that name none", async (path) => {
    const icon = await world.ask("GET", path);
    expect([icon.status, icon.headers.get("content-type")]).toEqual([200, "image/svg+xml"]);
    expect(icon.text).toMatch(/^<svg /);
  });

  test.each(["/docs", "/docs/events"])(
    "%s can be read by keyboard: what comes first leads past the list",
    async (path) => {
      const { text } = await world.ask("GET", path);
      const [, first] = /<a [^>]*href="([^"]+)"/.exec(text) ?? [];
      expect(first).toBe("#content");
      expect(text).toContain('<main id="content" tabindex="-1">');
    },
  );

  test("the API reference shows every operation with a route and every message", async () => {
    const { text } = await world.ask("GET", "/docs");
    const document = (await world.ask("GET", "/openapi.json")).json;
    for (const { name, route } of operations)
      if (route) expect(text).toContain(`id="${name.charAt(0).toLowerCase()}${name.slice(1)}"`);
    for (const name of Object.keys(document.components.schemas)) expect(text).toContain(`id="schema-${name}"`);
    for (const [, target] of text.matchAll(/href="#([^"]+)"/g)) expect(text).toContain(`id="${target}"`);
  });

  test("the event reference shows every public event, with its schema", async () => {
    const { text } = await world.ask("GET", "/docs/events");
    const schemas = [...text.matchAll(/href="(\/schemas\/events\/[^"]+)"/g)].map(([, link]) => link ?? "");
    expect(schemas.length).toBeGreaterThan(5);
    for (const link of schemas) {
      const schema = await world.ask("GET", link);
      expect([schema.status, schema.headers.get("content-type")]).toEqual([200, "application/schema+json"]);
    }
    expect((await world.ask("GET", "/asyncapi.json")).json.asyncapi).toBe("3.0.0");
    expect((await world.ask("GET", "/schemas/events/org.partake.grant.changed.v1.json")).status).toBe(404);
    expect((await world.ask("GET", "/assets/..%2fmain.ts")).status).toBe(404);
  });

  test("large documents are packed for whoever takes that", async () => {
    const packed = await fetch(`${world.url}/openapi.json`, { headers: { "accept-encoding": "gzip" } });
    expect(packed.headers.get("content-encoding")).toBe("gzip");
    expect(await packed.json()).toEqual((await world.ask("GET", "/openapi.json")).json);
  });

  test("the secret of an invitation is in no address that a server sees", async () => {
    const { text } = await world.ask("GET", "/invitations");
    const script = /src="(\/assets\/invitation[^"]+)"/.exec(text)?.[1] ?? "";
    const { text: source } = await world.ask("GET", script);
    expect(source).toContain("location.hash");
    expect(source).not.toMatch(/\?token=|localStorage|document\.cookie|innerHTML|eval/);
  });

  test.each([
    ["/code", "code"],
    [participation, "printing"],
  ])("[R24] a printed code is in no address, and nothing keeps it: %s", async (path, name) => {
    const { text, headers } = await world.ask("GET", path, { headers: { cookie: "__Host-partake=any" } });
    expect(headers.get("cache-control")).toBe("no-store");
    const script = new RegExp(`src="(/assets/${name}[^"]+)"`).exec(text)?.[1] ?? "";
    const { text: source } = await world.ask("GET", script);
    expect(source).toContain('method: "POST"');
    expect(source).not.toMatch(/Storage|document\.cookie|innerHTML|eval|history\./);
    expect(source).not.toMatch(/(?:fetch|assign)\([^)]*[cC]ode[^)]*\$\{/);
  });

  test("[R24] the square on the sheet leads to the page where the code is entered, which leads to the log-in", async () => {
    const { text } = await world.ask("GET", participation);
    expect(text).toMatch(/<svg class="square"[^>]*role="img" aria-label="[^"]+"/);
    const asked = await world.ask("GET", "/code");
    expect(asked.text).toContain('href="/auth/login?start=code&amp;prompt=login"');
    expect((await world.ask("GET", "/auth/login?start=code&prompt=login")).status).toBe(303);
    expect((await world.ask("GET", "/auth/login?start=somewhere")).status).toBe(400);
  });

  test("[R24] the sheet is black on white in every colour scheme", async () => {
    const { text } = await world.ask("GET", participation);
    const [page = "", sheet = ""] = await Promise.all(
      [...text.matchAll(/href="(\/assets\/[^"]+\.css)"/g)].map(
        async ([, path]) => (await world.ask("GET", path ?? "")).text,
      ),
    );
    const own = /^#sheet \{([^}]*)\}/m.exec(sheet)?.[1] ?? "";
    expect(own).toContain("background: #fff;");
    const inks = new Set([...page.matchAll(/[ ;]color: var\((--\w+)\)/g)].map(([, name]) => name));
    // That of buttons, of which a sheet has none.
    inks.delete("--on");
    expect(inks).toContain("--ink");
    for (const ink of inks) expect(own, ink).toContain(`${ink}: #000;`);
    expect(sheet).not.toMatch(/[ ;]color: (?!var\(--ink\))/);
  });

  test("a request's line in the log names its route and holds nothing that somebody typed", async () => {
    world.log.length = 0;
    await world.ask("GET", "/v1/projects?cursor=MARKED");
    await world.ask("GET", "/MARKED/path");
    await world.ask("GET", "/auth/callback?code=MARKED&state=MARKED");
    expect(world.log.map((line) => JSON.parse(line))).toMatchObject([
      { operation: "partake.v1.Projects/ListProjects", method: "GET", status: 401, reason: "token_missing" },
      { operation: "none", status: 404 },
      { operation: "log-in-callback", status: 400, reason: "log_in_not_begun_here" },
    ]);
    expect(world.log.join("")).not.toContain("MARKED");
    expect(await world.metrics()).toMatch(
      /partake_http_duration_seconds_count\{[^}]*operation="partake.v1.Projects\/ListProjects"/,
    );
    expect(await world.metrics()).not.toContain("MARKED");
  });
});
