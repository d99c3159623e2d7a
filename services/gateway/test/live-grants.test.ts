import { presets } from "@partake/authz";
import type { Arrived } from "@partake/bus";
import { failure } from "@partake/failure";
import { newId } from "@partake/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type GatewayWorld, startGatewayWorld } from "./gateway-world.ts";
import type { Person } from "./people.ts";
import { type Watching, watchAt } from "./watching.ts";

let world: GatewayWorld;
const open: Watching[] = [];
const project = newId("prj");
const soon = { timeout: 5_000, interval: 10 };

beforeAll(async () => {
  // No beat comes in time: what a stream tells here it tells because something happened.
  world = await startGatewayWorld({ hub: { beatMs: 600_000 } });
  world.people.addProject(project, { organisationId: world.organisationId, status: "published", visibility: "people" });
});
afterAll(() => world.stop());
beforeEach(() => {
  world.upstream.seen.length = 0;
  standsAt(0);
});
afterEach(() => {
  for (const watching of open.splice(0)) watching.close();
});

const watchAs = (person: Person) => watchAt(world.url, { authorization: `Bearer ${world.people.token(person)}` }, open);
const questions = () => world.upstream.seen.filter(({ operation }) => operation === "ReadOrganisation").length;
const told = (watching: Watching) => watching.events().map(({ kind, recordId }) => recordId ?? kind);

/** What identity answers of the organisation's grants. */
function standsAt(version: number): void {
  world.upstream.answers.set("ReadOrganisation", () => ({ visitorsSeeProjects: false, version }));
}

function happens(of: object = {}): string {
  const recordId = newId("pst");
  const data = {
    ...{ organisationId: world.organisationId, projectId: project, contactId: newId("con"), kind: "post.created" },
    ...{ recordId, actorId: newId("usr"), threadUserIds: [], contactProjectIds: [project], staffOnly: false },
    ...of,
  };
  world.hub.broadcast.handle({
    id: newId("evt"),
    type: "org.partake.activity.recorded.v1",
    data,
  } as unknown as Arrived);
  return recordId;
}

test("[R12] with redacted access a stream tells an admin nothing of people; the project's own manager it does", async () => {
  const { charity } = presets;
  world.people.switches = { ...charity, redactedAccess: true };
  const [admin, manager] = [
    world.people.person([["admin", world.organisationId]]),
    world.people.person([["manager", project]]),
  ];
  const [theirs, own] = [await watchAs(admin), await watchAs(manager)];
  const first = happens();
  // A note on a contact is in no project; its contact is.
  const note = happens({ kind: "note.created", projectId: undefined, staffOnly: true });
  await expect.poll(() => told(own), soon).toEqual([first, note]);
  world.people.switches = charity;
  world.people.setRoles(admin, [["admin", world.organisationId]]);
  const second = happens();
  await expect.poll(() => told(theirs), soon).toEqual([second]);
});

describe("[R19] no new enemy in open streams (abuse.md, 'Revoke, then create content'):", () => {
  test("what is written after a role was taken is not told to who lost it, though nobody heard of that yet", async () => {
    const [leaver, stayer] = [world.people.person([["manager", project]]), world.people.person([["manager", project]])];
    const [theirs, other] = [await watchAs(leaver), await watchAs(stayer)];
    const before = happens();
    await expect.poll(() => [told(theirs), told(other)], soon).toEqual([[before], [before]]);
    standsAt(world.people.setRolesUnheard(leaver, []));
    world.people.setRolesUnheard(stayer, [["manager", project]]);
    const after = happens();
    await expect.poll(() => told(other), soon).toEqual([before, after]);
    const last = happens();
    await expect.poll(() => told(other), soon).toEqual([before, after, last]);
    expect(told(theirs)).toEqual([before]);
  });

  test("somebody who now holds something else comes back with a new token, and is told nothing before", async () => {
    const person = world.people.person([["manager", project]]);
    const watching = await watchAs(person);
    standsAt(world.people.setRolesUnheard(person, [["member", world.organisationId]]));
    happens();
    await expect.poll(watching.isEnded, soon).toBe(true);
    expect(told(watching)).toEqual(["expired"]);
  });

  test("where nobody can say how things stand, it tells that something was missed", async () => {
    const watching = await watchAs(world.people.person([["manager", project]]));
    world.upstream.answers.set("ReadOrganisation", () => {
      throw failure("unavailable", "unavailable");
    });
    happens();
    await expect.poll(() => told(watching), soon).toEqual(["resync"]);
    standsAt(0);
    const recordId = happens();
    await expect.poll(() => told(watching), soon).toEqual(["resync", recordId]);
  });

  test("identity is asked once for many events and streams, and never for those whom they do not concern", async () => {
    const other = await watchAs(world.people.person([["member", world.organisationId]]));
    happens();
    await expect.poll(() => world.hub.size).toBe(1);
    const streams = [];
    for (let count = 0; count < 3; count += 1) streams.push(await watchAs(world.people.person([["manager", project]])));
    expect(questions()).toBe(0);
    const recordIds = Array.from({ length: 40 }, happens);
    for (const watching of streams) await expect.poll(() => told(watching), soon).toEqual(recordIds);
    // One for those that came at once, one for those that came while it was asked.
    expect(questions()).toBeLessThanOrEqual(2);
    expect(told(other)).toEqual([]);
  });
});
