import { newId, type TestCaller } from "@partake/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ProjectsWorld, type Shown, soon, startProjectsWorld } from "./world.ts";

const dayMs = 24 * 3_600_000;

let world: ProjectsWorld;
/** The days that pass here end before today: Kafka takes nothing from the future. */
let aheadMs = -100 * dayMs;
let admin: TestCaller;

beforeAll(async () => {
  world = await startProjectsWorld({ clock: { now: () => new Date(Date.now() + aheadMs) } });
  admin = world.person([["admin", world.organisationId]]);
});
afterAll(() => world?.stop());

const scopeEvents = (projectId: string) =>
  world.events
    .filter(({ key, type }) => key === projectId && type === "org.partake.project.scope-changed.v1")
    .map(({ data }) => data as object as Record<string, unknown>);
const audited = (subjectId: string) =>
  world.events
    .filter(({ type }) => type === "org.partake.audit.recorded.v1")
    .map(({ data }) => data as object as Record<string, unknown>)
    .filter((entry) => entry["subjectId"] === subjectId)
    .map(({ action }) => action);
const listed = async (by: TestCaller, operation: string) =>
  (await world.call<{ items: Shown[] }>(by, operation, { limit: 200 })).items.map(({ id }) => id);

describe("[P6] [R17] deleting a project", () => {
  it("is the admins' alone: nobody else gets there by any route", async () => {
    const folder = await world.folder(admin);
    const { id: projectId } = await world.project(admin, { folderId: folder.id });
    const keeper = world.person([["folder_manager", folder.id]]);
    const manager = world.person([["manager", projectId]]);
    const everything = world.person([
      ["creator", world.organisationId],
      ["folder_manager", folder.id],
      ["manager", projectId],
    ]);
    const elsewhere = newId("org");
    const others: [TestCaller, string][] = [
      [keeper, "forbidden no_role"],
      [manager, "forbidden no_role"],
      [everything, "forbidden no_role"],
      [world.person([["reporter", projectId]]), "forbidden no_role"],
      [world.person([["member", world.organisationId]]), "not_found not_found"],
      [world.person([["admin", elsewhere]], { organisationId: elsewhere }), "not_found not_found"],
    ];
    for (const [by, expected] of others) {
      expect(await world.refusal(by, "DeleteProject", { projectId }, { ifMatch: 1 })).toBe(expected);
      expect(await world.refusal(by, "UpdateProject", { projectId, status: "deleted" }, { ifMatch: 1 })).toMatch(
        /^(invalid|not_found|forbidden) /,
      );
      expect(await world.refusal(by, "RestoreProject", { projectId })).toBe(expected);
    }
    expect(await world.refusal(keeper, "DeleteFolder", { folderId: folder.id }, { ifMatch: 1 })).toBe(
      "forbidden no_role",
    );
    expect(await world.refusal(keeper, "ListDeletedProjects")).toBe("forbidden no_role");
    expect(await world.refusal(keeper, "ListDeletedFolders")).toBe("forbidden no_role");
    expect(await world.call(admin, "GetProject", { projectId })).toMatchObject({ version: 1 });
  });

  it("stops it at once for everybody, and is told to all services", async () => {
    const { id: projectId } = await world.project(admin, { status: "published", visibility: "public" });
    const manager = world.person([["manager", projectId]]);
    const member = world.person([["member", world.organisationId]]);
    expect(await world.refusal(member, "GetProject", { projectId })).toBe("ok");
    expect(await world.refusal(admin, "DeleteProject", { projectId }, { ifMatch: 7 })).toBe(
      "precondition_failed version_mismatch",
    );
    await world.call(admin, "DeleteProject", { projectId }, { ifMatch: 1 });
    for (const by of [admin, manager, member])
      expect(await world.refusal(by, "GetProject", { projectId })).toBe("not_found not_found");
    // Who may not change it is refused before it is loaded, by the view of places: that hears of it by the topic.
    const patch = { projectId, title: "No" };
    await expect.poll(() => world.refusal(member, "UpdateProject", patch, { ifMatch: 2 }), soon).toMatch(/^not_found/);
    for (const by of [admin, manager, member]) {
      expect(await world.refusal(by, "UpdateProject", { projectId, title: "No" }, { ifMatch: 2 })).toBe(
        "not_found not_found",
      );
      expect(await world.refusal(by, "FollowProject", { projectId })).toBe("not_found not_found");
      expect(await listed(by, "ListProjects")).not.toContain(projectId);
    }
    expect(await world.refusal(admin, "DeleteProject", { projectId }, { ifMatch: 2 })).toBe("not_found not_found");
    expect(await world.refusal(admin, "MoveProject", { projectId })).toBe("not_found not_found");
    expect(await world.refusal(admin, "PlaceProject", { projectId })).toBe("not_found not_found");
    await expect.poll(() => scopeEvents(projectId).at(-1), soon).toMatchObject({ status: "deleted", version: 2 });
    expect(scopeEvents(projectId).at(-1)).not.toHaveProperty("removed");
    await expect.poll(() => audited(projectId), soon).toEqual(["project.created", "project.deleted"]);
  });

  it("can be undone for 30 days: it comes back as it was", async () => {
    const folder = await world.folder(admin);
    const request = { title: "Allotment", description: "Beans", status: "published", folderId: folder.id };
    const before = await world.project(admin, request);
    const projectId = before.id;
    const manager = world.person([["manager", projectId]]);
    await world.call(manager, "FollowProject", { projectId });
    await world.call(admin, "DeleteProject", { projectId }, { ifMatch: 1 });
    const { items } = await world.call<{ items: Shown[] }>(admin, "ListDeletedProjects", { limit: 1 });
    expect(items[0]).toMatchObject({ id: projectId, title: "Allotment", folderId: folder.id });
    const { deletedAt, restorableUntil } = items[0] as unknown as Record<string, string>;
    expect(Date.parse(restorableUntil ?? "") - Date.parse(deletedAt ?? "")).toBe(30 * dayMs);
    aheadMs += 29.9 * dayMs;
    const restored = await world.call(admin, "RestoreProject", { projectId });
    expect(restored).toEqual({ ...before, version: 3 });
    expect(await world.call(admin, "RestoreProject", { projectId })).toMatchObject({ version: 3 });
    await expect.poll(() => world.refusal(manager, "GetProject", { projectId }), soon).toBe("ok");
    expect(await world.call(manager, "GetProject", { projectId })).toMatchObject({ followed: true });
    expect(await listed(admin, "ListDeletedProjects")).not.toContain(projectId);
    await expect.poll(() => scopeEvents(projectId).at(-1), soon).toMatchObject({ status: "published", version: 3 });
    await expect.poll(() => audited(projectId), soon).toContain("project.restored");
  });

  it("after 30 days is for good: what was written goes, the id never comes back, and others are told", async () => {
    const { id: projectId } = await world.project(admin, { title: "Marked-9431", description: "Marked-9432" });
    const manager = world.person([["manager", projectId]]);
    await world.call(admin, "DeleteProject", { projectId }, { ifMatch: 1 });
    aheadMs += 30 * dayMs + 1_000;
    await expect.poll(() => scopeEvents(projectId).at(-1), soon).toMatchObject({ status: "deleted", removed: true });
    expect(await world.refusal(admin, "RestoreProject", { projectId })).toBe("unprocessable restore_expired");
    expect(await listed(admin, "ListDeletedProjects")).not.toContain(projectId);
    expect(await world.refusal(manager, "GetProject", { projectId })).toBe("not_found not_found");
    expect(await world.refusal(admin, "CreateProject", { id: projectId, title: "Again" })).toBe("conflict id_taken");
    const read = await world.call<{ items: object[] }>(world.service("contacts"), "ReadScopes", {
      projectIds: [projectId],
    });
    expect(read.items).toMatchObject([{ projectId, status: "deleted" }]);
    await expect.poll(() => audited(projectId), soon).toContain("project.removed");
    const { projects } = await import("../src/store/projects.ts");
    expect(JSON.stringify(await world.parts.store.get(projects, projectId))).not.toContain("Marked");
  });
});

describe("[P1] [P6] deleting a folder", () => {
  it("waits until nothing is in it, and can be undone for 30 days", async () => {
    const folder = await world.folder(admin, "Allotments");
    const folderId = folder.id;
    const keeper = world.person([["folder_manager", folderId]]);
    const { id: projectId } = await world.project(admin, { folderId });
    expect(await world.refusal(admin, "DeleteFolder", { folderId }, { ifMatch: 1 })).toBe(
      "unprocessable folder_not_empty",
    );
    await world.call(admin, "MoveProject", { projectId });
    expect(await world.refusal(admin, "DeleteFolder", { folderId }, { ifMatch: 2 })).toBe(
      "precondition_failed version_mismatch",
    );
    await world.call(admin, "DeleteFolder", { folderId }, { ifMatch: 1 });
    for (const by of [admin, keeper]) {
      expect(await world.refusal(by, "GetFolder", { folderId })).toBe("not_found not_found");
      expect(await world.refusal(by, "CreateProject", { id: newId("prj"), title: "No", folderId })).toBe(
        "not_found not_found",
      );
      expect(await world.refusal(by, "UpdateFolder", { folderId, title: "No" }, { ifMatch: 2 })).toBe(
        "not_found not_found",
      );
      expect(await listed(by, "ListFolders")).not.toContain(folderId);
    }
    expect(await world.refusal(admin, "MoveProject", { projectId, folderId })).toBe("not_found folder_not_found");
    expect(await world.refusal(keeper, "RestoreFolder", { folderId })).toBe("forbidden no_role");
    expect(await listed(admin, "ListDeletedFolders")).toContain(folderId);
    expect(await world.call(admin, "RestoreFolder", { folderId })).toEqual({ ...folder, version: 3 });
    expect(await world.refusal(keeper, "GetFolder", { folderId })).toBe("ok");
    await world.call(admin, "DeleteFolder", { folderId }, { ifMatch: 3 });
    aheadMs += 30 * dayMs + 1_000;
    await expect.poll(() => audited(folderId), soon).toContain("folder.removed");
    const told = world.events.filter(({ type, key }) => type === "org.partake.folder.removed.v1" && key === folderId);
    expect(told.map(({ data }) => data)).toEqual([{ folderId, organisationId: world.organisationId }]);
    expect(await world.refusal(admin, "RestoreFolder", { folderId })).toBe("unprocessable restore_expired");
  });

  it("lets a project that was deleted in it come back outside of any", async () => {
    const folder = await world.folder(admin);
    const { id: projectId } = await world.project(admin, { folderId: folder.id });
    await world.call(admin, "DeleteProject", { projectId }, { ifMatch: 1 });
    await world.call(admin, "DeleteFolder", { folderId: folder.id }, { ifMatch: 1 });
    const restored = await world.call(admin, "RestoreProject", { projectId });
    expect(restored).toMatchObject({ id: projectId, status: "draft" });
    expect(restored).not.toHaveProperty("folderId");
  });

  it("and what goes into it at the same moment never both succeed", async () => {
    for (let round = 0; round < 12; round += 1) {
      const { id: folderId } = await world.folder(admin);
      const id = newId("prj");
      const [deleted, created] = await Promise.all([
        world.refusal(admin, "DeleteFolder", { folderId }, { ifMatch: 1 }),
        world.refusal(admin, "CreateProject", { id, title: "In time", folderId }),
      ]);
      expect([deleted, created].filter((answer) => answer === "ok")).toHaveLength(1);
    }
  });

  it("is not needed to close one: an archived folder takes nothing in", async () => {
    const { id: folderId } = await world.folder(admin);
    const { id: projectId } = await world.project(admin);
    await world.call(admin, "UpdateFolder", { folderId, status: "archived" }, { ifMatch: 1 });
    expect(await world.refusal(admin, "CreateProject", { id: newId("prj"), title: "No", folderId })).toBe(
      "unprocessable folder_archived",
    );
    expect(await world.refusal(admin, "MoveProject", { projectId, folderId })).toBe("unprocessable folder_archived");
  });
});
