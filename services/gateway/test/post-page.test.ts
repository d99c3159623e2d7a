import { failure } from "@partake/failure";
import { newId } from "@partake/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { logInAt } from "./browser.ts";
import { type GatewayWorld, startGatewayWorld } from "./gateway-world.ts";
import type { Person } from "./people.ts";

let world: GatewayWorld;
let person: Person;
let cookie: string;
const id = newId("pst");
const evil = `<script>alert("x")</script>'"&<img src=x onerror=alert(1)>`;
const author = { userId: newId("usr"), name: `Ann ${evil}`, part: "participant" };
const createdAt = "2026-11-27T14:20:00.000Z";

beforeAll(async () => {
  world = await startGatewayWorld();
});
afterAll(() => world.stop());

const file = {
  id: newId("fil"),
  projectId: newId("prj"),
  name: `walk ${evil}.txt`,
  mediaType: "text/plain",
  size: 2048,
};
const post = {
  ...{ id, projectId: newId("prj"), participationId: newId("par"), contactId: newId("con"), kind: "answer" },
  ...{
    subjectId: newId("qst"),
    subjectTitle: `How is it? ${evil}`,
    value: { number: 7, choices: [] },
    narrative: evil,
  },
  files: [{ ...file, sha256: "", state: "stored" }],
  ...{ author, recordedAt: createdAt, createdAt, commentCount: 2, version: 1 },
};
const comment = (text: string, more: object = {}) => ({
  ...{ id: newId("cmt"), postId: id, text, author: { ...author, part: "staff" }, createdAt, version: 1 },
  ...more,
});

beforeEach(async () => {
  const { upstream, provider, people, organisationId } = world;
  person = people.person([["admin", organisationId]]);
  provider.person = person;
  provider.closedPlaces.clear();
  upstream.answers.clear();
  upstream.answers.set("GetPost", () => post);
  upstream.answers.set("ListComments", () => ({ items: [comment(`Well done ${evil}`)], nextCursor: "" }));
  upstream.answers.set("EvaluateAccess", () => ({ decision: true }));
  upstream.answers.set("GetMe", (_, call) => ({
    id: call.actorId,
    name: "",
    email: "",
    language: "en",
    ...memberOf(),
  }));
  ({ cookie } = await logInAt(world));
  upstream.seen.length = 0;
});

const memberOf = (...ids: string[]) => ({
  organisations: ids.map((organisationId) => ({ organisationId, name: "", grants: [] })),
  version: 1,
});
const refusing = () => {
  throw failure("forbidden", "level_too_low");
};
const html = { accept: "text/html" };
const here = () => `/posts/${id}?organisation=${world.organisationId}`;
const open = (path = here(), headers: Record<string, string> = { cookie }) =>
  world.ask("GET", path, { headers: { ...html, ...headers } });

describe("[E8 G5] the page that a mail leads to", () => {
  test("whoever is not logged in logs in first and comes back", async () => {
    const refused = await open(here(), {});
    const location = new URL(refused.headers.get("location") ?? "", world.origin);
    expect([refused.status, location.pathname]).toEqual([303, "/auth/login"]);
    expect(Object.fromEntries(location.searchParams)).toEqual({
      return_to: here(),
      organisation: world.organisationId,
    });
    const { callback } = await logInAt(world, { query: location.search });
    expect(callback.headers.get("location")).toBe(here());
    expect((await open(here(), { cookie: "__Host-partake=over" })).status).toBe(303);
    expect(world.upstream.seen.map(({ operation }) => operation)).toEqual([]);
  });

  test("shows the post, its files and what was said about it, as text and never as HTML", async () => {
    const { status, text } = await open();
    expect(status).toBe(200);
    for (const part of ["How is it?", ">7<", "2 KB", "Well done", "27 November 2026 at 14:20 UTC", 'id="answer"'])
      expect(text).toContain(part);
    expect(text).toContain(`href="/v1/files/${file.id}?organisation=${world.organisationId}"`);
    expect(text).not.toMatch(/<script>|<img|onerror=alert\(1\)>/);
    expect(text.match(/&lt;script&gt;/g)?.length).toBe(6);
  });

  test("asks as the person, at the post's organisation, and counts as one who reads", async () => {
    await open();
    expect(world.upstream.seen.map(({ operation, actorId }) => [operation, actorId])).toEqual([
      ["GetPost", person.userId],
      ["ListComments", person.userId],
      ["EvaluateAccess", person.userId],
    ]);
  });

  test("answers stand under what they answer, however deep", async () => {
    const first = comment("first");
    const reply = comment("reply", { replyTo: first.id });
    const deeper = comment("deeper", { replyTo: reply.id });
    const items = [first, comment("second"), reply, deeper, comment("lost", { replyTo: newId("cmt") })];
    world.upstream.answers.set("ListComments", () => ({ items, nextCursor: "MORE" }));
    const { text } = await open();
    const order = ["first", "reply", "deeper", "second", "lost"].map((word) => text.indexOf(`>${word}<`));
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(text).toContain(`cursor=MORE`);
    await open(`${here()}&cursor=MORE`);
    expect(world.upstream.seen.at(-2)?.request).toMatchObject({ postId: id, cursor: "MORE" });
  });

  test("who may not answer has no form; who may not read what was said sees the post alone", async () => {
    world.upstream.answers.set("EvaluateAccess", () => ({ decision: false }));
    expect((await open()).text).not.toContain("<form");
    world.upstream.answers.set("ListComments", refusing);
    world.upstream.answers.set("EvaluateAccess", () => ({ decision: true }));
    const { status, text } = await open();
    expect([status, text.includes("Well done"), text.includes("<form")]).toEqual([200, false, false]);
  });

  test.each([
    ["is missing or hidden", () => world.upstream.answers.delete("GetPost")],
    ["lies in an organisation that they are not in", () => world.provider.closedPlaces.add(world.organisationId)],
    ["is theirs to know of, and not to read", () => world.upstream.answers.set("GetPost", refusing)],
  ])("a post that %s is the page of what is nowhere", async (_, prepare) => {
    const nowhere = await open("/posts/nothing");
    prepare();
    const told = await open();
    const plain = (page: string) => page.replace(/<code>[^<]+<\/code>/, "");
    expect([told.status, plain(told.text)]).toEqual([404, plain(nowhere.text)]);
  });

  test.each(["/posts/x", "/posts/pst_1", `/posts/${id}?organisation=x`, `/posts/${id}?next=/docs`])(
    "%s is nowhere",
    async (path) => {
      expect((await open(path)).status).toBe(404);
      expect(world.upstream.seen).toEqual([]);
    },
  );

  test("a link without its organisation leads to the one where they see the post, among the first ten", async () => {
    const others = Array.from({ length: 11 }, () => newId("org"));
    const inside = (organisationIds: string[]) =>
      world.upstream.answers.set("GetMe", (_, call) => ({
        ...{ id: call.actorId, name: "", email: "", language: "en" },
        ...memberOf(...organisationIds),
      }));
    world.provider.closedPlaces = new Set(others);
    inside([...others.slice(0, 9), world.organisationId]);
    const found = await open(`/posts/${id}`);
    expect([found.status, found.headers.get("location")]).toEqual([303, here()]);
    inside([...others, world.organisationId]);
    expect((await open(`/posts/${id}`)).status).toBe(404);
    const away = await open(`/posts/${id}`, {});
    expect(away.headers.get("location")).toBe(`/auth/login?return_to=%2Fposts%2F${id}`);
  });

  test("its script sends an answer as any client does, and takes nothing for HTML", async () => {
    const { text } = await open();
    const { text: script } = await world.ask("GET", /src="(\/assets\/post[^"]+)"/.exec(text)?.[1] ?? "");
    for (const part of ["partake-csrf", "partake-organisation", "idempotency-key", "/comments`", "textContent"])
      expect(script).toContain(part);
    expect(script).not.toMatch(/innerHTML|insertAdjacentHTML|eval|localStorage|document\.cookie/);
  });

  test("another site may link to it, and neither frame it nor read it", async () => {
    const site = { cookie, "sec-fetch-site": "cross-site" };
    expect((await open(here(), { ...site, "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" })).status).toBe(
      200,
    );
    for (const mode of ["cors", "no-cors"])
      expect((await open(here(), { ...site, "sec-fetch-mode": mode, "sec-fetch-dest": "empty" })).status).toBe(403);
    const framed = { ...site, "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe" };
    expect((await open(here(), framed)).status).toBe(403);
  });
});
