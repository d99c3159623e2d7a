import { newId, type TestCaller } from "@partake/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ContactsWorld, type ShownContact, startContactsWorld } from "./world.ts";

let world: ContactsWorld;
/** An admin who made a project of their own, and so manages it directly. */
let boss: TestCaller;
let guardian: TestCaller;
let hidden: ShownContact;

const redacted = { switches: { redactedAccess: true } };

beforeAll(async () => {
  world = await startContactsWorld();
  const { organisationId, projectId } = world;
  boss = world.person(
    [
      ["admin", organisationId],
      ["manager", projectId],
    ],
    redacted,
  );
  guardian = world.person([["manager", world.otherProjectId]], redacted);
  const about = { projectId: world.otherProjectId, name: "Hana Hidden", email: "hana@mail.example" };
  hidden = await world.contact(guardian, about);
});
afterAll(() => world?.stop());

const missing = "not_found not_found";
const found = async (by: TestCaller, request: object) =>
  (await world.call<{ items: ShownContact[] }>(by, "SearchContacts", request)).items.map(({ id }) => id);

interface Preview {
  items: { errors: object[] }[];
}

describe("[R12] redacted access keeps an admin from a project's people", () => {
  test("in searches, by whatever is searched, and in what is asked for by id", async () => {
    const { otherProjectId: projectId } = world;
    const searches = [{ name: "Hana" }, { name: "H" }, { kind: "client" }, { projectId }, {}];
    for (const request of searches) {
      expect(await found(guardian, request)).toEqual([hidden.id]);
      expect(await found(boss, request)).toEqual([]);
    }
    expect(await found(guardian, { name: "Hanako" })).toEqual([]);
    const asked: [string, object, { ifMatch: number }?][] = [
      ["GetContact", {}],
      ["UpdateContact", { phone: "+44 20 7946 0000" }, { ifMatch: 1 }],
      ["DeleteContact", {}, { ifMatch: 1 }],
    ];
    for (const [name, request, more] of asked)
      expect(await world.refusal(boss, name, { contactId: hidden.id, ...request }, more)).toBe(missing);
    const listed = await world.refusal(boss, "ListParticipations", { projectId: world.otherProjectId });
    expect(listed).toBe("forbidden redacted");
  });

  test("also where they enrol the contact in a project of their own, by id, by address, or in a list", async () => {
    const enrolment = world.enrolment(hidden.id);
    expect(await world.refusal(boss, "EnrolContact", enrolment)).toBe(missing);
    expect(await world.refusal(boss, "EnrolContact", world.enrolment(newId("con")))).toBe(missing);
    const rows = [
      { contactId: hidden.id },
      { contactId: newId("con") },
      { email: hidden.email },
      { email: "no@x.example" },
    ];
    const about = { boardId: world.boardId, level: "share", peerReview: false, kind: "client", rows };
    const { items } = await world.call<Preview>(boss, "PreviewEnrolments", about);
    const [byId, byUnknownId, byAddress, byUnknownAddress] = items.map(({ errors }) => JSON.stringify(errors));
    expect(byId).toContain("not_found");
    expect(byId).toBe(byUnknownId);
    expect(byAddress).toContain("not_found");
    expect(byAddress).toBe(byUnknownAddress);
    expect(await world.refusal(boss, "GetContact", { contactId: hidden.id })).toBe(missing);
    expect(world.around.calls.filter(({ participationId }) => participationId !== "")).toEqual([]);
    const mine = await world.call<ShownContact>(guardian, "GetContact", { contactId: hidden.id });
    expect(mine.projectIds).toEqual([world.otherProjectId]);
  });

  test("until somebody who manages the project themselves says otherwise: a level that they gave counts", async () => {
    const trusted = world.person(
      [
        ["admin", world.organisationId],
        ["manager", world.projectId],
        ["contact_profile", hidden.id],
      ],
      redacted,
    );
    expect(await world.call(trusted, "GetContact", { contactId: hidden.id })).toMatchObject({ level: "profile" });
  });
});
