import { failure } from "@partake/failure";
import { newId } from "@partake/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { logInAt } from "./browser.ts";
import { type GatewayWorld, startGatewayWorld } from "./gateway-world.ts";

let world: GatewayWorld;
let cookie: string;
const [id, projectId] = [newId("drq"), newId("prj")];
const evil = `<script>alert("x")</script>'"&<img src=x onerror=alert(1)>`;
const at = "2026-11-27T14:20:00.000Z";
const request = {
  ...{ id, projectId, state: "open", reason: `Over. ${evil}`, version: 1 },
  ...{ requestedBy: newId("usr"), requesterName: `Lea ${evil}`, requestedAt: at },
};
const answers = { answeredBy: newId("usr"), answeredAt: at };

beforeAll(async () => {
  world = await startGatewayWorld();
});
afterAll(() => world.stop());

beforeEach(async () => {
  const { upstream, provider, people, organisationId } = world;
  provider.person = people.person([["admin", organisationId]]);
  provider.closedPlaces.clear();
  people.addProject(projectId, { organisationId, status: "draft", visibility: "people" });
  upstream.answers.clear();
  shows({});
  const project = { id: projectId, organisationId, title: `Hall ${evil}`, description: "", version: 7 };
  const rest = { status: "draft", visibility: "people", createdAt: at, followed: false };
  upstream.answers.set("GetProject", () => ({ ...project, ...rest }));
  may("project.delete", "deletion_request.withdraw");
  ({ cookie } = await logInAt(world));
  upstream.seen.length = 0;
});

const shows = (more: object) => world.upstream.answers.set("GetDeletionRequest", () => ({ ...request, ...more }));
const may = (...permissions: string[]) =>
  world.upstream.answers.set("EvaluateAccess", (asked) => ({
    decision: permissions.includes((asked as { action: { name: string } }).action.name),
  }));
const here = () => `/deletion-requests/${id}?organisation=${world.organisationId}`;
const open = (path = here(), headers: Record<string, string> = { cookie }) =>
  world.ask("GET", path, { headers: { accept: "text/html", ...headers } });
const buttons = (page: string) => [...page.matchAll(/value="(\w+)"/g)].map(([, value]) => value);

describe("[R17] the page of a request to delete a project", () => {
  test("whoever is not logged in logs in first and comes back", async () => {
    const { status, headers } = await open(here(), {});
    const location = new URL(headers.get("location") ?? "", world.origin);
    expect([status, location.pathname, location.searchParams.get("return_to")]).toEqual([303, "/auth/login", here()]);
    expect(world.upstream.seen).toEqual([]);
  });

  test("shows who asks what, and why, as text and never as HTML", async () => {
    const { status, text } = await open();
    expect(status).toBe(200);
    for (const part of ["<strong>Lea ", "<h1>Hall ", "Over. ", 'data-version="7"', "27 November 2026 at 14:20 UTC"])
      expect(text).toContain(part);
    expect(text).not.toMatch(/<script>|<img|onerror=alert\(1\)>/);
    expect(text.match(/&lt;script&gt;/g)?.length).toBe(3);
  });

  test.each([
    ["an admin both answers", ["project.delete", "deletion_request.withdraw"], ["decline", "delete"]],
    ["a manager to take it back", ["deletion_request.withdraw"], ["withdraw"]],
    ["others nothing", [], []],
  ])("offers %s", async (_whom, permissions, offered) => {
    may(...permissions);
    expect(buttons((await open()).text)).toEqual(offered);
  });

  test.each([
    ["declined", { answer: `No. ${evil}` }, "the project stays"],
    ["withdrawn", {}, "was taken back"],
    ["granted", {}, "restored later"],
  ])("says that it was %s, and offers nothing more", async (state, more, words) => {
    shows({ state, ...answers, ...more });
    const { text } = await open();
    expect(text).toContain(words);
    expect(text).not.toMatch(/<form|<script>|<img/);
  });

  test.each([
    ["is missing or hidden", () => world.upstream.answers.delete("GetDeletionRequest")],
    ["is of a project that is gone", () => world.upstream.answers.delete("GetProject")],
    ["lies in an organisation that they are not in", () => world.provider.closedPlaces.add(world.organisationId)],
    [
      "is not theirs to read",
      () =>
        world.upstream.answers.set("GetDeletionRequest", () => {
          throw failure("forbidden", "no_role");
        }),
    ],
  ])("one that %s is the page of what is nowhere", async (_what, prepare) => {
    const nowhere = await open("/deletion-requests/nothing");
    prepare();
    const told = await open();
    const plain = (page: string) => page.replace(/<code>[^<]+<\/code>/, "");
    expect([told.status, plain(told.text)]).toEqual([404, plain(nowhere.text)]);
  });

  test.each([`/deletion-requests/${id}`, `/deletion-requests/x?organisation=${newId("org")}`, "with more"])(
    "%s is nowhere",
    async (path) => {
      expect((await open(path === "with more" ? `${here()}&cursor=1` : path)).status).toBe(404);
      expect(world.upstream.seen).toEqual([]);
    },
  );

  test("its script answers as any client does, and takes nothing for HTML", async () => {
    const { text } = await open();
    const { text: script } = await world.ask("GET", /src="(\/assets\/deletion-request[^"]+)"/.exec(text)?.[1] ?? "");
    for (const part of ["partake-csrf", "partake-organisation", "idempotency-key", "if-match", "textContent"])
      expect(script).toContain(part);
    expect(script).not.toMatch(/innerHTML|insertAdjacentHTML|eval|localStorage|document\.cookie/);
  });
});
