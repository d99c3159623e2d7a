import type { Failure } from "@partake/failure";
import { newId, type TestCaller, type TestRole } from "@partake/testing";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type ContactsWorld, type ShownContact, startContactsWorld } from "./world.ts";

let world: ContactsWorld;
let admin: TestCaller;

beforeAll(async () => {
  world = await startContactsWorld();
  admin = world.person([["admin", world.organisationId]]);
  // What is held of places is read anew once the broadcast is joined.
  const found = async () => expect(await world.refusal(world.manager, "SearchContacts")).toBe("ok");
  await vi.waitFor(found, { timeout: 20_000, interval: 50 });
});
afterAll(() => world?.stop());

const find = (as: TestCaller, request: object) =>
  world.call<{ items: ShownContact[]; nextCursor: string }>(as, "SearchContacts", request);

describe("[C1] contacts", () => {
  test("are created once for one id", async () => {
    const request = { id: newId("con"), projectId: world.projectId, kind: "client", name: "Ann Once" };
    const all = await Promise.all(
      Array.from({ length: 6 }, () => world.call<ShownContact>(world.manager, "CreateContact", request)),
    );
    expect(new Set(all.map(({ id, version }) => `${id} ${version}`)).size).toBe(1);
    expect(await world.refusal(world.manager, "CreateContact", { ...request, name: "Other" })).toBe(
      "conflict id_taken",
    );
  });

  test("that changed since are shown to whoever repeats their creation as far as they may see them now", async () => {
    const lowered = (role: TestRole[0], id: string) =>
      world.person([
        ["manager", world.projectId],
        [role, id],
      ]);
    for (const [role, expected] of [
      ["contact_headline", { level: "headline", name: "Ann Later" }],
      ["contact_none", "not_found not_found"],
    ] as const) {
      const request = { id: newId("con"), projectId: world.projectId, kind: "client", name: "Ann Later" };
      const maker = lowered(role, request.id);
      const { version } = await world.call<ShownContact>(maker, "CreateContact", request);
      expect(await world.call(maker, "CreateContact", request)).toMatchObject({ level: "updates", version });
      await world.call(admin, "UpdateContact", { contactId: request.id, phone: "0123 456" }, { ifMatch: version });
      const again = world
        .call(maker, "CreateContact", request)
        .catch((error: Failure) => `${error.code} ${error.reason}`);
      if (typeof expected === "string") expect(await again).toBe(expected);
      else expect(await again).toMatchObject(expected);
      expect(await again).not.toHaveProperty("phone");
    }
  });

  test("carry custom values that fit their fields, and no others", async () => {
    const fieldId = newId("cfd");
    const field = { id: fieldId, name: "Language", kind: "choice", choices: ["en", "pl"] };
    await world.call(admin, "CreateContactField", field);
    const made = await world.contact(world.manager, { customValues: [{ fieldId, choice: "pl" }] });
    expect(made.customValues).toEqual([{ fieldId, choice: "pl" }]);
    for (const wrong of [
      { fieldId, choice: "de" },
      { fieldId, text: "pl" },
      { fieldId: newId("cfd"), text: "x" },
    ]) {
      const request = {
        id: newId("con"),
        projectId: world.projectId,
        kind: "client",
        name: "X",
        customValues: [wrong],
      };
      expect(await world.refusal(world.manager, "CreateContact", request)).toBe("invalid invalid_fields");
    }
  });

  test("are found by the beginnings of their name's words, page by page, and never by a pattern", async () => {
    const mark = `Zo${newId("x").slice(-6).replaceAll(/\d/g, "k")}`;
    for (const first of ["Ada", "Bea", "Cy"]) await world.contact(world.manager, { name: `${first} ${mark}` });
    const first = await find(world.manager, { name: mark.slice(0, 6), limit: 2 });
    const rest = await find(world.manager, { name: mark.slice(0, 6), limit: 2, cursor: first.nextCursor });
    expect([...first.items, ...rest.items].map(({ name }) => name)).toEqual([
      `Cy ${mark}`,
      `Bea ${mark}`,
      `Ada ${mark}`,
    ]);
    expect((await find(world.manager, { name: `bea ${mark}` })).items).toHaveLength(1);
    for (const name of [".*", "^", "$"]) expect((await find(world.manager, { name, limit: 5 })).items).toEqual([]);
    expect(await world.refusal(admin, "SearchContacts", { cursor: first.nextCursor, limit: 2 })).toMatch(/^invalid/);
  });

  test("change under their version, and each change is told without what changed", async () => {
    const { id } = await world.contact(world.manager, { name: "Old Marked-Name" });
    const changed = await world.call<ShownContact>(
      world.manager,
      "UpdateContact",
      { contactId: id, name: "New Marked-Name" },
      { ifMatch: 1 },
    );
    expect(changed).toMatchObject({ name: "New Marked-Name", version: 2 });
    const again = { contactId: id, name: "Late" };
    expect(await world.refusal(world.manager, "UpdateContact", again, { ifMatch: 1 })).toBe(
      "precondition_failed version_mismatch",
    );
    expect(await world.refusal(world.manager, "UpdateContact", again)).toBe("precondition_required if_match_missing");
    expect(JSON.stringify(world.events)).not.toContain("Marked-Name");
  });
});

describe("[R7] contacts of one project", () => {
  test("are listed for whoever sees the project; to others it is not there, whichever of its contacts they see", async () => {
    const { id } = await world.contact(world.manager);
    const colleague = world.person([
      ["member", world.organisationId],
      ["contact_profile", id],
    ]);
    const { projectId } = world;
    expect((await find(colleague, {})).items.map((contact) => contact.id)).toEqual([id]);
    expect((await find(world.manager, { projectId })).items.map((contact) => contact.id)).toContain(id);
    const outcomes = async (by: TestCaller, asked: string) => world.refusal(by, "SearchContacts", { projectId: asked });
    expect(await outcomes(colleague, projectId)).toBe("not_found not_found");
    const stranger = world.person([["admin", newId("org")]], { organisationId: newId("org") });
    expect(await outcomes(stranger, projectId)).not.toBe("ok");
    for (const by of [colleague, admin, world.manager])
      expect(await outcomes(by, newId("prj"))).toBe("not_found not_found");
  });
});

describe("[R7] a colleague's level decides what of a contact is shown", () => {
  const levels: [string, "contact_updates" | "contact_profile" | "contact_headline" | "contact_none", string][] = [
    ["post updates", "contact_updates", "name email"],
    ["profile only", "contact_profile", "name email"],
    ["headline only", "contact_headline", "name"],
    ["none", "contact_none", "not_found not_found"],
  ];
  for (const [level, role, expected] of levels) {
    test(`${level}: ${expected}`, async () => {
      const { id } = await world.contact(world.manager);
      const colleague = world.person([
        ["member", world.organisationId],
        [role, id],
      ]);
      const seen = await world.call<ShownContact>(colleague, "GetContact", { contactId: id }).then(
        ({ name, email }) => [name && "name", email && "email"].filter(Boolean).join(" "),
        () => world.refusal(colleague, "GetContact", { contactId: id }),
      );
      expect(seen).toBe(expected);
    });
  }

  test.each([
    ["contact_updates", "ok", "forbidden no_role"],
    ["contact_profile", "forbidden level_too_low", "forbidden no_role"],
    ["contact_headline", "forbidden level_too_low", "forbidden no_role"],
    // Who may delete none is told so of one that is not there, too.
    ["contact_none", "not_found not_found", "forbidden no_role"],
  ] as const)("%s: to change it %s, to delete it %s", async (role, changes, deletes) => {
    const { id: contactId } = await world.contact(world.manager);
    const colleague = world.person([
      ["member", world.organisationId],
      [role, contactId],
    ]);
    const change = { contactId, phone: "0123 456" };
    expect(await world.refusal(colleague, "DeleteContact", { contactId }, { ifMatch: 1 })).toBe(deletes);
    expect(await world.refusal(colleague, "UpdateContact", change, { ifMatch: 1 })).toBe(changes);
  });

  test("of a contact's projects those are shown that the reader may see", async () => {
    const { projectId, otherProjectId } = world;
    const both = world.person([
      ["manager", projectId],
      ["manager", otherProjectId],
    ]);
    const { id: contactId, name } = await world.contact(both, { projectId: otherProjectId, name: "Bo Both" });
    await world.call(both, "EnrolContact", world.enrolment(contactId));
    for (const [reader, shown] of [
      [both, [projectId, otherProjectId]],
      [admin, [projectId, otherProjectId]],
      [world.manager, [projectId]],
    ] as const) {
      const { projectIds } = await world.call<ShownContact>(reader, "GetContact", { contactId });
      expect(projectIds.toSorted()).toEqual(shown.toSorted());
      expect((await find(reader, { name })).items.map((found) => found.projectIds)).toEqual([projectIds]);
    }
    // Whoever manages one of its projects alone edits it, and does not delete it.
    expect(await world.refusal(world.manager, "DeleteContact", { contactId }, { ifMatch: 1 })).toBe(
      "forbidden no_role",
    );
  });

  test("without a level a contact is as if it did not exist, also in a search", async () => {
    const { id, name } = await world.contact(world.manager, { name: "Hidden Person" });
    const member = world.person([["member", world.organisationId]]);
    const stranger = world.person([["admin", newId("org")]], { organisationId: newId("org") });
    for (const caller of [member, stranger]) {
      const missing = await world.refusal(caller, "GetContact", { contactId: newId("con") });
      expect(await world.refusal(caller, "GetContact", { contactId: id })).toBe(missing);
      const deletion = { contactId: newId("con") };
      const missingToDelete = await world.refusal(caller, "DeleteContact", deletion, { ifMatch: 1 });
      expect(await world.refusal(caller, "DeleteContact", { contactId: id }, { ifMatch: 1 })).toBe(missingToDelete);
    }
    expect((await find(member, { name })).items).toEqual([]);
  });
});

describe("[R14] who may create contacts", () => {
  const cases: [string, () => TestCaller, object, string][] = [
    ["a manager in the project", () => world.manager, {}, "ok"],
    ["a reporter in the project (charity)", () => world.person([["reporter", world.projectId]]), {}, "ok"],
    ["an observer", () => world.person([["observer", world.projectId]]), {}, "forbidden switched_off"],
    ["an admin without a project", () => admin, { projectId: undefined }, "ok"],
    [
      "a member without a project",
      () => world.person([["member", world.organisationId]]),
      { projectId: undefined },
      "forbidden switched_off",
    ],
    ["a manager in another project", () => world.manager, { projectId: newId("prj") }, "not_found not_found"],
  ];
  for (const [who, caller, more, expected] of cases) {
    test(`${who}: ${expected}`, async () => {
      const request = { id: newId("con"), projectId: world.projectId, kind: "client", name: "Cy", ...more };
      expect(await world.refusal(caller(), "CreateContact", request)).toBe(expected);
    });
  }
});
