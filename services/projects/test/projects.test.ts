import { newId, type TestCaller } from "@partake/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { folders } from "../src/store/folders.ts";
import { type ProjectsWorld, type Shown, soon, startProjectsWorld } from "./world.ts";

let world: ProjectsWorld;
let admin: TestCaller;
let creator: TestCaller;
let member: TestCaller;

beforeAll(async () => {
  world = await startProjectsWorld();
  admin = world.person([["admin", world.organisationId]]);
  creator = world.person([["creator", world.organisationId]]);
  member = world.person([["member", world.organisationId]]);
});
afterAll(() => world?.stop());

const manages = (projectId: string) => world.person([["manager", projectId]]);
const scopeEvents = (projectId: string) => world.events.filter(({ key }) => key === projectId).map(({ data }) => data);

describe("[P2] creating a project", () => {
  it("makes a draft for its own people, and its creator the manager", async () => {
    const id = newId("prj");
    const project = await world.project(creator, { id, description: "On Tuesdays", startsOn: "2026-03-01" });
    expect(project).toMatchObject({ id, title: "Walking group", status: "draft", visibility: "people", version: 1 });
    expect(project).not.toHaveProperty("folderId");
    const userId = creator.kind === "person" ? creator.userId : "";
    expect(world.identity.asked).toContainEqual({
      ...{ organisationId: world.organisationId, userId, role: "manager", scope: id, projectId: id },
    });
    await expect.poll(() => scopeEvents(id), soon).toHaveLength(1);
    const place = { projectId: id, organisationId: world.organisationId, status: "draft", visibility: "people" };
    expect(scopeEvents(id)[0]).toMatchObject({ ...place, createdBy: userId, version: 1 });
  });

  it("answers though identity is away, as the event guarantees the role", async () => {
    world.identity.isAway = true;
    const project = await world.project(creator);
    world.identity.isAway = false;
    await expect.poll(() => scopeEvents(project.id), soon).toHaveLength(1);
  });

  it("is done once for one id, and refuses the id for something else", async () => {
    const id = newId("prj");
    const request = { id, title: "Choir" };
    const all = await Promise.all(
      Array.from({ length: 8 }, () => world.call<Shown>(creator, "CreateProject", request)),
    );
    expect(new Set(all.map((one) => JSON.stringify(one))).size).toBe(1);
    expect(await world.refusal(creator, "CreateProject", { id, title: "Band" })).toBe("conflict id_taken");
    expect(await world.refusal(admin, "CreateProject", request)).toBe("conflict id_taken");
    await expect.poll(() => scopeEvents(id), soon).toHaveLength(1);
    expect(world.identity.asked.filter((asked) => "scope" in asked && asked.scope === id)).toHaveLength(1);
  });

  it("shows a repeat no more of a project that has changed than its sender may see", async () => {
    const id = newId("prj");
    const request = { id, title: "Choir" };
    await world.call(creator, "CreateProject", request);
    await world.call(admin, "UpdateProject", { projectId: id, title: "A secret choir" }, { ifMatch: 1 });
    expect(await world.refusal(creator, "CreateProject", request)).toBe("not_found not_found");
  });

  const refused: [string, () => TestCaller, object, string][] = [
    ["a member", () => member, {}, "forbidden no_role"],
    ["nobody", () => ({ kind: "service", name: "contacts" }), {}, "unauthenticated token_missing"],
    ["a creator in a folder", () => creator, { folderId: "fld" }, "not_found not_found"],
    [
      "an end before the start",
      () => admin,
      { startsOn: "2026-03-02", endsOn: "2026-03-01" },
      "invalid ends_before_start",
    ],
    ["a folder that is not there", () => admin, { folderId: newId("fld") }, "not_found not_found"],
  ];
  it.each(refused)("is refused to %s", async (_name, by, request, expected) => {
    const folder = await world.folder(admin);
    const folderId = "folderId" in request && request.folderId === "fld" ? { folderId: folder.id } : {};
    const asked = { id: newId("prj"), title: "No", ...request, ...folderId };
    expect(await world.refusal(by(), "CreateProject", asked)).toBe(expected);
    expect(await world.refusal(admin, "GetProject", { projectId: asked.id })).toBe("not_found not_found");
  });

  it("is the admins' alone where the preference says so", async () => {
    const civic = world.person([["creator", world.organisationId]], { switches: { creatorsCreateProjects: false } });
    expect(await world.refusal(civic, "CreateProject", { id: newId("prj"), title: "No" })).toBe(
      "forbidden switched_off",
    );
  });

  it("puts nothing into a folder of another organisation", async () => {
    const elsewhere = newId("org");
    const theirs = world.person([["admin", elsewhere]], { organisationId: elsewhere });
    const folder = await world.folder(theirs);
    const asked = { id: newId("prj"), title: "Cuckoo", folderId: folder.id };
    expect(await world.refusal(admin, "CreateProject", asked)).toBe("not_found not_found");
  });
});

describe("[R3] [R17] a folder manager", () => {
  it("creates and edits in the own folder, and nowhere else", async () => {
    const [folder, other] = [await world.folder(admin), await world.folder(admin)];
    const keeper = world.person([["folder_manager", folder.id]]);
    const project = await world.project(keeper, { folderId: folder.id });
    expect(project).toMatchObject({ folderId: folder.id });
    const later = await world.project(admin, { folderId: folder.id });
    const changed = await world.call(
      keeper,
      "UpdateProject",
      { projectId: later.id, title: "Renamed" },
      { ifMatch: 1 },
    );
    expect(changed).toMatchObject({ title: "Renamed", version: 2 });
    expect(await world.refusal(keeper, "CreateProject", { id: newId("prj"), title: "No", folderId: other.id })).toBe(
      "not_found not_found",
    );
    expect(await world.refusal(keeper, "CreateProject", { id: newId("prj"), title: "No" })).toBe("forbidden no_role");
    expect(await world.refusal(keeper, "CreateFolder", { id: newId("fld"), title: "No" })).toBe("forbidden no_role");
    expect(await world.refusal(keeper, "UpdateFolder", { folderId: other.id, title: "No" }, { ifMatch: 1 })).toBe(
      "not_found not_found",
    );
  });

  it("sets a project to draft, and deletes none by any patch", async () => {
    const folder = await world.folder(admin);
    const keeper = world.person([["folder_manager", folder.id]]);
    const { id: projectId } = await world.project(admin, {
      folderId: folder.id,
      status: "published",
      visibility: "public",
    });
    expect(await world.call(member, "GetProject", { projectId })).toMatchObject({ status: "published" });
    const draft = await world.call(keeper, "UpdateProject", { projectId, status: "draft" }, { ifMatch: 1 });
    expect(draft).toMatchObject({ status: "draft" });
    await expect.poll(() => world.refusal(member, "GetProject", { projectId }), soon).toBe("not_found not_found");
    const deletion = { projectId, status: "deleted" };
    expect(await world.refusal(keeper, "UpdateProject", deletion, { ifMatch: 2 })).toMatch(/^invalid /);
    expect(await world.refusal(admin, "UpdateProject", deletion, { ifMatch: 2 })).toMatch(/^invalid /);
    expect(await world.call(admin, "GetProject", { projectId })).toMatchObject({ status: "draft", version: 2 });
  });
});

describe("[P2] reading projects", () => {
  it("shows drafts to their team and admins, published ones as visibility says", async () => {
    const draft = await world.project(admin);
    const open = await world.project(admin, { status: "published", visibility: "registered" });
    const closed = await world.project(admin, { status: "published" });
    const observer = world.person([["observer", draft.id]]);
    const sees = async (by: TestCaller) => {
      const { items } = await world.call<{ items: Shown[] }>(by, "ListProjects", { limit: 200 });
      const listed = new Set(items.map(({ id }) => id));
      const read = async (one: Shown) => (await world.refusal(by, "GetProject", { projectId: one.id })) === "ok";
      const answers = [];
      for (const one of [draft, open, closed]) {
        const may = await read(one);
        expect(listed.has(one.id)).toBe(may);
        answers.push(may);
      }
      return answers;
    };
    expect(await sees(admin)).toEqual([true, true, true]);
    expect(await sees(observer)).toEqual([true, true, false]);
    expect(await sees(member)).toEqual([false, true, false]);
    expect(await sees(world.person([]))).toEqual([false, true, false]);
    const elsewhere = newId("org");
    expect(await sees(world.person([["admin", elsewhere]], { organisationId: elsewhere }))).toEqual([
      false,
      false,
      false,
    ]);
  });

  it("lists by folder and status, page by page", async () => {
    const folder = await world.folder(admin);
    const made = [];
    for (const status of ["draft", "published", "draft"])
      made.push(await world.project(admin, { folderId: folder.id, status }));
    const page = (request: object) =>
      world.call<{ items: Shown[]; nextCursor: string }>(admin, "ListProjects", request);
    const first = await page({ folderId: folder.id, limit: 2 });
    const second = await page({ folderId: folder.id, limit: 2, cursor: first.nextCursor });
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(made.map(({ id }) => id).reverse());
    expect(second.nextCursor).toBe("");
    const drafts = await page({ folderId: folder.id, status: "draft" });
    expect(drafts.items).toHaveLength(2);
    expect(await world.refusal(member, "ListProjects", { cursor: first.nextCursor })).toMatch(/^invalid /);
    // A folder that somebody does not see, and one that is not there, are the same.
    const hidden = await world.folder(admin);
    const elsewhere = newId("org");
    const theirs = world.person([["admin", elsewhere]], { organisationId: elsewhere });
    const list = (by: TestCaller, folderId: string) => world.refusal(by, "ListProjects", { folderId });
    expect(await list(admin, hidden.id)).toBe("ok");
    for (const by of [member, theirs]) expect(await list(by, hidden.id)).toBe("not_found not_found");
    for (const by of [admin, member]) expect(await list(by, newId("fld"))).toBe("not_found not_found");
  });
});

describe("[P2] changing a project", () => {
  it("leaves what is not named, and needs the version that was read", async () => {
    const { id: projectId } = await world.project(admin, { description: "Old", startsOn: "2026-01-01" });
    const manager = manages(projectId);
    const change = (request: object, ifMatch: number) =>
      world.refusal(manager, "UpdateProject", { projectId, ...request }, { ifMatch });
    expect(await change({ description: "New" }, 1)).toBe("ok");
    expect(await change({ description: "Lost" }, 1)).toBe("precondition_failed version_mismatch");
    expect(await change({ endsOn: "2025-12-31" }, 2)).toBe("invalid ends_before_start");
    expect(await world.call(manager, "GetProject", { projectId })).toMatchObject({
      ...{ description: "New", startsOn: "2026-01-01", title: "Walking group", version: 2 },
    });
  });

  it("tells where access changes, and only there", async () => {
    const { id: projectId } = await world.project(admin);
    await world.call(admin, "UpdateProject", { projectId, title: "Renamed" }, { ifMatch: 1 });
    await world.call(admin, "UpdateProject", { projectId, status: "archived" }, { ifMatch: 2 });
    await expect.poll(() => scopeEvents(projectId), soon).toHaveLength(2);
    expect(scopeEvents(projectId)[1]).toMatchObject({ status: "archived", version: 3 });
  });

  it.each([
    ["an observer", (id: string) => world.person([["observer", id]]), "forbidden no_role"],
    ["a reporter", (id: string) => world.person([["reporter", id]]), "forbidden no_role"],
    ["a manager of another project", () => manages(newId("prj")), "not_found not_found"],
    ["a member", () => member, "not_found not_found"],
  ])("is refused to %s", async (_name, by, expected) => {
    const { id: projectId } = await world.project(admin);
    expect(await world.refusal(by(projectId), "UpdateProject", { projectId, title: "No" }, { ifMatch: 1 })).toBe(
      expected,
    );
  });
});

describe("[P1] moving a project", () => {
  it("takes its rights along at once", async () => {
    const [from, to] = [await world.folder(admin), await world.folder(admin)];
    const [old, next] = [world.person([["folder_manager", from.id]]), world.person([["folder_manager", to.id]])];
    const { id: projectId } = await world.project(admin, { folderId: from.id });
    expect(await world.refusal(next, "GetProject", { projectId })).toBe("not_found not_found");
    expect(await world.call(admin, "MoveProject", { projectId, folderId: to.id })).toMatchObject({
      folderId: to.id,
      version: 2,
    });
    await expect.poll(() => world.refusal(old, "GetProject", { projectId }), soon).toBe("not_found not_found");
    await expect.poll(() => world.refusal(next, "GetProject", { projectId }), soon).toBe("ok");
    const out = await world.call(admin, "MoveProject", { projectId });
    expect(out).not.toHaveProperty("folderId");
    await expect.poll(() => world.refusal(next, "GetProject", { projectId }), soon).toBe("not_found not_found");
    await expect.poll(() => scopeEvents(projectId), soon).toHaveLength(3);
    expect(scopeEvents(projectId)[1]).toMatchObject({ folderId: to.id, version: 2 });
    expect(scopeEvents(projectId)[2]).not.toHaveProperty("folderId");
  });

  it("needs rights at both ends", async () => {
    const [from, to] = [await world.folder(admin), await world.folder(admin)];
    const { id: projectId } = await world.project(admin, { folderId: from.id });
    const { id: loose } = await world.project(admin);
    const keeps = (...ids: string[]) =>
      world.person(ids.map((id) => ["folder_manager", id] as const).map(([role, id]) => [role, id]));
    const move = (by: TestCaller, request: object) => world.refusal(by, "MoveProject", { projectId, ...request });
    expect(await move(keeps(from.id), { folderId: to.id })).toBe("not_found folder_not_found");
    expect(await move(keeps(to.id), { folderId: to.id })).toBe("not_found not_found");
    expect(await move(keeps(from.id), {})).toBe("forbidden no_role");
    expect(await move(manages(projectId), { folderId: to.id })).toBe("forbidden no_role");
    const both = world.person([
      ["folder_manager", to.id],
      ["manager", projectId],
    ]);
    expect(await move(both, { folderId: to.id })).toBe("forbidden no_role");
    expect(await move(admin, { folderId: newId("fld") })).toBe("not_found folder_not_found");
    const bringer = world.person([
      ["folder_manager", to.id],
      ["manager", loose],
    ]);
    expect(await move(bringer, { projectId: loose, folderId: to.id })).toBe("ok");
    expect(await move(keeps(from.id, to.id), { folderId: to.id })).toBe("ok");
  });

  it("to where it is changes nothing", async () => {
    const folder = await world.folder(admin);
    const { id: projectId } = await world.project(admin, { folderId: folder.id });
    expect(await world.call(admin, "MoveProject", { projectId, folderId: folder.id })).toMatchObject({ version: 1 });
  });
});

describe("[P1] folders", () => {
  it("are changed by their manager and admins", async () => {
    const folder = await world.folder(admin, "North");
    const keeper = world.person([["folder_manager", folder.id]]);
    const change = { folderId: folder.id, title: "North and west", status: "archived", position: 3 };
    expect(await world.call(keeper, "UpdateFolder", change, { ifMatch: 1 })).toMatchObject({
      ...{ title: "North and west", status: "archived", position: 3, description: "", version: 2 },
    });
    expect(await world.refusal(admin, "UpdateFolder", change, { ifMatch: 1 })).toBe(
      "precondition_failed version_mismatch",
    );
  });

  it("are answered with as they were changed, also right after somebody else's rights have changed", async () => {
    const { organisationId, parts } = world;
    const folder = await world.folder(admin, "South");
    const theirs = {
      grantId: newId("grn"),
      userId: newId("usr"),
      role: "member",
      scope: organisationId,
      removed: true,
    };
    const grantedAt = new Date().toISOString();
    const data = { ...theirs, organisationId, version: 2, peerReview: false, grantedAt };
    await parts.bus.publish({ type: "org.partake.grant.changed.v1", data });
    const isHeard = async () => (await parts.store.get(folders, (await world.folder(admin)).id))?._grants === 2;
    await expect.poll(isHeard, soon).toBe(true);
    const change = { folderId: folder.id, title: "South and east" };
    expect(await world.call(admin, "UpdateFolder", change, { ifMatch: 1 })).toMatchObject({ version: 2 });
  });

  it("are seen by those who see a project in them", async () => {
    const folder = await world.folder(admin);
    const { id: projectId } = await world.project(admin, { folderId: folder.id });
    const observer = world.person([["observer", projectId]]);
    const sees = async (by: TestCaller) => {
      const { items } = await world.call<{ items: Shown[] }>(by, "ListFolders", { limit: 200 });
      const isListed = items.some(({ id }) => id === folder.id);
      expect(await world.refusal(by, "GetFolder", { folderId: folder.id })).toBe(
        isListed ? "ok" : "not_found not_found",
      );
      return isListed;
    };
    await expect.poll(() => sees(observer), soon).toBe(true);
    expect(await sees(member)).toBe(false);
    await world.call(admin, "UpdateProject", { projectId, status: "published", visibility: "public" }, { ifMatch: 1 });
    await expect.poll(() => sees(member), soon).toBe(true);
    const elsewhere = newId("org");
    const stranger = world.person([["admin", elsewhere]], { organisationId: elsewhere });
    expect(await world.refusal(stranger, "GetFolder", { folderId: folder.id })).toBe("not_found not_found");
  });

  it("come in their order", async () => {
    const organisationId = newId("org");
    const other = world.person([["admin", organisationId]], { organisationId });
    for (const position of [2, 0, 1])
      await world.call(other, "CreateFolder", { id: newId("fld"), title: `${position}`, position });
    const { items } = await world.call<{ items: Shown[] }>(other, "ListFolders");
    expect(items.map(({ title }) => title)).toEqual(["0", "1", "2"]);
  });
});

describe("the live view's source", () => {
  it("gives every place of an organisation, and those of some projects", async () => {
    const organisationId = newId("org");
    const other = world.person([["admin", organisationId]], { organisationId });
    const made = await Promise.all([1, 2, 3].map(() => world.project(other)));
    const read = (request: object) =>
      world.call<{ items: { projectId: string }[]; nextCursor: string }>(
        world.service("contacts"),
        "ReadScopes",
        request,
      );
    const all = await read({ organisationId });
    expect(new Set(all.items.map(({ projectId }) => projectId))).toEqual(new Set(made.map(({ id }) => id)));
    expect(all.nextCursor).toBe("");
    const one = await read({ projectIds: [made[0]?.id, newId("prj")] });
    expect(one.items).toEqual([
      { projectId: made[0]?.id, organisationId, status: "draft", visibility: "people", version: 1 },
    ]);
    expect(await world.refusal(world.service("contacts"), "ReadScopes", {})).toBe("invalid organisation_or_projects");
    const unlisted = world.service("projects");
    expect(await world.refusal(unlisted, "ReadScopes", { organisationId })).toBe("internal service_refused");
  });
});
