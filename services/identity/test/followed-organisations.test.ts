import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type IdentityWorld, type Person, startIdentityWorld } from "./identity-world.ts";

let world: IdentityWorld;
let org: { id: string; admin: Person };

beforeAll(async () => {
  world = await startIdentityWorld();
  org = await world.organisation("Followed");
  open(org.id);
}, 120_000);
afterAll(() => world?.stop());

/** A published project that every registered user of an organisation sees. */
function open(organisationId: string): void {
  world.elsewhere.projects.set(world.newId("prj"), { organisationId, visibility: "public" });
}

let people = 0;
async function follower(...organisationIds: string[]): Promise<Person> {
  people += 1;
  const person = await world.person(`follower${people}@example.org`);
  world.elsewhere.followed.set(person.userId, organisationIds);
  return person;
}

const me = async (person: Person) => (await world.as(person)).getMe({});
const token = (person: Person, organisationId: string) =>
  world.token(person, organisationId).then(
    () => "ok",
    (error: Error) => error.message,
  );

describe("[R10] [R23] who only follows a project of an organisation", () => {
  test("finds it among theirs, without a role, and gets a token for it", async () => {
    const person = await follower(org.id);
    const shown = { organisationId: org.id, name: "Followed", grants: [] };
    const found = await me(person);
    expect(found).toMatchObject({ organisations: [shown], followsUnknown: false });
    expect(await token(person, org.id)).toBe("ok");
    const mine = await world.as(person);
    expect((await mine.updateMe({ language: "cy" }, { ifMatch: found.version })).organisations).toEqual([shown]);
    world.elsewhere.followed.set(person.userId, []);
    expect((await me(person)).organisations).toEqual([]);
  });

  test("finds it once, after those in which they hold a role, and with their roles where they hold some", async () => {
    const other = await world.organisation("Joined");
    const email = "both@example.org";
    const person = await world.colleague({ organisationId: other.id, admin: other.admin, email, role: "member" });
    open(other.id);
    world.elsewhere.followed.set(person.userId, [org.id, other.id].sort());
    expect((await me(person)).organisations).toMatchObject([
      { organisationId: other.id, grants: [{ role: "member" }] },
      { organisationId: org.id, grants: [] },
    ]);
  });

  test("finds none that shows them nothing now: a draft or hidden project, a suspended or unknown organisation", async () => {
    const [hidden, suspended] = [await world.organisation("Hidden"), await world.organisation("Suspended")];
    world.elsewhere.projects.set(world.newId("prj"), { organisationId: hidden.id });
    world.elsewhere.projects.set(world.newId("prj"), {
      ...{ organisationId: hidden.id, status: "draft", visibility: "public" },
    });
    open(suspended.id);
    const person = await follower(hidden.id, suspended.id, world.newId("org"));
    expect((await me(person)).organisations).toMatchObject([{ organisationId: suspended.id }]);
    const boss = await world.as(await world.person("operator@partake.example"), "platform");
    await boss.suspendOrganisation({ organisationId: suspended.id });
    expect(await me(person)).toMatchObject({ organisations: [], followsUnknown: false });
    for (const id of [hidden.id, suspended.id]) expect(await token(person, id)).toContain("invalid_target");
  });

  test("is told so where it cannot be found out; their roles are there all the same", async () => {
    const other = await world.organisation("Still there");
    const email = "away@example.org";
    const person = await world.colleague({ organisationId: other.id, admin: other.admin, email, role: "member" });
    world.elsewhere.followed.set(person.userId, [org.id]);
    world.elsewhere.projectsIsAway = true;
    expect(await me(person)).toMatchObject({ organisations: [{ organisationId: other.id }], followsUnknown: true });
    world.elsewhere.projectsIsAway = false;
    expect(await me(person)).toMatchObject({
      organisations: [{ organisationId: other.id }, { organisationId: org.id }],
      followsUnknown: false,
    });
  });

  test("is found by nobody else: a colleague's list, the other services and other people know nothing of it", async () => {
    const person = await follower(org.id);
    await me(person);
    const { items } = await (await world.as(org.admin, org.id)).listColleagues({ limit: 200 });
    expect(items.map(({ userId }) => userId)).not.toContain(person.userId);
    const read = await world.from("progress").readGrants({ organisationId: org.id, userId: person.userId });
    expect(read.grants).toEqual([]);
    expect((await me(await follower())).organisations).toEqual([]);
  });
});
