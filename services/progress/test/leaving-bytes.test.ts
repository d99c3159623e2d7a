// What happens to files when what owned them goes: their records, and what the gateway is told to remove the bytes of.
import { newId } from "@partake/testing";
import { leavingBytes } from "@partake/uploads";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { files } from "../src/store/files.ts";
import { type Enrolled, type ProgressWorld, type Shown, startProgressWorld } from "./world.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const sha256 = "ab".repeat(32);

let world: ProgressWorld;
let boardId: string;
/** The days that pass here end before today: Kafka takes nothing from the future. */
let aheadMs = -200 * dayMs;

beforeAll(async () => {
  world = await startProgressWorld({ clock: { now: () => new Date(Date.now() + aheadMs) } });
  boardId = (await world.board([])).id;
});
afterAll(() => world?.stop());

const announce = (by: Enrolled, id = newId("fil")) =>
  world.call<Shown>(by.person, "CreateFile", {
    ...{ id, participationId: by.participationId, name: "garden.jpg", mediaType: "image/jpeg" },
  });
const completion = (fileId: string) => ({ fileId, size: 10, sha256 });
async function upload(by: Enrolled): Promise<string> {
  const { id } = await announce(by);
  await world.call(by.person, "CompleteFile", completion(id));
  return id;
}
const post = (by: Enrolled, fileIds: string[]) =>
  world.call<Shown>(by.person, "CreatePost", {
    ...{ id: newId("pst"), participationId: by.participationId, kind: "story", narrative: "A good week", fileIds },
  });
const gateway = () => world.service("gateway");
const told = async () => (await world.call<{ ids: string[] }>(gateway(), "ReadLeavingBytes")).ids.sort();
async function leave(): Promise<string[]> {
  const ids = await told();
  if (ids.length > 0) await world.call(gateway(), "ForgetBytes", { ids });
  return ids;
}
const deleted = ({ contactId }: Enrolled) =>
  world.tellContact({
    ...{ contactId, organisationId: world.organisationId, projectIds: [], createdBy: world.admin.userId },
    ...{ deleted: true, version: 9 },
  });

describe("[G19] the bytes of files", () => {
  test("leave with the contact they are about, an hour later, and those of others stay", async () => {
    const [anna, bea] = [await world.enrol({ boardId }), await world.enrol({ boardId })];
    const [shown, loose, others] = [await upload(anna), await upload(anna), await upload(bea)];
    await post(anna, [shown]);
    await post(bea, [others]);
    aheadMs += dayMs;
    await deleted(anna);
    expect(await world.parts.store.find(files, { contactId: anna.contactId })).toEqual([]);
    // Whoever began to fetch one may still do so.
    expect(await told()).toEqual([]);
    aheadMs += hourMs + 1_000;
    expect(await leave()).toEqual([shown, loose].sort());
    expect(await leave()).toEqual([]);
    expect(await world.refusal(bea.person, "GetFile", { fileId: others })).toBe("ok");
    aheadMs += 10 * dayMs;
    expect(await leave()).toEqual([]);
  });

  test("are told of again, until they are forgotten, and after what was not told yet", async () => {
    const anna = await world.enrol({ boardId });
    const first = await upload(anna);
    await deleted(anna);
    aheadMs += hourMs + 1_000;
    expect(await told()).toEqual([first]);
    expect(await told()).toEqual([]);
    aheadMs += hourMs + 1_000;
    expect(await told()).toEqual([first]);
    for (const _ of [1, 2]) await world.call(gateway(), "ForgetBytes", { ids: [first, newId("fil")] });
    aheadMs += hourMs + 1_000;
    expect(await told()).toEqual([]);
  });

  test("of an upload under way leave when it can no longer be, though its contact is gone before", async () => {
    const anna = await world.enrol({ boardId });
    const { id } = await announce(anna);
    await deleted(anna);
    expect(await world.refusal(anna.person, "CompleteFile", completion(id))).toBe("not_found not_found");
    aheadMs += 2 * hourMs;
    expect(await leave()).toEqual([]);
    aheadMs += 2 * dayMs;
    expect(await leave()).toEqual([id]);
  });

  test("that nobody completed leave after two days; what comes later is refused, what came before stays", async () => {
    const anna = await world.enrol({ boardId });
    const [late, inTime] = [await announce(anna), await announce(anna)];
    aheadMs += 2 * dayMs - hourMs;
    expect(await leave()).toEqual([]);
    await world.call(anna.person, "CompleteFile", completion(inTime.id));
    aheadMs += hourMs + 1_000;
    expect(await leave()).toEqual([late.id]);
    expect(await world.refusal(anna.person, "CompleteFile", completion(late.id))).toBe("not_found not_found");
    expect(await world.refusal(anna.person, "GetFile", { fileId: inTime.id })).toBe("ok");
  });

  test("are kept or leave, never both, when a completion and the end of waiting come at once", async () => {
    const anna = await world.enrol({ boardId });
    for (let round = 0; round < 5; round++) {
      const { id } = await announce(anna);
      aheadMs += 2 * dayMs + 1_000;
      const [refusal, ids] = await Promise.all([world.refusal(anna.person, "CompleteFile", completion(id)), leave()]);
      expect([refusal, ids]).toEqual(refusal === "ok" ? ["ok", []] : ["not_found not_found", [id]]);
    }
  });

  test("are a hundred at once, the oldest first", async () => {
    const anna = await world.enrol({ boardId });
    await world.parts.store.write({ actorId: "service:progress", traceparent: undefined }, async (tx) => {
      for (let count = 0; count < 150; count++)
        await tx.insert(leavingBytes, { _id: newId("fil"), leaveAt: new Date(tx.now.getTime() - hourMs) });
      return "";
    });
    const last = await upload(anna);
    await deleted(anna);
    aheadMs += hourMs + 1_000;
    const [first, second] = [await leave(), await leave()];
    expect([first.length, second.length]).toEqual([100, 51]);
    expect(second).toContain(last);
  });

  test("are told to the gateway alone", async () => {
    for (const name of ["contacts", "projects"] as const) {
      const caller = world.service(name);
      expect(await world.refusal(caller, "ReadLeavingBytes")).toBe("internal service_refused");
      expect(await world.refusal(caller, "ForgetBytes", { ids: [newId("fil")] })).toBe("internal service_refused");
    }
  });
});
