import type { Events } from "@partake/contract";
import { newId } from "@partake/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { header } from "./mail-server.ts";
import { type MessagingWorld, type Person, startMessagingWorld } from "./world.ts";

type Changed = Events["org.partake.deletion-request.changed.v1"];

const soon = { timeout: 20_000 };

let world: MessagingWorld;
let manager: Person;

beforeAll(async () => {
  world = await startMessagingWorld();
});
afterAll(() => world?.stop());
beforeEach(() => {
  world.identity.admins = [];
  world.project.status = "published";
  manager = world.somebody();
  world.sees(manager, "manager");
});

const changed = (state: Changed["state"], more: Partial<Changed> = {}): Changed => ({
  ...{ deletionRequestId: newId("drq"), organisationId: world.organisationId, projectId: world.project.id, state },
  ...{ requestedBy: manager.userId, actorId: state === "open" ? manager.userId : newId("usr"), ...more },
});
const admin = () => world.person([["admin", world.organisationId]]) as Person;
const tell = (data: Changed) => world.parts.bus.publish({ type: "org.partake.deletion-request.changed.v1", data });
/** Of one project everything is told in its order: what came until an admin hears of the last request is all that comes. */
async function settled(data: Changed): Promise<void> {
  await tell(data);
  const witness = admin();
  world.identity.admins = [witness];
  await tell(changed("open"));
  await expect.poll(async () => (await world.inbox(witness)).length, soon).toBeGreaterThan(0);
}

describe("[R17] [E8] a request to delete a project", () => {
  test("tells every admin but one who asks, and by a mail that says neither which project nor why", async () => {
    const admins = Array.from({ length: 5 }, admin);
    world.identity.admins = [...admins, manager];
    const { organisationId, deletionRequestId, ...rest } = changed("open");
    await tell({ organisationId, deletionRequestId, ...rest });
    for (const admin of admins) {
      await expect
        .poll(() => world.inbox(admin), soon)
        .toMatchObject([{ kind: "deletion_requested", projectId: world.project.id, deletionRequestId, postId: "" }]);
      await expect.poll(() => world.mailsTo(admin).length, soon).toBe(1);
      const [mail] = world.mailsTo(admin);
      if (!mail) throw new Error("no mail");
      const text = mail.raw.replaceAll("=\r\n", "").replaceAll("=3D", "=");
      expect(text).toContain(`/deletion-requests/${deletionRequestId}?organisation=${organisationId}`);
      expect(header(mail, "Subject")).toBe("You are asked to delete a project");
      for (const secret of ["marked", manager.userId, world.project.id]) expect(text).not.toContain(secret);
    }
    expect(await world.inbox(manager)).toEqual([]);
    expect(world.mailsTo(manager)).toEqual([]);
  });

  test.each(["declined", "granted"] as const)("that is %s tells who asked, by no mail", async (state) => {
    // A deleted project is seen by nobody: its answer is told all the same.
    world.project.status = state === "granted" ? "deleted" : "published";
    const answered = changed(state);
    await settled(answered);
    const { deletionRequestId } = answered;
    expect(await world.inbox(manager)).toMatchObject([{ kind: `deletion_${state}`, deletionRequestId }]);
    expect(world.mailsTo(manager)).toEqual([]);
  });

  test("that was taken back, or that its own asker declined, tells nobody", async () => {
    world.identity.admins = [admin()];
    await tell(changed("withdrawn"));
    await settled(changed("declined", { actorId: manager.userId }));
    expect(await world.inbox(manager)).toEqual([]);
  });

  test("[R19] that is declined tells nobody who manages the project no more", async () => {
    world.seesNothing(manager);
    await settled(changed("declined"));
    expect(await world.inbox(manager)).toEqual([]);
    const reporter = world.somebody();
    world.sees(reporter, "reporter");
    await settled(changed("declined", { requestedBy: reporter.userId }));
    expect(await world.inbox(reporter)).toEqual([]);
  });
});
