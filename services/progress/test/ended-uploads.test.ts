// What happens to files when the project or organisation that they are in ends for good.
import { newId } from "@partake/testing";
import { uploadEndings } from "@partake/uploads";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { files } from "../src/store/files.ts";
import { organisations } from "../src/store/organisations.ts";
import { type Enrolled, type ProgressWorld, type Shown, startProgressWorld } from "./world.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const sha256 = "ab".repeat(32);
/** What an event or a job brings, on a busy machine. */
const soon = { timeout: 25_000, interval: 100 };

let world: ProgressWorld;
/** The days that pass here end before today: Kafka takes nothing from the future. */
let aheadMs = -200 * dayMs;

beforeAll(async () => {
  world = await startProgressWorld({ clock: { now: () => new Date(Date.now() + aheadMs) } });
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => world?.stop());

async function enrolIn(projectId: string): Promise<Enrolled> {
  const { id: boardId } = await world.board([], projectId);
  return world.enrol({ boardId, projectId });
}
async function posted(by: Enrolled): Promise<{ fileId: string; postId: string }> {
  const { participationId } = by;
  const file = { id: newId("fil"), participationId, name: "garden.jpg", mediaType: "image/jpeg" };
  const { id: fileId } = await world.call<Shown>(by.person, "CreateFile", file);
  await world.call(by.person, "CompleteFile", { fileId, size: 10, sha256 });
  const post = { id: newId("pst"), participationId, kind: "story", narrative: "A good week", fileIds: [fileId] };
  return { fileId, postId: (await world.call<Shown>(by.person, "CreatePost", post)).id };
}
const tellProject = (projectId: string, version: number, more: { removed?: boolean } = {}) =>
  world.parts.bus.publish({
    type: "org.partake.project.scope-changed.v1",
    data: {
      ...{ projectId, organisationId: world.organisationId, status: more.removed ? "deleted" : "published" },
      ...{ visibility: "people", createdBy: world.admin.userId, version, ...more },
    },
  });
const tellOrganisation = (organisationId: string, state: "suspended" | "closed", version: number) =>
  world.parts.bus.publish({
    type: "org.partake.organisation.changed.v1",
    data: {
      ...{ organisationId, state, timeZone: "Europe/London", version },
      ...{ managersGiveRoles: false, creatorsCreateProjects: false, contactCreators: [] },
      ...{ redactedAccess: false, visitorsSeeProjects: false },
    },
  });
const inProject = async (projectId: string) => (await world.parts.store.find(files, { projectId })).length;
async function leave(): Promise<string[]> {
  const gateway = world.service("gateway");
  const { ids } = await world.call<{ ids: string[] }>(gateway, "ReadLeavingBytes");
  if (ids.length > 0) await world.call(gateway, "ForgetBytes", { ids });
  return ids.sort();
}

describe("[P6] [G19] files of a project", () => {
  test("go with it when it is removed for good, and the post names none; other projects keep theirs", async () => {
    const [anna, bea] = [await enrolIn(world.projectId), await enrolIn(world.otherProjectId)];
    const [gone, kept] = [await posted(anna), await posted(bea)];
    await tellProject(world.projectId, 2, { removed: true });
    await expect.poll(() => inProject(world.projectId), soon).toBe(0);
    aheadMs += hourMs + 1_000;
    expect(await leave()).toEqual([gone.fileId]);
    expect(await inProject(world.otherProjectId)).toBe(1);
    expect(await world.refusal(bea.person, "GetFile", { fileId: kept.fileId })).toBe("ok");
    expect(await world.call(bea.person, "GetPost", { postId: kept.postId })).toMatchObject({ files: [{}] });
    // Told of it once more, as a topic may; and as one that is there, whose telling came late.
    await tellProject(world.projectId, 2, { removed: true });
    await tellProject(world.projectId, 3);
    await expect.poll(() => world.refusal(world.manager, "GetPost", { postId: gone.postId }), soon).toBe("ok");
    expect(await world.call(world.manager, "GetPost", { postId: gone.postId })).toMatchObject({ files: [] });
  });

  test("go whole, however many there are and whatever fails in between", async () => {
    const { store } = world.parts;
    const projectId = newId("prj");
    const [participationId, contactId] = [newId("par"), newId("con")];
    await store.write({ actorId: "service:progress", traceparent: undefined }, async (tx) => {
      for (let count = 0; count < 120; count++)
        await tx.insert(files, {
          ...{ _id: newId("fil"), organisationId: world.organisationId, projectId, participationId, contactId },
          ...{ ownerId: newId("usr"), name: "a.png", mediaType: "image/png", size: 1, sha256, state: "stored" },
          ...{ loose: true, createdAt: tx.now },
        });
      return "";
    });
    const write = store.write.bind(store);
    let isCut = false;
    vi.spyOn(store, "write").mockImplementation(async (cause, work) => {
      const written = await write(cause, work);
      if (isCut || written.id !== projectId) return written;
      isCut = true;
      throw new Error("the process ended after the first piece");
    });
    await tellProject(projectId, 2, { removed: true });
    await expect.poll(() => inProject(projectId), soon).toBe(0);
    expect(isCut).toBe(true);
    aheadMs += hourMs + 1_000;
    const told = [...(await leave()), ...(await leave())];
    expect([told.length, new Set(told).size]).toEqual([120, 120]);
  });
});

describe("[X7] [G19] files of an organisation", () => {
  test("stay while it is suspended, and go thirty days after it was closed", async () => {
    const bea = await enrolIn(world.otherProjectId);
    await posted(bea);
    const before = await inProject(world.otherProjectId);
    const ending = (id: string) => world.parts.store.get(uploadEndings, id);
    const [{ organisationId }, other] = [world, newId("org")];
    // The topic is in order: what was told after it is known.
    await tellOrganisation(organisationId, "suspended", 5);
    await tellOrganisation(other, "closed", 5);
    await expect.poll(() => ending(other), soon).toBeDefined();
    expect(await ending(organisationId)).toBeUndefined();
    for (const version of [6, 7]) await tellOrganisation(organisationId, "closed", version);
    const told = async () => (await world.parts.store.get(organisations, organisationId))?.sourceVersion;
    await expect.poll(told, soon).toBe(7);
    aheadMs += 30 * dayMs - hourMs;
    expect(await leave()).toEqual([]);
    expect(await inProject(world.otherProjectId)).toBe(before);
    aheadMs += hourMs + 1_000;
    await expect.poll(() => inProject(world.otherProjectId), soon).toBe(0);
    aheadMs += hourMs + 1_000;
    expect(await leave()).toHaveLength(before);
  });
});
