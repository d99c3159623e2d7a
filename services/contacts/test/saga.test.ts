import { newId, type TestCaller } from "@partake/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { participations } from "../src/store/participations.ts";
import { type ContactsWorld, startContactsWorld } from "./world.ts";

interface Participation {
  id: string;
  state: string;
  refusal?: string;
  version: number;
}

let world: ContactsWorld;
let admin: TestCaller;
let identity: TestCaller;

beforeAll(async () => {
  world = await startContactsWorld();
  admin = world.person([["admin", world.organisationId]]);
  identity = world.service("identity");
});
beforeEach(() => world.around.trouble.clear());
afterAll(() => world?.stop());

const stepsOf = (id: string) =>
  world.around.calls.filter((call) => call.participationId === id).map(({ step }) => step);
const get = (id: string) => world.call<Participation>(world.manager, "GetParticipation", { participationId: id });
const begun = async () => world.enrolment((await world.contact(world.manager)).id);

describe("[C2 C3] enrolling a contact", () => {
  test("takes each step once, and the same request again none", async () => {
    const request = await begun();
    const enrolled = await world.call<Participation>(world.manager, "EnrolContact", request);
    expect(enrolled.state).toBe("invited");
    expect(stepsOf(request.id)).toEqual(["account", "credit", "board", "invitation"]);
    expect((await world.call<Participation>(world.manager, "EnrolContact", request)).state).toBe("invited");
    expect(stepsOf(request.id)).toHaveLength(4);
    const twice = { ...request, id: newId("par") };
    expect(await world.refusal(world.manager, "EnrolContact", twice)).toBe("conflict already_enrolled");
  });

  const refusals: [string, string][] = [
    ["credit", "no_credit"],
    ["board", "project_archived"],
    ["board", "board_not_found"],
  ];
  for (const [step, reason] of refusals) {
    test(`${reason}: every step is undone, and the contact can be enrolled again`, async () => {
      const request = await begun();
      world.around.trouble.set(step, { code: "unprocessable", reason, times: 1 });
      expect(await world.refusal(world.manager, "EnrolContact", request)).toBe(`unprocessable ${reason}`);
      expect(stepsOf(request.id).slice(-3)).toEqual(["undo board", "undo credit", "undo account"]);
      expect(await get(request.id)).toMatchObject({ state: "refused", refusal: reason });
      expect(await world.refusal(world.manager, "EnrolContact", request)).toBe(`unprocessable ${reason}`);
      expect(await world.refusal(world.manager, "EnrolContact", { ...request, id: newId("par") })).toBe("ok");
    });
  }

  test("who has no address or no level cannot be enrolled", async () => {
    const { id } = await world.contact(world.manager, { email: undefined });
    expect(await world.refusal(world.manager, "EnrolContact", world.enrolment(id))).toBe("unprocessable no_email");
    const reporter = world.person([["reporter", world.projectId]]);
    expect(await world.refusal(reporter, "EnrolContact", await begun())).toBe("forbidden no_role");
    const unknown = world.enrolment(newId("con"));
    expect(await world.refusal(world.manager, "EnrolContact", unknown)).toBe("not_found not_found");
  });

  test("[R24] by a printed code nobody needs an address, and a contact's own is not told", async () => {
    for (const email of [undefined, "ben@mail.example"]) {
      const { id } = await world.contact(world.manager, { email });
      const request = { ...world.enrolment(id), inviteBy: "printed" };
      expect(await world.call(world.manager, "EnrolContact", request)).toMatchObject({
        state: "invited",
        invitedBy: "printed",
      });
      const reserved = world.around.calls.filter(({ participationId }) => participationId === request.id)[0];
      expect(reserved).toEqual({ step: "account", participationId: request.id, inviteBy: "printed" });
    }
    const [printed] = world.around.calls.filter(({ inviteBy }) => inviteBy === "printed");
    const again = { participationId: printed?.participationId };
    expect(await world.refusal(world.manager, "ResendParticipantInvitation", again)).toBe(
      "unprocessable printed_invitation",
    );
    const request = await begun();
    await world.call(world.manager, "EnrolContact", request);
    expect(await get(request.id)).toMatchObject({ invitedBy: "email" });
    expect(await world.refusal(world.manager, "EnrolContact", { ...(await begun()), inviteBy: "post" })).toMatch(
      /^invalid/,
    );
  });

  test("[R24] a printed enrolment that is refused is undone like any other", async () => {
    const { id } = await world.contact(world.manager, { email: undefined });
    const request = { ...world.enrolment(id), inviteBy: "printed" };
    world.around.trouble.set("credit", { code: "unprocessable", reason: "no_credit", times: 1 });
    expect(await world.refusal(world.manager, "EnrolContact", request)).toBe("unprocessable no_credit");
    expect(stepsOf(request.id).slice(-3)).toEqual(["undo board", "undo credit", "undo account"]);
    world.around.trouble.set("account", { code: "unavailable", reason: "away", times: 1 });
    const again = { ...request, id: newId("par") };
    expect(await world.call(world.manager, "EnrolContact", again)).toMatchObject({ state: "enrolling" });
    await expect.poll(async () => (await get(again.id)).state, { timeout: 20_000 }).toBe("invited");
    const asked = world.around.calls.filter(
      ({ participationId, step }) => participationId === again.id && step === "account",
    );
    expect(asked.map(({ inviteBy }) => inviteBy)).toEqual(["printed", "printed"]);
  }, 30_000);

  test("a board and a project that do not belong together are not there, and the contact stays where it is", async () => {
    const [there, elsewhere] = [newId("prj"), newId("brd")];
    const both = world.person([
      ["manager", world.projectId],
      ["board_admin", world.boardId, world.projectId],
    ]);
    const request = await begun();
    for (const wrong of [{ projectId: there }, { boardId: elsewhere }])
      expect(await world.refusal(both, "EnrolContact", { ...request, ...wrong })).toBe("not_found not_found");
    expect(await world.call(world.manager, "GetContact", { contactId: request.contactId })).toMatchObject({
      projectIds: [world.projectId],
    });
    expect(await world.refusal(admin, "GetParticipation", { participationId: request.id })).toBe("not_found not_found");
  });
});

describe("[C2 C3] enrolling a contact while a service is away", () => {
  const steps = ["account", "credit", "board", "invitation"];
  const waiting = new Map<string, string>();

  // All at once: the worker comes to each after the same wait.
  beforeAll(async () => {
    for (const step of steps) {
      const request = await begun();
      world.around.trouble.set(step, { code: "unavailable", reason: "away", times: 1 });
      const begunNow = await world.call<Participation>(world.manager, "EnrolContact", request);
      expect(begunNow.state).toBe("enrolling");
      waiting.set(step, request.id);
    }
  });

  for (const step of steps) {
    test(`${step} away: it waits, and goes on by itself`, { timeout: 30_000 }, async () => {
      const id = waiting.get(step) ?? "";
      await expect.poll(async () => (await get(id)).state, { timeout: 20_000 }).toBe("invited");
      expect(stepsOf(id).filter((each) => each === step)).toHaveLength(2);
    });
  }
});

describe("[C2 C3] enrolments that can never go on", () => {
  test("keep none behind them waiting", { timeout: 90_000 }, async () => {
    const request = await begun();
    world.around.trouble.set("account", { code: "unavailable", reason: "away", times: 1 });
    await world.call(world.manager, "EnrolContact", request);
    const { store } = world.parts;
    await store.write({ actorId: "service:contacts", traceparent: undefined }, async (tx) => {
      const sound = await tx.get(participations, request.id);
      if (!sound) throw new Error("nobody was enrolled");
      // More than are taken up at once, and longer due than the sound one.
      for (let count = 0; count < 12; count += 1) {
        const [id, contactId] = [newId("par"), newId("con")];
        const broken = { state: "unheard of" as never, nextAttemptAt: new Date(0) };
        await tx.insert(participations, { ...sound, _id: id, participationId: id, contactId, ...broken });
      }
      return request.id;
    });
    await expect.poll(async () => (await get(request.id)).state, { timeout: 60_000 }).toBe("invited");
  });
});

describe("[C2] accepting and ending", () => {
  async function accepted() {
    const request = await begun();
    await world.call(world.manager, "EnrolContact", request);
    const acceptance = { participationId: request.id, userId: newId("usr") };
    await world.call(identity, "AcceptParticipation", acceptance);
    return { ...request, acceptance };
  }

  test("uses the credit once and gives the role, whoever asks how often", async () => {
    const { id, acceptance } = await accepted();
    await world.call(identity, "AcceptParticipation", acceptance);
    expect(stepsOf(id).slice(4)).toEqual(["use", "role"]);
    expect(await get(id)).toMatchObject({ state: "active" });
    const other = { ...acceptance, userId: newId("usr") };
    expect(await world.refusal(identity, "AcceptParticipation", other)).toBe("conflict invitation_used");
    expect(await world.refusal(world.manager, "AcceptParticipation", acceptance)).toBe("internal service_refused");
  });

  test("is for one person of a contact, also while what follows from it waits, and by two at once", async () => {
    const { store } = world.parts;
    const invitedTwice = async () => {
      const first = await begun();
      await world.call(world.manager, "EnrolContact", first);
      const participation = await store.get(participations, first.id);
      const id = newId("par");
      await store.write({ actorId: "service:contacts", traceparent: undefined }, async (tx) => {
        const { otherProjectId: projectId } = world;
        if (participation)
          await tx.insert(participations, { ...participation, _id: id, participationId: id, projectId });
        return id;
      });
      return [first.id, id].map((participationId) => ({ participationId, userId: newId("usr") }));
    };
    const [waits, follows] = await invitedTwice();
    world.around.trouble.set("use", { code: "unavailable", reason: "away", times: 1 });
    expect(await world.refusal(identity, "AcceptParticipation", waits)).toBe("ok");
    expect(await world.refusal(identity, "AcceptParticipation", follows)).toBe("conflict contact_linked");
    expect(await world.refusal(identity, "AcceptParticipation", { ...follows, userId: waits?.userId })).toBe("ok");
    for (let round = 0; round < 6; round += 1) {
      const invited = await invitedTwice();
      const both = await Promise.all(invited.map((one) => world.refusal(identity, "AcceptParticipation", one)));
      expect(both.toSorted()).toEqual(["conflict contact_linked", "ok"]);
    }
  });

  test("[R7] [R8] is listed to the team but for who is to know nothing of the contact, and as theirs to its participant alone", async () => {
    const { id, contactId } = await accepted();
    const listed = async (by: TestCaller, name: string, request = {}) =>
      (await world.call<{ items: { id: string }[] }>(by, name, { limit: 200, ...request })).items.map((one) => one.id);
    const { projectId, boardId } = world;
    const observer = world.person([["observer", projectId]]);
    const lowered = world.person([
      ["observer", projectId],
      ["contact_none", contactId],
    ]);
    expect(await listed(observer, "ListParticipations", { projectId })).toContain(id);
    expect(await listed(lowered, "ListParticipations", { projectId })).not.toContain(id);
    const takesPart = (participationId: string) => {
      const level = { level: "discuss", peerReview: true, state: "active" } as const;
      return world.person([["participant", projectId, projectId, { participationId, contactId, boardId, ...level }]]);
    };
    expect(await listed(takesPart(id), "ListMyParticipations")).toEqual([id]);
    expect(await listed(takesPart(newId("par")), "ListMyParticipations")).toEqual([]);
  });

  test("a changed level follows into the role", async () => {
    const { id } = await accepted();
    const { version } = await get(id);
    await world.call(world.manager, "UpdateParticipation", { participationId: id, level: "see" }, { ifMatch: version });
    expect(stepsOf(id).slice(4)).toEqual(["use", "role", "role"]);
  });

  test("ending takes the role first, then the place; a used credit is billing's to keep", async () => {
    const { id } = await accepted();
    await world.call(world.manager, "EndParticipation", { participationId: id });
    expect(stepsOf(id).slice(6)).toEqual(["role", "undo board", "undo credit", "undo account"]);
    expect(await get(id)).toMatchObject({ state: "ended" });
    expect(await world.refusal(identity, "AcceptParticipation", { participationId: id, userId: newId("usr") })).toBe(
      "gone participation_ended",
    );
  });

  test("deleting the contact ends what is open and undoes what was begun", async () => {
    const request = await begun();
    await world.call(world.manager, "EnrolContact", request);
    const { version } = await world.call<Participation>(admin, "GetContact", { contactId: request.contactId });
    await world.call(admin, "DeleteContact", { contactId: request.contactId }, { ifMatch: version });
    expect(await get(request.id)).toMatchObject({ state: "ended" });
    expect(stepsOf(request.id).slice(4)).toEqual(["undo board", "undo credit", "undo account"]);
    const told = () =>
      world.events.filter(({ data }) => "deleted" in data && data.deleted && data.contactId === request.contactId);
    await expect.poll(() => told().length).toBe(1);
  });
});
