import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type IdentityWorld, outcome, type Person, secretMailedTo, startIdentityWorld } from "./identity-world.ts";

let world: IdentityWorld;

beforeAll(async () => {
  world = await startIdentityWorld();
}, 120_000);
afterAll(() => world?.stop());

describe("[R21] an invitation", () => {
  let org: { id: string; admin: Person };

  beforeAll(async () => {
    org = await world.organisation("Inviting");
  });

  const invite = async (email: string, role = "member") => {
    const asked = await world.as(org.admin, org.id);
    return asked.inviteColleague({ email, role: role as "member" });
  };

  test("shows its sender neither its secret nor whether the address is known", async () => {
    await world.person("known@example.org");
    const [known, unknown] = [await invite("known@example.org"), await invite("unknown@example.org")];
    const shape = {
      organisationId: org.id,
      role: "member",
      state: "pending",
      version: expect.any(Number),
      expiresAt: expect.any(String),
      id: expect.any(String),
      sentBy: expect.any(String),
      sentAt: expect.any(String),
    };
    expect(known).toEqual({ ...shape, email: "known@example.org" });
    expect(unknown).toEqual({ ...shape, email: "unknown@example.org" });
    const stored = JSON.stringify(
      await world.database.collection("invitations").find({ organisationId: org.id }).toArray(),
    );
    expect(stored).not.toContain(secretMailedTo(world.mails, "known@example.org"));
  });

  test("is accepted once, by its address, whatever its case", async () => {
    await invite("Grace@Example.org");
    const secret = secretMailedTo(world.mails, "grace@example.org");
    const thief = await world.person("thief@example.org");
    expect(await outcome((await world.as(thief)).acceptInvitation({ token: secret }))).toBe(
      "not_found invitation_not_found",
    );
    const grace = await world.person("grace@example.org");
    const account = await world.as(grace);
    const idempotencyKey = "once";
    expect(await account.acceptInvitation({ token: secret }, { idempotencyKey })).toMatchObject({
      organisationId: org.id,
      role: "member",
    });
    expect(await account.acceptInvitation({ token: secret }, { idempotencyKey })).toMatchObject({
      organisationId: org.id,
      role: "member",
    });
    expect(await outcome(account.acceptInvitation({ token: secret }))).toBe("gone invitation_used");
    expect(await outcome(account.acceptInvitation({ token: "A".repeat(43) }))).toBe("not_found invitation_not_found");
  });

  test("accepted ten times at once gives one role", async () => {
    await invite("eager@example.org");
    const secret = secretMailedTo(world.mails, "eager@example.org");
    const eager = await world.person("eager@example.org");
    const account = await world.as(eager);
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, () => outcome(account.acceptInvitation({ token: secret }))),
    );
    expect(outcomes.filter((ended) => ended === "ok")).toHaveLength(1);
    expect(
      await world.database.collection("grants").countDocuments({ organisationId: org.id, userId: eager.userId }),
    ).toBe(1);
  });

  test("expires", async () => {
    const { id } = await invite("late@example.org");
    await world.database
      .collection<{ _id: string }>("invitations")
      .updateOne({ _id: id }, { $set: { expiresAt: new Date(Date.now() - 1_000) } });
    const late = await world.person("late@example.org");
    expect(await outcome(world.accept(late))).toBe("gone invitation_expired");
  });

  test("of somebody who lost the role to give it is gone", async () => {
    const sender = await world.colleague({
      organisationId: org.id,
      admin: org.admin,
      email: "sender@example.org",
      role: "admin",
    });
    const asked = await world.as(sender, org.id);
    await asked.inviteColleague({ email: "friend2@example.org", role: "admin" });
    const admin = await world.as(org.admin, org.id);
    const grant = (await admin.listColleagues({ limit: 200 })).items.find(({ userId }) => userId === sender.userId)
      ?.grants[0];
    await admin.takeRole({ grantId: grant?.id ?? "" }, { ifMatch: grant?.version ?? 0 });
    const friend = await world.person("friend2@example.org");
    expect(await outcome(world.accept(friend))).toBe("gone invitation_withdrawn");
    expect(await outcome(world.accept(friend))).toBe("gone invitation_withdrawn");
    expect(await world.database.collection("grants").countDocuments({ userId: friend.userId })).toBe(0);
  });

  test("of somebody who is disabled is gone", async () => {
    const joining = { organisationId: org.id, admin: org.admin, email: "sender2@example.org", role: "admin" };
    const sender = await world.colleague(joining);
    const asked = await world.as(sender, org.id);
    await asked.inviteColleague({ email: "friend3@example.org", role: "member" });
    const users = world.database.collection<{ _id: string }>("users");
    await users.updateOne({ _id: sender.userId }, { $set: { enabled: false } });
    const friend = await world.person("friend3@example.org");
    expect(await outcome(world.accept(friend))).toBe("gone invitation_withdrawn");
  });

  test("to a project that nobody knows any more gives nothing", async () => {
    const scope = world.newId("prj");
    world.elsewhere.projects.set(scope, { organisationId: org.id });
    const asked = await world.as(org.admin, org.id);
    await asked.inviteColleague({ email: "nowhere@example.org", role: "observer", scope });
    world.elsewhere.projects.delete(scope);
    const person = await world.person("nowhere@example.org");
    expect(await outcome(world.accept(person))).toBe("gone invitation_withdrawn");
    expect(await world.database.collection("grants").countDocuments({ userId: person.userId })).toBe(0);
  });

  test("is mailed as soon as messaging is back", async () => {
    world.elsewhere.messagingIsAway = true;
    await invite("patient@example.org");
    expect(() => secretMailedTo(world.mails, "patient@example.org")).toThrow();
    world.elsewhere.messagingIsAway = false;
    await expect
      .poll(() => world.mails.some(({ to }) => to === "patient@example.org"), { timeout: 25_000, interval: 200 })
      .toBe(true);
    const patient = await world.person("patient@example.org");
    expect(await outcome(world.accept(patient))).toBe("ok");
  });

  test("the same request again under its key sends nothing again", async () => {
    const asked = await world.as(org.admin, org.id);
    const request = { email: "twice@example.org", role: "member" as const };
    const [first, second] = [
      await asked.inviteColleague(request, { idempotencyKey: "k1" }),
      await asked.inviteColleague(request, { idempotencyKey: "k1" }),
    ];
    expect(second.id).toBe(first.id);
    expect(world.mails.filter(({ to }) => to === "twice@example.org")).toHaveLength(1);
  });
});
