import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { outcome, type Person } from "./identity-world.ts";
import { type PrintedWorld, startPrintedWorld, storedText } from "./printed-world.ts";

let world: PrintedWorld;

beforeAll(async () => {
  world = await startPrintedWorld();
}, 120_000);
afterAll(() => world?.stop());

const accept = async (person: Person, printedCode: string) =>
  (await world.as(person)).acceptInvitation({ printedCode });

describe("[R24] printing a code", () => {
  test("gives it once, in groups, with where and how long it is good; no mail goes out", async () => {
    const mailed = world.mails.length;
    const participationId = await world.enrolled();
    const printed = await world.print(participationId);
    expect(printed).toMatchObject({ participationId, purpose: "accept", organisationName: "On Paper" });
    expect(printed.code).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}$/);
    expect(printed.address).toBe(`${world.origin}/code`);
    expect(Date.parse(printed.expiresAt) - Date.now()).toBeGreaterThan(13 * 24 * 60 * 60_000);
    expect(world.mails).toHaveLength(mailed);
  });

  test("the same request again shows the same code, another one a new code, and the one before is dead", async () => {
    const participationId = await world.enrolled();
    const [asked, id] = [await world.as(world.manager, world.org.id), world.newId("cod")];
    const first = await asked.printCode({ participationId, id }, { idempotencyKey: "one" });
    expect(await asked.printCode({ participationId, id }, { idempotencyKey: "one" })).toEqual(first);
    const second = await world.print(participationId);
    expect(second.code).not.toBe(first.code);
    expect(await outcome(asked.printCode({ participationId, id }, { idempotencyKey: "one" }))).toBe(
      "gone code_replaced",
    );
    const person = await world.somebody();
    expect(await outcome(accept(person, first.code))).toBe("not_found invitation_not_found");
    expect(await outcome(accept(person, second.code))).toBe("ok");
  });

  test("only its hash is stored, and nothing of it is in the audit trail", async () => {
    const participationId = await world.enrolled();
    const { code } = await world.print(participationId);
    const everything = await storedText(world);
    expect(everything).toContain(participationId);
    for (const form of [code, code.replaceAll("-", "")]) expect(everything).not.toContain(form);
    const told = () =>
      world.database.collection("audit_entries").findOne({ action: "code.printed", subjectId: participationId });
    await expect.poll(told, { timeout: 20_000 }).toMatchObject({ actorId: world.manager.userId, scope: world.project });
  });

  test("is for those who may enrol, by a fresh proof; others see as much as they see of the participation", async () => {
    const participationId = await world.enrolled();
    const [observer, reporter] = [
      await world.member("observer", world.project),
      await world.member("reporter", world.project),
    ];
    const other = world.newId("prj");
    world.elsewhere.projects.set(other, { organisationId: world.org.id });
    const elsewhere = await world.member("manager", other);
    expect(await outcome(world.print(participationId, observer))).toBe("forbidden no_role");
    expect(await outcome(world.print(participationId, reporter))).toBe("forbidden no_role");
    expect(await outcome(world.print(participationId, elsewhere))).toBe("not_found not_found");
    expect(await outcome(world.print(world.newId("par")))).toBe("not_found not_found");
    const foreign = await world.organisation("Other Papers");
    const stranger = (await world.as(foreign.admin, foreign.id)).printCode({ participationId });
    expect(await outcome(stranger)).toBe("not_found not_found");
    expect(await outcome(world.from("contacts").printCode({ participationId }))).toMatch(/token_missing/);
    expect(await outcome(world.print(participationId, world.org.admin))).toBe("ok");
  });

  test("nobody prints who sees less of the contact than the person would", async () => {
    const participationId = await world.enrolled();
    const { contactId = "" } = world.elsewhere.participations.get(participationId) ?? {};
    world.elsewhere.contacts.set(contactId, [world.project]);
    const asked = await world.as(world.org.admin, world.org.id);
    const lowered = await world.member("manager", world.project);
    await asked.giveRole({ userId: lowered.userId, role: "contact_profile", scope: contactId });
    expect(await outcome(world.print(participationId, lowered))).toBe("forbidden level_too_low");
    const hidden = await world.member("manager", world.project);
    await asked.giveRole({ userId: hidden.userId, role: "contact_none", scope: contactId });
    expect(await outcome(world.print(participationId, hidden))).toBe("not_found not_found");
  });

  test("is refused where the invitation was mailed, is not there yet, or ended; and more than ten times a day", async () => {
    const mailed = await world.enrolled({ inviteBy: "email", email: "mailed@example.org" });
    expect(await outcome(world.print(mailed))).toBe("unprocessable invited_by_email");
    const early = await world.reserved();
    expect(await outcome(world.print(early))).toBe("unprocessable not_invited_yet");
    const ended = await world.enrolled();
    const { code } = await world.print(ended);
    await world.from("contacts").releaseAccount({ participationId: ended });
    expect(await outcome(world.print(ended))).toBe("unprocessable participation_ended");
    expect(await outcome(accept(await world.somebody(), code))).toBe("not_found invitation_not_found");
    const often = await world.enrolled();
    for (let times = 0; times < 10; times++) await world.print(often);
    expect(await outcome(world.print(often))).toBe("rate_limited too_many_codes");
  });

  test("a printed invitation is not sent by mail, also not again", async () => {
    const participationId = await world.enrolled();
    const invitation = await world.database.collection("invitations").findOne({ participationId });
    const again = (await world.as(world.manager, world.org.id)).resendInvitation({
      invitationId: String(invitation?._id),
    });
    expect(await outcome(again)).toBe("unprocessable printed_invitation");
  });
});

describe("[R21 R24] accepting a printed invitation with an account that one has", () => {
  test("whoever is logged in accepts by the code, once, however it is typed", async () => {
    const participationId = await world.enrolled();
    const { code } = await world.print(participationId);
    const [person, other] = [await world.somebody(), await world.somebody()];
    const typed = ` ${code.toLowerCase().replaceAll("-", " ").replaceAll("0", "o").replaceAll("1", "l")} `;
    const asked = await world.as(person);
    const accepted = { organisationId: world.org.id, role: "participant", scope: world.project, participationId };
    const once = { idempotencyKey: "accept" };
    expect(await asked.acceptInvitation({ printedCode: typed }, once)).toMatchObject(accepted);
    expect(await asked.acceptInvitation({ printedCode: typed }, once)).toMatchObject(accepted);
    expect(world.elsewhere.accepted).toContainEqual({ participationId, userId: person.userId });
    expect(await outcome(accept(person, code))).toBe("gone invitation_used");
    expect(await outcome(accept(other, code))).toBe("not_found invitation_not_found");
  });

  test("of two who have it at the same moment one gets in", async () => {
    const { code } = await world.print(await world.enrolled());
    const people = [await world.somebody(), await world.somebody()];
    const ended = await Promise.all(people.map((person) => outcome(accept(person, code))));
    expect(ended.filter((each) => each === "ok")).toHaveLength(1);
  });

  test("a code of a sender who may not enrol any more, an expired one, and what is no code are all nothing", async () => {
    const leaving = await world.member("manager", world.project);
    const orphan = await world.enrolled();
    const { code } = await world.print(orphan, leaving);
    const admin = await world.as(world.org.admin, world.org.id);
    const [grant] = (await admin.listColleagueGrants({ userId: leaving.userId })).items;
    await admin.takeRole({ grantId: grant?.id ?? "" }, { ifMatch: grant?.version ?? 0 });
    const person = await world.somebody();
    expect(await outcome(accept(person, code))).toBe("gone invitation_withdrawn");
    expect(world.elsewhere.accepted.some(({ participationId }) => participationId === orphan)).toBe(false);
    const late = await world.enrolled();
    const { code: expired } = await world.print(late);
    await world.database
      .collection<{ _id: string }>("printed_codes")
      .updateOne({ _id: late }, { $set: { expiresAt: new Date(Date.now() - 1) } });
    for (const wrong of [expired, "0000-0000-0000-0000", "hello", "", "💥".repeat(16)])
      expect(await outcome(accept(person, wrong))).toBe("not_found invitation_not_found");
    const both = (await world.as(person)).acceptInvitation({ printedCode: expired, token: "a".repeat(43) });
    expect(await outcome(both)).toBe("not_found invitation_not_found");
  });

  test("its contact belongs to another account already: nothing is accepted", async () => {
    const participationId = await world.enrolled();
    const { code } = await world.print(participationId);
    world.elsewhere.linked.set(participationId, world.newId("usr"));
    expect(await outcome(accept(await world.somebody(), code))).toBe("conflict contact_linked");
  });
});
