import { newId } from "@partake/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type GatewayWorld, startGatewayWorld } from "./gateway-world.ts";
import type { Person } from "./people.ts";
import { jpegFile } from "./sample-files.ts";

let world: GatewayWorld;
let manager: Person;
const position = "51.5007 N 0.1246 W";
const picture = jpegFile({ note: position });
const projectId = newId("prj");
const folderId = newId("fld");
/** What projects would keep of pictures. */
const records = new Map<string, Record<string, unknown>>();

beforeAll(async () => {
  world = await startGatewayWorld();
  world.people.addProject(projectId, { organisationId: world.organisationId, status: "draft", visibility: "public" });
  manager = world.people.person([["manager", projectId]]);
});
afterAll(() => world.stop());
beforeEach(() => {
  world.upstream.answers.clear();
  world.upstream.seen.length = 0;
  records.clear();
  world.upstream.answers.set("CreateImage", (request) => {
    const { id, shownOn, name, mediaType } = request;
    records.set(String(id), { id, shownOn, name, mediaType, size: 0, sha256: "", state: "announced", version: 1 });
    return records.get(String(id)) ?? {};
  });
  world.upstream.answers.set("CompleteImage", ({ imageId, size, sha256 }) => {
    Object.assign(records.get(String(imageId)) ?? {}, { size, sha256, state: "stored", version: 2 });
    return records.get(String(imageId)) ?? {};
  });
  for (const name of ["GetImage", "GetPublicImage"])
    world.upstream.answers.set(name, ({ imageId }) => records.get(String(imageId)) ?? {});
});

const publicList = () => `/v1/organisations/${world.organisationId}/public-projects`;
const project = (title: string) => ({ id: projectId, organisationId: world.organisationId, title, description: "" });

const send = (path: string, body: Buffer, headers: Record<string, string> = {}) =>
  world.ask("POST", path, { as: manager, body, headers: { "content-type": "image/jpeg", ...headers } });

describe("[P2] [R10] what everybody may see", () => {
  test("is read without a log-in, kept by caches for moments, and asked for again by its tag", async () => {
    let [title, cursor] = ["Walks", "page-two"];
    world.upstream.answers.set("ListPublicProjects", () => ({ items: [project(title)], nextCursor: cursor }));
    const first = await world.ask("GET", publicList());
    expect(first).toMatchObject({ status: 200, json: { items: [project("Walks")], nextCursor: "page-two" } });
    expect(first.headers.get("cache-control")).toBe("public, max-age=10, must-revalidate");
    expect(first.headers.get("vary")).toBe("accept");
    expect(first.headers.get("set-cookie")).toBeNull();
    const tag = first.headers.get("etag") ?? "";
    expect(tag).toMatch(/^W\/"[\w-]{20,}"$/);
    // The next page's cursor is sealed anew each time; what it leads to is the same.
    cursor = "page-two-sealed-again";
    for (const given of [tag, tag.slice(2), `"other", ${tag}`, "*"]) {
      const again = await world.ask("GET", publicList(), { headers: { "if-none-match": given } });
      expect(again).toMatchObject({ status: 304, text: "" });
      expect(again.headers.get("etag")).toBe(tag);
      expect(again.headers.get("cache-control")).toBe("public, max-age=10, must-revalidate");
    }
    title = "Longer walks";
    const changed = await world.ask("GET", publicList(), { headers: { "if-none-match": tag } });
    expect(changed).toMatchObject({ status: 200, json: { items: [project("Longer walks")] } });
  });

  test("is the same for whoever asks, and asked for as nobody", async () => {
    world.upstream.answers.set("GetPublicProject", () => project("Walks"));
    const path = `${publicList()}/${projectId}`;
    const plain = await world.ask("GET", path);
    for (const headers of [{ authorization: "Bearer nonsense" }, { cookie: "__Host-partake=nonsense" }]) {
      const told = await world.ask("GET", path, { headers });
      expect(told).toMatchObject({ status: 200, text: plain.text });
      expect(told.headers.get("etag")).toBe(plain.headers.get("etag"));
    }
    expect((await world.ask("GET", path, { as: manager })).text).toBe(plain.text);
    expect(new Set(world.upstream.seen.map(({ actorId }) => actorId))).toEqual(new Set(["service:gateway"]));
    const head = await world.ask("HEAD", path);
    expect(head).toMatchObject({ status: 200, text: "" });
    expect(head.headers.get("etag")).toBe(plain.headers.get("etag"));
  });

  test("[R17] what was hidden is gone for whoever asks again by its tag, and that is kept by nobody", async () => {
    const path = `${publicList()}/${projectId}`;
    world.upstream.answers.set("GetPublicProject", () => project("Walks"));
    const etag = (await world.ask("GET", path)).headers.get("etag") ?? "";
    world.upstream.answers.delete("GetPublicProject");
    for (const given of [etag, "*"]) {
      const told = await world.ask("GET", path, { headers: { "if-none-match": given } });
      expect(told).toMatchObject({ status: 404, json: { reason: "not_found" } });
      expect([told.headers.get("cache-control"), told.headers.get("etag")]).toEqual(["no-store", null]);
    }
  });

  test("a refusal is kept by nobody", async () => {
    const told = await world.ask("GET", publicList());
    expect(told).toMatchObject({ status: 404, json: { code: "not_found", reason: "not_found" } });
    expect(told.headers.get("cache-control")).toBe("no-store");
    const malformed = await world.ask("GET", "/v1/organisations/nowhere/public-projects");
    expect(malformed.status).toBe(400);
    expect((await world.ask("POST", publicList())).status).toBe(405);
  });
});

describe("[P1] [P2] pictures of projects and folders", () => {
  test("go in as pictures without what they tell of their maker, and come out to who may see them", async () => {
    const told = await send(`/v1/projects/${projectId}/image`, picture, {
      "content-disposition": 'attachment; filename="beach.jpg"',
    });
    expect(told).toMatchObject({ status: 201, json: { name: "beach.jpg", mediaType: "image/jpeg" } });
    const { id } = told.json as { id: string };
    expect(told.headers.get("location")).toBe(`/v1/images/${id}`);
    expect(records.get(id)).toMatchObject({ shownOn: projectId, state: "stored", size: told.json.size });
    const back = await world.ask("GET", `/v1/images/${id}`, { as: manager });
    expect(back.status).toBe(200);
    expect(back.headers.get("cache-control")).toBe("no-store");
    expect(back.headers.get("content-type")).toBe("image/jpeg");
    expect(back.text).not.toContain(position);
    expect(world.upstream.seen.at(-1)).toMatchObject({ operation: "GetImage", request: { imageId: id } });
    expect((await world.ask("GET", `/v1/images/${id}`)).status).toBe(401);
  });

  test("are handed to visitors with what caches need", async () => {
    const { id } = (await send(`/v1/projects/${projectId}/image`, picture)).json as { id: string };
    const path = `/v1/organisations/${world.organisationId}/public-images/${id}`;
    const told = await world.ask("GET", path);
    expect(told.status).toBe(200);
    expect(told.headers.get("cache-control")).toBe("public, max-age=10, must-revalidate");
    expect(told.headers.get("x-content-type-options")).toBe("nosniff");
    const tag = told.headers.get("etag") ?? "";
    expect(await world.ask("GET", path, { headers: { "if-none-match": tag } })).toMatchObject({
      status: 304,
      text: "",
    });
    expect(world.upstream.seen.at(-1)).toMatchObject({
      operation: "GetPublicImage",
      request: { organisationId: world.organisationId, imageId: id },
    });
    for (const headers of [{ authorization: "Bearer nonsense" }, { cookie: "__Host-partake=nonsense" }])
      expect((await world.ask("GET", path, { headers })).status).toBe(200);
    expect((await world.ask("GET", path, { as: manager })).status).toBe(200);
    expect(world.upstream.seen.at(-1)).toMatchObject({ operation: "GetPublicImage", actorId: "service:gateway" });
    records.clear();
    world.upstream.answers.delete("GetPublicImage");
    expect(await world.ask("GET", path, { headers: { "if-none-match": tag } })).toMatchObject({ status: 404 });
  });

  test("of a folder belong to it; whoever may not edit it is refused before a byte is taken", async () => {
    const keeper = world.people.person([["folder_manager", folderId]]);
    const path = `/v1/folders/${folderId}/image`;
    const body = picture;
    const told = await world.ask("POST", path, { as: keeper, body, headers: { "content-type": "image/jpeg" } });
    expect(told.status).toBe(201);
    expect(records.get(told.json.id)).toMatchObject({ shownOn: folderId });
    world.upstream.seen.length = 0;
    for (const [as, status] of [
      [manager, 404],
      [world.people.person([]), 404],
      [undefined, 401],
    ] as const) {
      const refused = await world.ask("POST", path, {
        ...(as && { as }),
        ...{ body, headers: { "content-type": "image/jpeg" } },
      });
      expect(refused.status).toBe(status);
    }
    expect(world.upstream.seen).toEqual([]);
  });

  test("are of few types and no more than 5 MiB", async () => {
    const path = `/v1/projects/${projectId}/image`;
    const text = Buffer.from("not a picture");
    for (const type of ["text/plain", "application/pdf", "image/svg+xml", "text/html"])
      expect(await send(path, text, { "content-type": type })).toMatchObject({
        ...{ status: 415, json: { reason: "file_type" } },
      });
    expect((await send(path, text)).status).toBe(415);
    expect(await send(path, Buffer.alloc(5 * 1024 * 1024 + 1))).toMatchObject({
      ...{ status: 413, json: { reason: "file_too_large" } },
    });
    expect([...records.values()].filter(({ state }) => state === "stored")).toEqual([]);
  });
});
