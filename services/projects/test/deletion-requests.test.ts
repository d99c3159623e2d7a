import { newId, type TestCaller } from "@partake/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type ProjectsWorld, type Shown, soon, startProjectsWorld } from "./world.ts";

const dayMs = 24 * 3_600_000;

let world: ProjectsWorld;
/** The days that pass here end before today: Kafka takes nothing from the future. */
let aheadMs = -100 * dayMs;
let admin: TestCaller;
let manager: TestCaller & { kind: "person" };
let projectId: string;

beforeAll(async () => {
  world = await startProjectsWorld({ clock: { now: () => new Date(Date.now() + aheadMs) } });
  admin = world.person([["admin", world.organisationId]]);
});
afterAll(() => world?.stop());
beforeEach(async () => {
  ({ id: projectId } = await world.project(admin));
  manager = world.person([["manager", projectId]]) as typeof manager;
  world.identity.names.set(manager.userId, "Marked Name-71");
});

const reason = "Marked-9471: the hall burned down.";
const request = (by: TestCaller = manager, more: object = {}) =>
  world.call(by, "CreateDeletionRequest", { id: newId("drq"), projectId, reason, ...more });
const asks = (by: TestCaller) => world.refusal(by, "CreateDeletionRequest", { id: newId("drq"), projectId, reason });
const answers = (by: TestCaller, how: "Decline" | "Withdraw", { id }: { id: string }) =>
  world.refusal(by, `${how}DeletionRequest`, { deletionRequestId: id });
const read = (by: TestCaller, { id }: { id: string }) =>
  world.call(by, "GetDeletionRequest", { deletionRequestId: id });
const listed = async (by: TestCaller, filter: object = {}) =>
  (await world.call<{ items: Shown[] }>(by, "ListDeletionRequests", { limit: 200, ...filter })).items.map(
    ({ id }) => id,
  );
const told = () =>
  world.events
    .filter(({ key, type }) => key === projectId && type === "org.partake.deletion-request.changed.v1")
    .map(({ data }) => data as object as Record<string, unknown>);
const audited = () =>
  world.events
    .filter(({ type }) => type === "org.partake.audit.recorded.v1")
    .map(({ data }) => data as object as Record<string, unknown>)
    .filter(({ subjectId, action }) => subjectId === projectId && String(action).startsWith("deletion_request."))
    .map(({ action, actorId }) => [action, actorId]);

describe("[R17] asking the admins to delete a project", () => {
  it("is for those who manage it, directly or by its folder; they and the admins see it, and nobody else", async () => {
    const folder = await world.folder(admin);
    ({ id: projectId } = await world.project(admin, { folderId: folder.id }));
    manager = world.person([["manager", projectId]]) as typeof manager;
    const keeper = world.person([["folder_manager", folder.id]]);
    const made = await request(keeper);
    expect(made).toMatchObject({ projectId, state: "open", reason, version: 1 });
    for (const by of [manager, keeper, admin]) {
      expect(await read(by, made as Shown)).toEqual(made);
      expect(await listed(by)).toContain(made["id"]);
      expect(await listed(by, { state: "declined" })).not.toContain(made["id"]);
    }
    const elsewhere = newId("org");
    const others: [TestCaller, string][] = [
      [world.person([["reporter", projectId]]), "forbidden no_role"],
      [world.person([["observer", projectId]]), "forbidden no_role"],
      [world.person([["member", world.organisationId]]), "not_found not_found"],
      [world.person([["manager", (await world.project(admin)).id]]), "not_found not_found"],
      [world.person([["admin", elsewhere]], { organisationId: elsewhere }), "not_found not_found"],
    ];
    for (const [by, refusal] of others) {
      expect(await asks(by)).toBe(refusal);
      for (const name of ["GetDeletionRequest", "WithdrawDeletionRequest", "DeclineDeletionRequest"]) {
        const missing = await world.refusal(by, name, { deletionRequestId: newId("drq") });
        expect(await world.refusal(by, name, { deletionRequestId: made["id"] })).toBe(missing);
        expect(missing).toMatch(/^(not_found not_found|forbidden no_role)$/);
      }
      if ((await world.refusal(by, "ListDeletionRequests")) === "ok") expect(await listed(by)).toEqual([]);
    }
  });

  it("deletes nothing, and tells by ids alone", async () => {
    const { id } = (await request()) as Shown;
    expect(await world.call(manager, "GetProject", { projectId })).toMatchObject({ status: "draft", version: 1 });
    expect(await world.refusal(manager, "DeleteProject", { projectId }, { ifMatch: 1 })).toBe("forbidden no_role");
    const { organisationId } = world;
    const by = { requestedBy: manager.userId, actorId: manager.userId };
    await expect.poll(told, soon).toEqual([{ deletionRequestId: id, organisationId, projectId, state: "open", ...by }]);
    await expect.poll(audited, soon).toEqual([["deletion_request.created", manager.userId]]);
    expect(JSON.stringify(world.events)).not.toMatch(/Marked-9471|Marked Name/);
  });

  it("says who asks; while identity is away it does without", async () => {
    const made = (await request()) as Shown;
    expect(made).toMatchObject({ requestedBy: manager.userId, requesterName: "Marked Name-71" });
    world.identity.isAway = true;
    const other = world.person([["manager", projectId]]);
    await world.call(manager, "WithdrawDeletionRequest", { deletionRequestId: made.id });
    expect(await request(other)).toMatchObject({ requesterName: "", state: "open" });
    world.identity.isAway = false;
  });

  it("is open once: of ten who ask at once one does, and the same again is the same", async () => {
    const managers = Array.from({ length: 10 }, () => world.person([["manager", projectId]]));
    const answered = await Promise.all(managers.map(asks));
    expect(answered.filter((answer) => answer === "ok")).toHaveLength(1);
    expect(new Set(answered)).toEqual(new Set(["ok", "conflict already_requested"]));
    expect(await asks(manager)).toBe("conflict already_requested");
    const [open = ""] = await listed(manager, { state: "open" });
    await world.call(manager, "WithdrawDeletionRequest", { deletionRequestId: open });
    const id = newId("drq");
    const made = await request(manager, { id });
    expect(await request(manager, { id })).toEqual(made);
    expect(await world.refusal(manager, "CreateDeletionRequest", { id, projectId, reason: "Other" })).toMatch(
      /^conflict (id_taken|already_requested)$/,
    );
    expect(await listed(manager)).toHaveLength(2);
  });

  it.each([
    ["no reason", { reason: "" }],
    ["a reason that is too long", { reason: "x".repeat(1_001) }],
  ])("is refused with %s", async (_what, more) => {
    await expect(request(manager, more)).rejects.toThrow();
    expect(await listed(manager)).toEqual([]);
  });
});

describe("[R17] the answer", () => {
  it("is the admins': they decline, and say why", async () => {
    const made = (await request()) as Shown;
    expect(await answers(manager, "Decline", made)).toBe("forbidden no_role");
    const declined = { deletionRequestId: made.id, answer: "Marked-9472: archive it." };
    const answered = await world.call(admin, "DeclineDeletionRequest", declined);
    const { userId } = admin as typeof manager;
    expect(answered).toMatchObject({ state: "declined", answer: declined.answer, answeredBy: userId, version: 2 });
    expect(await read(manager, made)).toEqual(answered);
    expect(await answers(admin, "Decline", made)).toBe("ok");
    expect(await answers(manager, "Withdraw", made)).toBe("conflict already_answered");
    expect(await read(manager, made)).toEqual(answered);
    await expect
      .poll(() => told().map(({ state, actorId }) => [state, actorId]), soon)
      .toEqual([
        ["open", manager.userId],
        ["declined", userId],
      ]);
    expect(JSON.stringify(world.events)).not.toContain("Marked-9472");
    expect(await asks(manager)).toBe("ok");
  });

  it("is deleting it; a restored project knows that it was", async () => {
    const made = (await request()) as Shown;
    await world.call(admin, "DeleteProject", { projectId }, { ifMatch: 1 });
    for (const by of [manager, admin]) {
      expect(await world.refusal(by, "GetDeletionRequest", { deletionRequestId: made.id })).toBe("not_found not_found");
      expect(await listed(by)).not.toContain(made.id);
    }
    expect(await answers(admin, "Decline", made)).toBe("not_found not_found");
    expect(await asks(manager)).toBe("not_found not_found");
    await expect.poll(() => told().map(({ state }) => state), soon).toEqual(["open", "granted"]);
    await expect.poll(() => audited().map(([action]) => action), soon).toContain("deletion_request.granted");
    await world.call(admin, "RestoreProject", { projectId });
    await expect.poll(() => world.refusal(manager, "GetProject", { projectId }), soon).toBe("ok");
    expect(await read(manager, made)).toMatchObject({ state: "granted" });
  });

  it("is not needed any more once it is taken back", async () => {
    const made = (await request()) as Shown;
    const other = world.person([["manager", projectId]]);
    expect(await world.call(other, "WithdrawDeletionRequest", { deletionRequestId: made.id })).toMatchObject({
      state: "withdrawn",
    });
    expect(await answers(manager, "Withdraw", made)).toBe("ok");
    expect(await answers(admin, "Decline", made)).toBe("conflict already_answered");
    await world.call(admin, "DeleteProject", { projectId }, { ifMatch: 1 });
    await expect.poll(() => told().map(({ state }) => state), soon).toEqual(["open", "withdrawn"]);
  });

  it("[P6] goes with the project for good after 30 days", async () => {
    const made = (await request()) as Shown;
    await world.call(admin, "DeleteProject", { projectId }, { ifMatch: 1 });
    aheadMs += 30 * dayMs + 1_000;
    const { deletionRequests } = await import("../src/store/deletion-requests.ts");
    await expect.poll(() => world.parts.store.get(deletionRequests, made.id), soon).toBeUndefined();
  });
});
