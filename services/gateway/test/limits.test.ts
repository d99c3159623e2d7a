import { newId } from "@partake/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { clientAddressOf } from "../src/client-address.ts";
import { addressKey, limitSettings } from "../src/limits.ts";
import { type GatewayWorld, startGatewayWorld } from "./gateway-world.ts";
import * as sample from "./sample-files.ts";

describe("too many requests", () => {
  let world: GatewayWorld;
  beforeAll(async () => {
    const limits = {
      address: { name: "address", requests: 40, windowSeconds: 60 },
      user: { name: "user", requests: 5, windowSeconds: 60 },
      logIn: { name: "log-in", requests: 3, windowSeconds: 60 },
      upload: { name: "upload", requests: 1, windowSeconds: 60 },
      inFlight: 2,
    };
    world = await startGatewayWorld({ limits });
  });
  afterAll(() => world.stop());
  /** A window later everything counts anew. */
  const nextWindow = () => world.clock.advance(61_000);

  test("of one person: told before it is too many, refused after, and another is not touched", async () => {
    nextWindow();
    world.upstream.answers.set("ListFolders", () => ({ items: [], nextCursor: "" }));
    const [one, other] = [
      world.people.person([["admin", world.organisationId]]),
      world.people.person([["admin", world.organisationId]]),
    ];
    const statuses: number[] = [];
    for (let count = 0; count < 6; count += 1) {
      const told = await world.ask("GET", "/v1/folders", {
        as: one,
        headers: {
          "x-forwarded-for": `10.0.0.${count}`,
          forwarded: `for=10.0.0.${count}`,
          "x-real-ip": `10.0.0.${count}`,
        },
      });
      statuses.push(told.status);
      expect(told.headers.get("ratelimit-policy")).toBe('"user";q=5;w=60');
      expect(told.headers.get("ratelimit")).toMatch(new RegExp(`^"user";r=${Math.max(0, 4 - count)};t=\\d+$`));
      if (told.status === 429) {
        expect(told.json).toMatchObject({ code: "rate_limited", reason: "rate_limited" });
        expect(Number(told.headers.get("retry-after"))).toBeGreaterThan(0);
      }
    }
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429]);
    expect((await world.ask("GET", "/v1/folders", { as: other })).status).toBe(200);
    nextWindow();
    expect((await world.ask("GET", "/v1/folders", { as: one })).status).toBe(200);
  });

  test("of one address, whatever it says about where it comes from", async () => {
    nextWindow();
    const statuses = new Set<number>();
    for (let count = 0; count < 45; count += 1) {
      const forged = {
        "x-forwarded-for": `203.0.113.${count}`,
        forwarded: `for=203.0.113.${count}`,
        "true-client-ip": `203.0.113.${count}`,
      };
      statuses.add((await world.ask("GET", "/v1/folders", { headers: forged })).status);
    }
    expect([...statuses]).toEqual([401, 429]);
  });

  test("of log-ins and uploads, more tightly", async () => {
    nextWindow();
    const logIns: number[] = [];
    for (let count = 0; count < 4; count += 1) logIns.push((await world.ask("GET", "/auth/login")).status);
    expect(logIns).toEqual([303, 303, 303, 429]);
    expect((await world.ask("POST", "/login/abc/code", { body: "code=1" })).status).toBe(429);
    expect((await world.ask("GET", "/docs")).status).toBe(200);
    nextWindow();
    const project = newId("prj");
    world.people.addProject(project, {
      organisationId: world.organisationId,
      status: "published",
      visibility: "people",
    });
    const person = world.people.person([["reporter", project]]);
    const record = {
      id: newId("fil"),
      projectId: project,
      name: "a",
      mediaType: "image/png",
      size: 1,
      sha256: "0",
      state: "announced",
      version: 1,
    };
    for (const name of ["CreateFile", "CompleteFile"]) world.upstream.answers.set(name, () => record);
    const headers = { "content-type": "image/png" };
    const upload = () =>
      world.ask("POST", `/v1/participations/${newId("par")}/files`, { as: person, body: sample.pngFile(), headers });
    expect([(await upload()).status, (await upload()).status]).toEqual([201, 429]);
  });

  test("at once: what is beyond the bound is refused quickly, and everything recovers", async () => {
    nextWindow();
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    world.upstream.answers.set("ListFolders", async () => {
      await held;
      return { items: [], nextCursor: "" };
    });
    const ask = () => world.ask("GET", "/v1/folders", { as: world.people.person([["admin", world.organisationId]]) });
    const slow = [ask(), ask()];
    for (let attempt = 0; attempt < 100 && world.upstream.seen.length < 2; attempt += 1)
      await new Promise((resolve) => setTimeout(resolve, 10));
    const told = await ask();
    expect([told.status, told.json.reason, told.headers.get("retry-after")]).toEqual([503, "overloaded", "1"]);
    release();
    expect((await Promise.all(slow)).map(({ status }) => status)).toEqual([200, 200]);
    expect((await ask()).status).toBe(200);
  });
});

test("in production forty people behind one address log in within a minute, with a mistake each; a flood does not", async () => {
  const world = await startGatewayWorld({ limits: limitSettings({ isDevelopment: false }) });
  world.provider.person = world.people.person([]);
  const body = "code=1";
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const post = async (step: string) => (await world.ask("POST", `/login/abc/${step}`, { body, headers })).status;
  const statuses = new Set<number>();
  for (let person = 0; person < 40; person += 1) {
    const login = await world.ask("GET", "/auth/login");
    const location = new URL(login.headers.get("location") ?? "");
    const query = world.provider.authorize(location.href);
    const cookie = login.headers.getSetCookie()[0]?.split(";")[0] ?? "";
    statuses.add(login.status).add((await world.ask("GET", location.pathname + location.search)).status);
    for (const step of ["email", "code", "code"]) statuses.add(await post(step));
    statuses.add((await world.ask("GET", `/auth/callback?${query}`, { headers: { cookie } })).status);
  }
  expect([...statuses].sort()).toEqual([200, 303]);
  const flood: number[] = [];
  for (let count = 0; count < 200; count += 1) flood.push(await post("code"));
  expect(flood.filter((status) => status === 200)).toHaveLength(60);
  expect(flood.at(-1)).toBe(429);
  await world.stop();
});

describe("where a request comes from", () => {
  const proxies = ["10.0.0.0/8", "2001:db8::/32", "192.0.2.7"];
  const cases: [name: string, peer: string, forwarded: string | undefined, address: string][] = [
    ["the peer", "198.51.100.1", undefined, "198.51.100.1"],
    ["the peer, whatever it says", "198.51.100.1", "203.0.113.9", "198.51.100.1"],
    ["whom our proxy had it from", "10.1.2.3", "203.0.113.9", "203.0.113.9"],
    ["whom our proxies had it from", "10.1.2.3", "203.0.113.9, 192.0.2.7", "203.0.113.9"],
    ["not what the client wrote before that", "10.1.2.3", "1.1.1.1, 203.0.113.9", "203.0.113.9"],
    ["not past a proxy that is not ours", "10.1.2.3", "1.1.1.1, 203.0.113.9, 10.9.9.9", "203.0.113.9"],
    ["our proxy, where it says nothing", "10.1.2.3", undefined, "10.1.2.3"],
    ["our proxy, where it says nonsense", "10.1.2.3", "unknown", "10.1.2.3"],
    ["an IPv4 address within IPv6", "::ffff:10.1.2.3", "203.0.113.9", "203.0.113.9"],
    ["a proxy by IPv6", "2001:db8::1", "2001:db9::5", "2001:db9::5"],
  ];
  test.each(cases)("%s", (_, remoteAddress, forwarded, address) => {
    const request = {
      socket: { remoteAddress },
      headers: forwarded === undefined ? {} : { "x-forwarded-for": forwarded },
    };
    expect(clientAddressOf(proxies)(request as never)).toBe(address);
    expect(clientAddressOf([])(request as never)).toBe(remoteAddress.replace("::ffff:", ""));
  });

  test.each([
    ["203.0.113.9", "203.0.113.9"],
    ["::ffff:203.0.113.9", "203.0.113.9"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
    ["2001:db8::1", "2001:db8:0:0"],
    ["::1", "0:0:0:0"],
  ])("%s counts as %s", (address, key) => {
    expect(addressKey(address)).toBe(key);
  });
});
