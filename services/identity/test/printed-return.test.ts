import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { outcome, type Person } from "./identity-world.ts";
import { type PrintedWorld, startPrintedWorld } from "./printed-world.ts";

let world: PrintedWorld;

beforeAll(async () => {
  world = await startPrintedWorld();
}, 120_000);
afterAll(() => world?.stop());

/** Somebody without an address who takes part. */
async function participant() {
  const participationId = await world.enrolled();
  const pat = await world.redeemed((await world.print(participationId)).code);
  await world.putRole(participationId, pat.userId);
  return { participationId, pat };
}

const project = (organisationId = world.org.id) => {
  const id = world.newId("prj");
  world.elsewhere.projects.set(id, { organisationId });
  return id;
};
const refusal = (participationId: string, by?: Person) => outcome(world.print(participationId, by));
const accept = async (person: Person, printedCode: string) =>
  (await world.as(person)).acceptInvitation({ printedCode });
const passkeysOf = (userId: string) => world.database.collection("passkeys").find({ userId }).toArray();

describe("[R24] a code that lets somebody in again", () => {
  test("sets up a new passkey, removes the old ones and ends every log-in; its person sees that it happened", async () => {
    const { participationId, pat } = await participant();
    const printed = await world.print(participationId);
    expect(printed.purpose).toBe("return");
    expect(await (await world.as(pat)).getMe({})).not.toHaveProperty("enteredByCodeAt");
    const before = await passkeysOf(pat.userId);
    const visit = await world.typed(printed.code);
    expect(visit.page.text).toContain("your old passkeys stop working");
    const again = await world.redeemed(printed.code);
    expect(again.userId).toBe(pat.userId);
    const after = await passkeysOf(pat.userId);
    expect(after).toHaveLength(1);
    expect(after[0]?._id).not.toEqual(before[0]?._id);
    await expect(world.token(pat)).rejects.toThrow("invalid_grant");
    const me = await (await world.as(again)).getMe({});
    expect(Date.now() - Date.parse(me.enteredByCodeAt ?? "")).toBeLessThan(60_000);
    expect((await (await world.as(again)).listSessions({})).items).toHaveLength(1);
    const late = await visit.browser.open(new URL("setup", visit.page.url).href);
    expect(late.url).toMatch(/\/printed$/);
    const told = () =>
      world.database
        .collection("audit_entries")
        .countDocuments({ action: { $in: ["code.printed", "code.redeemed"] }, subjectId: participationId });
    await expect.poll(told, { timeout: 20_000 }).toBe(4);
  });

  test("used twice at the same moment it lets in once", async () => {
    const { participationId, pat } = await participant();
    const { code } = await world.print(participationId);
    const visits = [await world.typed(code), await world.typed(code)];
    const ends = await Promise.all(visits.map((visit) => world.setUp(visit, world.device())));
    expect(ends.map(({ status }) => status).sort()).toEqual([303, 410]);
    expect(await passkeysOf(pat.userId)).toHaveLength(1);
  });

  test("is not made for an account that reaches further, or that has another way in; which it is, nobody is told", async () => {
    const { participationId: withRole, pat: colleague } = await participant();
    const admin = await world.as(world.org.admin, world.org.id);
    await admin.giveRole({ userId: colleague.userId, role: "member" });
    expect(await refusal(withRole)).toBe("unprocessable other_ways_in");
    const { participationId: elsewhereToo, pat: foreign } = await participant();
    const other = await world.organisation("Elsewhere");
    const there = await world.enrolled({ projectId: project(other.id), sender: other.admin });
    await world.putRole(there, foreign.userId);
    expect(await refusal(elsewhereToo)).toBe("unprocessable other_ways_in");
    await world.putRole(there, foreign.userId, "ended", 2);
    expect(await refusal(elsewhereToo)).toBe("unprocessable other_ways_in");
    const mailed = await world.enrolled();
    const somebody = await world.somebody();
    await accept(somebody, (await world.print(mailed)).code);
    await world.putRole(mailed, somebody.userId);
    expect(await refusal(mailed)).toBe("unprocessable other_ways_in");
  });

  test("of somebody in two projects is printed only by who enrols in both; of one that ended by nobody", async () => {
    const { participationId, pat } = await participant();
    const second = await world.enrolled({ projectId: project(), sender: world.org.admin });
    await accept(pat, (await world.print(second, world.org.admin)).code);
    await world.putRole(second, pat.userId);
    expect(await refusal(participationId)).toBe("unprocessable other_ways_in");
    expect(await refusal(participationId, world.org.admin)).toBe("ok");
    await world.putRole(participationId, pat.userId, "ended", 2);
    expect(await refusal(participationId, world.org.admin)).toBe("unprocessable participation_ended");
  });

  test.each([
    [
      "the account got a role meanwhile",
      async (userId: string) => {
        await (await world.as(world.org.admin, world.org.id)).giveRole({ userId, role: "member" });
      },
    ],
    [
      "the account came to another organisation meanwhile",
      async (userId: string) => {
        const other = await world.organisation("Meanwhile");
        await world.putRole(await world.enrolled({ projectId: project(other.id), sender: other.admin }), userId);
      },
    ],
    [
      "the account got an address meanwhile",
      async (userId: string) => {
        const set = { email: `${userId.slice(-8)}@example.org` };
        await world.database.collection<{ _id: string }>("users").updateOne({ _id: userId }, { $set: set });
      },
    ],
    [
      "its printer lost the role meanwhile",
      async (_: string, printer: Person) => {
        const admin = await world.as(world.org.admin, world.org.id);
        const [grant] = (await admin.listColleagueGrants({ userId: printer.userId })).items;
        await admin.takeRole({ grantId: grant?.id ?? "" }, { ifMatch: grant?.version ?? 0 });
      },
    ],
    [
      "the participation ended meanwhile",
      async (userId: string, _: Person, participationId: string) => {
        await world.putRole(participationId, userId, "ended", 2);
      },
    ],
  ])("opens nothing where %s, and the old passkey stays", async (_, meanwhile) => {
    const { participationId, pat } = await participant();
    const printer = await world.member("manager", world.project);
    const { code } = await world.print(participationId, printer);
    const visit = await world.typed(code);
    const asked = await world.options(visit);
    await meanwhile(pat.userId, printer, participationId);
    const before = await passkeysOf(pat.userId);
    expect((await world.setUp(visit, world.device(), asked)).status).toBe(410);
    expect(await passkeysOf(pat.userId)).toEqual(before);
    expect(await outcome(world.token(pat))).toBe("ok");
  });

  test("does not accept an invitation, nor the other way round", async () => {
    const { participationId, pat } = await participant();
    const { code } = await world.print(participationId);
    expect(await outcome(accept(pat, code))).toBe("not_found invitation_not_found");
    expect(await outcome(accept(await world.somebody(), code))).toBe("not_found invitation_not_found");
  });
});
