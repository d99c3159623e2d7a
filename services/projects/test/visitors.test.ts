import { newId, type TestCaller } from "@partake/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PublicOrganisations } from "../src/public-organisations.ts";
import { type ProjectsWorld, type Shown, soon, startProjectsWorld } from "./world.ts";

let world: ProjectsWorld;
beforeAll(async () => {
  world = await startProjectsWorld();
});
afterAll(() => world?.stop());

/** An organisation of its own that shows its projects, with somebody who makes them. */
function organisation(of: { state?: "active" | "suspended"; visitorsSeeProjects?: boolean } = {}) {
  const organisationId = newId("org");
  const admin = world.person([["admin", organisationId]], { organisationId });
  const { state = "active", visitorsSeeProjects = true } = of;
  world.identity.organisations.set(organisationId, { state, visitorsSeeProjects, version: 1 });
  const open = (more: object = {}) => world.project(admin, { status: "published", visibility: "public", ...more });
  const list = (request: object = {}, by?: TestCaller) =>
    world.call<{ items: Shown[]; nextCursor: string }>(by, "ListPublicProjects", { organisationId, ...request });
  return { organisationId, admin, open, list };
}

const changed = (organisationId: string, of: { state?: "active" | "suspended"; visitors: boolean; version: number }) =>
  world.parts.bus.publish({
    type: "org.partake.organisation.changed.v1",
    data: {
      ...{ organisationId, state: of.state ?? "active", managersGiveRoles: true, creatorsCreateProjects: true },
      ...{ contactCreators: [], redactedAccess: false, visitorsSeeProjects: of.visitors },
      ...{ timeZone: "Europe/London", version: of.version },
    },
  });

describe("[P2] [R10] visitors", () => {
  it("see the published public projects in their order, with their folders, and nothing else of them", async () => {
    const { organisationId, admin, open, list } = organisation();
    const folder = await world.folder(admin, "Outdoors");
    const last = await open({ title: "last", folderId: folder.id, description: "Boots", startsOn: "2026-05-01" });
    const first = await open({ title: "first" });
    await world.call(admin, "PlaceProject", { projectId: last.id, afterProjectId: first.id });
    await open({ title: "registered", visibility: "registered" });
    await open({ title: "people", visibility: "people" });
    await open({ title: "groups", visibility: "groups" });
    await open({ title: "draft", status: "draft" });
    const archived = await open({ title: "archived" });
    await world.call(admin, "UpdateProject", { projectId: archived.id, status: "archived" }, { ifMatch: 1 });
    const { items, nextCursor } = await list();
    expect(nextCursor).toBe("");
    expect(items).toEqual([
      { id: first.id, organisationId, title: "first", description: "" },
      {
        ...{ id: last.id, organisationId, title: "last", description: "Boots", startsOn: "2026-05-01" },
        folder: { id: folder.id, title: "Outdoors" },
      },
    ]);
    const one = await world.call(undefined, "GetPublicProject", { organisationId, projectId: last.id });
    expect(one).toEqual(items[1]);
    expect((await list({ folderId: folder.id })).items.map(({ id }) => id)).toEqual([last.id]);
    const empty = await world.folder(admin, "Empty");
    for (const folderId of [newId("fld"), empty.id])
      expect(await world.refusal(undefined, "ListPublicProjects", { organisationId, folderId })).toBe(
        "not_found not_found",
      );
    expect((await list({}, admin)).items).toEqual(items);
  });

  it("read page by page, whoever they are: one's cursor is good for the next one", async () => {
    const { admin, open, list } = organisation();
    for (const title of ["a", "b", "c"]) await open({ title });
    const page = await list({ limit: 2 });
    const rest = await list({ limit: 2, cursor: page.nextCursor }, admin);
    expect([...page.items, ...rest.items].map(({ title }) => title)).toEqual(["a", "b", "c"]);
    const elsewhere = organisation();
    await elsewhere.open({ title: "theirs" });
    const { organisationId } = elsewhere;
    const asked = { organisationId, limit: 2, cursor: page.nextCursor };
    expect(await world.refusal(undefined, "ListPublicProjects", asked)).toMatch(/^invalid /);
  });

  it("are told the same of what is hidden and of what is not there", async () => {
    const { organisationId, admin, open } = organisation();
    const other = organisation();
    const hidden = [
      await open({ visibility: "registered" }),
      await open({ visibility: "people" }),
      await open({ status: "draft" }),
      await other.open(),
      { id: newId("prj") },
    ];
    for (const { id: projectId } of hidden)
      expect(await world.refusal(undefined, "GetPublicProject", { organisationId, projectId })).toBe(
        "not_found not_found",
      );
    const deleted = await open();
    await world.call(admin, "DeleteProject", { projectId: deleted.id }, { ifMatch: 1 });
    expect(await world.refusal(undefined, "GetPublicProject", { organisationId, projectId: deleted.id })).toBe(
      "not_found not_found",
    );
    const off = organisation({ visitorsSeeProjects: false });
    const stopped = organisation({ state: "suspended" });
    for (const { open: publish, ...closed } of [off, stopped]) {
      const { id: projectId } = await publish();
      const of = { organisationId: closed.organisationId };
      expect(await world.refusal(undefined, "ListPublicProjects", of)).toBe("not_found not_found");
      expect(await world.refusal(undefined, "GetPublicProject", { ...of, projectId })).toBe("not_found not_found");
      expect(await world.refusal(closed.admin, "ListPublicProjects", of)).toBe("not_found not_found");
    }
    expect(await world.refusal(undefined, "ListPublicProjects", { organisationId: newId("org") })).toBe(
      "not_found not_found",
    );
  });

  it("[R17] see nothing of a project at once when its manager sets it to draft", async () => {
    const { organisationId, open, list, admin } = organisation();
    const folder = await world.folder(admin);
    const [one, two] = [await open(), await open({ folderId: folder.id })];
    const manager = world.person([["manager", one.id]], { organisationId });
    const keeper = world.person([["folder_manager", folder.id]], { organisationId });
    const registered = world.person([], { organisationId });
    for (const [by, { id: projectId }] of [
      [manager, one],
      [keeper, two],
    ] as const) {
      expect(await world.refusal(registered, "GetProject", { projectId })).toBe("ok");
      await world.call(by, "UpdateProject", { projectId, status: "draft" }, { ifMatch: 1 });
      expect(await world.refusal(undefined, "GetPublicProject", { organisationId, projectId })).toBe(
        "not_found not_found",
      );
      expect((await list()).items.map(({ id }) => id)).not.toContain(projectId);
      await expect.poll(() => world.refusal(registered, "GetProject", { projectId }), soon).toBe("not_found not_found");
    }
  });

  it("see no more as soon as the switch or the organisation goes off, and again when it is on", async () => {
    const { organisationId, open, list } = organisation();
    await open();
    const answer = () => world.refusal(undefined, "ListPublicProjects", { organisationId });
    expect((await list()).items).toHaveLength(1);
    const steps: [{ state?: "active" | "suspended"; visitors: boolean; version: number }, string][] = [
      [{ visitors: false, version: 2 }, "not_found not_found"],
      [{ visitors: true, version: 3 }, "ok"],
      [{ state: "suspended", visitors: true, version: 4 }, "not_found not_found"],
      // An older word that comes late.
      [{ visitors: true, version: 3 }, "not_found not_found"],
      [{ visitors: true, version: 5 }, "ok"],
    ];
    for (const [change, expected] of steps) {
      await changed(organisationId, change);
      await expect.poll(answer, soon).toBe(expected);
    }
  });
});

describe("what is held of organisations for visitors", () => {
  const source = (visitorsSeeProjects: boolean, version = 1) => {
    const asked = { count: 0, isAway: false };
    return {
      asked,
      read: async () => {
        asked.count += 1;
        if (asked.isAway) throw new Error("nobody is there");
        return { state: "active" as const, visitorsSeeProjects, version };
      },
    };
  };
  const beat = { type: "org.partake.identity.heartbeat.v1", data: {} } as never;

  it("is read once while the topic reaches us, also of what is not there, and dropped when it is lost", async () => {
    const view = new PublicOrganisations({ nowMs: () => 1_000 });
    const from = source(false);
    view.broadcast.handle(beat);
    for (let index = 0; index < 5; index += 1) expect(await view.isShown("org_a", from)).toBe(false);
    expect(from.asked.count).toBe(1);
    view.broadcast.lost();
    await view.isShown("org_a", from);
    expect(from.asked.count).toBe(2);
  });

  it("is asked for anew while identity is silent; with it away, what was known counts for minutes and no longer", async () => {
    let nowMs = 0;
    const view = new PublicOrganisations({ nowMs: () => nowMs });
    const from = source(true);
    view.broadcast.handle(beat);
    await view.isShown("org_a", from);
    nowMs = 10_000;
    await view.isShown("org_a", from);
    expect(from.asked.count).toBe(2);
    from.asked.isAway = true;
    nowMs = 60_000;
    expect(await view.isShown("org_a", from)).toBe(true);
    nowMs = 400_000;
    await expect(view.isShown("org_a", from)).rejects.toMatchObject({ code: "unavailable" });
    await expect(view.isShown("org_b", from)).rejects.toMatchObject({ code: "unavailable" });
  });

  it("follows the topic, of which the highest version counts, in whatever order it comes", async () => {
    const view = new PublicOrganisations({ nowMs: () => 0 });
    const from = source(true, 5);
    view.broadcast.handle(beat);
    await view.isShown("org_a", from);
    const steps: [version: number, state: "active" | "suspended", visitorsSeeProjects: boolean, isShown: boolean][] = [
      [4, "active", false, true],
      [6, "active", false, false],
      [5, "active", true, false],
      [7, "active", true, true],
      [8, "suspended", true, false],
      [7, "active", true, false],
    ];
    for (const [version, state, visitorsSeeProjects, isShown] of steps) {
      const data = { organisationId: "org_a", state, visitorsSeeProjects, version };
      view.broadcast.handle({ type: "org.partake.organisation.changed.v1", data } as never);
      expect([version, await view.isShown("org_a", from)]).toEqual([version, isShown]);
    }
    expect(from.asked.count).toBe(1);
  });

  it("is bounded", async () => {
    const view = new PublicOrganisations({ nowMs: () => 0, capacity: 2 });
    const from = source(true);
    view.broadcast.handle(beat);
    for (const id of ["org_a", "org_b", "org_c", "org_c", "org_b"]) await view.isShown(id, from);
    expect(from.asked.count).toBe(3);
    await view.isShown("org_a", from);
    expect(from.asked.count).toBe(4);
  });
});
