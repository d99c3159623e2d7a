import { newId, type TestCaller } from "@partake/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { contactRemovals } from "../src/store/contact-removals.ts";
import { contacts } from "../src/store/contacts.ts";
import { participations } from "../src/store/participations.ts";
import { projectRemovals } from "../src/store/project-removals.ts";
import { type ContactsWorld, type ShownContact, startContactsWorld } from "./world.ts";

// Some of it waits for what a worker does every few seconds, several times over.
vi.setConfig({ testTimeout: 120_000 });

let world: ContactsWorld;
let admin: TestCaller;

beforeAll(async () => {
  world = await startContactsWorld();
  admin = world.person([["admin", world.organisationId]]);
});
beforeEach(() => world.around.trouble.clear());
afterAll(() => world?.stop());

/** What an event and the worker bring, on a busy machine. */
const soon = { timeout: 30_000, interval: 100 };

/** Everything that many enrolments did is undone, step by step. */
const patient = { timeout: 100_000, interval: 500 };

let version = 1;

/** Tells of a project as the projects service does. */
async function tell(projectId: string, more: { status: "published" | "deleted"; removed?: boolean }): Promise<void> {
  version += 1;
  const { organisationId } = world;
  const data = {
    projectId,
    organisationId,
    visibility: "people" as const,
    createdBy: "service:test",
    version,
    ...more,
  };
  await world.parts.bus.publish({ type: "org.partake.project.scope-changed.v1", data });
}

const stored = (id: string) => world.parts.store.get(participations, id);
const isDone = async (id: string) => (await world.parts.store.get(projectRemovals, id))?.pending === false;
const stepsOf = (id: string) =>
  world.around.calls.filter((call) => call.participationId === id).map(({ step }) => step);

async function enrolled(): Promise<ReturnType<ContactsWorld["enrolment"]>> {
  const request = world.enrolment((await world.contact(world.manager)).id);
  await world.call(world.manager, "EnrolContact", request);
  return request;
}

async function accepted() {
  const request = await enrolled();
  const acceptance = { participationId: request.id, userId: newId("usr") };
  await world.call(world.service("identity"), "AcceptParticipation", acceptance);
  return request;
}

describe("[C3] a contact that is deleted", () => {
  test("takes part in nothing any more, however much that was", async () => {
    const request = await enrolled();
    const { contactId } = request;
    const { store } = world.parts;
    const participation = await stored(request.id);
    if (!participation) throw new Error("nobody was enrolled");
    for (let pieces = 0; pieces < 3; pieces += 1)
      await store.write({ actorId: "service:contacts", traceparent: undefined }, async (tx) => {
        for (let count = 0; count < 70; count += 1) {
          const id = newId("par");
          await tx.insert(participations, { ...participation, _id: id, participationId: id, projectId: newId("prj") });
        }
        return contactId;
      });
    const open = () => store.count(participations, { contactId, open: true });
    expect(await open()).toBe(211);
    const { version: ifMatch } = await world.call<ShownContact>(admin, "GetContact", { contactId });
    await world.call(admin, "DeleteContact", { contactId }, { ifMatch });
    expect(await open()).toBeLessThan(211);
    await expect.poll(open, soon).toBe(0);
    const ended = { contactId, state: "ended", endReason: "contact_deleted" };
    expect(await store.count(participations, ended)).toBe(211);
    await expect.poll(() => store.count(contactRemovals, {}), soon).toBe(0);
    await expect.poll(() => store.count(participations, { contactId, pending: true }), patient).toBe(0);
  });
});

describe("[P6] a project that is deleted", () => {
  test("takes nobody in, and has everybody as before when it is restored", async () => {
    const [invited, active] = [await enrolled(), await accepted()];
    const contactId = (await world.contact(world.manager)).id;
    const shown = () => world.call(world.manager, "ListParticipations", { projectId: world.projectId, limit: 50 });
    const before = await shown();
    await tell(world.projectId, { status: "deleted" });
    const read = () => world.refusal(world.manager, "GetParticipation", { participationId: active.id });
    await expect.poll(read, soon).toBe("not_found not_found");
    expect(await world.refusal(world.manager, "EnrolContact", world.enrolment(contactId))).toBe("not_found not_found");
    for (const by of [world.manager, admin]) {
      const asked = { participationId: active.id };
      expect(await world.refusal(by, "GetParticipation", asked)).toBe("not_found not_found");
      expect(await world.refusal(by, "EndParticipation", asked)).toBe("not_found not_found");
    }
    expect(await stored(invited.id)).toMatchObject({ state: "invited", open: true });
    await tell(world.projectId, { status: "published" });
    await expect.poll(read, soon).toBe("ok");
    expect(await shown()).toEqual(before);
    expect(await world.refusal(world.manager, "GetContact", { contactId })).toBe("ok");
  });
});

describe("[P6] [C3] a project that is removed for good", () => {
  test("ends every participation in it as ending one does, and no contact names it any more", async () => {
    const [invited, active] = [await enrolled(), await accepted()];
    world.around.trouble.set("invitation", { code: "unavailable", reason: "away", times: 1_000 });
    const under = await enrolled();
    const lone = await world.contact(admin, { projectId: undefined });
    await world.call(admin, "EnrolContact", { ...world.enrolment(lone.id) });
    await tell(world.projectId, { status: "deleted" });
    await tell(world.projectId, { status: "deleted", removed: true });
    await expect.poll(() => isDone(world.projectId), soon).toBe(true);
    for (const { id } of [invited, active])
      expect(await stored(id)).toMatchObject({ state: "ended", endReason: "project_removed", open: false });
    await expect.poll(async () => (await stored(under.id))?.state, soon).toBe("refused");
    expect(await stored(under.id)).toMatchObject({ refusal: "project_removed" });
    const undone = ["undo board", "undo credit", "undo account"];
    await expect.poll(() => stepsOf(invited.id).slice(4), soon).toEqual(undone);
    await expect.poll(() => stepsOf(active.id).slice(6), soon).toEqual(["role", ...undone]);
    await expect.poll(() => stepsOf(under.id).slice(-3), soon).toEqual(undone);
    const shown = await world.call<ShownContact>(admin, "GetContact", { contactId: lone.id });
    expect(shown.projectIds).toEqual([]);
    const naming = await world.parts.store.find(contacts, { contactProjectIds: world.projectId }, { limit: 1 });
    expect(naming).toEqual([]);
    const told = () => world.events.filter(({ data }) => "cause" in data && data.cause === "project_removed");
    await expect.poll(() => told().length, soon).toBeGreaterThanOrEqual(4);
    expect(JSON.stringify(world.events)).not.toContain("ben@mail.example");
    // Told again, and in whatever order, it changes nothing.
    const { version: before } = (await stored(active.id)) ?? {};
    await tell(world.projectId, { status: "published" });
    await tell(world.projectId, { status: "deleted", removed: true });
    const other = newId("prj");
    await tell(other, { status: "deleted", removed: true });
    await expect.poll(() => isDone(other), soon).toBe(true);
    expect((await stored(active.id))?.version).toBe(before);
  });
});
