import { newId, type TestCaller } from "@partake/testing";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { after, before, between, placeOfNew, placeOfNewFolder, positionOf, spread } from "../src/domain/order.ts";
import { type ProjectsWorld, type Shown, startProjectsWorld } from "./world.ts";

let world: ProjectsWorld;
beforeAll(async () => {
  world = await startProjectsWorld();
});
afterAll(() => world?.stop());

/** An organisation of its own, with what a test puts in order. */
function organisation() {
  const organisationId = newId("org");
  const admin = world.person([["admin", organisationId]], { organisationId });
  const titles = async (operation: "ListProjects" | "ListFolders", request: object = {}) => {
    const { items } = await world.call<{ items: Shown[] }>(admin, operation, { limit: 200, ...request });
    return items.map(({ title }) => title).join(" ");
  };
  return { organisationId, admin, titles };
}

describe("[P1] places in an order", () => {
  const place = fc.string({ unit: fc.constantFrom(..."0129AZaz"), minLength: 1, maxLength: 9 });
  it("between two there is one, or it says that there is none", () => {
    fc.assert(
      fc.property(place, place, (one, other) => {
        const [low, high] = one < other ? [one, other] : [other, one];
        const found = between(low, high);
        if (found !== undefined) expect(low < found && found < high).toBe(true);
        else expect(low === high || high.slice(low.length).replaceAll("0", "") === "").toBe(true);
      }),
      { numRuns: 2_000, seed: 4 },
    );
  });

  it("hold what is put first, last or in between a thousand times over, without growing long", () => {
    const now = new Date("2026-03-02T09:00:00Z");
    let [low, high] = [placeOfNew(now), placeOfNew(new Date(now.getTime() + 1))];
    let [first, last] = [placeOfNewFolder(7, now), placeOfNewFolder(7, now)];
    let narrow = 0;
    for (let round = 0; round < 1_000; round += 1) {
      first = before(first, "folder") ?? "";
      last = after(last, "folder") ?? "";
      const found = between(low, high);
      if (found === undefined) {
        narrow += 1;
        const room = spread("", placeOfNew(now), 3) ?? [];
        [low, high] = [room[0] ?? "", room[1] ?? ""];
      } else if (round % 2) low = found;
      else high = found;
    }
    expect([first.length, last.length, positionOf(first), positionOf(last)]).toEqual([14, 14, 7, 7]);
    expect(narrow).toBeLessThan(10);
  });
});

describe("[P1] the order of folders", () => {
  it("is that of their positions, then that in which they came, until they are placed", async () => {
    const { admin, titles } = organisation();
    const made: Record<string, string> = {};
    for (const [title, position] of [
      ["a", 2],
      ["b", 0],
      ["c", 0],
      ["d", 1],
    ] as const) {
      const { id } = await world.call<Shown>(admin, "CreateFolder", { id: newId("fld"), title, position });
      made[title] = id;
    }
    expect(await titles("ListFolders")).toBe("b c d a");
    const put = (folder: string, behind?: string) =>
      world.call<Shown>(admin, "PlaceFolder", {
        folderId: made[folder],
        ...(behind !== undefined && { afterFolderId: made[behind] }),
      });
    expect(await put("b", "d")).toMatchObject({ position: 2, version: 2 });
    expect(await titles("ListFolders")).toBe("c d b a");
    expect(await put("b", "d")).toMatchObject({ version: 2 });
    await put("a");
    expect(await titles("ListFolders")).toBe("a c d b");
    expect(await put("a")).toMatchObject({ position: 0, version: 2 });
    await put("a", "b");
    expect(await titles("ListFolders")).toBe("c d b a");
  });

  it("is changed by their managers and admins, behind what they see", async () => {
    const { admin, organisationId } = organisation();
    const [one, two] = [await world.folder(admin, "one"), await world.folder(admin, "two")];
    const keeper = world.person([["folder_manager", one.id]], { organisationId });
    const refusal = (by: TestCaller, request: object) => world.refusal(by, "PlaceFolder", request);
    expect(await refusal(keeper, { folderId: one.id, afterFolderId: two.id })).toBe("not_found folder_not_found");
    expect(await refusal(keeper, { folderId: two.id })).toBe("not_found not_found");
    expect(await refusal(world.person([["member", organisationId]], { organisationId }), { folderId: one.id })).toBe(
      "not_found not_found",
    );
    expect(await refusal(admin, { folderId: one.id, afterFolderId: newId("fld") })).toBe("not_found folder_not_found");
    const stranger = await world.folder(organisation().admin);
    expect(await refusal(admin, { folderId: one.id, afterFolderId: stranger.id })).toBe("not_found folder_not_found");
    expect(await refusal(keeper, { folderId: one.id })).toBe("ok");
  });
});

describe("[P1] the order of projects", () => {
  it("is one for the organisation, and that of a folder follows from it", async () => {
    const { admin, titles } = organisation();
    const folder = await world.folder(admin);
    const made: Record<string, string> = {};
    for (const title of ["a", "b", "c", "d"]) {
      const place = title < "c" ? {} : { folderId: folder.id };
      made[title] = (await world.project(admin, { title, ...place })).id;
    }
    const put = (project: string, behind?: string) =>
      world.call(admin, "PlaceProject", {
        projectId: made[project],
        ...(behind !== undefined && { afterProjectId: made[behind] }),
      });
    expect(await titles("ListProjects", { sort: "place" })).toBe("a b c d");
    await put("d");
    expect(await titles("ListProjects", { sort: "place" })).toBe("a b d c");
    expect(await titles("ListProjects", { sort: "place", folderId: folder.id })).toBe("d c");
    await put("b", "d");
    expect(await titles("ListProjects", { sort: "place" })).toBe("a d b c");
    expect(await titles("ListProjects", { sort: "place", outsideFolders: true })).toBe("a b");
    await world.call(admin, "MoveProject", { projectId: made["b"], folderId: folder.id });
    expect(await titles("ListProjects", { sort: "place", folderId: folder.id })).toBe("d b c");
  });

  it("survives many who change it at once: nothing is lost, and it goes on being changed", async () => {
    const { admin, titles } = organisation();
    const made: string[] = [];
    for (let index = 0; index < 12; index += 1) made.push((await world.project(admin, { title: `p${index}` })).id);
    const [head, ...rest] = made;
    await Promise.all(rest.map((projectId) => world.call(admin, "PlaceProject", { projectId, afterProjectId: head })));
    const all = await titles("ListProjects", { sort: "place" });
    expect(all.split(" ").sort()).toEqual(made.map((_, index) => `p${index}`).sort());
    expect(all).toMatch(/^p0 /);
    // Whoever had the same wish at the same moment may have got the same place; the next wish is still met exactly.
    const [, second, third] = all.split(" ").map((title) => made[Number(title.slice(1))]);
    const last = all.split(" ").at(-1);
    const lastId = made[Number(last?.slice(1))];
    await world.call(admin, "PlaceProject", { projectId: lastId, afterProjectId: second });
    const then = (await titles("ListProjects", { sort: "place" })).split(" ");
    expect(then.slice(1, 4)).toEqual([all.split(" ")[1], last, all.split(" ")[2]]);
    expect(third).toBeDefined();
  });

  it("is the folder managers' in their folder and the admins' everywhere", async () => {
    const { admin, organisationId } = organisation();
    const folder = await world.folder(admin);
    const [inside, outside] = [await world.project(admin, { folderId: folder.id }), await world.project(admin)];
    const as = (role: "folder_manager" | "manager" | "reporter" | "member", scope: string) =>
      world.person([[role, scope]], { organisationId });
    const refusal = (by: TestCaller, request: object) => world.refusal(by, "PlaceProject", request);
    expect(await refusal(as("folder_manager", folder.id), { projectId: inside.id })).toBe("ok");
    expect(await refusal(as("folder_manager", folder.id), { projectId: outside.id })).toBe("not_found not_found");
    expect(await refusal(as("folder_manager", folder.id), { projectId: inside.id, afterProjectId: outside.id })).toBe(
      "not_found project_not_found",
    );
    expect(await refusal(as("manager", outside.id), { projectId: outside.id })).toBe("forbidden no_role");
    expect(await refusal(as("reporter", inside.id), { projectId: inside.id })).toBe("forbidden no_role");
    expect(await refusal(as("member", organisationId), { projectId: inside.id })).toBe("not_found not_found");
    expect(await refusal(admin, { projectId: inside.id, afterProjectId: newId("prj") })).toBe(
      "not_found project_not_found",
    );
    expect(await refusal(admin, { projectId: inside.id, afterProjectId: outside.id })).toBe("ok");
  });
});
