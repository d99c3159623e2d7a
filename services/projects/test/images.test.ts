import { newId, type TestCaller } from "@partake/testing";
import { uploadEndings } from "@partake/uploads";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { folders } from "../src/store/folders.ts";
import { images } from "../src/store/images.ts";
import { projects } from "../src/store/projects.ts";
import { type ProjectsWorld, type Shown, soon, startProjectsWorld } from "./world.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

let world: ProjectsWorld;
let admin: TestCaller;
/** The days that pass here end before today: Kafka takes nothing from the future. */
let aheadMs = -100 * dayMs;

beforeAll(async () => {
  world = await startProjectsWorld({ clock: { now: () => new Date(Date.now() + aheadMs) } });
  admin = world.person([["admin", world.organisationId]]);
  world.identity.organisations.set(world.organisationId, { state: "active", visitorsSeeProjects: true, version: 1 });
});
afterAll(() => world?.stop());

const announce = (shownOn: string, id = newId("img")) => ({ id, shownOn, name: "Beach.jpg", mediaType: "image/jpeg" });
async function upload(by: TestCaller, shownOn: string): Promise<string> {
  const { id } = await world.call<Shown>(by, "CreateImage", announce(shownOn));
  await world.call(by, "CompleteImage", { imageId: id, size: 10, sha256 });
  return id;
}
const tellOrganisation = (organisationId: string, state: "suspended" | "closed", version: number) =>
  world.parts.bus.publish({
    type: "org.partake.organisation.changed.v1",
    data: {
      ...{ organisationId, state, timeZone: "Europe/London", version },
      ...{ managersGiveRoles: false, creatorsCreateProjects: false, contactCreators: [] },
      ...{ redactedAccess: false, visitorsSeeProjects: false },
    },
  });
/** What the gateway is told to remove the bytes of; it does. */
async function leaving(): Promise<string[]> {
  const gateway = world.service("gateway");
  const { ids } = await world.call<{ ids: string[] }>(gateway, "ReadLeavingBytes");
  if (ids.length > 0) await world.call(gateway, "ForgetBytes", { ids });
  return ids.sort();
}

describe("[P1] [P2] pictures of projects and folders", () => {
  it("are put there by their editors, the last one counts, and go with them", async () => {
    const folder = await world.folder(admin);
    const { id: projectId } = await world.project(admin, {
      folderId: folder.id,
      status: "published",
      visibility: "registered",
    });
    const manager = world.person([["manager", projectId]]);
    const keeper = world.person([["folder_manager", folder.id]]);
    const reader = world.person([]);
    const first = await upload(manager, projectId);
    expect(await world.call(reader, "GetProject", { projectId })).toMatchObject({ imageId: first, version: 2 });
    expect(await world.call(reader, "GetImage", { imageId: first })).toMatchObject({
      state: "stored",
      sha256,
      size: 10,
    });
    const second = await upload(keeper, projectId);
    expect(await world.call(reader, "GetProject", { projectId })).toMatchObject({ imageId: second });
    expect(await world.refusal(admin, "GetImage", { imageId: first })).toBe("not_found not_found");
    // Whoever began to fetch it may still do so.
    expect(await leaving()).toEqual([]);
    aheadMs += hourMs + 1_000;
    expect(await leaving()).toEqual([first]);
    expect(await leaving()).toEqual([]);
    expect(await world.refusal(reader, "GetImage", { imageId: second })).toBe("ok");
    expect(await world.refusal(manager, "RemoveProjectImage", { projectId }, { ifMatch: 1 })).toBe(
      "precondition_failed version_mismatch",
    );
    await world.call(manager, "RemoveProjectImage", { projectId }, { ifMatch: 3 });
    expect(await world.call(reader, "GetProject", { projectId })).not.toHaveProperty("imageId");
    const ofFolder = await upload(keeper, folder.id);
    expect(await world.call(reader, "GetFolder", { folderId: folder.id })).toMatchObject({ imageId: ofFolder });
    expect(await world.refusal(reader, "GetImage", { imageId: ofFolder })).toBe("ok");
    await world.call(keeper, "RemoveFolderImage", { folderId: folder.id }, { ifMatch: 2 });
    aheadMs += hourMs + 1_000;
    expect(await leaving()).toEqual([second, ofFolder].sort());
  });

  it("are done once for one id, and completed by who began", async () => {
    const { id: projectId } = await world.project(admin);
    const [one, other] = [world.person([["manager", projectId]]), world.person([["manager", projectId]])];
    const request = announce(projectId);
    for (const _ of [1, 2]) await world.call(one, "CreateImage", request);
    const complete = { imageId: request.id, size: 10, sha256 };
    expect(await world.refusal(other, "CompleteImage", complete)).toBe("not_found not_found");
    for (const _ of [1, 2]) expect(await world.refusal(one, "CompleteImage", complete)).toBe("ok");
    expect(await world.refusal(one, "CompleteImage", { ...complete, sha256: "0".repeat(64) })).toBe(
      "conflict already_exists",
    );
    expect(await world.call(one, "GetProject", { projectId })).toMatchObject({ imageId: request.id, version: 2 });
  });

  it("are refused to all others, and of no other type", async () => {
    const folder = await world.folder(admin);
    const [own, sibling] = [await world.project(admin, { folderId: folder.id }), await world.project(admin)];
    const elsewhere = newId("org");
    const cases: [TestCaller | undefined, string, string][] = [
      [undefined, own.id, "unauthenticated token_missing"],
      [world.person([["reporter", own.id]]), own.id, "forbidden no_role"],
      [world.person([["manager", own.id]]), sibling.id, "not_found not_found"],
      [world.person([["folder_manager", folder.id]]), sibling.id, "not_found not_found"],
      [world.person([["manager", own.id]]), folder.id, "forbidden no_role"],
      [world.person([["admin", elsewhere]], { organisationId: elsewhere }), own.id, "not_found not_found"],
      [admin, newId("prj"), "not_found not_found"],
    ];
    // Who edits nothing at all learns that from any picture's id.
    const unasked = [world.person([["member", world.organisationId]])];
    for (const by of unasked)
      expect(await world.refusal(by, "CreateImage", announce(own.id))).toBe("forbidden no_role");
    for (const [by, shownOn, expected] of cases) {
      expect(await world.refusal(by, "CreateImage", announce(shownOn))).toBe(expected);
      const remove = shownOn.startsWith("fld") ? "RemoveFolderImage" : "RemoveProjectImage";
      const of = shownOn.startsWith("fld") ? { folderId: shownOn } : { projectId: shownOn };
      expect(await world.refusal(by, remove, of, { ifMatch: 1 })).toBe(expected);
    }
    for (const mediaType of ["application/pdf", "image/svg+xml", "text/html"])
      expect(await world.refusal(admin, "CreateImage", { ...announce(own.id), mediaType })).toBe(
        "unsupported_media_type file_type",
      );
    const imageId = await upload(admin, own.id);
    for (const by of [world.person([["manager", sibling.id]]), world.person([])])
      expect(await world.refusal(by, "GetImage", { imageId })).toBe("not_found not_found");
    expect(
      await world.refusal(world.service("contacts"), "GetPublicImage", {
        organisationId: world.organisationId,
        imageId,
      }),
    ).toBe("internal service_refused");
  });

  it("[R10] are shown to visitors with the project, and with the folder of one", async () => {
    const { organisationId } = world;
    const gateway = world.service("gateway");
    const folder = await world.folder(admin);
    const { id: projectId } = await world.project(admin, { folderId: folder.id, visibility: "public" });
    const [ofProject, ofFolder] = [await upload(admin, projectId), await upload(admin, folder.id)];
    const shown = async () =>
      await Promise.all(
        [ofProject, ofFolder].map((imageId) => world.refusal(gateway, "GetPublicImage", { organisationId, imageId })),
      );
    const hidden = ["not_found not_found", "not_found not_found"];
    expect(await shown()).toEqual(hidden);
    await world.call(admin, "UpdateProject", { projectId, status: "published" }, { ifMatch: 2 });
    expect(await shown()).toEqual(["ok", "ok"]);
    const { items } = await world.call<{ items: Shown[] }>(undefined, "ListPublicProjects", { organisationId });
    expect(items.find(({ id }) => id === projectId)).toMatchObject({
      ...{ imageId: ofProject, folder: { imageId: ofFolder } },
    });
    const elsewhere = newId("org");
    world.identity.organisations.set(elsewhere, { state: "active", visitorsSeeProjects: true, version: 1 });
    expect(await world.refusal(gateway, "GetPublicImage", { organisationId: elsewhere, imageId: ofProject })).toBe(
      "not_found not_found",
    );
    await world.call(admin, "DeleteProject", { projectId }, { ifMatch: 3 });
    expect(await shown()).toEqual(hidden);
    expect(await world.refusal(admin, "GetImage", { imageId: ofProject })).toBe("not_found not_found");
    aheadMs += 29 * dayMs;
    expect(await leaving()).toEqual([]);
    aheadMs += dayMs + 1_000;
    const isRemoved = () =>
      world.events.some(({ key, data }) => key === projectId && "removed" in data && data.removed);
    await expect.poll(isRemoved, soon).toBe(true);
    aheadMs += hourMs + 1_000;
    expect(await leaving()).toEqual([ofProject]);
  });

  it("that are begun and never finished go after two days, and are not completed then", async () => {
    const { id: projectId } = await world.project(admin);
    const [late, inTime] = [announce(projectId), announce(projectId)];
    for (const request of [late, inTime]) await world.call(admin, "CreateImage", request);
    aheadMs += 2 * dayMs - hourMs;
    expect(await leaving()).toEqual([]);
    await world.call(admin, "CompleteImage", { imageId: inTime.id, size: 10, sha256 });
    aheadMs += hourMs + 1_000;
    expect(await leaving()).toEqual([late.id]);
    expect(await world.refusal(admin, "CompleteImage", { imageId: late.id, size: 10, sha256 })).toBe(
      "not_found not_found",
    );
    expect(await world.call(admin, "GetProject", { projectId })).toMatchObject({ imageId: inTime.id });
    aheadMs += 2 * dayMs;
    expect(await leaving()).toEqual([]);
  });
});

describe("[X7] pictures of an organisation", () => {
  it("stay while it is suspended, and go thirty days after it was closed", async () => {
    const { organisationId } = world;
    const elsewhere = newId("org");
    const other = world.person([["admin", elsewhere]], { organisationId: elsewhere });
    const [folder, project] = [await world.folder(admin), await world.project(admin)];
    const kept = await world.project(other, { organisationId: elsewhere });
    const going = [await upload(admin, folder.id), await upload(admin, project.id)];
    const staying = await upload(other, kept.id);
    const { store } = world.parts;
    const before = await store.count(images, { organisationId });
    const ending = (id: string) => store.get(uploadEndings, id);
    const third = newId("org");
    // The topic is in order: what was told after it is known.
    await tellOrganisation(organisationId, "suspended", 5);
    await tellOrganisation(third, "closed", 5);
    await expect.poll(() => ending(third), soon).toBeDefined();
    expect(await ending(organisationId)).toBeUndefined();
    await tellOrganisation(organisationId, "closed", 6);
    await expect.poll(() => ending(organisationId), soon).toBeDefined();
    await leaving();
    aheadMs += 30 * dayMs - hourMs;
    expect(await store.count(images, { organisationId })).toBe(before);
    aheadMs += hourMs + 1_000;
    await expect.poll(() => store.count(images, { organisationId }), soon).toBe(0);
    aheadMs += hourMs + 1_000;
    expect(await leaving()).toEqual(expect.arrayContaining(going));
    expect((await store.get(folders, folder.id))?.imageId).toBeUndefined();
    expect((await store.get(projects, project.id))?.imageId).toBeUndefined();
    expect(await world.refusal(other, "GetImage", { imageId: staying })).toBe("ok");
  });
});
