import type { Events } from "@partake/contract";
import { newId, type TestRole } from "@partake/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { notifications } from "../src/store/notifications.ts";
import { commentOn, type Participant, participantOf, settledAfter, takingPart } from "./activities.ts";
import { type MessagingWorld, type Notification, type Person, startMessagingWorld } from "./world.ts";

type Changed = Events["org.partake.deletion-request.changed.v1"];

const missing = "not_found not_found";

let world: MessagingWorld;

beforeAll(async () => {
  world = await startMessagingWorld();
});
afterAll(() => world?.stop());

/** Ann answers in a thread on her post: who wrote in it is told. */
async function answered(
  staff: readonly Person[],
  { ann = participantOf(world), contactProjectIds = [world.project.id] } = {},
): Promise<Participant> {
  const threadUserIds = [ann.person, ...staff].map(({ userId }) => userId);
  const more = { threadUserIds, contactProjectIds };
  await settledAfter(world, commentOn(world, { on: ann, actor: ann.person, more }));
  return ann;
}

/** Their only notification, which is there. */
async function only(who: Person): Promise<Notification> {
  const inbox = await world.inbox(who);
  expect(inbox).toHaveLength(1);
  return inbox[0] as Notification;
}

async function expectHidden(who: Person, { id: notificationId }: Notification): Promise<void> {
  expect(await world.inbox(who)).toEqual([]);
  expect(await world.refusal(who, "MarkNotificationRead", { notificationId })).toBe(missing);
}

function reporter(...more: TestRole[]): Person {
  const rita = world.somebody();
  world.sees(rita, "reporter", ...more);
  return rita;
}

describe("[E8] [R19] a notification is there while its owner may read what it is about", () => {
  test("staff whose role is taken lose it, and have it again with the role", async () => {
    const rita = reporter();
    const ann = await answered([rita]);
    const told = await only(rita);
    expect(told).toMatchObject({ kind: "reply", projectId: world.project.id, contactId: ann.contactId, read: false });
    world.seesNothing(rita);
    await expectHidden(rita, told);
    world.sees(rita, "observer");
    await expectHidden(rita, told);
    world.sees(rita, "reporter");
    expect(await only(rita)).toEqual(told);
    expect(await world.refusal(rita, "MarkNotificationRead", { notificationId: told.id })).toBe("ok");
  });

  test.each(["contact_none", "contact_headline", "contact_profile"] as const)(
    "[R7] staff whose level for the contact is lowered to %s lose it, and no other",
    async (level) => {
      const rita = reporter();
      const ann = await answered([rita]);
      const told = await only(rita);
      const bob = await answered([rita]);
      world.sees(rita, "reporter", [level, ann.contactId]);
      expect((await world.inbox(rita)).map(({ contactId }) => contactId)).toEqual([bob.contactId]);
      expect(await world.refusal(rita, "MarkNotificationRead", { notificationId: told.id })).toBe(missing);
      world.sees(rita, "reporter", ["contact_updates", ann.contactId]);
      expect((await world.inbox(rita)).map(({ contactId }) => contactId)).toEqual([bob.contactId, ann.contactId]);
    },
  );

  test("an observer who knows more of the contact, themselves or by another project, has it while they do", async () => {
    const [olu, ann, otherId] = [world.somebody(), participantOf(world), newId("prj")];
    world.sees(olu, "observer", ["contact_updates", ann.contactId]);
    await answered([olu], { ann, contactProjectIds: [world.project.id, otherId] });
    const told = await only(olu);
    world.sees(olu, "observer", ["reporter", otherId]);
    expect(await only(olu)).toEqual(told);
    world.sees(olu, "observer", ["reporter", newId("prj")]);
    await expectHidden(olu, told);
  });

  test("staff who take part in the project themselves keep none of what they were told as staff", async () => {
    const own = { contactId: newId("con"), participationId: newId("par") };
    const rita = reporter(takingPart(world, own));
    await answered([rita]);
    const told = await only(rita);
    world.hold(rita, [takingPart(world, own)]);
    await expectHidden(rita, told);
  });

  test.each([
    { level: "discuss", state: "paused" },
    { level: "discuss", state: "ended" },
    { level: "see", state: "active" },
  ] as const)("[R8] a participant keeps what is about their own post: $level, $state", async (taking) => {
    const ann = participantOf(world);
    await settledAfter(world, commentOn(world, { on: ann, actor: world.somebody() }));
    const told = await only(ann.person);
    world.hold(ann.person, [takingPart(world, ann, taking)]);
    expect(await only(ann.person)).toEqual(told);
    expect(await world.refusal(ann.person, "MarkNotificationRead", { notificationId: told.id })).toBe("ok");
    world.seesNothing(ann.person);
    await expectHidden(ann.person, told);
  });

  test("those of before they said what decides about them are there for participants, and for their project's team", async () => {
    const [ann, rita] = [participantOf(world), reporter()];
    const { organisationId, project } = world;
    const { contactId } = ann;
    const about = { organisationId, projectId: project.id, contactId, postId: newId("pst"), read: false };
    const before = { ...about, createdAt: new Date() };
    await world.parts.store.write({ actorId: "service:messaging", traceparent: undefined }, async (tx) => {
      await tx.insert(notifications, { ...before, _id: newId("ntf"), ownerId: rita.userId, kind: "reply" });
      return (
        await tx.insert(notifications, { ...before, _id: newId("ntf"), ownerId: ann.person.userId, kind: "comment" })
      )._id;
    });
    await only(ann.person);
    const told = await only(rita);
    world.sees(rita, "reporter", ["contact_none", contactId]);
    await expectHidden(rita, told);
  });

  test("in another organisation it never is, whatever is held there", async () => {
    const rita = reporter();
    const ann = await answered([rita]);
    const told = await only(rita);
    const elsewhere = { ...rita, organisationId: newId("org") };
    world.hold(elsewhere, [
      ["admin", elsewhere.organisationId],
      ["manager", world.project.id],
      ["contact_updates", ann.contactId],
    ]);
    await expectHidden(elsewhere, told);
  });

  test("pages are full and end with the last that is there: nothing tells of others between them", async () => {
    const rita = reporter();
    const [ann, bob] = [participantOf(world), participantOf(world)];
    for (const who of [bob, ann, bob, ann, bob, ann]) await answered([rita], { ann: who });
    world.sees(rita, "reporter", ["contact_none", ann.contactId]);
    const page = (cursor: string, limit: number) =>
      world.call<{ items: Notification[]; nextCursor: string }>(rita, "ListMyNotifications", { cursor, limit });
    const first = await page("", 2);
    const last = await page(first.nextCursor, 2);
    const about = [...first.items, ...last.items].map(({ contactId }) => contactId);
    expect([first.items.length, about, last.nextCursor]).toEqual([2, Array(3).fill(bob.contactId), ""]);
    expect((await page("", 3)).nextCursor).toBe("");
  });
});

describe("[E8] [R17] of a request to delete a project", () => {
  async function changed(to: Person, more: Partial<Changed>): Promise<Notification> {
    const { organisationId, project } = world;
    const ids = { deletionRequestId: newId("drq"), organisationId, projectId: project.id };
    const data = { ...ids, state: "open", requestedBy: newId("usr"), actorId: newId("usr"), ...more } as const;
    await world.parts.bus.publish({ type: "org.partake.deletion-request.changed.v1", data });
    await expect.poll(() => world.inbox(to), { timeout: 20_000 }).toHaveLength(1);
    return only(to);
  }

  test("an admin has the notification while they are one", async () => {
    const asha = world.somebody();
    const asAdmin: TestRole = ["admin", world.organisationId];
    world.hold(asha, [asAdmin]);
    world.identity.admins = [asha];
    const told = await changed(asha, {});
    world.seesNothing(asha);
    await expectHidden(asha, told);
    world.sees(asha, "observer");
    await expectHidden(asha, told);
    world.hold(asha, [asAdmin]);
    expect(await only(asha)).toEqual(told);
  });

  test("who asked has the refusal while they manage the project, and the project's end for good", async () => {
    const [mo, max] = [world.somebody(), world.somebody()];
    for (const who of [mo, max]) world.sees(who, "manager");
    const declined = await changed(mo, { state: "declined", requestedBy: mo.userId });
    const granted = await changed(max, { state: "granted", requestedBy: max.userId });
    for (const who of [mo, max]) world.seesNothing(who);
    await expectHidden(mo, declined);
    expect(await only(max)).toEqual(granted);
    expect(await world.refusal(max, "MarkNotificationRead", { notificationId: granted.id })).toBe("ok");
    expect(await world.refusal(mo, "MarkNotificationRead", { notificationId: granted.id })).toBe(missing);
  });
});
