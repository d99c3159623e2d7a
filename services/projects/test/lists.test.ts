import { newId, type TestCaller } from "@partake/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ProjectsWorld, type Shown, soon, startProjectsWorld } from "./world.ts";

let world: ProjectsWorld;
let organisationId: string;
let admin: TestCaller;
let member: TestCaller;

beforeAll(async () => {
  world = await startProjectsWorld();
  organisationId = world.organisationId;
  admin = world.person([["admin", organisationId]]);
  member = world.person([["member", organisationId]]);
});
afterAll(() => world?.stop());

const titles = async (by: TestCaller, request: object) =>
  (await world.call<{ items: Shown[] }>(by, "ListProjects", { limit: 200, ...request })).items.map(
    ({ title }) => title,
  );

describe("[P7] following a project", () => {
  it("is everybody's who sees it, and shown to nobody else", async () => {
    const { id: projectId } = await world.project(admin, {
      title: "Repair café",
      status: "published",
      visibility: "registered",
    });
    const follow = (by: TestCaller) => world.call(by, "FollowProject", { projectId });
    expect(await follow(member)).toEqual({ projectId, followed: true });
    expect(await follow(member)).toEqual({ projectId, followed: true });
    await Promise.all(Array.from({ length: 10 }, () => follow(admin)));
    expect(await world.call(member, "GetProject", { projectId })).toMatchObject({ followed: true, version: 1 });
    expect(await world.call(world.person([]), "GetProject", { projectId })).toMatchObject({ followed: false });
    expect(await titles(member, { followed: true })).toEqual(["Repair café"]);
    expect(await titles(member, { followed: false })).not.toContain("Repair café");
    const { items } = await world.call<{ items: Shown[] }>(member, "ListProjects", { followed: true });
    expect(items[0]).toMatchObject({ followed: true });
    expect(await world.call(member, "UnfollowProject", { projectId })).toEqual({ projectId, followed: false });
    expect(await world.call(member, "UnfollowProject", { projectId })).toEqual({ projectId, followed: false });
    expect(await titles(member, { followed: true })).toEqual([]);
    expect(await titles(admin, { followed: true })).toEqual(["Repair café"]);
  });

  it("[R10] is told to identity by organisation, for the follower's own account, and to nobody else", async () => {
    const elsewhere = newId("org");
    const userId = newId("usr");
    const there = world.person([["admin", elsewhere]], { organisationId: elsewhere });
    const open = { status: "published", visibility: "registered" };
    const [first, second] = [await world.project(admin, open), await world.project(admin, open)];
    const third = await world.project(there, open);
    const identity = world.service("identity");
    const told = () => world.call(identity, "ReadFollowedOrganisations", { userId });
    const follower = (organisation: string): TestCaller => ({ kind: "person", userId, organisationId: organisation });
    const change = (name: "FollowProject" | "UnfollowProject", { id: projectId }: Shown, organisation: string) =>
      world.call(follower(organisation), name, { projectId });
    expect(await told()).toEqual({ organisationIds: [] });
    await change("FollowProject", first, organisationId);
    await change("FollowProject", second, organisationId);
    await change("FollowProject", third, elsewhere);
    expect(await told()).toEqual({ organisationIds: [organisationId, elsewhere].sort() });
    await change("UnfollowProject", first, organisationId);
    expect(await told()).toEqual({ organisationIds: [organisationId, elsewhere].sort() });
    await change("UnfollowProject", second, organisationId);
    expect(await told()).toEqual({ organisationIds: [elsewhere] });
    for (const by of [undefined, admin, follower(elsewhere), world.service("progress")])
      expect(await world.refusal(by, "ReadFollowedOrganisations", { userId })).toBe("internal service_refused");
  });

  it("is refused to whoever does not see it, and ends where sight ends", async () => {
    const hidden = await world.project(admin, { status: "published", visibility: "people" });
    const draft = await world.project(admin, { visibility: "public" });
    for (const { id: projectId } of [hidden, draft, { id: newId("prj") }]) {
      expect(await world.refusal(member, "FollowProject", { projectId })).toBe("not_found not_found");
      expect(await world.refusal(member, "UnfollowProject", { projectId })).toBe("not_found not_found");
    }
    expect(await world.refusal(undefined, "FollowProject", { projectId: draft.id })).toBe(
      "unauthenticated token_missing",
    );
    const { id: projectId } = await world.project(admin, {
      title: "Once open",
      status: "published",
      visibility: "public",
    });
    await world.call(member, "FollowProject", { projectId });
    await world.call(admin, "UpdateProject", { projectId, status: "draft" }, { ifMatch: 1 });
    await expect.poll(() => titles(member, { followed: true }), soon).toEqual([]);
  });
});

describe("[P2] lists of projects", () => {
  it("find words of titles by their beginnings, without accents or case, and only what the person may see", async () => {
    const folder = await world.folder(admin);
    await world.project(admin, { title: "Gärtnern & Ernten", folderId: folder.id });
    await world.project(admin, { title: "Ernte-Dank 2026", status: "published", visibility: "public" });
    const find = (by: TestCaller, title: string) => titles(by, { title });
    expect(await find(admin, "ernt")).toEqual(["Ernte-Dank 2026", "Gärtnern & Ernten"]);
    expect(await find(admin, "GARTNERN ernten")).toEqual(["Gärtnern & Ernten"]);
    expect(await find(admin, "ern 2026")).toEqual(["Ernte-Dank 2026"]);
    expect(await find(member, "ernt")).toEqual(["Ernte-Dank 2026"]);
    for (const nothing of ["ankommen", "rnten", ".*", "(", "$"]) expect(await find(admin, nothing)).toEqual([]);
    expect(await titles(admin, { title: "ernt", folderId: folder.id })).toEqual(["Gärtnern & Ernten"]);
    expect(await titles(admin, { title: "ernt", status: "published" })).toEqual(["Ernte-Dank 2026"]);
    const renamed = await world.project(admin, { title: "Old word" });
    await world.call(admin, "UpdateProject", { projectId: renamed.id, title: "New word" }, { ifMatch: 1 });
    expect([await find(admin, "old wor"), await find(admin, "new wor")]).toEqual([[], ["New word"]]);
    const folders = async (title: string) =>
      (await world.call<{ items: Shown[] }>(admin, "ListFolders", { title })).items.map(({ id }) => id);
    expect(await folders("neigh")).toContain(folder.id);
    expect(await folders("elsewhere")).toEqual([]);
  });

  it("come by title, page by page, each once", async () => {
    const other = newId("org");
    const reader = world.person([["admin", other]], { organisationId: other });
    for (const title of ["b", "É", "a", "d", "C", "a"]) await world.project(reader, { title });
    const seen: unknown[] = [];
    let cursor = "";
    do {
      const page = await world.call<{ items: Shown[]; nextCursor: string }>(reader, "ListProjects", {
        ...{ sort: "title", limit: 2, cursor },
      });
      seen.push(...page.items.map(({ title }) => title));
      cursor = page.nextCursor;
    } while (cursor !== "");
    expect(seen).toEqual(["a", "a", "b", "C", "d", "É"]);
    const { nextCursor } = await world.call<{ nextCursor: string }>(reader, "ListProjects", {
      sort: "title",
      limit: 2,
    });
    expect(await world.refusal(reader, "ListProjects", { sort: "place", cursor: nextCursor })).toMatch(/^invalid /);
  });

  it("take off dates that are cleared", async () => {
    const { id: projectId } = await world.project(admin, { startsOn: "2026-01-01", endsOn: "2026-02-01" });
    const change = { projectId, startsOn: "2026-03-01", clear: ["endsOn"] };
    const changed = await world.call(admin, "UpdateProject", change, { ifMatch: 1 });
    expect(changed).toMatchObject({ startsOn: "2026-03-01" });
    expect(changed).not.toHaveProperty("endsOn");
  });
});
