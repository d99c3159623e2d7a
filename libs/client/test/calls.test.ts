import { describe, expect, it } from "vitest";
import { type ClientOptions, createClient, Problem } from "../src/client.ts";
import { type Answer, fakeFetch, json, problem } from "./fake-fetch.ts";

const project = { id: "prj_1", title: "Walks", version: 3 };

function clientOf(answers: Answer[], options: Partial<ClientOptions> = {}) {
  const { fetch, asked } = fakeFetch(answers);
  const waits: number[] = [];
  const wait = async (ms: number, signal: AbortSignal) => {
    signal.throwIfAborted();
    waits.push(ms);
  };
  const client = createClient({
    origin: "https://partake.example/ignored",
    fetch,
    wait,
    random: () => 0.5,
    ...options,
  });
  return { client, asked, waits };
}

describe("[X4] a call becomes a request", () => {
  it("of a list, with its query", async () => {
    const { client, asked } = clientOf([json({ items: [project], nextCursor: "" })]);
    const page = await client.projects.listProjects({ limit: 20, folderId: "fld_1", status: undefined });
    expect(page.items[0]?.title).toBe("Walks");
    expect(asked).toMatchObject([
      { method: "GET", url: "https://partake.example/v1/projects?limit=20&folderId=fld_1" },
    ]);
    expect(asked[0]?.body).toBeUndefined();
    expect(asked[0]?.headers.get("idempotency-key")).toBeNull();
  });

  it("without a request where nothing is needed", async () => {
    const { client, asked } = clientOf([json({ id: "usr_1" })]);
    await client.identity.getMe();
    expect(asked[0]?.url).toBe("https://partake.example/v1/me");
  });

  it("of a POST, with its path, body and a key made for it", async () => {
    const { client, asked } = clientOf([json(project), json(project)]);
    await client.projects.moveProject({ projectId: "prj_1", folderId: "fld_1" });
    await client.projects.moveProject({ projectId: "prj_1" }, { idempotencyKey: "mine" });
    expect(asked[0]).toMatchObject({ method: "POST", url: "https://partake.example/v1/projects/prj_1:move" });
    expect(asked[0]?.body).toBe(`{"folderId":"fld_1"}`);
    expect(asked[0]?.headers.get("content-type")).toBe("application/json");
    expect(asked[0]?.headers.get("idempotency-key")).toMatch(/^[0-9a-f-]{36}$/);
    expect(asked[1]?.headers.get("idempotency-key")).toBe("mine");
  });

  it("of a change, with the version that it is about", async () => {
    const { client, asked } = clientOf([json(project), new Response(null, { status: 204 })]);
    await client.projects.updateProject({ projectId: "prj_1", title: "Runs" }, { ifMatch: 3 });
    const nothing = await client.contacts.deleteContact({ contactId: "con_1" }, { ifMatch: `"4"` });
    expect(nothing).toBeUndefined();
    expect(asked.map(({ method, headers }) => [method, headers.get("if-match")])).toEqual([
      ["PATCH", `"3"`],
      ["DELETE", `"4"`],
    ]);
  });

  it("with the id encoded, and never without it", async () => {
    const { client, asked } = clientOf([json(project)]);
    await client.projects.getProject({ projectId: "a/../b?c" });
    expect(asked[0]?.url).toBe("https://partake.example/v1/projects/a%2F..%2Fb%3Fc");
    await expect(client.projects.getProject({ projectId: "" })).rejects.toThrow("projectId must be");
    await expect(client.projects.updateProject({ projectId: "prj_1" }, {} as { ifMatch: number })).rejects.toThrow(
      "ifMatch",
    );
    expect(asked).toHaveLength(1);
  });

  it("with the highest version of grants that it saw", async () => {
    const seen = (version: string) => json(project, { headers: { "partake-grants-version": version } });
    const { client, asked } = clientOf([seen("7"), seen("5"), seen("x"), json(project)]);
    for (let count = 0; count < 4; count += 1) await client.projects.getProject({ projectId: "prj_1" });
    expect(asked.map(({ headers }) => headers.get("partake-grants-version"))).toEqual([null, "7", "7", "7"]);
  });
});

describe("a refusal becomes a problem", () => {
  it("with everything that it tells", async () => {
    const errors = [{ pointer: "/title", code: "required", message: "is required" }];
    const { client } = clientOf([problem(400, { errors })]);
    const thrown: unknown = await client.projects.createProject({ title: "" }).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(Problem);
    expect(thrown).toMatchObject({ status: 400, code: "some_code", reason: "some_reason", requestId: "r1", errors });
  });

  const others: [string, Response][] = [
    ["a page of something between", new Response("<html>Bad gateway</html>", { status: 502 })],
    ["nothing", new Response(null, { status: 502 })],
    ["JSON that is no object", new Response("[3]", { status: 502 })],
    ["fields of other types", json({ code: 3, reason: null, errors: [null, { pointer: 3 }] }, { status: 502 })],
    ["something endless", new Response("x".repeat(200_000), { status: 502 })],
  ];
  it.each(others)("whatever it is: %s", async (_name, response) => {
    const { client } = clientOf([response]);
    const thrown: unknown = await client.projects.getProject({ projectId: "prj_1" }).catch((error: unknown) => error);
    expect(thrown).toMatchObject({ name: "Problem", status: 502, code: "unknown", errors: [] });
  });
});

describe("a call is repeated", () => {
  const get = (client: ReturnType<typeof clientOf>["client"]) => client.projects.getProject({ projectId: "prj_1" });

  it("after 503 and a broken connection, further and further apart, with the same key", async () => {
    const broken = new TypeError("fetch failed");
    const { client, asked, waits } = clientOf([problem(503), broken, problem(429), json(project)]);
    await client.projects.createProject({ title: "Walks" });
    expect(waits).toEqual([150, 300, 600]);
    expect(new Set(asked.map(({ headers }) => headers.get("idempotency-key"))).size).toBe(1);
  });

  it("not before Retry-After", async () => {
    const { client, waits } = clientOf([problem(429, {}, { "retry-after": "2" }), json(project)]);
    await get(client);
    expect(waits).toEqual([2000]);
  });

  it("after a search, which only reads", async () => {
    const { client, asked } = clientOf([problem(503), json({ items: [], nextCursor: "" })]);
    await client.contacts.searchContacts({ name: "An" });
    expect(asked).toHaveLength(2);
    expect(asked[0]?.headers.get("idempotency-key")).toBeNull();
  });

  it("three times at most", async () => {
    const { client, asked } = clientOf([503, 503, 503, 503].map((status) => problem(status)));
    await expect(get(client)).rejects.toMatchObject({ status: 503 });
    expect(asked).toHaveLength(4);
  });
});

describe("a call is not repeated", () => {
  const change = (client: ReturnType<typeof clientOf>["client"]) =>
    client.projects.updateProject({ projectId: "prj_1" }, { ifMatch: 1 });
  const get = (client: ReturnType<typeof clientOf>["client"]) => client.projects.getProject({ projectId: "prj_1" });
  const cases: [string, typeof get, Answer][] = [
    ["a change that was refused for now", change, problem(503)],
    ["a change whose answer was lost", change, new TypeError("fetch failed")],
    ["400", get, problem(400)],
    ["404", get, problem(404)],
    ["409", get, problem(409)],
    ["500, of which nobody knows what was done", get, problem(500)],
    ["a wait of an hour", get, problem(503, {}, { "retry-after": "3600" })],
    ["a fault that is no network's", get, new RangeError("a defect")],
  ];
  it.each(cases)("%s", async (_name, call, answer) => {
    const { client, asked } = clientOf([answer]);
    await expect(call(client)).rejects.toThrow();
    expect(asked).toHaveLength(1);
  });

  it("after it was aborted", async () => {
    const stop = new AbortController();
    const answer = () => {
      stop.abort(new Error("enough"));
      return problem(503);
    };
    const { client, asked } = clientOf([answer, json(project)]);
    await expect(client.projects.getProject({ projectId: "prj_1" }, { signal: stop.signal })).rejects.toThrow();
    expect(asked).toHaveLength(1);
  });

  it("past its time", async () => {
    const { fetch } = fakeFetch(Array.from({ length: 4 }, () => problem(503, {}, { "retry-after": "1" })));
    const client = createClient({ origin: "https://partake.example", fetch });
    const start = performance.now();
    await expect(client.projects.getProject({ projectId: "prj_1" }, { timeoutMs: 50 })).rejects.toThrow(/timeout/i);
    expect(performance.now() - start).toBeLessThan(900);
  });
});

describe("a token", () => {
  const tokens = () => {
    const asked: boolean[] = [];
    const token = ({ refresh }: { refresh: boolean }) => {
      asked.push(refresh);
      return refresh ? "new" : "old";
    };
    return { asked, token };
  };
  const stale = () => problem(401, { code: "unauthenticated", reason: "token_stale" });

  it("goes with every call, and is made anew once after a 401", async () => {
    const { token, asked: askedTokens } = tokens();
    const { client, asked } = clientOf([stale(), json(project)], { token });
    await client.projects.createProject({ title: "Walks" });
    expect(asked.map(({ headers }) => headers.get("authorization"))).toEqual(["Bearer old", "Bearer new"]);
    expect(askedTokens).toEqual([false, true]);
    expect(asked[0]?.headers.get("idempotency-key")).toBe(asked[1]?.headers.get("idempotency-key"));
  });

  it("is not asked for a third time", async () => {
    const { token, asked } = tokens();
    const { client } = clientOf([stale(), stale()], { token });
    await expect(client.identity.getMe()).rejects.toMatchObject({ status: 401, reason: "token_stale" });
    expect(asked).toEqual([false, true]);
  });

  it("is not needed by a browser with a session", async () => {
    const { client, asked } = clientOf([stale()], { headers: () => ({ "x-more": "c" }) });
    await expect(client.identity.getMe()).rejects.toMatchObject({ status: 401 });
    expect(asked[0]?.headers.get("x-more")).toBe("c");
    expect(asked[0]?.headers.get("partake-csrf")).toBe("1");
    expect(asked[0]?.headers.get("authorization")).toBeNull();
  });
});
